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

    def boot(self) -> Seconds:
        """Like monotonic, but it goes on while the machine sleeps, where the system can tell."""


class SystemClock:
    """The machine's own clocks."""

    def monotonic(self) -> Seconds:
        return Seconds(time.monotonic())

    def wall(self) -> Seconds:
        return Seconds(time.time())

    def boot(self) -> Seconds:
        # Linux has CLOCK_BOOTTIME; on macOS CLOCK_MONOTONIC counts sleep and monotonic() does not.
        clock_id = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))
        return Seconds(time.monotonic() if clock_id is None else time.clock_gettime(clock_id))
