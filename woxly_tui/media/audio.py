"""The sound of one room: a backend, our microphone on it, and what watches over both."""

import asyncio
from collections.abc import Callable

from livekit import rtc

from woxly_tui._lib.aio import TaskOwner
from woxly_tui.errors import MediaError
from woxly_tui.media.backends import AudioBackend, NullBackend, open_backend
from woxly_tui.media.devices import NOT_ALLOWED
from woxly_tui.media.levels import Pace
from woxly_tui.media.link import LinkMeter
from woxly_tui.media.messages import (
    AudioLost,
    AudioReady,
    BackendChoice,
    MicrophoneApplied,
    WorkerEvent,
)
from woxly_tui.media.microphone import Microphone, is_allowed
from woxly_tui.media.monitor import Monitor
from woxly_tui.media.steps import Steps


class SessionAudio:
    """Capture, playout and their measuring, for as long as the room lasts. Use from the event loop.

    Args:
        session: Number of the session, for the events.
        room: Not connected yet.
        pace: How often to measure.
        link: Told the round-trip times.
        tasks: Owns what runs here.
        steps: Waits for the steps of leaving.
        emit: Takes the events.
    """

    def __init__(
        self,
        session: int,
        room: rtc.Room,
        pace: Pace,
        link: LinkMeter,
        tasks: TaskOwner,
        steps: Steps,
        emit: Callable[[WorkerEvent], None],
    ) -> None:
        self._session = session
        self._room = room
        self._pace = pace
        self._link = link
        self._tasks = tasks
        self._steps = steps
        self._emit = emit
        self._backend: AudioBackend = NullBackend()
        self._microphone: Microphone | None = None
        self._monitor: Monitor | None = None
        self._monitoring: asyncio.Task[None] | None = None
        self._is_ready = False
        self._is_over = False

    async def start(self, choice: BackendChoice) -> None:
        """Open a backend, publish a muted microphone on it, and say so."""
        backend = await open_backend(choice)
        if self._has_ended():
            await backend.aclose()
            return
        self._backend = backend
        cause = backend.cause
        try:
            self._microphone = await self._publish(backend)
        except MediaError as error:
            cause = str(error)
        if self._has_ended():
            return
        if backend.choice is BackendChoice.NATIVE and not is_allowed(self._room.local_participant):
            cause = NOT_ALLOWED
        self._is_ready = True
        self._say_ready(cause)
        self._monitor = Monitor(
            self._session,
            self._room,
            backend,
            self._microphone,
            self._pace,
            self._link,
            self._emit,
        )
        self._monitoring = self._tasks.start(self._monitor.run(), name="monitor")

    def _has_ended(self) -> bool:
        """Whether the session ended while something was awaited."""
        return self._is_over

    def _say_ready(self, cause: str) -> None:
        has_microphone = self._microphone is not None
        self._emit(AudioReady(self._session, self._backend.choice, has_microphone, cause))

    async def _publish(self, backend: AudioBackend) -> Microphone | None:
        if not is_allowed(self._room.local_participant):
            return None
        track = backend.create_track()
        if track is None:
            return None
        microphone = Microphone(track, backend.release_capture, self._on_microphone)
        await microphone.publish(self._room.local_participant)
        return microphone

    def _on_microphone(self, request: int, *, is_open: bool) -> None:
        self._emit(MicrophoneApplied(self._session, request, is_open))

    # The microphone

    def set_microphone(self, request: int, is_open: bool) -> None:
        """Open or mute our track; answered by "not open" where there is none."""
        if self._microphone is not None and self._is_ready:
            self._microphone.set_open(request, is_open)
        else:
            self._on_microphone(request, is_open=False)

    def suspend_microphone(self) -> None:
        """Send nothing until `resume_microphone`, or until the microphone is set anew."""
        if self._microphone is not None:
            self._microphone.suspend()

    def resume_microphone(self) -> None:
        """Go back to what was last asked of the microphone."""
        if self._microphone is not None:
            self._microphone.resume()

    def on_own_flag(self, is_muted: bool) -> None:
        """The SDK says that our track was muted or unmuted."""
        if self._microphone is not None:
            self._microphone.on_flag_changed(is_muted)

    def on_permissions(self, participant: rtc.Participant) -> None:
        """A moderator took or gave the right to speak."""
        me = self._room.local_participant
        is_ours = participant.identity == me.identity and self._is_ready
        if is_ours and is_allowed(me) != (self._microphone is not None):
            self._tasks.start(self._follow_permissions(), name="permissions")

    async def _follow_permissions(self) -> None:
        microphone, self._microphone = self._microphone, None
        cause = self._backend.cause
        if microphone is not None:
            cause = NOT_ALLOWED
            step = microphone.unpublish(self._room.local_participant)
            await self._steps.take(step, "unpublish")
        else:
            try:
                self._microphone = await self._publish(self._backend)
            except MediaError as error:
                cause = str(error)
        if self._monitor is not None:
            self._monitor.microphone = self._microphone
        self._say_ready(cause)

    # The connection

    def hurry(self) -> None:
        """The pace of measuring changed."""
        if self._monitor is not None:
            self._monitor.hurry()

    def on_republished(self) -> None:
        if self._microphone is not None and not self._microphone.on_republished():
            self._emit(AudioLost(self._session, "the microphone could not be muted"))

    def on_reconnecting(self) -> None:
        if self._microphone is not None:
            self._microphone.on_reconnecting()
        if self._monitor is not None:
            self._monitor.restart()

    def on_reconnected(self) -> None:
        if self._microphone is not None:
            self._microphone.confirm()
        if self._monitor is not None:
            self._monitor.restart()

    # The end

    def on_disconnected(self) -> None:
        """The room is lost: nothing opens any more, and the devices are freed."""
        self._is_over = True
        if self._microphone is not None:
            self._microphone.close()
        if self._monitoring is not None:
            self._monitoring.cancel()
        self._tasks.start(self._backend.aclose(), name="close audio")

    def stop(self) -> None:
        """Start nothing more."""
        self._is_over = True

    async def unpublish(self) -> None:
        """Withdraw the microphone, while still in the room."""
        if self._microphone is not None:
            step = self._microphone.unpublish(self._room.local_participant)
            await self._steps.take(step, "unpublish")

    async def aclose(self) -> None:
        """Free the devices, after the room is left."""
        await self._steps.take(self._backend.aclose(), "close audio")
