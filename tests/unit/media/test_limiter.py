import numpy as np
import pytest

from woxly_tui.media.limiter import FULL_SCALE, KNEE, THRESHOLD, Limiter, Sound
from woxly_tui.media.playout_buffer import FRAME_SAMPLES, RATE_HZ


def block(number: int, peak: float, hz: float = 300.0) -> Sound:
    at = np.arange(number * FRAME_SAMPLES, (number + 1) * FRAME_SAMPLES)
    sound: Sound = (peak * np.sin(2 * np.pi * hz / RATE_HZ * at)).astype(np.float32)
    return sound


def test_what_is_not_loud_passes_untouched() -> None:
    limiter = Limiter()
    sound = block(0, 0.6 * FULL_SCALE)
    assert np.array_equal(limiter.process(sound.copy()), sound)
    assert limiter.gain == 1.0


@pytest.mark.parametrize("people", [2, 10, 40])
def test_however_many_shout_nothing_reaches_full_scale(people: int) -> None:
    limiter = Limiter()
    for number in range(100):
        out = limiter.process(block(number, people * 0.9 * FULL_SCALE))
        assert np.abs(out).max() < FULL_SCALE


def test_loud_sound_that_lasts_is_turned_down_not_bent() -> None:
    limiter = Limiter()
    for number in range(20):
        out = limiter.process(block(number, 4 * FULL_SCALE))
    clean = block(19, 4 * FULL_SCALE)
    clean *= THRESHOLD / np.abs(clean).max()
    clean[np.abs(clean) > KNEE] = 0
    kept = np.abs(clean) > 0
    assert np.allclose(out[kept], clean[kept], rtol=0.01, atol=20)


def test_it_comes_back_slowly_and_all_the_way() -> None:
    limiter = Limiter()
    limiter.process(block(0, 4 * FULL_SCALE))
    turned_down = limiter.gain
    limiter.process(block(1, 1000))
    assert turned_down < limiter.gain < 0.5
    for number in range(2, 300):
        limiter.process(block(number, 1000))
    assert limiter.gain == 1.0


def test_no_edge_is_heard_where_it_begins_or_ends() -> None:
    limiter = Limiter()
    peaks = [0.7] * 5 + [3.0] * 5 + [0.7] * 40
    sound = np.concatenate(
        [limiter.process(block(n, p * FULL_SCALE)) for n, p in enumerate(peaks[:5])]
        + [limiter.process(block(n + 5, p * FULL_SCALE)) for n, p in enumerate(peaks[5:])]
    )
    steps = np.abs(np.diff(sound))
    own = 3 * FULL_SCALE * 2 * np.pi * 300 / RATE_HZ
    assert steps.max() < 1.2 * own
