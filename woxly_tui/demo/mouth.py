"""What one bot is about to say, cut into the frames that its audio source takes."""

from typing import Final

import numpy as np

from woxly_tui.demo.voice import Samples

FRAME_MS: Final = 100
_FADE_MS: Final = 60


class Mouth:
    """Holds one utterance at a time."""

    def __init__(self, rate_hz: int) -> None:
        self.rate_hz = rate_hz
        self.frame_samples = rate_hz * FRAME_MS // 1000
        self._left: Samples = np.zeros(0, dtype=np.int16)

    @property
    def is_silent(self) -> bool:
        """Nothing is left to say."""
        return len(self._left) == 0

    def say(self, samples: Samples) -> None:
        """Begin an utterance, in place of what is left of the last."""
        self._left = samples

    def hush(self) -> None:
        """Fade out and stop."""
        ending = self._left[: self.rate_hz * _FADE_MS // 1000]
        fade = np.linspace(1.0, 0.0, len(ending), dtype=np.float32)
        self._left = (ending * fade).astype(np.int16)

    def next_frame(self) -> Samples | None:
        """The next FRAME_MS, the last one filled up with silence; None in silence."""
        if self.is_silent:
            return None
        frame, self._left = self._left[: self.frame_samples], self._left[self.frame_samples :]
        if len(frame) < self.frame_samples:
            frame = np.pad(frame, (0, self.frame_samples - len(frame)))
        return frame
