"""Leaves 10 ms out of a pause of ours, so that those who hear us need not wait for them.

A receiver's jitter buffer, NetEq, makes its delay shorter only where that stands 20 ms above what
it needs (WebRTC's `decision_logic.cc`). A late packet or an unlucky beginning is then heard late
for as long as the call lasts. The sender can help: what it leaves out the receivers play that much
sooner.
"""

import logging
from typing import Final

import numpy as np

from woxly_tui.media.playout_buffer import Samples

PAUSE_PEAK: Final = 104
"""No sound of a pause is louder, -50 dBFS."""

PAUSE_FRAMES: Final = 10
"""Frames of a pause before one is left out: none between two words."""

REST_FRAMES: Final = 600
"""Fewest frames from one to the next: so long may it take until we are told what the receivers
hold after it. Twice as many where that was in vain, for we are asked again soon."""

MOST_REST_FRAMES: Final = 90_000

SEAM_SAMPLES: Final = 96
"""2 ms: short enough for what comes after a pause to begin sharply."""

_UP: Final = np.linspace(0, 1, SEAM_SAMPLES, dtype=np.float32)
_DOWN: Final = _UP[::-1].copy()

_log = logging.getLogger(__name__)


class PauseTrim:
    """`is_wanted` is set from the event loop; the rest is used from the thread that captures."""

    def __init__(self) -> None:
        self.is_wanted = False
        """All who hear us hold more than they need."""
        self._is_old = False
        """That was told of what was sent before the microphone was closed."""
        self._left_out: Samples | None = None
        self._pause_frames = 0
        self._rest_frames = REST_FRAMES
        self._frames_since = MOST_REST_FRAMES

    def interrupt(self) -> None:
        """Nothing is sent just now, or it fades."""
        self._is_old = self.is_wanted
        self._left_out = None
        self._pause_frames = 0

    def process(self, frame: Samples) -> Samples | None:
        """What is sent of 10 ms; None where they are left out."""
        self._frames_since += 1
        if (left_out := self._left_out) is not None:
            self._left_out = None
            return _join(left_out, frame)
        is_quiet = frame.max() <= PAUSE_PEAK and frame.min() >= -PAUSE_PEAK
        self._pause_frames = self._pause_frames + 1 if is_quiet else 0
        self._is_old = self._is_old and self.is_wanted
        if not self.is_wanted or self._is_old or self._pause_frames < PAUSE_FRAMES:
            return frame
        if self._frames_since < self._rest_frames:
            return frame
        is_soon = self._frames_since < 2 * self._rest_frames
        self._rest_frames = min(MOST_REST_FRAMES, 2 * self._rest_frames) if is_soon else REST_FRAMES
        self._frames_since = 0
        self._left_out = frame
        _log.info("10 ms left out of a pause; again after %d s at least", self._rest_frames // 100)
        return None


def _join(left_out: Samples, frame: Samples) -> Samples:
    """A frame that begins as the one left out did: the frame before that fits."""
    joined = frame.copy()
    seam = left_out[:SEAM_SAMPLES] * _DOWN + frame[:SEAM_SAMPLES] * _UP
    joined[:SEAM_SAMPLES] = seam.astype(np.int16)
    return joined
