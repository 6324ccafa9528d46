"""How loud what we capture ourselves is, before and after it was cleaned."""

from collections import deque
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from woxly_tui.media.playout_buffer import Samples

MAX_FRAMES: Final = 100
"""Not measured yet; more than wait between two looks."""

_FULL: Final = 32768


class Peaks(NamedTuple):
    """The loudest samples since the last look; 0 to 1."""

    raw: float
    """As the device gives it."""
    clean: float
    """Without echo and noise."""


class PeakMeter:
    """Written by the thread that captures, which has better to do; measured by the event loop."""

    def __init__(self) -> None:
        self._frames: deque[tuple[Samples, Samples]] = deque(maxlen=MAX_FRAMES)
        self._raw = 0
        self._clean = 0
        self._heard_frames = 0

    def note(self, raw: Samples, clean: Samples) -> None:
        """Take the same 10 ms twice; they do not change any more."""
        self._frames.append((raw, clean))

    def take(self) -> Peaks:
        """Look, and begin anew."""
        self._measure()
        peaks = Peaks(self._raw / _FULL, self._clean / _FULL)
        self._raw = self._clean = 0
        return peaks

    @property
    def heard_frames(self) -> int:
        """Captured frames that held any sound; zeros alone come from no microphone that works."""
        self._measure()
        return self._heard_frames

    def _measure(self) -> None:
        frames = [self._frames.popleft() for _ in range(len(self._frames))]
        if not frames:
            return
        self._heard_frames += sum(bool(raw.any()) for raw, _ in frames)
        self._raw = max(self._raw, _peak([raw for raw, _ in frames]))
        self._clean = max(self._clean, _peak([clean for _, clean in frames]))


def _peak(frames: Sequence[Samples]) -> int:
    samples = np.concatenate(frames)
    return max(int(samples.max(initial=0)), -int(samples.min(initial=0)))
