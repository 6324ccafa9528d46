"""The process that plays cues where no mixer does: started for the first, ended when idle.

    engine ──PlayCue, StopCue──► stdin │ cue player │ ──► speaker
                                          stderr ──► log file

It ends by itself when its stdin closes, so an engine that dies takes a ringing one along. Nothing
of it is waited for: where it cannot be started or hangs, there is silence, and the call goes on.
"""

import asyncio
import contextlib
import logging
import sys
from collections import deque
from collections.abc import Mapping
from typing import Final

from woxly_tui._lib.aio import TaskOwner
from woxly_tui._lib.env import child_env, sound_env
from woxly_tui._lib.logs import worker_log_path
from woxly_tui.media.cue_messages import CUE_COMMANDS, CueCommand, PlayCue, StopCue
from woxly_tui.types import Seconds

IDLE_LIMIT: Final = Seconds(120.0)
"""How long a player that has nothing to play stays: starting one takes a third of a second."""

POLITE_LIMIT: Final = Seconds(1.0)
"""How long one may take to end before it is killed."""

MAX_WAITING: Final = 8
"""Commands that may wait for it; the oldest are dropped."""

MAX_UNREAD_BYTES: Final = 16_384
"""Commands it may leave unread; with more, it hangs, and is killed."""

_log = logging.getLogger(__name__)


class CuePlayer:
    """Starts, feeds and ends the process. Use from one event loop.

    Args:
        idle_limit: How long it stays with nothing to play.
    """

    def __init__(self, idle_limit: Seconds = IDLE_LIMIT) -> None:
        self._idle_limit = idle_limit
        self._tasks = TaskOwner("cue player")
        self._waiting: deque[tuple[CueCommand, Mapping[str, str]]] = deque(maxlen=MAX_WAITING)
        self._has_more = asyncio.Event()
        self._keeping: asyncio.Task[None] | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._environment: Mapping[str, str] = {}
        self._is_looping = False

    def send(self, command: CueCommand, environment: Mapping[str, str]) -> None:
        """Have a cue played, or the loop ended.

        Args:
            command: Dropped where nothing plays that it could end.
            environment: Variables about sound, in place of ours; where empty, ours hold.
        """
        is_running = self._keeping is not None and not self._keeping.done()
        if isinstance(command, StopCue) and not is_running:
            return
        self._waiting.append((command, environment))
        self._has_more.set()
        if not is_running:
            self._keeping = self._tasks.start(self._keep(), name="keep")

    async def aclose(self) -> None:
        """End the process, and wait until it is reaped."""
        await self._tasks.aclose()
        await self._bury()

    async def _keep(self) -> None:
        """Hand over what waits, until there is nothing for so long that it may end."""
        while True:
            while self._waiting:
                await self._hand_over(*self._waiting.popleft())
            self._has_more.clear()
            try:
                limit = None if self._is_looping else self._idle_limit
                await asyncio.wait_for(self._has_more.wait(), limit)
            except TimeoutError:
                await self._bury()
                if not self._waiting:  # one may have come while it ended
                    return

    async def _hand_over(self, command: CueCommand, environment: Mapping[str, str]) -> None:
        process = self._process
        is_usable = process is not None and process.returncode is None
        if isinstance(command, StopCue):
            self._is_looping = False
        elif not is_usable or environment != self._environment:
            await self._bury()
            process = await self._spawn(environment)
        if process is None or process.stdin is None or process.stdin.is_closing():
            return
        if process.stdin.transport.get_write_buffer_size() > MAX_UNREAD_BYTES:
            _log.warning("the cue player reads nothing")
            await self._bury()
            return
        if isinstance(command, PlayCue) and command.is_looped:
            self._is_looping = True
        process.stdin.write(CUE_COMMANDS.encode(command))

    async def _spawn(self, environment: Mapping[str, str]) -> asyncio.subprocess.Process | None:
        env = child_env()
        if sound := sound_env(environment):
            env = {key: value for key, value in env.items() if key not in sound_env(env)} | sound
        try:
            with worker_log_path().open("ab") as log:
                self._process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-P", "-m", "woxly_tui.media.cue_player"),
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.DEVNULL,
                    stderr=log,
                    env=env,
                    start_new_session=True,
                )
        except (OSError, ValueError) as error:
            _log.warning("the cue player cannot be started: %s", error)
            self._process = None
        self._environment = environment
        return self._process

    async def _bury(self) -> None:
        process = self._process
        self._is_looping = False
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), POLITE_LIMIT)
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
        await process.wait()
        self._process = None
