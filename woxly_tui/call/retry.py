"""Growing waits between attempts to join again."""

from collections.abc import Callable
from typing import Final

from woxly_tui.types import Seconds

_FIRST: Final = 0.5
_GROWTH: Final = 1.7
_LONGEST: Final = 12.0
_JITTER: Final = 0.3
"""Share of a wait that chance may take away, so that a room does not return as one herd."""


class RetrySchedule:
    """No wait before the first attempt, then waits from 0.5 s to 12 s, for ever.

    Args:
        random: Returns a number in [0, 1).
    """

    def __init__(self, random: Callable[[], float]) -> None:
        self._random = random
        self.failures = 0

    def reset(self) -> None:
        """The call is up: the next loss is tried at once again."""
        self.failures = 0

    def next_wait(self) -> Seconds:
        """The wait before the next attempt; counts one failure."""
        failures, self.failures = self.failures, self.failures + 1
        if failures == 0:
            return Seconds(0.0)
        # The exponent is bounded because a call may stay unreachable for days.
        wait = min(_LONGEST, _FIRST * _GROWTH ** min(failures - 1, 16))
        return Seconds(wait * (1 - _JITTER * self._random()))
