"""Keeps a sum of voices below full scale, without clipping and without being heard doing so."""

from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

FULL_SCALE: Final = 32_767.0

THRESHOLD: Final = 0.85 * FULL_SCALE
"""Peak above which a block is turned down."""

KNEE: Final = 0.8 * FULL_SCALE
"""What a sudden peak still has above this is bent, so that it never goes beyond CEILING."""

CEILING: Final = 0.99 * FULL_SCALE

RELEASE: Final = 0.04
"""Share of the way back to unity in one block: most of it within a quarter of a second."""

ATTACK_SAMPLES: Final = 48
"""1 ms: the gain is down before the ear notices, and no edge is heard."""

Sound: TypeAlias = npt.NDArray[np.float32]

_ROOM: Final = CEILING - KNEE
_RAMP: Final = np.linspace(0, 1, ATTACK_SAMPLES, dtype=np.float32)


class Limiter:
    """Turns blocks down as a whole, fast, and up again, slowly. One thread."""

    def __init__(self) -> None:
        self._gain = 1.0

    @property
    def gain(self) -> float:
        """What the last block was multiplied with at its end."""
        return self._gain

    def process(self, sound: Sound) -> Sound:
        """Limit one block, in the scale of 16 bits.

        Args:
            sound: Changed in place.

        Returns:
            The same block, every sample within full scale.
        """
        peak = float(np.abs(sound).max(initial=0.0))
        before = self._gain
        if peak * before <= THRESHOLD and before == 1.0:
            return sound
        wanted = min(1.0, THRESHOLD / peak) if peak > 0 else 1.0
        if wanted < before:
            self._gain = wanted
            sound[:ATTACK_SAMPLES] *= before + (wanted - before) * _RAMP[: len(sound)]
            sound[ATTACK_SAMPLES:] *= wanted
        else:
            after = before + (wanted - before) * RELEASE
            self._gain = 1.0 if after > 0.999 else after
            sound *= np.linspace(before, self._gain, len(sound), dtype=np.float32)
        return _bend(sound)


def _bend(sound: Sound) -> Sound:
    size = np.abs(sound)
    over = size > KNEE
    if over.any():
        bent = KNEE + _ROOM * np.tanh((size[over] - KNEE) / _ROOM)
        sound[over] = np.copysign(bent, sound[over])
    return sound
