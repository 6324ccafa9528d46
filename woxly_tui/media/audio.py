"""The sound of one room: a backend, our microphone on it, and what watches over both.

From one backend to another, in mid-call, nothing is lost and nothing leaks:

    open the other, silent ─► publish a second microphone, muted ─► others subscribe to it
    ─► mute the first, AudioReady: the engine opens the second if the user wants it open
    ─► unpublish the first ─► close its backend ─► the other is heard
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from typing import Any, Final

from livekit import rtc

from woxly_tui._lib.aio import TaskOwner
from woxly_tui.errors import MediaError
from woxly_tui.media.backends import AudioBackend, NullBackend, open_backend, open_exactly
from woxly_tui.media.backends.handover import disturbs, hand_over
from woxly_tui.media.backends.wish import BackendWish
from woxly_tui.media.cue_messages import CueCommand
from woxly_tui.media.devices import NOT_ALLOWED
from woxly_tui.media.hearing import audio_publications, audio_tracks
from woxly_tui.media.levels import Pace
from woxly_tui.media.messages import (
    AudioLost,
    AudioReady,
    BackendChoice,
    MicrophoneApplied,
    VolumesRefused,
    WorkerEvent,
)
from woxly_tui.media.microphone import Microphone, is_allowed
from woxly_tui.media.monitor import Monitor
from woxly_tui.media.peaks import Peaks
from woxly_tui.media.sight import Sight
from woxly_tui.media.sound_guard import SoundGuard
from woxly_tui.media.steps import Steps
from woxly_tui.types import Seconds

OVERLAP_S: Final = 0.25
"""How long others get to subscribe to the second microphone before the first one falls silent."""

_log = logging.getLogger(__name__)


class SessionAudio:
    """Capture, playout and their measuring, for as long as the room lasts. Use from the event loop.

    Args:
        session: Number of the session, for the events.
        room: Not connected yet.
        wish: Which backend the user asked for, and what of it.
        pace: How often to measure.
        sight: Told what is measured.
        guard: Told what is opened.
        tasks: Owns what runs here.
        steps: Waits for the steps of leaving.
        emit: Takes the events.
    """

    def __init__(
        self,
        session: int,
        room: rtc.Room,
        wish: BackendWish,
        pace: Pace,
        sight: Sight,
        guard: SoundGuard,
        tasks: TaskOwner,
        steps: Steps,
        emit: Callable[[WorkerEvent], None],
    ) -> None:
        self._session = session
        self._room = room
        self._wish = wish
        self._hearing = wish.hearing
        self._pace = pace
        self._sight = sight
        self._guard = guard
        self._tasks = tasks
        self._steps = steps
        self._emit = emit
        self._backend: AudioBackend = NullBackend()
        self._opened: AudioBackend | None = None
        """The backend we change to; the same as `_backend` once that is done."""
        self._microphone: Microphone | None = None
        self._second: Microphone | None = None
        """The microphone that will take its place, while the backend changes."""
        self._monitor: Monitor | None = None
        self._monitoring: asyncio.Task[None] | None = None
        self._changing: asyncio.Task[None] | None = None
        self._moving = asyncio.Lock()
        """Held by whoever publishes or unpublishes: one microphone at a time comes or goes."""
        self._timer: asyncio.TimerHandle | None = None
        self._is_ready = False
        self._is_over = False

    async def start(self) -> None:
        """Open a backend, publish a muted microphone on it, and say so."""
        self._guard.opening()
        backend = await open_backend(self._wish.choice, wants_gain=self._needs_mixer())
        if self._has_ended():
            await backend.aclose()
            return
        self._backend = backend
        self._attach(backend)
        await backend.begin()
        cause = backend.cause
        try:
            self._microphone = await self._publish(backend)
        except MediaError as error:
            cause = str(error)
        if self._has_ended():
            return
        is_mute_for_ever = not is_allowed(self._room.local_participant)
        if is_mute_for_ever and backend.choice is not BackendChoice.NULL:
            cause = NOT_ALLOWED
        self._is_ready = True
        self._say_ready(cause)
        self._monitor = Monitor(
            self._session,
            self._room,
            backend,
            self._microphone,
            self._pace,
            self._sight,
            self._emit,
        )
        self._monitoring = self._tasks.start(self._monitor.run(), name="monitor")
        self.follow_volumes()

    def _has_ended(self) -> bool:
        """Whether the session ended while something was awaited."""
        return self._is_over

    def _say_ready(self, cause: str) -> None:
        has_microphone = self._microphone is not None
        is_allowed_to_speak = is_allowed(self._room.local_participant)
        self._guard.opened(
            self._backend.choice, has_microphone=has_microphone or not is_allowed_to_speak
        )
        self._emit(AudioReady(self._session, self._backend.choice, has_microphone, cause))

    async def _publish(self, backend: AudioBackend) -> Microphone | None:
        if not is_allowed(self._room.local_participant):
            return None
        track = backend.create_track()
        if track is None:
            return None
        microphone = Microphone(track, backend.release_capture, self._on_microphone, backend.feed)
        self._second = microphone if self._microphone is not None else None
        await microphone.publish(self._room.local_participant)
        return microphone

    def _on_microphone(self, request: int, *, is_open: bool) -> None:
        self._emit(MicrophoneApplied(self._session, request, is_open))

    # The others

    def on_subscribed(
        self,
        track: rtc.Track,
        publication: rtc.RemoteTrackPublication,
        participant: rtc.RemoteParticipant,
    ) -> None:
        """A track can be played from now on."""
        if publication.kind == rtc.TrackKind.KIND_AUDIO:
            percent = self._hearing.percent(participant.identity)
            self._backend.play(publication.sid, participant.identity, track, percent)
            self.follow_volumes()

    def on_unsubscribed(self, publication: rtc.RemoteTrackPublication) -> None:
        self._backend.stop_playing(publication.sid)

    def _attach(self, backend: AudioBackend) -> None:
        """Give a backend everything there is to play."""
        self._wish.prepare(backend)
        for participant in self._room.remote_participants.values():
            percent = self._hearing.percent(participant.identity)
            for sound in audio_publications(participant):
                if sound.track is not None:
                    backend.play(sound.sid, participant.identity, sound.track, percent)

    def _needs_mixer(self) -> bool:
        return self._wish.needs_mixer(self._room.remote_participants)

    def follow_volumes(self) -> None:
        """Volumes, shaping, deafness or people changed: have all as now wanted.

        Some of it needs the mixer: where another backend runs, it is changed for it.
        """
        for backend in filter(None, (self._opened, self._backend)):
            self._wish.apply(backend, self._room.remote_participants)
        if not self._is_ready or self._is_over or self._is_changing():
            return
        now = Seconds(time.monotonic())
        present = self._backend.choice
        wanted = self._wish.wanted(present, now, self._room.remote_participants)
        if wanted is not present:
            self._changing = self._tasks.start(
                self._watched(self._change(wanted)), name="change backend"
            )
        elif present is BackendChoice.NATIVE and self._needs_mixer():
            self._give_up_mixer("the native backend plays everybody as they come")
        elif (wait_s := self._wish.chooser.look_again(now)) is not None:
            self._look_again_in(wait_s)

    def _is_changing(self) -> bool:
        return self._changing is not None and not self._changing.done()

    def _look_again_in(self, wait_s: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(wait_s, self.follow_volumes)

    def _give_up_mixer(self, cause: str) -> None:
        if self._wish.give_up_mixer(self._room.remote_participants):
            self._emit(VolumesRefused(self._session, cause))

    async def _watched(self, step: Coroutine[Any, Any, None]) -> None:
        """Take a step that nobody waits for; where it fails, the sound is lost."""
        try:
            await step
        except Exception:  # noqa: BLE001 - else it stays half done, and nobody would hear of it
            _log.exception("the sound could not be changed")
            self._emit(AudioLost(self._session, "it could not be changed"))

    def cue(self, command: CueCommand) -> None:
        """Play a cue, or end its loop, where the backend can."""
        self._backend.cue(command)

    # From one backend to another

    async def _change(self, wanted: BackendChoice) -> None:
        old = self._backend
        if disturbs(wanted):
            await self._steps.take(old.hush(), "hush audio")
        self._guard.opening()
        try:
            fresh = self._opened = await open_exactly(wanted, audio_tracks(self._room))
        except MediaError as error:
            _log.warning("no change to %s: %s", wanted, error)
            self._hearing.reapply(self._room)
            await old.begin()
            self._wish.chooser.give_up()
            if wanted is BackendChoice.MIXER:
                self._give_up_mixer(str(error))
            return
        async with self._moving:
            await hand_over(old, fresh, self._attach, self._move_microphone, self._steps.take)
        self._hearing.reapply(self._room)
        self._wish.chooser.changed()
        _log.info("the %s backend is heard now", wanted)
        asyncio.get_running_loop().call_soon(self.follow_volumes)

    async def _move_microphone(self, fresh: AudioBackend) -> None:
        """Publish on the other backend, then let go of the first one's track."""
        me = self._room.local_participant
        first, second, cause = self._microphone, None, fresh.cause
        was_open = first is not None and first.is_open
        if first is not None and not was_open:
            # Negotiation might open a muted native track for an instant, so it goes first.
            await self._steps.take(first.unpublish(me), "unpublish")
        try:
            second = await self._publish(fresh)
        except MediaError as error:
            cause = str(error)
        if was_open and second is not None:
            await asyncio.sleep(OVERLAP_S)
        if first is not None:
            first.close()
        self._backend, self._microphone, self._second = fresh, second, None
        if not self._is_over:
            self._attach(fresh)
            self._say_ready(cause)
        if self._monitor is not None:
            self._monitor.follow(fresh, second)
        if first is not None and was_open:
            await self._steps.take(first.unpublish(me), "unpublish")

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

    def take_peaks(self) -> Peaks | None:
        return peaks.take() if (peaks := self._backend.peaks) is not None else None

    def resume_microphone(self) -> None:
        """Go back to what was last asked of the microphone."""
        if self._microphone is not None:
            self._microphone.resume()

    def on_own_flag(self, sid: str, is_muted: bool) -> None:
        """The SDK says that a track of ours was muted or unmuted."""
        for microphone in self._microphones():
            if microphone.is_of(sid):
                microphone.on_flag_changed(is_muted)

    def on_permissions(self, participant: rtc.Participant) -> None:
        """A moderator took or gave the right to speak."""
        me = self._room.local_participant
        if participant.identity == me.identity and self._is_ready:
            step = self._watched(self._follow_permissions())
            self._tasks.start(step, name="permissions")

    async def _follow_permissions(self) -> None:
        async with self._moving:
            is_wrong = is_allowed(self._room.local_participant) != (self._microphone is not None)
            if is_wrong and not self._is_over:
                await self._give_or_take_microphone()

    async def _give_or_take_microphone(self) -> None:
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
        """The SDK published our tracks anew, every one of them enabled."""
        are_right = [microphone.on_republished() for microphone in self._microphones()]
        if not all(are_right):
            self._emit(AudioLost(self._session, "the microphone could not be muted"))

    def _microphones(self) -> list[Microphone]:
        return [m for m in (self._microphone, self._second) if m is not None]

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
        self.stop()
        if self._microphone is not None:
            self._microphone.close()
        if self._monitoring is not None:
            self._monitoring.cancel()
        self._tasks.start(self._backend.aclose(), name="close audio")

    def stop(self) -> None:
        """Start nothing more."""
        self._is_over = True
        self._guard.close()
        if self._timer is not None:
            self._timer.cancel()

    async def unpublish(self) -> None:
        """Withdraw the microphone, while still in the room."""
        if self._microphone is not None:
            step = self._microphone.unpublish(self._room.local_participant)
            await self._steps.take(step, "unpublish")

    async def aclose(self) -> None:
        """Free the devices, after the room is left."""
        await self._steps.take(self._backend.aclose(), "close audio")
        if self._opened is not None:
            await self._steps.take(self._opened.aclose(), "close audio")
