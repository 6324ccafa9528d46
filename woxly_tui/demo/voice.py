"""Speech-like sound without words: a buzzing source shaped by the formants of vowels.

pitch contour ─► harmonics ─┐
vowels ─► formant gains ────┴─► times syllable envelope ──┐
noise ─► high-pass ─► times consonant envelope ──────────┴─► sum ─► level
"""

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Samples: TypeAlias = NDArray[np.int16]
_Floats: TypeAlias = NDArray[np.floating[Any]]

RATE_HZ: Final = 24_000

TALK_DBFS: Final = -26.0
"""RMS of an utterance: pleasant on headphones, and quieter than a newcomer's own voice."""

_CONTROL_HZ: Final = 200
"""Rate of the slowly changing parts: pitch, formants, envelopes."""

_TOP_HZ: Final = 4_500.0
_MAX_HARMONICS: Final = 40

_VOWELS: Final = np.array(
    [(730, 1090, 2440), (530, 1840, 2480), (390, 1990, 2550), (570, 840, 2410), (300, 870, 2240)],
    dtype=np.float32,
)
"""First three formants in Hz of a, e, i, o, u as a grown man says them."""

_WIDTHS_HZ: Final = np.array((90, 130, 180), dtype=np.float32)
_FORMANT_GAINS: Final = np.array((1.0, 0.55, 0.25), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Voice:
    """What tells one speaker from another."""

    pitch_hz: float
    size: float
    """Factor on the formants: above 1 for a shorter throat."""
    pace: float
    """Syllables a second."""


ANN: Final = Voice(pitch_hz=205.0, size=1.16, pace=4.8)
BEN: Final = Voice(pitch_hz=112.0, size=0.97, pace=4.1)


@dataclass(slots=True)
class _Score:
    """Control tracks of one utterance, all of one length."""

    pitch_hz: _Floats
    formants_hz: _Floats
    voiced: _Floats
    breath: _Floats


def utterance(voice: Voice, seconds: float, rng: np.random.Generator) -> Samples:
    """A sentence of about the given length, at RATE_HZ and TALK_DBFS."""
    score = _compose(voice, seconds, rng)
    control = np.arange(len(score.voiced), dtype=np.float32) / _CONTROL_HZ
    times = np.arange(int(seconds * RATE_HZ), dtype=np.float32) / RATE_HZ
    sound = _sing(score, control, times)
    noise = np.diff(rng.standard_normal(len(times) + 1).astype(np.float32))
    sound += 0.05 * noise * np.interp(times, control, score.breath).astype(np.float32)
    return _at_level(sound)


def _compose(voice: Voice, seconds: float, rng: np.random.Generator) -> _Score:
    steps = int(seconds * _CONTROL_HZ)
    voiced = np.zeros(steps, dtype=np.float32)
    breath = np.zeros(steps, dtype=np.float32)
    formants = np.tile(_VOWELS[0] * voice.size, (steps, 1))
    at = np.arange(steps, dtype=np.float32) / max(steps, 1)
    pitch = voice.pitch_hz * (1.08 - 0.22 * at)
    start = 0
    while start < steps - 12:
        length = int(_CONTROL_HZ / voice.pace * rng.uniform(0.75, 1.3))
        end = min(start + length, steps)
        consonant = start + int((end - start) * rng.uniform(0.12, 0.28))
        if rng.random() < 0.6:
            breath[start:consonant] = np.hanning(consonant - start)
        vowel = end - consonant
        voiced[consonant:end] = rng.uniform(0.6, 1.0) * _bump(vowel)
        formants[start:end] = _VOWELS[rng.integers(len(_VOWELS))] * voice.size
        accent = rng.uniform(-0.04, 0.16) if rng.random() < 0.5 else 0.0
        pitch[consonant:end] *= 1.0 + accent * np.hanning(vowel).astype(np.float32)
        pause = 0.12 if rng.random() < 0.15 else 0.0
        start = end + int(pause * _CONTROL_HZ)
    glide = np.hanning(15).astype(np.float32)
    glide /= glide.sum()
    for column in range(formants.shape[1]):
        padded = np.pad(formants[:, column], 7, mode="edge")
        formants[:, column] = np.convolve(padded, glide, mode="valid")
    return _Score(pitch.astype(np.float32), formants.astype(np.float32), voiced, breath)


def _bump(length: int) -> _Floats:
    """A syllable's loudness: quick rise, slow fall, never a click."""
    at = np.linspace(0.0, 1.0, length, dtype=np.float32)
    bump: _Floats = np.minimum(np.minimum(at / 0.2, 1.0), np.minimum((1.0 - at) / 0.4, 1.0))
    return bump


def _sing(score: _Score, control: _Floats, times: _Floats) -> _Floats:
    pitch = np.interp(times, control, score.pitch_hz)
    turn = np.exp(2j * np.pi * np.cumsum(pitch) / RATE_HZ).astype(np.complex64)
    harmonic, sound = turn.copy(), np.zeros(len(times), dtype=np.float32)
    for number in range(1, _MAX_HARMONICS + 1):
        hertz = score.pitch_hz * number
        if hertz.min() > _TOP_HZ:
            break
        off = (hertz[:, None] - score.formants_hz) / _WIDTHS_HZ
        gain = (_FORMANT_GAINS / (1.0 + off * off)).sum(axis=1) + 0.01
        gain = gain * score.voiced / number**0.5
        sound += np.interp(times, control, gain).astype(np.float32) * harmonic.imag
        harmonic *= turn
    return sound


def _at_level(sound: _Floats) -> Samples:
    """Bring the RMS to TALK_DBFS, soften peaks, fade both ends."""
    rms = float(np.sqrt(np.mean(sound * sound))) or 1.0
    scaled = np.tanh(sound * (10.0 ** (TALK_DBFS / 20.0) / rms) * 1.2) / 1.2
    fade = min(len(scaled) // 4, RATE_HZ // 50)
    if fade:
        ramp = np.linspace(0.0, 1.0, fade, dtype=np.float32)
        scaled[:fade] *= ramp
        scaled[-fade:] *= ramp[::-1]
    samples: Samples = np.round(scaled * 32767.0).astype(np.int16)
    return samples
