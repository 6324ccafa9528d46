"""What becomes of captured sound before it is sent: cleaned, then made louder or softer.

captured ─► echo, noise, gain control, rumble ─► keyboards ─► gate ─► own gain, limiter ─► sent
                  ▲ what was played, frame for frame

Noise is taken out once: what the SDK's suppression did to a voice costs the model that takes out
keyboards more than it helps, by `bench/noise.py`. While the model works, the SDK's rests.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np

from woxly_tui.media.echo_reference import EchoReference
from woxly_tui.media.limiter import Limiter
from woxly_tui.media.messages import Shaping
from woxly_tui.media.playout_buffer import FRAME_SAMPLES, Samples
from woxly_tui.media.processing import Processing
from woxly_tui.media.strong_suppression import StrongSuppression
from woxly_tui.media.voice_gate import VoiceGate

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
        self._relieved: Processing | None = None
        """The same without noise suppression, for while the strong one works."""
        self._wants_reference = self._shaping.echo_cancellation
        self._first_half: Samples | None = None
        """Of the frame about to be played. Written by the playout thread."""
        self._gain = 1.0
        self._used_gain = 1.0
        """What the last frame ended with: changes are ramps. Written by the capture thread."""

    def shape(self, shaping: Shaping) -> None:
        """Clean and amplify like this from the next frame on."""
        before, self._shaping = self._shaping, shaping
        self.gate.set(shaping.gate)
        self._gain = 10 ** (shaping.mic_gain_db / 20)
        is_new = _cleaning(before) != _cleaning(shaping)
        if is_new:
            self._processing = _processing(shaping)
            self._wants_reference = shaping.echo_cancellation
        if is_new or before.strong_suppression != shaping.strong_suppression:
            self._relieved = None
            if shaping.strong_suppression:
                self._relieved = _processing(replace(shaping, noise_suppression=False))
        self.strong.set(on=shaping.strong_suppression)

    def played(self, part: Samples) -> None:
        """These 5 ms are about to be played."""
        first, self._first_half = self._first_half, None
        if first is None:
            self._first_half = part
        elif self._wants_reference:
            self._reference.put(np.concatenate((first, part)))

    def clean(self, samples: Samples) -> Samples:
        """Clean 10 ms that were captured."""
        processing = self._relieved if self.strong.is_working else self._processing
        if processing is not None:
            if self._wants_reference:
                for played in self._reference.take():
                    processing.show(played)
                processing.set_delay(self._delay_s())
            samples = processing.clean(samples)
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


def _processing(shaping: Shaping) -> Processing | None:
    """What does so much; None where nothing is to be done."""
    return Processing(shaping) if any(_cleaning(shaping)) else None
