"""One room: joined with a fresh `rtc.Room`, until it is lost or left.

connect ─► Connected, RemoteUpdated… ─► backend ─► publish muted ─► AudioReady ─► monitor
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Final

from livekit import rtc

from woxly_tui._lib.aio import TaskOwner
from woxly_tui._lib.text import clean_name
from woxly_tui.errors import MediaError
from woxly_tui.media import ffi
from woxly_tui.media.backends import AudioBackend, NullBackend, open_backend
from woxly_tui.media.chat import Chat, stream_options
from woxly_tui.media.devices import NOT_ALLOWED
from woxly_tui.media.failures import classify_connect_error, disconnect_cause
from woxly_tui.media.hearing import Hearing, audio_publications
from woxly_tui.media.levels import Pace
from woxly_tui.media.link import LinkMeter
from woxly_tui.media.messages import (
    AudioLost,
    AudioReady,
    BackendChoice,
    Connect,
    Connected,
    ConnectFailed,
    ConnectFailure,
    DeafenApplied,
    DisconnectCause,
    Disconnected,
    MicrophoneApplied,
    Reconnected,
    Reconnecting,
    TokenRefreshed,
    WorkerEvent,
)
from woxly_tui.media.microphone import Microphone, is_allowed
from woxly_tui.media.monitor import Monitor
from woxly_tui.media.presence import Presence
from woxly_tui.media.reach import check_reachable
from woxly_tui.media.roster import STATE_TOPIC, Roster, link_quality
from woxly_tui.types import Identity, RoomName

STEP_LIMIT_S: Final = 0.5
"""Longest wait for one step of leaving; offline, none of them would end."""

_log = logging.getLogger(__name__)


class MediaSession:
    """A room, its microphone, and what is said about them. Use from one event loop.

    Args:
        command: Where to, and under which number.
        pace: How often to measure; shared with whoever sets the rate.
        emit: Takes the events.
    """

    def __init__(self, command: Connect, pace: Pace, emit: Callable[[WorkerEvent], None]) -> None:
        self._command = command
        self.number = command.session
        self._pace = pace
        self._emit_raw = emit
        self._tasks = TaskOwner(f"session {command.session}")
        self._leaving = TaskOwner(f"leaving {command.session}")
        """Never closed: the SDK's steps must not be cancelled (python-sdks #827)."""
        self._room = rtc.Room()
        self._roster = Roster(self.number)
        self._hearing = Hearing()
        self._hearing.is_deafened = command.is_deafened
        self._link = LinkMeter(self.number)
        self._presence = Presence(self._room, self._tasks)
        self.chat = Chat(self.number, self._room, self._emit)
        self._backend: AudioBackend = NullBackend()
        self._microphone: Microphone | None = None
        self._monitor: Monitor | None = None
        self._monitoring: asyncio.Task[None] | None = None
        self._is_connected = False
        self._is_audio_ready = False
        self._is_over = False

    # Joining

    async def join(self) -> None:
        """Connect, and bring up audio. Says what became of it; must never be cancelled."""
        command = self._command
        failure = await check_reachable(command.url)
        if failure is not None:
            self._fail(*failure)
            return
        self._listen()
        try:
            # Video would be received and decoded for nobody, so tracks are chosen one by one.
            options = rtc.RoomOptions(auto_subscribe=False, data_stream=stream_options())
            await self._room.connect(command.url, command.token, options)
        except rtc.ConnectError as error:
            self._fail(*classify_connect_error(error.message, command.token))
            return
        if self._has_ended():
            await self._leave_room()
            return
        self._is_connected = True
        self._presence.set_deafened(command.is_deafened)
        self._announce_room()
        await self._start_audio(command.backend)

    def _fail(self, failure: ConnectFailure, detail: str) -> None:
        _log.warning("not connected: %s", failure)
        self._emit(ConnectFailed(self.number, failure, detail))
        self._is_over = True

    def _announce_room(self) -> None:
        me = self._room.local_participant
        name = clean_name(me.name or me.identity, clean_name(me.identity))
        self._emit(Connected(self.number, RoomName(self._room.name), Identity(me.identity), name))
        for participant in list(self._room.remote_participants.values()):
            self._subscribe(participant)
            self._say(participant)

    def _subscribe(self, participant: rtc.RemoteParticipant) -> None:
        """Ask for the sound of a participant that we do not get yet.

        Not while deafened: playout of a new track begins before we hear of it.
        """
        if self._hearing.is_deafened:
            return
        for publication in audio_publications(participant):
            if not publication.subscribed:
                publication.set_subscribed(True)

    async def _start_audio(self, choice: BackendChoice) -> None:
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
        self._is_audio_ready = True
        self._emit(AudioReady(self.number, backend.choice, self._microphone is not None, cause))
        self._monitor = Monitor(
            self.number,
            self._room,
            backend,
            self._microphone,
            self._pace,
            self._link,
            self._emit,
        )
        self._monitoring = self._tasks.start(self._monitor.run(), name="monitor")

    async def _publish(self, backend: AudioBackend) -> Microphone | None:
        if not is_allowed(self._room.local_participant):
            return None
        track = backend.create_track()
        if track is None:
            return None
        microphone = Microphone(track, backend.release_capture, self._on_microphone)
        await microphone.publish(self._room.local_participant)
        return microphone

    # Commands

    def set_microphone(self, request: int, is_open: bool) -> None:
        """Open or mute our track; answered by "not open" where there is none."""
        if self._microphone is not None and self._is_audio_ready:
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

    def set_deafened(self, request: int, on: bool) -> None:
        """Silence everybody, or hear them again."""
        if not self._is_connected:
            return
        if self._hearing.set_deafened(self._room, on):
            self._emit(DeafenApplied(self.number, request, on))
        for participant in list(self._room.remote_participants.values()):
            self._subscribe(participant)
            self._say(participant)
        self._presence.set_deafened(on)

    def hurry(self) -> None:
        """The pace of measuring changed."""
        if self._monitor is not None:
            self._monitor.hurry()

    async def simulate(self, scenario: str) -> None:
        """Run a drill of LiveKit's, by the end of its name in lower case."""
        kinds = rtc.SimulateScenarioKind
        try:
            kind = kinds.Value(f"SIMULATE_{scenario.upper()}")
            await self._room.simulate_scenario(kind)
        except (ValueError, RuntimeError) as error:
            _log.warning("drill not run: %s", error)

    async def aclose(self) -> None:
        """Leave: unpublish, disconnect, free the devices. Each step has a limit."""
        self._is_over = True
        await self._leave_room()
        await self.chat.aclose()
        await self._tasks.aclose()
        await self._step(self._backend.aclose(), "close audio")

    async def _leave_room(self) -> None:
        if not self._room.isconnected():
            return
        if self._microphone is not None:
            await self._step(self._microphone.unpublish(self._room.local_participant), "unpublish")
        await self._step(self._room.disconnect(), "disconnect")

    async def _step(self, step: Coroutine[Any, Any, None], name: str) -> None:
        """Wait for one step of leaving; one that takes too long is left running, uncancelled."""
        task = self._leaving.start(step, name=name)
        await asyncio.wait([task], timeout=STEP_LIMIT_S)

    # What the room says

    def _listen(self) -> None:
        on = self._room.on
        on("participant_name_changed", self._on_participant)
        on("participant_active", self._on_participant)
        on("connection_quality_changed", self._on_participant)
        on("participant_connected", self._on_connected)
        on("participant_disconnected", self._on_left)
        on("participant_attributes_changed", lambda _changed, who: self._on_participant(who))
        on("track_published", self._on_published)
        on("track_unpublished", lambda _publication, who: self._on_participant(who))
        on("track_subscribed", self._on_subscribed)
        on("track_subscription_failed", self._on_subscription_failed)
        on("track_muted", lambda who, sound: self._on_flag(who, sound, True))
        on("track_unmuted", lambda who, sound: self._on_flag(who, sound, False))
        on("participant_permissions_changed", lambda who, *_: self._on_permissions(who))
        on("local_track_republished", self._on_republished)
        on("data_received", self._on_data)
        on("reconnecting", self._on_reconnecting)
        on("reconnected", self._on_reconnected)
        on("token_refreshed", self._on_token)
        on("disconnected", self._on_disconnected)
        self.chat.listen()

    def _has_ended(self) -> bool:
        """Whether the session ended while something was awaited."""
        return self._is_over

    def _emit(self, event: WorkerEvent) -> None:
        if not self._is_over:
            self._emit_raw(event)

    def _say(self, participant: rtc.RemoteParticipant) -> None:
        is_allowed_to = self._room.local_participant.permissions.can_subscribe
        may_subscribe = is_allowed_to and not self._hearing.is_deafened
        event = self._roster.update(participant, may_subscribe=may_subscribe)
        if event is not None:
            self._emit(event)

    def _on_participant(self, participant: rtc.Participant | None) -> None:
        if not self._is_connected or participant is None:
            return
        if isinstance(participant, rtc.RemoteParticipant):
            # An event may name somebody who left since.
            if participant.identity in self._room.remote_participants:
                self._say(participant)
        else:
            self._link.set_quality(link_quality(participant.connection_quality))

    def _on_connected(self, participant: rtc.RemoteParticipant) -> None:
        self._on_participant(participant)
        self._presence.greet(participant.identity)

    def _on_left(self, participant: rtc.RemoteParticipant) -> None:
        if (event := self._roster.remove(participant)) is not None:
            self._emit(event)

    def _on_published(
        self, _publication: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant
    ) -> None:
        if self._is_connected:
            self._subscribe(participant)
        self._on_participant(participant)

    def _on_subscribed(
        self,
        _track: rtc.Track,
        publication: rtc.RemoteTrackPublication,
        participant: rtc.RemoteParticipant,
    ) -> None:
        is_audio = publication.kind == rtc.TrackKind.KIND_AUDIO
        if is_audio and not self._hearing.on_subscribed(publication):
            self._emit(AudioLost(self.number, "a newcomer could not be silenced"))
        self._on_participant(participant)

    def _on_subscription_failed(
        self, participant: rtc.RemoteParticipant, sid: str, _error: str
    ) -> None:
        self._roster.note_failed(sid)
        self._on_participant(participant)

    def _on_flag(
        self, participant: rtc.Participant, _sound: rtc.TrackPublication, is_muted: bool
    ) -> None:
        if isinstance(participant, rtc.RemoteParticipant):
            self._on_participant(participant)
        elif self._microphone is not None:
            self._microphone.on_flag_changed(is_muted)

    def _on_permissions(self, participant: rtc.Participant) -> None:
        """A moderator took or gave the right to speak."""
        me = self._room.local_participant
        is_ours = participant.identity == me.identity and self._is_audio_ready
        if is_ours and is_allowed(me) != (self._microphone is not None):
            self._tasks.start(self._follow_permissions(), name="permissions")

    async def _follow_permissions(self) -> None:
        microphone, self._microphone = self._microphone, None
        cause = self._backend.cause
        if microphone is not None:
            cause = NOT_ALLOWED
            await self._step(microphone.unpublish(self._room.local_participant), "unpublish")
        else:
            try:
                self._microphone = await self._publish(self._backend)
            except MediaError as error:
                cause = str(error)
        if self._monitor is not None:
            self._monitor.microphone = self._microphone
        has_microphone = self._microphone is not None
        self._emit(AudioReady(self.number, self._backend.choice, has_microphone, cause))

    def _on_republished(self) -> None:
        if self._microphone is not None and not self._microphone.on_republished():
            self._emit(AudioLost(self.number, "the microphone could not be muted"))

    def _on_data(self, packet: rtc.DataPacket) -> None:
        self.chat.on_packet(packet)
        if packet.topic == STATE_TOPIC and packet.participant is not None:
            self._roster.note_state_data(packet.participant.identity, packet.data)
            self._on_participant(packet.participant)

    def _on_reconnecting(self) -> None:
        if self._microphone is not None:
            self._microphone.on_reconnecting()
        if self._monitor is not None:
            self._monitor.restart()
        self._emit(Reconnecting(self.number))

    def _on_reconnected(self) -> None:
        if self._microphone is not None:
            self._microphone.confirm()
        self._hearing.reapply(self._room)
        self._presence.announce()
        if self._monitor is not None:
            self._monitor.restart()
        for left in self._roster.prune(self._room.remote_participants):
            self._emit(left)
        for participant in list(self._room.remote_participants.values()):
            self._subscribe(participant)
            self._say(participant)
        self._emit(Reconnected(self.number))

    def _on_token(self) -> None:
        if token := ffi.present_token(self._room):
            self._emit(TokenRefreshed(self.number, token))

    def _on_disconnected(self, reason: int) -> None:
        cause = disconnect_cause(reason)
        if cause is not DisconnectCause.CLIENT_INITIATED:
            _log.warning("disconnected: %s", cause)
        self._emit(Disconnected(self.number, cause))
        self._is_over = True
        if self._microphone is not None:
            self._microphone.close()
        if self._monitoring is not None:
            self._monitoring.cancel()
        self._tasks.start(self._backend.aclose(), name="close audio")

    def _on_microphone(self, request: int, *, is_open: bool) -> None:
        self._emit(MicrophoneApplied(self.number, request, is_open))
