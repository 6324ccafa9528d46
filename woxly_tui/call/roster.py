"""Who is in the call, in an order that does not jump."""

from dataclasses import replace
from typing import Final

from woxly_tui.call.snapshot import ParticipantView
from woxly_tui.call.volumes import Volumes
from woxly_tui.types import Identity, Seconds

GRACE: Final = Seconds(1.0)
"""How long a leaver keeps the row: a full reconnect takes everyone away and back in 0.2 s."""


class Roster:
    """Remote participants in the order they came. Pure; time is passed in.

    Args:
        volumes: How loud each is to be played.
    """

    def __init__(self, volumes: Volumes | None = None) -> None:
        self._volumes = volumes or Volumes()
        self._rows: dict[Identity, ParticipantView] = {}
        self._leaving: dict[Identity, Seconds] = {}

    def update(self, participant: ParticipantView) -> None:
        """Add or change a row; one that was leaving stays."""
        self._rows[participant.identity] = participant
        self._leaving.pop(participant.identity, None)

    def leave(self, identity: Identity, now: Seconds) -> None:
        """Remove a row after the grace, unless it comes back."""
        if identity in self._rows:
            self._leaving[identity] = Seconds(now + GRACE)

    def await_everyone(self, now: Seconds) -> None:
        """A fresh session begins: whoever is not announced within the grace has left."""
        self._leaving = {identity: Seconds(now + GRACE) for identity in self._rows}

    def expire(self, now: Seconds) -> None:
        """Remove the rows whose grace is over."""
        for identity in [key for key, at in self._leaving.items() if at <= now]:
            del self._leaving[identity]
            del self._rows[identity]

    def next_deadline(self) -> Seconds | None:
        """When `expire` has something to do."""
        return min(self._leaving.values(), default=None)

    def clear(self) -> None:
        """Forget everyone."""
        self._rows.clear()
        self._leaving.clear()

    def rows(self) -> tuple[ParticipantView, ...]:
        """Everyone, first come first."""
        return tuple(
            replace(row, volume_percent=self._volumes.of(row.identity))
            for row in self._rows.values()
        )
