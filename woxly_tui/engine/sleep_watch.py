"""Notices that the machine was asleep, by comparing clocks."""

from typing import Final

from woxly_tui._lib.clock import Clock
from woxly_tui.types import Seconds

SLEEP_CHECK: Final = Seconds(2.0)
"""How often the clocks are compared."""

SLEPT: Final = Seconds(5.0)
"""A sleep that no connection is assumed to survive."""


class SleepWatch:
    """CLOCK_MONOTONIC stands still while a machine sleeps, CLOCK_BOOTTIME does not."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._asleep_s = self._so_far()
        self.due = Seconds(clock.monotonic() + SLEEP_CHECK)
        """When to look next."""

    def _so_far(self) -> float:
        return self._clock.boot() - self._clock.monotonic()

    def has_slept(self) -> bool:
        """Whether it slept long since the last time this was asked."""
        self.due = Seconds(self._clock.monotonic() + SLEEP_CHECK)
        asleep_s = self._so_far()
        slept_s, self._asleep_s = asleep_s - self._asleep_s, asleep_s
        return slept_s > SLEPT
