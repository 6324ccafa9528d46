"""Time as an object, so that tests can own it."""

import time
from typing import Protocol

from woxly_tui.types import Seconds


class Clock(Protocol):
    """Where the time comes from."""

    def monotonic(self) -> Seconds:
        """An instant that never goes back, and stands still while the machine sleeps."""

    def wall(self) -> Seconds:
        """Seconds since 1970, as the user's clock shows them."""


class SystemClock:
    """The machine's own clocks."""

    def monotonic(self) -> Seconds:
        return Seconds(time.monotonic())

    def wall(self) -> Seconds:
        return Seconds(time.time())
