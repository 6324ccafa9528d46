"""Sound of one rate and size of block made into another, without waiting for more of it."""

from typing import Final

import numpy as np
import numpy.typing as npt
from livekit import rtc

from woxly_tui.media.playout_buffer import FRAME_SAMPLES, Samples

TAPS: Final = 63
"""Of the low-pass before a rate far below: 0.65 ms at 48 kHz."""


class PcmFifo:
    """Samples in any number in, whole frames out. One thread."""

    def __init__(self) -> None:
        self._rest: Samples = np.zeros(0, dtype=np.int16)

    def put(self, samples: Samples) -> list[Samples]:
        """Add samples; returns the frames that are whole by now."""
        joined = np.concatenate((self._rest, samples)) if len(self._rest) else samples
        whole = len(joined) // FRAME_SAMPLES
        self._rest = joined[whole * FRAME_SAMPLES :]
        return [joined[i * FRAME_SAMPLES : (i + 1) * FRAME_SAMPLES] for i in range(whole)]


class RateConverter:
    """From one rate to another; nothing where they are the same. One thread.

    The SDK's better resamplers hand over bursts of 20 to 80 ms, which no call can wait for. Its
    quickest gives at once what was put in, but folds what the lower rate cannot carry back into
    speech; that is taken away before.
    """

    def __init__(self, from_hz: int, to_hz: int) -> None:
        self._from_hz = from_hz
        self._resampler = None
        self._filter: npt.NDArray[np.float32] | None = None
        if from_hz == to_hz:
            return
        quick = rtc.AudioResamplerQuality.QUICK
        self._resampler = rtc.AudioResampler(from_hz, to_hz, quality=quick)
        if to_hz < from_hz:
            self._filter = _low_pass(0.45 * to_hz / from_hz)
            self._before: npt.NDArray[np.float32] = np.zeros(TAPS - 1, dtype=np.float32)

    def convert(self, samples: Samples) -> Samples:
        """As many samples as last as long."""
        if self._resampler is None:
            return samples
        if self._filter is not None:
            sound = np.concatenate((self._before, samples.astype(np.float32)))
            self._before = sound[len(sound) - TAPS + 1 :]
            smooth = np.convolve(sound, self._filter, mode="valid")
            samples = np.clip(smooth, -32_768, 32_767).astype(np.int16)
        frame = rtc.AudioFrame(samples.tobytes(), self._from_hz, 1, len(samples))
        parts = [np.frombuffer(f.data, dtype=np.int16) for f in self._resampler.push(frame)]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int16)


def _low_pass(edge: float) -> npt.NDArray[np.float32]:
    """A windowed sinc that lets pass what is below that share of the rate."""
    at = np.arange(TAPS) - (TAPS - 1) / 2
    taps = 2 * edge * np.sinc(2 * edge * at) * np.blackman(TAPS)
    normal: npt.NDArray[np.float32] = (taps / taps.sum()).astype(np.float32)
    return normal
