"""Notices an audio device that stopped delivering or playing; time is passed in."""

import math
from dataclasses import dataclass
from typing import Final

from woxly_tui.types import Seconds

CAPTURE_LIMIT_S: Final = 3.5
"""An open microphone that counts no samples for so long is lost: SILENCE_LIMIT_S tells it first."""

PLAYOUT_LIMIT_S: Final = 3.0
"""Playout that pulls no samples for so long, with somebody to be heard, is lost."""

MAX_GAP_S: Final = 3.0
"""A longer time between two looks was a stall of our own, and proves nothing."""

CAPTURE_LOST: Final = "the microphone stopped delivering sound"
PLAYOUT_LOST: Final = "the speaker stopped taking sound"


SILENCE_LIMIT_S: Final = 2.0
"""An open microphone that delivers exact zeros, or no samples, for so long delivers nothing: any
real one hums."""

OPEN_LOOK_S: Final = 0.5
"""Longest time between two looks at an open microphone."""

SILENT_LOOK_S: Final = 0.2
"""The same while it delivers nothing: the first sound is to be told at once."""


@dataclass(slots=True)
class _Counter:
    """One counter that should advance while it is watched."""

    limit_s: float
    value: float | None = None
    moved_at: float = 0.0

    def is_stuck(self, value: float | None, now: Seconds) -> bool:
        """Take a reading; None where the counter need not advance now."""
        if value is None or value != self.value or self.value is None:
            self.moved_at = now
        self.value = value
        return value is not None and now - self.moved_at >= self.limit_s


class AudioWatchdog:
    """Looks at the capture and playout counters once per measurement."""

    def __init__(self) -> None:
        self._looked_at: Seconds | None = None
        self._capture = _Counter(CAPTURE_LIMIT_S)
        self._playout = _Counter(PLAYOUT_LIMIT_S)

    def restart(self) -> None:
        """Begin anew: counters may start from zero, as after a reconnect."""
        self._looked_at = None
        self._capture = _Counter(CAPTURE_LIMIT_S)
        self._playout = _Counter(PLAYOUT_LIMIT_S)

    def look(
        self, now: Seconds, *, capture_s: float | None, playout_samples: float | None
    ) -> str | None:
        """Take readings.

        Args:
            now: Monotonic time.
            capture_s: Sound captured so far; None while the microphone is muted or absent.
            playout_samples: Samples pulled for playout so far; None where nobody is heard.

        Returns:
            What stopped, in words for people; None while all is well.
        """
        if self._looked_at is not None and now - self._looked_at > MAX_GAP_S:
            self._capture.moved_at = self._playout.moved_at = now
        self._looked_at = now
        capture_stuck = self._capture.is_stuck(capture_s, now)
        playout_stuck = self._playout.is_stuck(playout_samples, now)
        if capture_stuck:
            return CAPTURE_LOST
        return PLAYOUT_LOST if playout_stuck else None


class SilenceWatch:
    """Notices an open microphone in which nothing is to be heard; time is passed in."""

    def __init__(self) -> None:
        self._energy = _Counter(SILENCE_LIMIT_S)
        self._looked_at: Seconds | None = None
        self.is_silent = False

    @property
    def look_within(self) -> float:
        """Longest time to the next look, in seconds."""
        if self.is_silent:
            return SILENT_LOOK_S
        return OPEN_LOOK_S if self._energy.value is not None else math.inf

    def look(self, now: Seconds, energy: float | None) -> bool:
        """Take a reading.

        Args:
            now: Monotonic time.
            energy: Captured so far; None while the microphone is muted, absent or anew.

        Returns:
            Whether `is_silent` changed.
        """
        if self._looked_at is not None and now - self._looked_at > MAX_GAP_S:
            self._energy.moved_at = now
        self._looked_at = now
        was_silent = self.is_silent
        self.is_silent = self._energy.is_stuck(energy, now)
        return self.is_silent != was_silent
