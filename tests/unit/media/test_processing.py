"""The library's own processing, by our way and by the SDK's: the same comes out."""

import numpy as np
import pytest
from livekit import rtc

from woxly_tui.media import ffi
from woxly_tui.media.messages import Shaping
from woxly_tui.media.playout_buffer import FRAME_SAMPLES, RATE_HZ, Samples
from woxly_tui.media.processing import Processing


def noise(frames: int, seed: int) -> list[Samples]:
    dice = np.random.default_rng(seed)
    return [(3000 * dice.standard_normal(FRAME_SAMPLES)).astype(np.int16) for _ in range(frames)]


def frame(samples: Samples) -> rtc.AudioFrame:
    return rtc.AudioFrame(bytearray(samples.tobytes()), RATE_HZ, 1, FRAME_SAMPLES)


def test_it_does_exactly_what_the_sdk_does() -> None:
    ours, theirs = (
        Processing(Shaping()),
        rtc.AudioProcessingModule(
            echo_cancellation=True,
            noise_suppression=True,
            high_pass_filter=True,
            auto_gain_control=True,
        ),
    )
    theirs.set_stream_delay_ms(20)
    ours.set_delay(0.02)
    for played, captured in zip(noise(50, 1), noise(50, 2), strict=True):
        theirs.process_reverse_stream(frame(played))
        expected = frame(captured)
        theirs.process_stream(expected)
        ours.show(played)
        cleaned = ours.clean(captured)
        assert np.array_equal(cleaned, np.frombuffer(expected.data, np.int16))
    assert not np.array_equal(cleaned, captured)


def test_where_nothing_is_left_on_nothing_changes() -> None:
    module = Processing(Shaping(100, 0.0, False, False, False, False))
    (captured,) = noise(1, 3)
    assert np.array_equal(module.clean(captured), captured)


def test_without_the_hook_sound_passes_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ffi, "has_request", lambda _name: False)
    module = Processing(Shaping())
    (captured,) = noise(1, 3)
    module.show(captured)
    assert np.array_equal(module.clean(captured), captured)
