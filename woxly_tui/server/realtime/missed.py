"""Keeps missed calls: nobody who rings waits for the database, and many are one transaction."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Final

from woxly_tui._lib.aio import TaskOwner
from woxly_tui.server.db.database import Database
from woxly_tui.server.realtime.book import Ring
from woxly_tui.server.realtime.notifier import Notifier
from woxly_tui.server.store import calls
from woxly_tui.wire.events import ServerEvent
from woxly_tui.wire.words import RingEnd

MAX_WAITING: Final = 10_000
"""Missed calls not yet written; more are told to nobody and not kept."""

GATHER_S: Final = 0.05

PRUNE_EVERY: Final = 2_000
"""After so many, those beyond what is kept for each user are removed."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Missed:
    """A ring that nobody answered, and why."""

    ring: Ring
    reason: RingEnd


class MissedCalls:
    """Writes missed calls down, and tells the callees. Use from one event loop."""

    def __init__(self, db: Database, notifier: Notifier) -> None:
        self._db = db
        self._notifier = notifier
        self._waiting: asyncio.Queue[Missed] = asyncio.Queue(MAX_WAITING)
        self._tasks = TaskOwner("missed")
        self._written = 0

    def start(self) -> None:
        """Begin to write."""
        self._tasks.start(self._run(), name="write")

    async def aclose(self) -> None:
        """Write what waits, and stop."""
        await self._tasks.aclose()
        if not self._waiting.empty():
            await self._write(self._drain([]))

    def keep(self, ring: Ring, reason: RingEnd) -> None:
        """Have a missed call written soon."""
        try:
            self._waiting.put_nowait(Missed(ring, reason))
        except asyncio.QueueFull:
            _log.warning("too many missed calls at once; one is not kept")

    async def _run(self) -> None:
        while True:
            first = await self._waiting.get()
            await asyncio.sleep(GATHER_S)  # one transaction costs as much as a hundred rows
            batch = self._drain([first])
            try:
                await self._write(batch)
            except Exception:  # noqa: BLE001 - the next ones may be written
                _log.exception("%d missed calls could not be kept", len(batch))

    def _drain(self, batch: list[Missed]) -> list[Missed]:
        while not self._waiting.empty():
            batch.append(self._waiting.get_nowait())
        return batch

    async def _write(self, batch: list[Missed]) -> None:
        async with self._db.write() as db:
            kept = await calls.add_missed(db, batch)
            self._written += len(kept)
            if self._written >= PRUNE_EVERY:
                await calls.prune_missed(db)
                self._written = 0
        for callee, missed in kept:
            await self._notifier.to_user(callee, ServerEvent.CALL_MISSED, missed)
