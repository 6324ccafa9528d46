"""How loud each person is played to us: what is wanted, by identity."""

from collections.abc import Mapping
from typing import Final

from woxly_tui.types import Identity

NORMAL: Final = 100
"""Percent; as the sender meant it."""

LOUDEST: Final = 200

KEPT: Final = 500
"""People whose volume is remembered; the one set longest ago is forgotten first."""


class Volumes:
    """The volumes that differ from normal, in the order they were set. Pure.

    Args:
        saved: From an earlier time; what is no volume is left out.
    """

    def __init__(self, saved: Mapping[Identity, int] | None = None) -> None:
        self._percent: dict[Identity, int] = {}
        for identity, percent in (saved or {}).items():
            self.set(identity, percent)

    def set(self, identity: Identity, percent: int) -> None:
        """Want this volume; one out of range becomes the nearest there is."""
        self._percent.pop(identity, None)
        percent = min(max(percent, 0), LOUDEST)
        if percent != NORMAL:
            self._percent[identity] = percent
        if len(self._percent) > KEPT:
            del self._percent[next(iter(self._percent))]

    def of(self, identity: Identity) -> int:
        """The volume of somebody, in percent."""
        return self._percent.get(identity, NORMAL)

    def all(self) -> dict[Identity, int]:
        """All that differ from normal."""
        return dict(self._percent)

    def give_up_fine(self) -> None:
        """Back to normal, but for those who are silenced: nothing finer can be had here."""
        self._percent = {who: percent for who, percent in self._percent.items() if percent == 0}


def needs_gain(percent: int) -> bool:
    """Whether a volume is more than silence or sound as it comes."""
    return percent not in (0, NORMAL)
