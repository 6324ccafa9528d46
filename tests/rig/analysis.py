"""Sounds to play, and what can be found in a recording of them."""

import math
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

Samples: TypeAlias = npt.NDArray[np.float32]
"""Mono, full scale is 1."""

RATE_HZ: Final = 48_000
"""Of everything the rig plays, and of what it records from devices."""

SILENT_DBFS: Final = -120.0
"""What digital silence reads as."""

FRAME_MS: Final = 10
"""Step in which energy is judged."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A stretch of recorded sound; `start_s` is on the monotonic clock."""

    samples: Samples
    rate_hz: int
    start_s: float

    @property
    def duration_s(self) -> float:
        return len(self.samples) / self.rate_hz


@dataclass(frozen=True, slots=True)
class Arrival:
    """A sound found: when its first sample came, and how like the original it is (0 to 1)."""

    at_s: float
    likeness: float


def chirp(
    duration_s: float = 0.1, low_hz: float = 600.0, high_hz: float = 4000.0, peak: float = 0.5
) -> Samples:
    """A linear sweep with soft edges: short, and like nothing else in the room."""
    t = np.arange(int(RATE_HZ * duration_s)) / RATE_HZ
    phase = 2 * np.pi * (low_hz * t + (high_hz - low_hz) / (2 * duration_s) * t * t)
    return (peak * np.sin(phase) * np.hanning(len(t))).astype(np.float32)


def tone(hz: float, duration_s: float, level_dbfs: float) -> Samples:
    """A sine with the given RMS level; a full-scale sine is -3 dBFS."""
    t = np.arange(int(RATE_HZ * duration_s)) / RATE_HZ
    peak = math.sqrt(2) * 10 ** (level_dbfs / 20)
    return (peak * np.sin(2 * np.pi * hz * t)).astype(np.float32)


def syllables(duration_s: float, level_dbfs: float, seed: int = 1) -> Samples:
    """Noise in the band and rhythm of speech, which no noise suppressor takes for noise.

    `level_dbfs` is the RMS of the loud part of a syllable.
    """
    rng = np.random.default_rng(seed)
    n = int(RATE_HZ * duration_s)
    spectrum = np.fft.rfft(rng.standard_normal(n))
    hz = np.fft.rfftfreq(n, 1 / RATE_HZ)
    spectrum[(hz < 250) | (hz > 3400)] = 0
    noise = np.fft.irfft(spectrum, n)
    noise *= 10 ** (level_dbfs / 20) / np.sqrt(np.mean(noise**2))
    beat = 0.5 - 0.5 * np.cos(2 * np.pi * 4 * np.arange(n) / RATE_HZ)
    return np.clip(noise * np.minimum(1, 2 * beat), -1, 1).astype(np.float32)


