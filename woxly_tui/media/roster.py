"""Who else is in the room, as messages: one for each participant that came or changed."""

import json
from collections.abc import Container
from typing import Final

from livekit import rtc

from woxly_tui._lib.text import clean_name
from woxly_tui.media.hearing import audio_publications, title_of, voices
from woxly_tui.media.messages import LinkQuality, RemoteLeft, RemoteUpdated
from woxly_tui.types import Identity

DEAFENED_ATTRIBUTE: Final = "voice.deafened"
"""Participant attribute: "1" while deafened, absent otherwise."""

RECORDING_ATTRIBUTE: Final = "woxly.recording"
"""The same while recording the call."""

STATE_TOPIC: Final = "voice.state"
"""Data topic that carries the same where a token grants no attributes."""

MAX_TITLE: Final = 60
"""Of what somebody plays, as shown."""

_MAX_STATE_BYTES: Final = 1024

_QUALITIES: Final = {
    rtc.ConnectionQuality.QUALITY_LOST: LinkQuality.LOST,
    rtc.ConnectionQuality.QUALITY_POOR: LinkQuality.POOR,
    rtc.ConnectionQuality.QUALITY_GOOD: LinkQuality.GOOD,
    rtc.ConnectionQuality.QUALITY_EXCELLENT: LinkQuality.EXCELLENT,
}


def link_quality(quality: int) -> LinkQuality:
    """LiveKit's connection quality as ours."""
    return _QUALITIES.get(rtc.ConnectionQuality(quality), LinkQuality.UNKNOWN)


class Roster:
    """Remembers what was said of each remote participant, and says only what changed."""

    def __init__(self, session: int) -> None:
        self._session = session
        self._said: dict[Identity, RemoteUpdated] = {}
        self._deafened_by_data: set[str] = set()
        self._recording_by_data: set[str] = set()
        self._failed_sids: set[str] = set()
        self._hearers: dict[Identity, bool] = {}

    def update(
        self, participant: rtc.RemoteParticipant, *, may_subscribe: bool = True
    ) -> RemoteUpdated | None:
        """What to say of a participant now; None where nothing changed, or it is hidden."""
        if participant.kind == rtc.ParticipantKind.PARTICIPANT_KIND_EGRESS:
            return None
        said = self._describe(participant, may_subscribe)
        if self._said.get(said.identity) == said:
            return None
        self._said[said.identity] = said
        return said

    def remove(self, participant: rtc.RemoteParticipant) -> RemoteLeft | None:
        """What to say of a participant who left; None where it was never announced."""
        identity = Identity(participant.identity)
        self._deafened_by_data.discard(identity)
        self._recording_by_data.discard(identity)
        self._failed_sids.difference_update(participant.track_publications)
        if self._said.pop(identity, None) is None:
            return None
        return RemoteLeft(self._session, identity)

    def prune(self, present: Container[str]) -> list[RemoteLeft]:
        """What to say of those announced who are not present any more."""
        gone = [identity for identity in self._said if identity not in present]
        for identity in gone:
            del self._said[identity]
            self._deafened_by_data.discard(identity)
            self._recording_by_data.discard(identity)
        return [RemoteLeft(self._session, identity) for identity in gone]

    def note_state_data(self, identity: str, data: bytes) -> None:
        """Take a participant's word, sent as data, on whether it is deafened, or records."""
        if identity not in self._said or len(data) > _MAX_STATE_BYTES:
            return
        try:
            state = json.loads(data)
        except (ValueError, RecursionError):
            return
        known = {"deafened": self._deafened_by_data, "recording": self._recording_by_data}
        for word, those in known.items():
            if isinstance(state, dict) and isinstance(on := state.get(word), bool):
                (those.add if on else those.discard)(identity)

    def note_hearer(self, identity: Identity, *, hears: bool | None) -> None:
        """Whether a participant hears us, by its own word; None takes that back."""
        if hears is None:
            self._hearers.pop(identity, None)
        else:
            self._hearers[identity] = hears

    def note_failed(self, sid: str) -> None:
        """A track that could not be subscribed; its owner is not connecting for ever."""
        self._failed_sids.add(sid)

    def _describe(self, participant: rtc.RemoteParticipant, may_subscribe: bool) -> RemoteUpdated:
        sounds = list(audio_publications(participant))
        spoken = voices(participant)
        titles = [title for sound in sounds if (title := title_of(sound)) is not None]
        is_waiting = may_subscribe and any(
            not sound.subscribed and sound.sid not in self._failed_sids for sound in sounds
        )
        is_active = participant.state == rtc.ParticipantState.PARTICIPANT_STATE_ACTIVE
        identity = participant.identity
        return RemoteUpdated(
            session=self._session,
            identity=Identity(identity),
            name=clean_name(participant.name or identity, clean_name(identity)),
            is_muted=all(sound.muted for sound in spoken),
            is_deafened=participant.attributes.get(DEAFENED_ATTRIBUTE) == "1"
            or identity in self._deafened_by_data,
            has_microphone=bool(spoken),
            is_connecting=not is_active or is_waiting,
            quality=link_quality(participant.connection_quality),
            is_recording=participant.attributes.get(RECORDING_ATTRIBUTE) == "1"
            or identity in self._recording_by_data,
            hears_us=self._hearers.get(Identity(identity)),
            plays=clean_name(titles[0], "sound")[:MAX_TITLE] if titles else "",
        )
