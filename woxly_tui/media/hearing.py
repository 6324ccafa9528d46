"""What we hear of each: silenced here at once and at the server soon after, or at a volume."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from livekit import rtc

from woxly_tui.media import ffi
from woxly_tui.media.play_messages import TRACK_PREFIX
from woxly_tui.types import Identity

NORMAL_PERCENT: Final = 100
"""As the sender meant it."""

_log = logging.getLogger(__name__)

SetAudible = Callable[[rtc.RemoteTrackPublication, bool], bool]


class Hearing:
    """What we hear of one room: deafened beats any volume. Use from the event loop.

    Args:
        set_audible: Silences one publication or undoes it, and says whether that worked.
    """

    def __init__(self, set_audible: SetAudible = ffi.set_remote_audible) -> None:
        self._set_audible = set_audible
        self._changed_at = 0.0
        self._volumes: dict[Identity, int] = {}
        self.is_deafened = False

    def set_volumes(self, volumes: Mapping[Identity, int]) -> None:
        """Begin with these volumes, in percent, before anybody is heard."""
        self._volumes = dict(volumes)

    def set_volume(self, room: rtc.Room, identity: Identity, percent: int) -> bool:
        """Play one participant that loud from now on, whatever it publishes.

        Returns:
            Whether every present track of it confirms that it is heard, or not.
        """
        was_audible = self.percent(identity) > 0
        self._volumes[identity] = percent
        participant = room.remote_participants.get(identity)
        if participant is None or self.is_audible(participant) == was_audible:
            return True
        self._await_gap()
        return all(self._apply(participant))

    def percent(self, identity: str) -> int:
        """How loud somebody is to be played now: 0 while deafened."""
        volume = self._volumes.get(Identity(identity), NORMAL_PERCENT)
        return 0 if self.is_deafened else volume

    def wants_gain(self, identities: Iterable[str]) -> bool:
        """Whether one of these is to be played at another volume than 0 and 100."""
        volumes = (self._volumes.get(Identity(who), NORMAL_PERCENT) for who in identities)
        return any(volume not in (0, NORMAL_PERCENT) for volume in volumes)

    def give_up_gain(self) -> None:
        """Play everybody who is not silenced as they come."""
        self._volumes = {who: percent for who, percent in self._volumes.items() if percent == 0}

    def set_deafened(self, room: rtc.Room, on: bool) -> bool:
        """Silence everybody, or hear them again.

        Returns:
            Whether every present track confirms it.
        """
        if on != self.is_deafened:
            self._await_gap()
        self.is_deafened = on
        return self.reapply(room)

    def _await_gap(self) -> None:
        time.sleep(max(0.0, self._changed_at + ffi.CHANGE_GAP_S - time.monotonic()))
        self._changed_at = time.monotonic()

    def reapply(self, room: rtc.Room) -> bool:
        """Apply the present state to every track of a room, as after a reconnect."""
        results = [
            result
            for participant in room.remote_participants.values()
            for result in self._apply(participant)
        ]
        if not all(results):
            _log.warning("%d of %d tracks refused", results.count(False), len(results))
        return all(results)

    def _apply(self, participant: rtc.RemoteParticipant) -> list[bool]:
        is_audible = self.is_audible(participant)
        return [
            self._set_audible(publication, is_audible)
            for publication in audio_publications(participant)
        ]

    def is_audible(self, participant: rtc.Participant) -> bool:
        """Whether a participant is to be heard at all."""
        return self.percent(participant.identity) > 0

    def on_subscribed(
        self, publication: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant
    ) -> bool:
        """A new track is there, audible until told otherwise.

        Returns:
            Whether it is as it should be.
        """
        if self.is_audible(participant):
            return True
        return self._set_audible(publication, False) or self._set_audible(publication, False)


def title_of(publication: rtc.TrackPublication) -> str | None:
    """What is played on a track, as its owner says; None for a voice."""
    name = str(publication.name or "")
    return name.removeprefix(TRACK_PREFIX) if name.startswith(TRACK_PREFIX) else None


def voices(participant: rtc.RemoteParticipant) -> list[rtc.RemoteTrackPublication]:
    """The sound a participant speaks by."""
    return [sound for sound in audio_publications(participant) if title_of(sound) is None]


def audio_publications(
    participant: rtc.RemoteParticipant,
) -> Iterator[rtc.RemoteTrackPublication]:
    """The sound a participant publishes."""
    for publication in participant.track_publications.values():
        if publication.kind == rtc.TrackKind.KIND_AUDIO:
            yield publication


def audio_tracks(room: rtc.Room) -> list[rtc.Track]:
    """All sound of a room that is subscribed to."""
    people = room.remote_participants.values()
    return [s.track for p in people for s in audio_publications(p) if s.track is not None]
