"""Takes Python's collection of garbage in hand: its pauses are what people who ring wait for.

Looking through everything takes a tenth of a second with a thousand clients, and Python does it
whenever enough was made, however little of that is garbage. What needs it are connections that
ended; so it is done when memory grew, or seldom. What is young is looked through often, and at
little cost.
"""

import asyncio
import contextlib
import gc
import logging
import os
import resource
import time
from pathlib import Path
from typing import Final

from woxly_tui._lib.aio import TaskOwner

LOOK_EVERY_S: Final = 0.25
"""As often, what is young is looked through: some thousand objects, at 200 rings a second."""

AT_LEAST_EVERY_S: Final = 600.0

GROWTH_BYTES: Final = 64_000_000
"""By which the process may grow before it is swept."""

SHARE: Final = 0.01
"""Of all time that sweeps of a growing process may take."""

_NEVER: Final = 1_000_000
_YOUNG: Final = (2_000, 3, _NEVER)
"""Python's thresholds, which count what was made less what went: in between, where much is made."""

_log = logging.getLogger(__name__)


class Sweeper:
    """Sweeps this process. Start it once everything is loaded; use from one event loop."""

    def __init__(self) -> None:
        self._tasks = TaskOwner("sweeper")
        self._before = gc.get_threshold()
        self._swept_at = time.monotonic()
        self._took_s = 0.0
        self._size = 0

    def start(self) -> None:
        """Sweep once, and keep what is here now for good: it stays until the end."""
        gc.enable()
        gc.collect()
        gc.freeze()
        gc.set_threshold(*_YOUNG)
        self._size = resident_bytes()
        self._swept_at = time.monotonic()
        self._tasks.start(self._run(), name="sweep")

    async def aclose(self) -> None:
        """Leave it to Python again."""
        await self._tasks.aclose()
        gc.set_threshold(*self._before)
        gc.unfreeze()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            gc.collect(1)
            if self.is_due(time.monotonic(), resident_bytes()):
                self.sweep()

    def is_due(self, now: float, size: int) -> bool:
        """Whether everything is to be looked through.

        Args:
            now: Monotonic seconds.
            size: Bytes of the process.
        """
        since_s = now - self._swept_at
        if since_s >= AT_LEAST_EVERY_S:
            return True
        # What a sweep does not free is in use: the next one waits for as much again.
        return size > self._size + GROWTH_BYTES and since_s >= self._took_s / SHARE

    def sweep(self) -> None:
        """Look through everything, now."""
        began = time.monotonic()
        found = gc.collect()
        self._swept_at = time.monotonic()
        self._took_s = self._swept_at - began
        self._size = resident_bytes()
        _log.debug("%d objects swept in %.0f ms", found, self._took_s * 1000)


def resident_bytes() -> int:
    """Memory of this process; at its highest, where the system tells no more."""
    with contextlib.suppress(OSError):
        pages = Path("/proc/self/statm").read_text("ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
