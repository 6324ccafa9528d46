"""One room: joined with a fresh `rtc.Room`, until it is lost or left.

connect ─► Connected, RemoteUpdated… ─► backend ─► publish muted ─► AudioReady ─► monitor
"""

import logging
from collections.abc import Callable

from livekit import rtc

from woxly_tui._lib.aio import TaskOwner
from woxly_tui._lib.text import clean_name
from woxly_tui.media import ffi
from woxly_tui.media.audio import SessionAudio
from woxly_tui.media.backends.wish import BackendWish
from woxly_tui.media.chat import Chat, stream_options
from woxly_tui.media.cue_messages import CueCommand
from woxly_tui.media.details import DetailsMeter
from woxly_tui.media.device_world import DeviceNews
from woxly_tui.media.failures import classify_connect_error, disconnect_cause
from woxly_tui.media.heard import Ears, HeardBy
from woxly_tui.media.hearing import Hearing
from woxly_tui.media.levels import Pace
from woxly_tui.media.link import LinkMeter
from woxly_tui.media.messages import (
    BackendChoice,
    Connect,
    Connected,
    ConnectFailed,
    ConnectFailure,
    DeafenApplied,
    DisconnectCause,
    Disconnected,
    PlayBegin,
    PlayEnd,
    PlayEnded,
    PlayPcm,
    Reconnected,
    Reconnecting,
    Shaping,
    TokenRefreshed,
    WorkerEvent,
)
from woxly_tui.media.peaks import Peaks
from woxly_tui.media.presence import Presence
from woxly_tui.media.reach import check_reachable
from woxly_tui.media.recording import Recording
from woxly_tui.media.remotes import Remotes
from woxly_tui.media.roster import link_quality
from woxly_tui.media.sight import Sight
from woxly_tui.media.sound_guard import SoundGuard
from woxly_tui.media.steps import Steps
from woxly_tui.media.track_player import TrackPlayer
from woxly_tui.types import Identity, RoomName

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
        self._emit_raw = emit
        self._tasks = TaskOwner(f"session {command.session}")
        self._steps = Steps(f"leaving {command.session}")
        self._room = rtc.Room()
        self._hearing = Hearing()
        self._hearing.is_deafened = command.is_deafened
        self._hearing.set_volumes(command.volumes)
        choice = BackendChoice.NULL if command.is_silent else command.backend
        self._wish = BackendWish(choice, self._hearing, command.shaping)
        self._sight = Sight(LinkMeter(self.number))
        self._ears = Ears(self._hearing, self._sight)
        self._presence = Presence(self._room, self._tasks)
        self.chat = Chat(self.number, self._room, self._emit)
        self._player = TrackPlayer(self._room, self._sight.ignored, self._emit)
        self._remotes = Remotes(self.number, self._room, self._hearing, self._emit)
        note = self._remotes.note_hearers
        self._heard_by = HeardBy(self._room, self._ears, self._sight, self._tasks, note)
        self.details = DetailsMeter(self._room, self._sight, self._heard_by.rtt_ms)
        self._guard = SoundGuard(
            self.number,
            self._emit,
            is_wanted=command.backend is not BackendChoice.NULL,
            is_given_up=command.is_silent,
        )
        self._audio = SessionAudio(
            self.number,
            self._room,
            self._wish,
            pace,
            self._sight,
            self._guard,
            self._tasks,
            self._steps,
            self._emit,
        )
        self.recording = self._new_recording()
        self._player.tap = self.recording.played
        self._is_connected = False
        self._is_over = False

    def _new_recording(self) -> Recording:
        return Recording(
            self.number,
            self._room,
            self._wish,
            self._audio.follow_volumes,
            self._presence,
            self._tasks,
            self._emit,
        )

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
        self._heard_by.start()
        await self._audio.start()

    def _fail(self, failure: ConnectFailure, detail: str) -> None:
        _log.warning("not connected: %s", failure)
        self._emit(ConnectFailed(self.number, failure, detail))
        self._is_over = True

    def _announce_room(self) -> None:
        me = self._room.local_participant
        name = clean_name(me.name or me.identity, clean_name(me.identity))
        self._emit(Connected(self.number, RoomName(self._room.name), Identity(me.identity), name))
        self._remotes.announce()

    # Commands

    def set_microphone(self, request: int, is_open: bool) -> None:
        """Open or mute our track; answered by "not open" where there is none."""
        self._audio.set_microphone(request, is_open)

    def suspend_microphone(self) -> None:
        """Send nothing until `resume_microphone`, or until the microphone is set anew."""
        self._audio.suspend_microphone()

    def resume_microphone(self) -> None:
        """Go back to what was last asked of the microphone."""
        self._audio.resume_microphone()

    def set_deafened(self, request: int, on: bool) -> None:
        """Silence everybody, or hear them again."""
        if not self._is_connected:
            return
        is_applied = self._hearing.set_deafened(self._room, on)
        self._audio.follow_volumes()
        if is_applied:
            self._emit(DeafenApplied(self.number, request, on))
        self._remotes.refresh()
        self._presence.set_deafened(on)

    def set_volume(self, identity: Identity, percent: int) -> None:
        """Play one participant that loud, in percent; deafened, not yet."""
        self._hearing.set_volume(self._room, identity, percent)
        if self._is_connected:
            self._audio.follow_volumes()
            self._remotes.refresh()

    def shape(self, shaping: Shaping) -> None:
        """Gains for all, and what the microphone is cleaned by."""
        self._wish.shaping = shaping
        if self._is_connected:
            self._audio.follow_volumes()

    def cue(self, command: CueCommand) -> None:
        """Play a cue, or end its loop, where the backend can."""
        self._audio.cue(command)

    def play(self, command: PlayBegin | PlayPcm | PlayEnd) -> None:
        """Play something into the room, beside the microphone."""
        match command:
            case PlayBegin() if self._is_connected:
                self._player.begin(command)
            case PlayPcm():
                self._player.feed(command)
            case PlayEnd():
                self._player.end(command)
            case _:
                self._emit(PlayEnded(command.play, "there is no connection"))

    def see_devices(self, news: DeviceNews) -> None:
        """The sound server, its devices, or our streams there changed."""
        self._guard.see(news)
        server = news.world.server
        is_there = server.plays or not server.is_reached
        self._ears.is_loud = is_there and not news.world.is_silent

    def take_peaks(self) -> Peaks | None:
        """Of what our microphone captured since this was last asked; None where the backend
        does not capture by itself."""
        return self._audio.take_peaks()

    def hurry(self) -> None:
        """The pace of measuring changed."""
        self._audio.hurry()

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
        self._heard_by.close()
        self._audio.stop()
        await self.recording.aclose()
        await self._leave_room()
        await self.chat.aclose()
        await self._player.aclose()
        await self._tasks.aclose()
        await self._audio.aclose()

    async def _leave_room(self) -> None:
        if not self._room.isconnected():
            return
        await self._audio.unpublish()
        await self._steps.take(self._room.disconnect(), "disconnect")

    # What the room says

    def _listen(self) -> None:
        on = self._room.on
        on("participant_name_changed", self._on_participant)
        on("participant_active", self._on_participant)
        on("connection_quality_changed", self._on_participant)
        on("participant_connected", self._on_connected)
        on("participant_disconnected", self._on_left)
        on("participant_attributes_changed", lambda _changed, who: self._on_participant(who))
        on("track_published", self._remotes.on_published)
        on("track_unpublished", lambda _publication, who: self._on_participant(who))
        on("track_subscribed", self._on_subscribed)
        on("track_unsubscribed", lambda _track, sound, _who: self._audio.on_unsubscribed(sound))
        on("track_subscription_failed", self._remotes.on_subscription_failed)
        on("track_muted", lambda who, sound: self._on_flag(who, sound, True))
        on("track_unmuted", lambda who, sound: self._on_flag(who, sound, False))
        on("participant_permissions_changed", lambda who, *_: self._audio.on_permissions(who))
        on("local_track_republished", self._audio.on_republished)
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

    def _on_participant(self, participant: rtc.Participant | None) -> None:
        if not self._is_connected or participant is None:
            return
        if isinstance(participant, rtc.RemoteParticipant):
            self._remotes.on_changed(participant)
        else:
            self._sight.link.set_quality(link_quality(participant.connection_quality))

    def _on_connected(self, participant: rtc.RemoteParticipant) -> None:
        self._on_participant(participant)
        self._presence.greet(participant.identity)

    def _on_left(self, participant: rtc.RemoteParticipant) -> None:
        self._remotes.on_left(participant)
        self._audio.follow_volumes()

    def _on_subscribed(
        self,
        track: rtc.Track,
        publication: rtc.RemoteTrackPublication,
        participant: rtc.RemoteParticipant,
    ) -> None:
        self._remotes.on_subscribed(publication, participant)
        self._audio.on_subscribed(track, publication, participant)

    def _on_flag(
        self, participant: rtc.Participant, sound: rtc.TrackPublication, is_muted: bool
    ) -> None:
        if isinstance(participant, rtc.RemoteParticipant):
            self._on_participant(participant)
        else:
            self._audio.on_own_flag(sound.sid, is_muted)

    def _on_data(self, packet: rtc.DataPacket) -> None:
        self.chat.on_packet(packet)
        self._remotes.on_data(packet)
        self._heard_by.on_data(packet)

    def _on_reconnecting(self) -> None:
        self._audio.on_reconnecting()
        self._emit(Reconnecting(self.number))

    def _on_reconnected(self) -> None:
        self._audio.on_reconnected()
        self._hearing.reapply(self._room)
        self._presence.announce()
        self._remotes.prune()
        self._remotes.refresh()
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
        self._audio.on_disconnected()
        self._tasks.start(self.recording.aclose(), name="recording")
