"""The voice gate: nothing is sent while the microphone is softer than a voice.

  level ≥ threshold          at once, ramped over the frame
SHUT ────────────────────────────────► OPEN
  ◄───────────────────────────────────
  below threshold - HYSTERESIS for HANGOVER, then faded over RELEASE
"""

from collections import deque
from typing import Final

import numpy as np

from woxly_tui.media.playout_buffer import FRAME_SAMPLES, Samples
from woxly_tui.types import SILENCE_DBFS, Dbfs

OFF: Final = "off"
AUTO: Final = "auto"

HYSTERESIS_DB: Final = 6.0
"""A voice that trembles at the threshold does not make the gate flutter."""

HANGOVER_FRAMES: Final = 30
"""Frames of 10 ms that the gate stays open after the last that was loud: an end of a word is
soft, and so is a pause between two."""

RELEASE_FRAMES: Final = 8

ATTACK_SAMPLES: Final = FRAME_SAMPLES // 4
"""How long the gate takes to open, within the frame that is loud: quick, and no click."""

MARGIN_DB: Final = 12.0
"""How far above the noise of the room `auto` puts the threshold."""

AUTO_LEAST: Final = Dbfs(-60.0)
AUTO_MOST: Final = Dbfs(-30.0)
"""Between these: neither is a silent room opened by a breath, nor a loud one shut for ever."""

_REMEMBERED: Final = 500
"""Levels from which `auto` learns the noise of the room: five seconds, in which all breathe."""

_QUIET_SHARE: Final = 10
"""Percent of them that are taken for that noise."""

_LEARN_EVERY: Final = 25


class VoiceGate:
    """Passes 10 ms or silences them. `process` from one thread, `set` from another.

    Args:
        wish: `off`, `auto`, or the threshold in dBFS as text.
    """

    def __init__(self, wish: str = OFF) -> None:
        self._levels: deque[float] = deque(maxlen=_REMEMBERED)
        self._since_learnt = 0
        self._left = 0
        self._gain = 1.0
        """What the last frame ended with."""
        self.level = SILENCE_DBFS
        """Of the last frame, before the gate. Written by the thread that processes."""
        self.threshold = AUTO_LEAST
        self.is_open = True
        self.set(wish)

    def set(self, wish: str) -> None:
        """Want another threshold, from the next frame on."""
        self._wish = wish
        if wish not in (OFF, AUTO):
            self.threshold = Dbfs(float(wish))

    @property
    def is_on(self) -> bool:
        """Whether anything is ever silenced."""
        return self._wish != OFF

    def process(self, samples: Samples) -> Samples:
        """The same 10 ms, or what the gate lets through of them."""
        if not self.is_on and self._gain == 1.0:
            return samples
        self.level = level_of(samples)
        self._learn()
        if self._is_wanted_open():
            before, self._gain = self._gain, 1.0
            self.is_open = True
            if before == 1.0:
                return samples
            ramp = np.ones(len(samples), dtype=np.float32)
            ramp[:ATTACK_SAMPLES] = np.linspace(before, 1, ATTACK_SAMPLES, dtype=np.float32)
            return (samples * ramp).astype(np.int16)
        before, self._gain = self._gain, max(0.0, self._gain - 1 / RELEASE_FRAMES)
        self.is_open = self._gain > 0
        if before == 0.0:
            return np.zeros(len(samples), dtype=np.int16)
        ramp = np.linspace(before, self._gain, len(samples), dtype=np.float32)
        return (samples * ramp).astype(np.int16)

    def _is_wanted_open(self) -> bool:
        if not self.is_on:
            return True
        if self.level >= self.threshold or (
            self._left > 0 and self.level >= self.threshold - HYSTERESIS_DB
        ):
            self._left = HANGOVER_FRAMES
            return True
        self._left = max(0, self._left - 1)
        return self._left > 0

    def _learn(self) -> None:
        self._levels.append(self.level)
        self._since_learnt += 1
        if self._wish == AUTO and self._since_learnt >= _LEARN_EVERY:
            self._since_learnt = 0
            noise = float(np.percentile(np.fromiter(self._levels, np.float64), _QUIET_SHARE))
            self.threshold = Dbfs(min(AUTO_MOST, max(AUTO_LEAST, noise + MARGIN_DB)))


def level_of(samples: Samples) -> Dbfs:
    """RMS of a frame."""
    power = float(np.mean(np.square(samples, dtype=np.float32)))
    if power <= 0:
        return SILENCE_DBFS
    return Dbfs(max(SILENCE_DBFS, float(10 * np.log10(power / 32768**2))))
