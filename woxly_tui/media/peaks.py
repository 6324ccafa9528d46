"""How loud what we capture ourselves is, before and after it was cleaned."""

from typing import Final, NamedTuple

from woxly_tui.media.playout_buffer import Samples

_FULL: Final = 32768


class Peaks(NamedTuple):
    """The loudest samples since the last look; 0 to 1."""

    raw: float
    """As the device gives it."""
    clean: float
    """Without echo and noise."""


class PeakMeter:
    """Written by the thread that captures, read by the event loop; a look may miss a frame."""

    def __init__(self) -> None:
        self._raw = 0
        self._clean = 0
        self.heard_frames = 0
        """Captured frames that held any sound; zeros alone come from no microphone that works."""

    def note(self, raw: Samples, clean: Samples) -> None:
        """Take the same 10 ms twice."""
        peak = _peak(raw)
        self.heard_frames += peak > 0
        self._raw = max(self._raw, peak)
        self._clean = max(self._clean, _peak(clean))

    def take(self) -> Peaks:
        """Look, and begin anew."""
        peaks = Peaks(self._raw / _FULL, self._clean / _FULL)
        self._raw = self._clean = 0
        return peaks


def _peak(samples: Samples) -> int:
    return max(int(samples.max(initial=0)), -int(samples.min(initial=0)))
