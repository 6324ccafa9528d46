"""The SDK's AudioProcessingModule, fed with as little ado as can be: it runs a hundred times a
second, and each of the SDK's own calls costs as much as what it asks for."""

from typing import Final

import numpy as np
from livekit import rtc

from woxly_tui.media import ffi
from woxly_tui.media.messages import Shaping
from woxly_tui.media.playout_buffer import FRAME_SAMPLES, RATE_HZ, Samples

MAX_DELAY_MS: Final = 500
"""Of the echo, as the canceller is told it."""

DELAY_STEP_MS: Final = 3
"""Smaller changes are not told: the canceller finds the delay by itself, from near there."""


class Processing:
    """Echo cancelling, noise suppression, gain control, rumble filter. One thread.

    Args:
        shaping: Which of them.
    """

    def __init__(self, shaping: Shaping) -> None:
        self._module = rtc.AudioProcessingModule(
            echo_cancellation=shaping.echo_cancellation,
            noise_suppression=shaping.noise_suppression,
            high_pass_filter=shaping.high_pass,
            auto_gain_control=shaping.auto_gain,
        )
        self._near: Samples = np.zeros(FRAME_SAMPLES, dtype=np.int16)
        self._far: Samples = np.zeros(FRAME_SAMPLES, dtype=np.int16)
        self._delay_ms = -MAX_DELAY_MS
        self._requests = ffi.processing_requests(
            self._module,
            self._near.ctypes.data,
            self._far.ctypes.data,
            RATE_HZ,
            self._near.nbytes,
        )

    def show(self, played: Samples) -> None:
        """These 10 ms were played."""
        if self._requests is not None:
            self._far[:] = played
            self._requests[1].send()

    def set_delay(self, delay_s: float) -> None:
        """A sound shown is captured, as an echo, so much later."""
        delay_ms = min(MAX_DELAY_MS, round(1000 * delay_s))
        if abs(delay_ms - self._delay_ms) >= DELAY_STEP_MS:
            self._delay_ms = delay_ms
            self._module.set_stream_delay_ms(delay_ms)

    def clean(self, captured: Samples) -> Samples:
        """10 ms that were captured, cleaned; as they are where the library refuses."""
        if self._requests is None:
            return captured
        self._near[:] = captured
        self._requests[0].send()
        return self._near.copy()
