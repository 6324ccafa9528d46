"""Whether the machine was asleep: its clocks are compared now and then."""

from typing import Final

from woxly_tui._lib.clock import Clock
from woxly_tui.types import Seconds

CHECK_EVERY: Final = Seconds(2.0)
"""How often the clocks are compared."""

SLEPT: Final = Seconds(5.0)
"""A sleep that no connection is assumed to survive."""


class SleepWatch:
    """Compares the clock that stands still in a sleep with the one that does not."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._asleep_s = self._asleep_so_far()
        self.due = Seconds(clock.monotonic() + CHECK_EVERY)
        """When to look again, on the monotonic clock."""

    def has_slept(self) -> bool:
        """Whether the machine slept for long since the last look."""
        self.due = Seconds(self._clock.monotonic() + CHECK_EVERY)
        before, self._asleep_s = self._asleep_s, self._asleep_so_far()
        return self._asleep_s - before > SLEPT

    def _asleep_so_far(self) -> float:
        return self._clock.boot() - self._clock.monotonic()
