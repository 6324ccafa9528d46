import numpy as np
import pytest

from woxly_tui.media.pause_trim import (
    MOST_REST_FRAMES,
    PAUSE_FRAMES,
    PAUSE_PEAK,
    REST_FRAMES,
    SEAM_SAMPLES,
    PauseTrim,
)
from woxly_tui.media.playout_buffer import FRAME_SAMPLES, Samples


def frame(peak: int) -> Samples:
    return np.array([peak, -peak] * (FRAME_SAMPLES // 2), dtype=np.int16)


PAUSE, SPEECH = frame(PAUSE_PEAK), frame(PAUSE_PEAK + 1)


def wanted() -> PauseTrim:
    trim = PauseTrim()
    trim.is_wanted = True
    return trim


def left_out(trim: PauseTrim, frames: int, sound: Samples = PAUSE) -> list[int]:
    """Which frames of so many are left out."""
    return [number for number in range(frames) if trim.process(sound) is None]


def test_what_nobody_wants_is_not_done() -> None:
    assert left_out(PauseTrim(), 1000) == []


def test_what_is_wanted_no_more_is_not_done_in_the_next_pause() -> None:
    trim = wanted()
    assert left_out(trim, 1000, SPEECH) == []
    trim.is_wanted = False
    assert left_out(trim, 1000) == []


def test_nothing_is_left_out_of_speech_or_right_after_it() -> None:
    trim = wanted()
    assert left_out(trim, PAUSE_FRAMES - 1) == []
    assert left_out(trim, 1, SPEECH) == []
    assert left_out(trim, PAUSE_FRAMES - 1) == []
    assert left_out(trim, 1) == [0]


def test_where_a_frame_is_missing_there_is_no_step_and_speech_begins_sharply() -> None:
    trim = wanted()
    level = np.full(FRAME_SAMPLES, 90, dtype=np.int16)
    assert left_out(trim, PAUSE_FRAMES, level) == [PAUSE_FRAMES - 1]
    speech = np.full(FRAME_SAMPLES, -9000, dtype=np.int16)
    joined = trim.process(speech)
    assert joined is not None
    assert joined[0] == 90
    assert np.abs(np.diff(joined)).max() < 100
    assert np.array_equal(joined[SEAM_SAMPLES:], speech[SEAM_SAMPLES:])
    assert trim.process(SPEECH) is SPEECH


def test_what_is_wanted_again_soon_was_in_vain_and_is_done_less_often() -> None:
    found = left_out(wanted(), 400_000)
    rests = list(np.diff(found))
    assert rests[:3] == [REST_FRAMES, 2 * REST_FRAMES, 4 * REST_FRAMES]
    assert rests[-1] == MOST_REST_FRAMES == max(rests)


def test_what_is_wanted_again_late_is_done_as_soon_as_at_first() -> None:
    trim = wanted()
    left_out(trim, PAUSE_FRAMES + REST_FRAMES)
    trim.is_wanted = False
    left_out(trim, 10 * REST_FRAMES)
    trim.is_wanted = True
    assert list(np.diff(left_out(trim, 2 * REST_FRAMES))) == [REST_FRAMES]


def test_what_was_told_before_the_microphone_was_closed_counts_no_more() -> None:
    trim = wanted()
    trim.interrupt()
    assert left_out(trim, 1000) == []
    trim.is_wanted = False
    left_out(trim, 1)
    trim.is_wanted = True
    assert left_out(trim, 1) == [0]


def test_what_was_left_out_before_a_closing_is_never_sent() -> None:
    trim = wanted()
    left_out(trim, PAUSE_FRAMES)
    trim.interrupt()
    assert trim.process(SPEECH) is SPEECH


@pytest.mark.parametrize("sign", [1, -1])
def test_a_pause_is_quiet_on_both_sides_of_zero(sign: int) -> None:
    sound = np.zeros(FRAME_SAMPLES, dtype=np.int16)
    sound[7] = sign * (PAUSE_PEAK + 1)
    assert left_out(wanted(), 100, sound) == []
