"""One media worker process: spawned, talked to, watched, and always buried.

    engine ──commands──► stdin │ worker │ stdout ──events──► engine
                                  stderr ──► log file

The worker ends by itself when its stdin closes, so an engine that dies takes it along.
"""

import asyncio
import contextlib
import logging
import sys
import time
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from woxly_tui._lib.aio import TaskOwner
from woxly_tui._lib.env import child_env, sound_env
from woxly_tui._lib.logs import worker_log_path
from woxly_tui.errors import ProtocolError
from woxly_tui.media.messages import COMMANDS, EVENTS, Ping, Shutdown, WorkerCommand, WorkerEvent

START_LIMIT_S: Final = 20.0
"""Longest silence of a worker that still loads its libraries, on a cold disk."""

SILENCE_LIMIT_S: Final = 4.0
"""Longest silence of a running worker; it says something every second."""

PING_EVERY_S: Final = 1.0
"""How often the worker is shown that the engine is alive."""

POLITE_S: Final = 1.5
"""How long a worker may take to leave before it is killed."""

MAX_UNREAD_BYTES: Final = 1 << 20
"""Commands a worker may leave unread, far more than a user can type in SILENCE_LIMIT_S."""

_log = logging.getLogger(__name__)


class WorkerLink(Protocol):
    """What the engine holds of a worker. One event loop."""

    async def start(self, environment: Mapping[str, str]) -> None:
        """Spawn it.

        Args:
            environment: Variables about sound, in place of ours; where empty, ours hold.

        Raises:
            OSError: The process cannot be started.
        """

    def send(self, command: WorkerCommand) -> None:
        """Hand over a command; silently dropped when the worker is gone."""

    async def stop(self) -> None:
        """Ask it to leave, kill it if it does not, and reap it. Reports nothing after this."""


class MediaLink:
    """A worker as a child process in its own session, out of reach of the terminal's signals.

    Args:
        on_event: Called for each event but heartbeats.
        on_lost: Called at most once, when the worker dies or falls silent, after it is reaped.
    """

    def __init__(
        self, on_event: Callable[[WorkerEvent], None], on_lost: Callable[[str], None]
    ) -> None:
        self._on_event = on_event
        self._on_lost = on_lost
        self._tasks = TaskOwner("media link")
        self._process: asyncio.subprocess.Process | None = None
        self._is_over = False
        self._heard_at = 0.0
        self._silence_limit_s = START_LIMIT_S

    async def start(self, environment: Mapping[str, str]) -> None:
        with worker_log_path().open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                "-m",
                "woxly_tui.media.worker",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                env=_worker_env(environment),
                start_new_session=True,
                limit=MAX_UNREAD_BYTES,
            )
        self._heard_at = time.monotonic()
        if self._process.stdout is not None:
            self._tasks.start(self._read(self._process, self._process.stdout), name="read")
        self._tasks.start(self._watch(), name="watch")

    def send(self, command: WorkerCommand) -> None:
        if self._process is None or self._process.stdin is None or self._is_over:
            return
        pipe = self._process.stdin
        if pipe.is_closing():
            return
        if pipe.transport.get_write_buffer_size() > MAX_UNREAD_BYTES:
            self._lose("it reads no commands")
            return
        pipe.write(COMMANDS.encode(command))

    async def stop(self) -> None:
        if not self._is_over:
            self.send(Shutdown())
        self._is_over = True
        if self._process is not None:
            if self._process.stdin is not None:
                self._process.stdin.close()
            await self._bury(self._process, POLITE_S)
        await self._tasks.aclose()

    async def _read(
        self, process: asyncio.subprocess.Process, stdout: asyncio.StreamReader
    ) -> None:
        try:
            while line := await stdout.readline():
                self._heard_at = time.monotonic()
                self._silence_limit_s = SILENCE_LIMIT_S
                self._take(line)
        except (ProtocolError, ValueError) as error:
            _log.exception("unreadable message from the media worker")
            self._lose(f"it spoke nonsense ({error})")
            return
        except Exception:  # noqa: BLE001 - an event that we fail to take must not go unnoticed
            _log.exception("an event of the media worker was not understood")
            self._lose("what it said was not understood")
            return
        code = await process.wait()
        self._lose(f"signal {-code}" if code < 0 else f"exit code {code}")

    def _take(self, line: bytes) -> None:
        event = EVENTS.decode(line)
        if not self._is_over:
            self._on_event(event)

    async def _watch(self) -> None:
        while not self._is_over:
            asleep_since = time.monotonic()
            await asyncio.sleep(PING_EVERY_S)
            self.send(Ping())
            now = time.monotonic()
            if now - asleep_since > 2 * PING_EVERY_S:
                # We stood still ourselves; what the worker said meanwhile is not read yet.
                self._heard_at = now
            silence_s = now - self._heard_at
            if silence_s > self._silence_limit_s:
                self._lose(f"silent for {silence_s:.0f} s")

    def _lose(self, detail: str) -> None:
        if self._is_over:
            return
        self._is_over = True
        _log.warning("media worker lost: %s", detail)
        self._tasks.start(self._report_lost(detail), name="report")

    async def _report_lost(self, detail: str) -> None:
        if self._process is not None:
            await self._bury(self._process, 0.0)
        self._on_lost(detail)

    @staticmethod
    async def _bury(process: asyncio.subprocess.Process, polite_s: float) -> None:
        try:
            await asyncio.wait_for(process.wait(), polite_s)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def _worker_env(environment: Mapping[str, str]) -> dict[str, str]:
    env = child_env()
    if sound := sound_env(environment):
        for name in sound_env(env):
            del env[name]
        env |= sound
    # The Pulse ADM polls the X keymap on every block; over `ssh -X` that is a round trip each.
    env.pop("DISPLAY", None)
    # The SDK guards its native handles with asserts.
    env.pop("PYTHONOPTIMIZE", None)
    return env
