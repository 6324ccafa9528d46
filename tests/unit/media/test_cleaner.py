"""What the microphone is cleaned by, and in which order."""

import threading
import time
from collections.abc import Iterable

import numpy as np

from woxly_tui.media.cleaner import Cleaner
from woxly_tui.media.messages import Shaping
from woxly_tui.media.playout_buffer import FRAME_SAMPLES, Samples
from woxly_tui.media.strong_suppression import Process, StrongSuppression
from woxly_tui.media.voice_gate import level_of

STEADY = Shaping(echo_cancellation=False, auto_gain=False, high_pass=False)


def hiss(frames: int = 300) -> list[Samples]:
    dice = np.random.default_rng(4)
    return [(300 * dice.standard_normal(FRAME_SAMPLES)).astype(np.int16) for _ in range(frames)]


def softer_db(cleaner: Cleaner, frames: Iterable[Samples]) -> float:
    """By how much the last frames of a hiss come out softer."""
    clean = [(level_of(frame), level_of(cleaner.clean(frame))) for frame in frames]
    return float(np.mean([before - after for before, after in clean[-50:]]))


def working(cleaner: Cleaner) -> None:
    limit = time.monotonic() + 5
    while not cleaner.strong.is_working:
        assert time.monotonic() < limit
        threading.Event().wait(0.005)


def test_the_noise_suppression_of_the_sdk_rests_while_the_strong_one_works() -> None:
    cleaner = Cleaner(lambda: 0.0)
    cleaner.shape(STEADY)
    assert softer_db(cleaner, hiss()) > 6
    may_load = threading.Event()

    def load() -> Process:
        assert may_load.wait(5)
        return lambda samples: samples

    cleaner.strong = StrongSuppression(load)
    strong = Shaping(
        echo_cancellation=False, auto_gain=False, high_pass=False, strong_suppression=True
    )
    cleaner.shape(strong)
    assert softer_db(cleaner, hiss()) > 6, "it is not loaded yet"
    may_load.set()
    working(cleaner)
    assert abs(softer_db(cleaner, hiss())) < 1
    cleaner.shape(STEADY)
    assert softer_db(cleaner, hiss()) > 6


def test_the_gate_hears_what_strong_suppression_left() -> None:
    cleaner = Cleaner(lambda: 0.0)
    cleaner.strong = StrongSuppression(lambda: lambda samples: samples // 100)
    shaping = Shaping(100, 0.0, False, False, False, False, "-50", strong_suppression=True)
    cleaner.shape(shaping)
    working(cleaner)
    frames = [cleaner.clean(frame) for frame in hiss()]
    assert cleaner.gate.level < -70
    assert not frames[-1].any()
