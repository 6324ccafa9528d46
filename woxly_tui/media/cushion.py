"""How much sound the speaker holds: as little as this machine can do without a gap. Pure."""

from collections import deque
from typing import Final

from woxly_tui.types import Seconds

RUNGS_S: Final = (0.01, 0.015, 0.02, 0.03, 0.045, 0.06)
"""What is asked of the device; the last is enough for a machine that does much else."""

FIRST: Final = 1
"""Rung to begin with: at the start of a call much else begins, too."""

GAPS: Final = 2
GAPS_WITHIN: Final = Seconds(5.0)
"""So many gaps in so short a time, and it holds more: a single one may have any cause."""

CALM: Final = Seconds(60.0)
"""Without a gap for so long, it holds less again; twice as long after each time in vain."""

MOST_CALM: Final = Seconds(900.0)

VAIN: Final = Seconds(20.0)
"""A gap so soon after it holds less was in vain."""


class Cushion:
    """One rung up where gaps come, one down where none came for long. One thread.

    Args:
        now: The monotonic time at the start.
    """

    def __init__(self, now: Seconds) -> None:
        self._rung = FIRST
        self._gaps: deque[Seconds] = deque(maxlen=GAPS)
        self._changed_at = now
        self._calm = CALM
        self._came_down = False

    @property
    def wanted_s(self) -> float:
        """What the device is to hold."""
        return RUNGS_S[self._rung]

    def gap(self, now: Seconds) -> bool:
        """There was a gap; returns whether the device is to hold more from now on."""
        self._gaps.append(now)
        is_often = len(self._gaps) == GAPS and now - self._gaps[0] <= GAPS_WITHIN
        if not is_often or self._rung + 1 == len(RUNGS_S):
            return False
        if self._came_down and now - self._changed_at < VAIN:
            self._calm = Seconds(min(MOST_CALM, 2 * self._calm))
        self._step(1, now)
        return True

    def wants_change(self, now: Seconds, least_s: float) -> bool:
        """Whether the device is to hold more or less as soon as nothing is heard.

        Args:
            now: The monotonic time.
            least_s: What it is to hold at least.
        """
        if self.wanted_s < least_s:
            return True
        if not self._rung or RUNGS_S[self._rung - 1] < least_s:
            return False
        last = max(self._changed_at, *self._gaps) if self._gaps else self._changed_at
        return now - last >= self._calm

    def calm(self, now: Seconds, least_s: float = 0.0) -> bool:
        """Nothing is heard just now; returns whether the device is to hold more or less."""
        if not self.wants_change(now, least_s):
            return False
        self._step(1 if self.wanted_s < least_s else -1, now)
        return True

    def _step(self, by: int, now: Seconds) -> None:
        self._rung += by
        self._came_down = by < 0
        self._changed_at = now
        self._gaps.clear()
