"""Everybody else in one room: what we get of their sound, and what is said of them."""

from collections.abc import Callable, Mapping

from livekit import rtc

from woxly_tui.media.hearing import Hearing, audio_publications
from woxly_tui.media.messages import AudioLost, WorkerEvent
from woxly_tui.media.roster import STATE_TOPIC, Roster
from woxly_tui.types import Identity


class Remotes:
    """Follows the remote participants of one room. Use from the event loop.

    Args:
        session: Number of the session, for the events.
        room: Not connected yet.
        hearing: Decides whose sound we want.
        emit: Takes the events.
    """

    def __init__(
        self,
        session: int,
        room: rtc.Room,
        hearing: Hearing,
        emit: Callable[[WorkerEvent], None],
    ) -> None:
        self._session = session
        self._room = room
        self._hearing = hearing
        self._emit = emit
        self._roster = Roster(session)
        self._is_announced = False

    def announce(self) -> None:
        """The room is joined, and that is told: follow everybody from now on."""
        self._is_announced = True
        self.refresh()

    def refresh(self) -> None:
        """Ask for all the sound we want by now, and tell what changed of anybody."""
        for participant in list(self._room.remote_participants.values()):
            self._subscribe(participant)
            self._say(participant)

    def prune(self) -> None:
        """Tell who left unheard of, as while we were away."""
        for left in self._roster.prune(self._room.remote_participants):
            self._emit(left)

    def _subscribe(self, participant: rtc.RemoteParticipant) -> None:
        """Ask for the sound of a participant that we do not get yet.

        Not of one who is silenced: playout of a new track begins before we hear of it.
        """
        if not self._hearing.is_audible(participant):
            return
        for publication in audio_publications(participant):
            if not publication.subscribed:
                publication.set_subscribed(True)

    def _say(self, participant: rtc.RemoteParticipant) -> None:
        is_allowed_to = self._room.local_participant.permissions.can_subscribe
        may_subscribe = is_allowed_to and self._hearing.is_audible(participant)
        event = self._roster.update(participant, may_subscribe=may_subscribe)
        if event is not None:
            self._emit(event)

    def on_changed(self, participant: rtc.RemoteParticipant) -> None:
        """Something about a participant changed; it may have left since."""
        if self._is_announced and participant.identity in self._room.remote_participants:
            self._say(participant)

    def on_left(self, participant: rtc.RemoteParticipant) -> None:
        if (event := self._roster.remove(participant)) is not None:
            self._emit(event)

    def on_published(
        self, _publication: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant
    ) -> None:
        if self._is_announced:
            self._subscribe(participant)
        self.on_changed(participant)

    def on_subscribed(
        self, publication: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant
    ) -> None:
        is_audio = publication.kind == rtc.TrackKind.KIND_AUDIO
        if is_audio and not self._hearing.on_subscribed(publication, participant):
            self._emit(AudioLost(self._session, "a newcomer could not be silenced"))
        self.on_changed(participant)

    def on_subscription_failed(
        self, participant: rtc.RemoteParticipant, sid: str, _error: str
    ) -> None:
        self._roster.note_failed(sid)
        self.on_changed(participant)

    def note_hearers(self, news: Mapping[Identity, bool | None]) -> None:
        """Some told whether they hear us."""
        for identity, hears in news.items():
            self._roster.note_hearer(identity, hears=hears)
            if (participant := self._room.remote_participants.get(identity)) is not None:
                self.on_changed(participant)

    def on_data(self, packet: rtc.DataPacket) -> None:
        """A participant may have told whether it is deafened."""
        sender = packet.participant
        if packet.topic == STATE_TOPIC and sender is not None:
            self._roster.note_state_data(sender.identity, packet.data)
            self.on_changed(sender)
