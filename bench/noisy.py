"""Speech with noise in it, made here: the same for everybody who measures."""

import math
import subprocess
import wave
from io import BytesIO
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
from livekit import rtc

RATE_HZ: Final = 48_000

Wave: TypeAlias = npt.NDArray[np.float64]
"""Mono; full scale is 1."""

SENTENCES: Final = (
    ("en-gb", "The birch canoe slid on the smooth planks, and the sheet was glued to the wall."),
    ("en-us+f3", "It is easy to tell the depth of a well. Rice is often served in round bowls."),
    ("en-gb-x-rp+m3", "Four hours of steady work faced us. The juice of lemons makes fine punch."),
)

SPEECH_DBFS: Final = -26.0
"""Mean level of the speech, as telephony measures it."""


def speech(voice: str, text: str) -> Wave:
    """Somebody made of software says it."""
    said = subprocess.run(
        ["espeak-ng", "-v", voice, "-s", "150", "--stdout", text], capture_output=True, check=True
    )
    with wave.open(BytesIO(said.stdout)) as file:
        rate_hz = file.getframerate()
        samples = np.frombuffer(file.readframes(10**8), dtype=np.int16)
    sound = resampled(samples / 32768, rate_hz, RATE_HZ)
    pause = np.zeros(RATE_HZ)
    sound = np.concatenate((pause, sound, pause))
    sound = sound[: len(sound) // 480 * 480]
    return sound * 10 ** (SPEECH_DBFS / 20) / rms(sound[np.abs(sound) > 0.01])


def keyboard(length: int, seed: int = 1) -> Wave:
    """Somebody types: each key is a press and a release, wide in frequency and over at once."""
    dice = np.random.default_rng(seed)
    sound = np.zeros(length + RATE_HZ)
    at = 0
    while at < length:
        for after_s, loud in ((0.0, 1.0), (dice.uniform(0.06, 0.12), dice.uniform(0.3, 0.6))):
            start = at + int(after_s * RATE_HZ)
            click = _click(dice) * loud * dice.uniform(0.5, 1.0)
            sound[start : start + len(click)] += click
        at += int(dice.uniform(0.09, 0.25) * RATE_HZ)
    return sound[:length]


def _click(dice: np.random.Generator) -> Wave:
    t = np.arange(int(0.03 * RATE_HZ)) / RATE_HZ
    body = sum(
        dice.uniform(0.3, 1.0) * np.sin(2 * np.pi * hz * t + dice.uniform(0, 6))
        for hz in dice.uniform(600, 6500, 6)
    )
    hit = dice.normal(size=len(t)) * np.exp(-t / 0.0015)
    return np.asarray(body * np.exp(-t / 0.006) * 0.4 + hit)


def fan(length: int, seed: int = 2) -> Wave:
    """A fan: rumble, air, and the hum of its motor."""
    dice = np.random.default_rng(seed)
    spectrum = np.fft.rfft(dice.normal(size=length))
    hz = np.fft.rfftfreq(length, 1 / RATE_HZ)
    air = np.fft.irfft(spectrum / np.sqrt(1 + (hz / 300) ** 2), length)
    t = np.arange(length) / RATE_HZ
    return np.asarray(air / rms(air) + 0.3 * np.sin(2 * np.pi * 118 * t))


def mixed(clean: Wave, noise: Wave, snr_db: float) -> Wave:
    """Both together, the noise so many dB below the speech while it lasts."""
    spoken = rms(clean[np.abs(clean) > 0.01])
    return clean + noise * spoken / rms(noise) * 10 ** (-snr_db / 20)


def rms(sound: Wave) -> float:
    """Root of the mean square."""
    return math.sqrt(float(np.mean(sound**2))) + 1e-12


def resampled(sound: Wave, from_hz: int, to_hz: int) -> Wave:
    """The same at another rate."""
    resampler = rtc.AudioResampler(from_hz, to_hz, quality=rtc.AudioResamplerQuality.VERY_HIGH)
    samples = (np.clip(sound, -1, 1) * 32767).astype(np.int16)
    frame = rtc.AudioFrame(samples.tobytes(), from_hz, 1, len(samples))
    frames = [*resampler.push(frame), *resampler.flush()]
    parts = [np.frombuffer(f.data, dtype=np.int16) for f in frames]
    return np.concatenate(parts) / 32768
