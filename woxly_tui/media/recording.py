"""Recording in one session: everybody is told first, then it begins; and told again at its end.

SetRecording ─► announced ─► a backend that gives sound ─► Recorder ─► RecordingChanged
"""

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from livekit import rtc

from woxly_tui._lib.aio import TaskOwner
from woxly_tui._lib.text import clean_name
from woxly_tui.errors import MediaError
from woxly_tui.media.backends.wish import BackendWish
from woxly_tui.media.messages import BackendChoice, WorkerEvent
from woxly_tui.media.playout_buffer import Samples
from woxly_tui.media.presence import Presence
from woxly_tui.media.record_files import RecordFolder
from woxly_tui.media.record_messages import RecordingChanged, SetRecording
from woxly_tui.media.recorder import Recorder, Written

BACKEND_LIMIT_S: Final = 2.5
"""Longest wait for a backend that gives its sound."""

LOOK_EVERY_S: Final = 1.0
"""Time between looks at what was lost."""

NATIVE: Final = (
    "the native backend does not give its sound: join with --backend auto or mixer to record"
)

NO_MIXER: Final = "the mixer, which recording needs, cannot start"

_log = logging.getLogger(__name__)


class Recording:
    """At most one recording at a time. Use from the event loop.

    Args:
        session: Number of the session, for the events.
        room: Not connected yet.
        wish: Told that somebody records.
        follow: Has the backend do what is wished.
        presence: Tells the others.
        tasks: Owns what runs here.
        emit: Takes the events.
    """

    def __init__(
        self,
        session: int,
        room: rtc.Room,
        wish: BackendWish,
        follow: Callable[[], None],
        presence: Presence,
        tasks: TaskOwner,
        emit: Callable[[WorkerEvent], None],
    ) -> None:
        self._session = session
        self._room = room
        self._wish = wish
        self._follow = follow
        self._presence = presence
        self._tasks = tasks
        self._emit = emit
        self._recorder: Recorder | None = None
        self._folder = ""
        self._lost_s = 0.0
        self._turn = asyncio.Lock()

    def set(self, command: SetRecording) -> None:
        """Begin, or end; answered by RecordingChanged."""
        self._tasks.start(self._set(command), name="recording")

    async def _set(self, command: SetRecording) -> None:
        async with self._turn:
            if not command.on:
                await self._end(command.request)
            elif self._recorder is not None:
                self._say(command.request, is_on=True)
            else:
                await self._begin(command)

    async def _begin(self, command: SetRecording) -> None:
        try:
            if self._wish.choice is BackendChoice.NATIVE:
                raise MediaError(NATIVE)
            await self._presence.set_recording(True)
            await self._await_sound()
            folder = await asyncio.to_thread(
                RecordFolder, Path(command.directory), self._room.name, command.format
            )
        except MediaError as error:
            await self._take_back()
            cause = str(error)
            self._emit(RecordingChanged(self._session, command.request, is_on=False, cause=cause))
            return
        loop = asyncio.get_running_loop()
        self._lost_s = 0.0
        self._folder = str(folder.path)

        def on_ended() -> None:
            loop.call_soon_threadsafe(self._on_ended)

        self._recorder = Recorder(folder, self._names, on_ended)
        self._say(command.request, is_on=True)
        self._tasks.start(self._watch(self._recorder), name="recording watch")
        _log.info("recording")

    async def _await_sound(self) -> None:
        """Have a backend that gives what it plays and sends; native does not."""
        self._wish.tap = self._push
        until = time.monotonic() + BACKEND_LIMIT_S
        self._follow()
        while self._wish.present not in (BackendChoice.MIXER, BackendChoice.NULL):
            if self._is_given_up() or time.monotonic() > until:
                raise MediaError(NO_MIXER)
            await asyncio.sleep(0.05)

    def _is_given_up(self) -> bool:
        """Whether the mixer was tried in vain meanwhile."""
        return self._wish.tap is None

    def _push(self, key: str, identity: str | None, frame: Samples) -> None:
        """On the threads that bring sound."""
        if (recorder := self._recorder) is not None:
            who = self._room.local_participant.identity if identity is None else identity
            recorder.push(key, who, frame)

    def played(self, frame: rtc.AudioFrame, wait_s: float) -> None:
        """We play something into the call, beside our microphone; it is sent that soon."""
        if (recorder := self._recorder) is not None:
            samples = np.frombuffer(frame.data, dtype=np.int16)
            me = self._room.local_participant.identity
            recorder.push_ahead("played", me, samples, wait_s)

    def _names(self) -> dict[str, str]:
        """On the recorder's thread."""
        people = (self._room.local_participant, *list(self._room.remote_participants.values()))
        return {p.identity: clean_name(p.name, fallback=p.identity) for p in people}

    async def _watch(self, recorder: Recorder) -> None:
        while self._recorder is recorder:
            await asyncio.sleep(LOOK_EVERY_S)
            if recorder.lost_s > self._lost_s and self._recorder is recorder:
                self._lost_s = recorder.lost_s
                self._say(0, is_on=True)

    def _on_ended(self) -> None:
        """It ended by itself."""
        self._tasks.start(self._end_by_itself(), name="recording")

    async def _end_by_itself(self) -> None:
        async with self._turn:
            if self._recorder is not None:
                await self._end(0)

    async def _end(self, request: int) -> None:
        written = await self._close()
        await self._take_back()
        cause = written.cause if written is not None else ""
        self._say(request, is_on=False, cause=cause)

    async def _close(self) -> Written | None:
        recorder, self._recorder = self._recorder, None
        if recorder is None:
            return None
        written = await asyncio.to_thread(recorder.close)
        self._lost_s = written.lost_s
        _log.info("recorded %.0f s, lost %.1f s", written.length_s, written.lost_s)
        return written

    async def _take_back(self) -> None:
        self._wish.tap = None
        self._follow()
        try:
            await self._presence.set_recording(False)
        except MediaError:
            _log.warning("the others do not know yet that nothing is recorded any more")

    def _say(self, request: int, *, is_on: bool, cause: str = "") -> None:
        self._emit(
            RecordingChanged(
                self._session, request, is_on, self._folder, cause, round(self._lost_s, 2)
            )
        )

    async def aclose(self) -> None:
        """The call ends, and the recording with it: complete its files."""
        self._wish.tap = None
        await self._close()
