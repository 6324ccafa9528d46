"""Short sweeps to send somewhere, and how late and how loud they come back.

chirp ─ gap ─ chirp ─ gap ─ …  ──► a way ──► what was heard ──match──► when each came
"""

import math
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

RATE_HZ: Final = 48_000
FRAME_SAMPLES: Final = RATE_HZ // 100

Samples: TypeAlias = NDArray[np.int16]

SILENT_DBFS: Final = -120.0
"""What digital silence reads as."""

LIKENESS: Final = 0.35
"""How like a chirp something must be to be taken for one; noise reaches about 0.15."""

_LONG_S: Final = 0.1
_LOW_HZ: Final = 500.0
_HIGH_HZ: Final = 3500.0
"""What small loudspeakers play, and what every codec keeps."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A chirp found: its first sample, and how like the original it is, 0 to 1."""

    at: int
    likeness: float


def chirp(peak_dbfs: float) -> Samples:
    """A linear sweep with soft edges, 0.1 s."""
    t = np.arange(int(RATE_HZ * _LONG_S)) / RATE_HZ
    phase = 2 * np.pi * (_LOW_HZ * t + (_HIGH_HZ - _LOW_HZ) / (2 * _LONG_S) * t * t)
    sweep = 32767 * 10 ** (peak_dbfs / 20) * np.sin(phase) * np.hanning(len(t))
    samples: Samples = sweep.astype(np.int16)
    return samples


def train(count: int, every_s: float, peak_dbfs: float) -> Samples:
    """So many chirps, each followed by silence."""
    one = chirp(peak_dbfs)
    return np.tile(np.pad(one, (0, int(RATE_HZ * every_s) - len(one))), count)


def find(heard: Samples) -> Arrival | None:
    """The chirp in a stretch of sound that is most like one; None where nothing is."""
    wanted = chirp(-1.0).astype(np.float64)
    if len(heard) < len(wanted):
        return None
    sound = heard.astype(np.float64)
    size = 1 << (len(sound) + len(wanted)).bit_length()
    spectrum = np.fft.rfft(sound, size) * np.conj(np.fft.rfft(wanted, size))
    places = len(sound) - len(wanted) + 1
    match = np.abs(np.fft.irfft(spectrum, size)[:places])
    power = np.concatenate(([0.0], np.cumsum(sound * sound)))
    energy = power[len(wanted) :] - power[:places]
    # A floor of half a bit: what is quieter than rounding is like nothing.
    scale = np.sqrt(np.maximum(energy, len(wanted) * 0.25) * float(wanted @ wanted))
    likeness = match / scale
    at = int(np.argmax(likeness))
    return Arrival(at, float(likeness[at])) if likeness[at] >= LIKENESS else None


def dbfs(samples: NDArray[Any]) -> float:
    """RMS level; SILENT_DBFS for exact silence."""
    if not len(samples):
        return SILENT_DBFS
    wide = samples.astype(np.float64) / 32768.0
    power = float(wide @ wide) / len(wide)
    return max(10 * math.log10(power), SILENT_DBFS) if power > 0 else SILENT_DBFS
