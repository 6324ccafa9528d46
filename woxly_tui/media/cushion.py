"""How much sound the speaker holds: as little as this machine can do without a gap. Pure."""

from collections import deque
from typing import Final

from woxly_tui.types import Seconds

RUNGS_S: Final = (0.015, 0.02, 0.03, 0.045, 0.06)
"""What is asked of the device; the last is enough for a machine that does much else."""

SLACK_S: Final = 0.005
"""So much less than the least rung it is filled, as long as that goes well: given back at once
where there is a gap, without opening the device anew."""

EASE: Final = Seconds(4.0)
"""After a gap, how long the device is filled whole; twice as long after each time in vain."""

EASE_RATE: Final = 0.005
"""Then it is filled so much less in each second: slowly enough not to be heard."""

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
        self._rung = 0
        self._slack_s = SLACK_S
        self._eased_at = now
        """When the slack may grow, or last grew."""
        self._ease = EASE
        self._gaps: deque[Seconds] = deque(maxlen=GAPS)
        self._changed_at = now
        self._calm = CALM
        self._came_down = False

    @property
    def wanted_s(self) -> float:
        """What the device is to hold."""
        return RUNGS_S[self._rung]

    def slack_s(self, now: Seconds) -> float:
        """How much less than it could hold the device is filled."""
        if self._rung:
            return 0.0
        if self._slack_s < SLACK_S and now > self._eased_at:
            grown_s = self._slack_s + EASE_RATE * (now - self._eased_at)
            self._slack_s, self._eased_at = min(SLACK_S, grown_s), now
        return self._slack_s

    def gap(self, now: Seconds) -> bool:
        """There was a gap; returns whether the device is to hold more from now on."""
        if self._slack_s:
            # Whether it stood for long is seen from when it last grew.
            is_vain = now - self._eased_at < VAIN
            self._ease = Seconds(min(MOST_CALM, 2 * self._ease)) if is_vain else EASE
        self._fill(now)
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

    def _fill(self, now: Seconds) -> None:
        self._slack_s, self._eased_at = 0.0, Seconds(now + self._ease)

    def _step(self, by: int, now: Seconds) -> None:
        self._rung += by
        self._came_down = by < 0
        self._changed_at = now
        self._fill(now)
        self._gaps.clear()
