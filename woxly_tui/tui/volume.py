"""The volume keys: whose volume, how much, and how a row says it."""

from typing import Final

from woxly_tui._lib.clock import Clock
from woxly_tui.call.snapshot import ParticipantView
from woxly_tui.call.volumes import LOUDEST, NORMAL
from woxly_tui.control.messages import SetVolume
from woxly_tui.tui.people import PeopleActions
from woxly_tui.types import Identity, Seconds

WISH_LASTS: Final = Seconds(1.0)
"""How long a volume counts that was asked for and is not shown yet."""


class VolumeWishes:
    """What the next press asks for. A key that is held goes on from what it asked for last."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wished: dict[Identity, tuple[int, Seconds]] = {}
        self._before: dict[Identity, int] = {}
        """How loud those were who are silenced."""

    def stepped(self, person: ParticipantView, step: int) -> int:
        """Louder or softer by that many percent."""
        return self._wish(person, min(LOUDEST, max(0, self._now(person) + step)))

    def toggled(self, person: ParticipantView) -> int:
        """Silence, or as loud as before it."""
        now = self._now(person)
        if now == 0:
            return self._wish(person, self._before.pop(person.identity, NORMAL))
        self._before[person.identity] = now
        return self._wish(person, 0)

    def normal(self, person: ParticipantView) -> int:
        return self._wish(person, NORMAL)

    def _now(self, person: ParticipantView) -> int:
        percent, until = self._wished.get(person.identity, (0, Seconds(-1.0)))
        return percent if self._clock.monotonic() < until else person.volume_percent

    def _wish(self, person: ParticipantView, percent: int) -> int:
        until = Seconds(self._clock.monotonic() + WISH_LASTS)
        self._wished = {person.identity: (percent, until)}
        return percent


class VolumeActions(PeopleActions):
    """The part of the app that the volume keys need; goes before the App among its bases."""

    volume_wishes: VolumeWishes

    def action_volume(self, step: int) -> None:
        if (person := self.chosen_person()) is not None:
            self._ask(person, self.volume_wishes.stepped(person, step))

    def action_silence(self) -> None:
        if (person := self.chosen_person()) is not None:
            self._ask(person, self.volume_wishes.toggled(person))

    def action_normal_volume(self) -> None:
        if (person := self.chosen_person()) is not None:
            self._ask(person, self.volume_wishes.normal(person))

    def _ask(self, person: ParticipantView, percent: int) -> None:
        self.bridge.send(SetVolume(person.identity, percent))
