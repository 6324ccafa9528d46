"""What becomes of captured sound before it is sent: cleaned, then made louder or softer.

captured ─► echo, noise, gain control, rumble ─► keyboards ─► gate ─► own gain, limiter ─► sent
                  ▲ what was played, frame for frame
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from livekit import rtc

from woxly_tui.media.echo_reference import EchoReference
from woxly_tui.media.limiter import Limiter
from woxly_tui.media.messages import Shaping
from woxly_tui.media.playout_buffer import FRAME_SAMPLES, RATE_HZ, Samples
from woxly_tui.media.strong_suppression import StrongSuppression
from woxly_tui.media.voice_gate import VoiceGate

MAX_DELAY_MS: Final = 500
"""Of the echo, as the canceller is told it."""

_RAMP: Final = np.linspace(0, 1, FRAME_SAMPLES, dtype=np.float32)


class Cleaner:
    """The SDK's AudioProcessingModule and a gain. `clean` from one thread, `played` from one
    other, `shape` from the event loop.

    Args:
        delay_s: How long after it is handed over for playing a sound is captured, at least.
    """

    def __init__(self, delay_s: Callable[[], float]) -> None:
        self._delay_s = delay_s
        self._reference = EchoReference()
        self._limiter = Limiter()
        self.gate = VoiceGate()
        self.strong = StrongSuppression()
        self._shaping = Shaping()
        self._processing = _processing(self._shaping)
        """Replaced as a whole: the library changes none of its parts while it lives."""
        self._wants_reference = self._shaping.echo_cancellation
        self._gain = 1.0
        self._used_gain = 1.0
        """What the last frame ended with: changes are ramps. Written by the capture thread."""

    def shape(self, shaping: Shaping) -> None:
        """Clean and amplify like this from the next frame on."""
        before, self._shaping = self._shaping, shaping
        self.gate.set(shaping.gate)
        self.strong.set(on=shaping.strong_suppression)
        self._gain = 10 ** (shaping.mic_gain_db / 20)
        if _cleaning(before) == _cleaning(shaping):
            return
        self._processing = _processing(shaping)
        self._wants_reference = shaping.echo_cancellation

    def played(self, frame: Samples) -> None:
        """This is about to be played."""
        if self._wants_reference:
            self._reference.put(frame)

    def clean(self, samples: Samples) -> Samples:
        """Clean 10 ms that were captured."""
        processing = self._processing
        if processing is not None:
            if self._wants_reference:
                for played in self._reference.take():
                    processing.process_reverse_stream(_frame(played))
                processing.set_stream_delay_ms(min(MAX_DELAY_MS, round(1000 * self._delay_s())))
            frame = _frame(samples)
            processing.process_stream(frame)
            samples = np.frombuffer(frame.data, dtype=np.int16)
        samples = self.gate.process(self.strong.process(samples))
        before, self._used_gain = self._used_gain, self._gain
        if before == self._used_gain == 1.0:
            return samples
        ramp = before + (self._used_gain - before) * _RAMP[: len(samples)]
        return self._limiter.process(samples * ramp).astype(np.int16)


def _cleaning(shaping: Shaping) -> tuple[bool, bool, bool, bool]:
    return (
        shaping.echo_cancellation,
        shaping.noise_suppression,
        shaping.high_pass,
        shaping.auto_gain,
    )


def _processing(shaping: Shaping) -> rtc.AudioProcessingModule | None:
    """What does so much; None where nothing is to be done."""
    if not any(_cleaning(shaping)):
        return None
    return rtc.AudioProcessingModule(
        echo_cancellation=shaping.echo_cancellation,
        noise_suppression=shaping.noise_suppression,
        high_pass_filter=shaping.high_pass,
        auto_gain_control=shaping.auto_gain,
    )


def _frame(samples: Samples) -> rtc.AudioFrame:
    """10 ms that the library may change."""
    return rtc.AudioFrame(bytearray(samples.tobytes()), RATE_HZ, 1, FRAME_SAMPLES)
