import numpy as np
import pytest

from woxly_tui.media.pause_trim import (
    MOST_REST_FRAMES,
    QUIET,
    QUIET_FRAMES,
    REST_FRAMES,
    PauseTrim,
)
from woxly_tui.media.playout_buffer import FRAME_SAMPLES, Samples


def frame(peak: int) -> Samples:
    return np.array([peak, -peak] * (FRAME_SAMPLES // 2), dtype=np.int16)


PAUSE, SPEECH = frame(QUIET), frame(QUIET + 1)


def left_out(trim: PauseTrim, frames: int, sound: Samples = PAUSE) -> list[int]:
    """Which frames are left out while we are asked to all the time."""
    found = []
    for number in range(frames):
        trim.ask()
        if trim.process(sound) is None:
            found.append(number)
    return found


def test_what_nobody_asked_for_is_not_done() -> None:
    trim = PauseTrim()
    assert all(trim.process(PAUSE) is PAUSE for _ in range(1000))


def test_nothing_is_left_out_of_speech_or_right_after_it() -> None:
    trim = PauseTrim()
    assert left_out(trim, 1000, SPEECH) == []
    assert left_out(trim, QUIET_FRAMES - 1) == []
    assert left_out(trim, 1, SPEECH) == []
    assert left_out(trim, QUIET_FRAMES - 1) == []
    assert left_out(trim, 1) == [0]


def test_where_a_frame_is_missing_there_is_no_step() -> None:
    trim = PauseTrim()
    level = np.full(FRAME_SAMPLES, 90, dtype=np.int16)
    assert left_out(trim, QUIET_FRAMES, level) == [QUIET_FRAMES - 1]
    joined = trim.process(-level)
    assert joined is not None
    assert (joined[0], joined[-1]) == (90, -90)
    assert np.abs(np.diff(joined)).max() <= 1
    assert trim.process(SPEECH) is SPEECH


def test_the_next_one_waits_each_time_longer_but_never_for_ever() -> None:
    trim = PauseTrim()
    found = left_out(trim, 40_000)
    waits = list(np.diff(found))
    assert waits[:3] == [REST_FRAMES, 2 * REST_FRAMES, 4 * REST_FRAMES]
    assert waits[-1] == MOST_REST_FRAMES == max(waits)


def test_what_was_asked_before_the_last_one_was_heard_of_counts_no_more() -> None:
    trim = PauseTrim()
    assert left_out(trim, QUIET_FRAMES) == [QUIET_FRAMES - 1]
    trim.ask()
    assert all(trim.process(PAUSE) is not None for _ in range(2 * REST_FRAMES))


def test_who_was_muted_begins_anew() -> None:
    trim = PauseTrim()
    left_out(trim, 4 * REST_FRAMES)
    trim.ask()
    trim.begin()
    assert all(trim.process(PAUSE) is PAUSE for _ in range(2 * QUIET_FRAMES))
    assert left_out(trim, REST_FRAMES + 2) == [0, REST_FRAMES]


@pytest.mark.parametrize("sign", [1, -1])
def test_a_pause_is_quiet_on_both_sides_of_zero(sign: int) -> None:
    trim = PauseTrim()
    sound = np.zeros(FRAME_SAMPLES, dtype=np.int16)
    sound[7] = sign * (QUIET + 1)
    assert left_out(trim, 100, sound) == []
