"""Deafening: every remote publication silenced here at once, and at the server soon after."""

import logging
import time
from collections.abc import Callable, Iterator

from livekit import rtc

from woxly_tui.media import ffi

_log = logging.getLogger(__name__)

SetAudible = Callable[[rtc.RemoteTrackPublication, bool], bool]


class Hearing:
    """What we hear of one room. Use from the event loop.

    One place decides about every track, so that a volume per person can join in here.

    Args:
        set_audible: Silences one publication or undoes it, and says whether that worked.
    """

    def __init__(self, set_audible: SetAudible = ffi.set_remote_audible) -> None:
        self._set_audible = set_audible
        self._changed_at = 0.0
        self.is_deafened = False

    def set_deafened(self, room: rtc.Room, on: bool) -> bool:
        """Silence everybody, or hear them again.

        Returns:
            Whether every present track confirms it.
        """
        if on != self.is_deafened:
            time.sleep(max(0.0, self._changed_at + ffi.CHANGE_GAP_S - time.monotonic()))
            self._changed_at = time.monotonic()
        self.is_deafened = on
        return self.reapply(room)

    def reapply(self, room: rtc.Room) -> bool:
        """Apply the present state to every track of a room, as after a reconnect."""
        results = [
            self._set_audible(publication, not self.is_deafened)
            for participant in room.remote_participants.values()
            for publication in audio_publications(participant)
        ]
        if not all(results):
            _log.warning("%d of %d tracks refused", results.count(False), len(results))
        return all(results)

    def is_audible(self, participant: rtc.Participant) -> bool:  # noqa: ARG002 - soon by person
        """Whether a participant is to be heard at all."""
        return not self.is_deafened

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


def audio_publications(
    participant: rtc.RemoteParticipant,
) -> Iterator[rtc.RemoteTrackPublication]:
    """The sound a participant publishes."""
    for publication in participant.track_publications.values():
        if publication.kind == rtc.TrackKind.KIND_AUDIO:
            yield publication