def hum(duration_s: float, level_dbfs: float, seed: int = 1) -> Samples:
    """Somebody who hums, note after note with soft edges: smooth as a tone, with nothing above
    2 kHz, and like a voice to suppressors of noise.

    `level_dbfs` is the RMS of a note.
    """
    rng = np.random.default_rng(seed)
    note, rest = int(RATE_HZ * 0.22), int(RATE_HZ * 0.1)
    edge = np.hanning(2 * int(RATE_HZ * 0.03))
    shape = np.ones(note)
    shape[: len(edge) // 2], shape[-len(edge) // 2 :] = np.split(edge, 2)
    t = np.arange(note) / RATE_HZ
    sound = np.zeros(int(RATE_HZ * duration_s), dtype=np.float32)
    for start in range(0, len(sound) - note, note + rest):
        pitch_hz = rng.uniform(150, 300)
        voice = sum(np.sin(2 * np.pi * k * pitch_hz * t) / k for k in range(1, 6)) * shape
        level = 10 ** (level_dbfs / 20) / np.sqrt(np.mean(voice**2))
        sound[start : start + note] = level * voice
    return sound


def dbfs(samples: Samples) -> float:
    """RMS level."""
    if not len(samples):
        return SILENT_DBFS
    power = float(np.mean(np.square(samples, dtype=np.float64)))
    return max(SILENT_DBFS, 10 * math.log10(power)) if power > 0 else SILENT_DBFS


def frame_levels(clip: Clip) -> npt.NDArray[np.float64]:
    """RMS in dBFS of each 10 ms."""
    size = clip.rate_hz * FRAME_MS // 1000
    whole = len(clip.samples) // size * size
    frames = clip.samples[:whole].reshape(-1, size).astype(np.float64)
    power = np.mean(frames**2, axis=1)
    levels: npt.NDArray[np.float64] = 10 * np.log10(np.maximum(power, 1e-12))
    return levels


def loudest_dbfs(clip: Clip) -> float:
    """RMS of the loudest 10 ms."""
    levels = frame_levels(clip)
    return float(levels.max()) if len(levels) else SILENT_DBFS


def longest_gap_s(clip: Clip, level_dbfs: float = -45.0) -> float:
    """The longest stretch without anything as loud as that; -45 is below any speech."""
    longest = run = 0
    for level in frame_levels(clip):
        run = run + 1 if level < level_dbfs else 0
        longest = max(longest, run)
    return longest * FRAME_MS / 1000


def last_louder_than(clip: Clip, level_dbfs: float) -> float | None:
    """When the last 10 ms above a level ended; None where none was."""
    loud = np.flatnonzero(frame_levels(clip) > level_dbfs)
    return clip.start_s + (int(loud[-1]) + 1) * FRAME_MS / 1000 if len(loud) else None


def tone_dbfs(clip: Clip, hz: float) -> float:
    """Level of one frequency (Goertzel, Hann window), as RMS dBFS of a sine there."""
    n = len(clip.samples)
    if not n:
        return SILENT_DBFS
    window = np.hanning(n)
    turn = np.exp(-2j * np.pi * hz / clip.rate_hz * np.arange(n))
    peak = 2 * abs(np.dot(clip.samples * window, turn)) / window.sum()
    return max(SILENT_DBFS, 20 * math.log10(max(peak / math.sqrt(2), 1e-6)))


def steady_tone_dbfs(clip: Clip, hz: float) -> float:
    """Level of a tone that may have been shifted by some milliseconds on its way: the median of
    short stretches, for across a shift a long one cancels itself.
    """
    size = int(clip.rate_hz * 0.05)
    starts = range(0, len(clip.samples) - size + 1, size)
    parts = [Clip(clip.samples[at : at + size], clip.rate_hz, clip.start_s) for at in starts]
    return float(np.median([tone_dbfs(part, hz) for part in parts])) if parts else SILENT_DBFS


def find_chirps(clip: Clip, wanted: Samples, least: float = 0.5) -> list[Arrival]:
    """Every place where `wanted` (at RATE_HZ) occurs, by normalised cross-correlation.

    Args:
        least: Likeness below which a peak is nothing.
    """
    template = _resampled(wanted, clip.rate_hz).astype(np.float64)
    template /= np.sqrt(np.sum(template**2))
    n, m = len(clip.samples), len(template)
    if n < m:
        return []
    size = 1 << (n + m - 1).bit_length()
    sound = clip.samples.astype(np.float64)
    product = np.fft.rfft(sound, size) * np.conj(np.fft.rfft(template, size))
    match = np.abs(np.fft.irfft(product, size)[: n - m + 1])
    energy = np.concatenate(([0.0], np.cumsum(sound**2)))
    local = np.sqrt(np.maximum(energy[m:] - energy[:-m], 0))
    # A stretch below -70 dBFS is nothing, however well its shape fits.
    quiet = local < math.sqrt(m) * 10 ** (-70 / 20)
    likeness = np.where(quiet, 0.0, match / np.where(quiet, 1.0, local))
    return _peaks(likeness, match, m, clip, least)


def _peaks(
    likeness: npt.NDArray[np.float64],
    match: npt.NDArray[np.float64],
    m: int,
    clip: Clip,
    least: float,
) -> list[Arrival]:
    found: list[Arrival] = []
    rest = np.where(likeness >= least, match, 0.0)
    while len(found) < 1000:
        at = int(np.argmax(rest))
        if rest[at] <= 0:
            break
        found.append(Arrival(clip.start_s + at / clip.rate_hz, float(likeness[at])))
        rest[max(0, at - m) : at + m] = 0
    return sorted(found, key=lambda arrival: arrival.at_s)


def _resampled(samples: Samples, rate_hz: int) -> Samples:
    """By Fourier, good enough for a band-limited template."""
    if rate_hz == RATE_HZ:
        return samples
    n = len(samples) * rate_hz // RATE_HZ
    spectrum = np.fft.rfft(samples)[: n // 2 + 1]
    return (np.fft.irfft(spectrum, n) * n / len(samples)).astype(np.float32)
