"""The click detector hears what an ear would, and nothing else."""

import numpy as np
import pytest

from tests.rig.analysis import RATE_HZ, Clip, Samples, tone
from tests.rig.clicks import BOUND_DBFS, find_clicks, high_levels, split


def clip(samples: Samples) -> Clip:
    return Clip(samples, RATE_HZ, 10.0)


def cut(length_s: float = 1.0) -> Samples:
    sound = tone(440, length_s, -20)
    peak = int(np.argmax(sound[RATE_HZ // 2 : RATE_HZ // 2 + 200])) + RATE_HZ // 2
    sound[peak:] = 0
    return sound


@pytest.mark.parametrize("hz", [200, 440, 1000])
def test_a_smooth_tone_is_far_below_the_bound(hz: float) -> None:
    assert high_levels(clip(tone(hz, 1.0, -20))).max() < BOUND_DBFS - 25


def test_a_tone_that_is_cut_off_clicks_once_where_it_is_cut() -> None:
    (click,) = find_clicks(clip(cut()))
    assert click.at_s == pytest.approx(10.5, abs=0.01)
    assert click.level_dbfs > BOUND_DBFS + 8


def test_a_piece_left_out_or_a_gap_of_a_millisecond_clicks() -> None:
    sound = tone(440, 1.0, -20)
    assert find_clicks(clip(np.delete(sound, slice(20_000, 20_050))))
    sound[20_000:20_048] = 0
    assert find_clicks(clip(sound))


def test_a_fade_of_5_ms_does_not_click() -> None:
    sound = tone(440, 1.0, -20)
    fade = np.ones(len(sound), dtype=np.float32)
    fade[20_000:20_240], fade[20_240:] = np.linspace(1, 0, 240), 0
    assert find_clicks(clip(sound * fade)) == []


def test_pieces_joined_by_a_cross_fade_do_not_click() -> None:
    sound = tone(440, 1.0, -20)
    up = np.linspace(0, 1, 240, dtype=np.float32)
    joined = sound[20_000:20_240] * up[::-1] + sound[20_240:20_480] * up
    assert find_clicks(clip(np.concatenate((sound[:20_000], joined, sound[20_480:])))) == []


def test_two_clicks_are_two() -> None:
    assert len(find_clicks(clip(np.concatenate((cut(), cut()))))) >= 2


def test_how_much_is_a_click_goes_by_how_loud_it_is_beside_it() -> None:
    (click,) = find_clicks(clip(4 * cut()))
    assert click.level_dbfs > BOUND_DBFS + 18
    sound = tone(440, 1.0, -20)
    peak = int(np.argmax(sound[20_000:20_200])) + 20_000
    sound[peak:] *= 0.75
    assert find_clicks(clip(sound)) == find_clicks(clip(4 * sound)) == []
    assert find_clicks(clip(4 * sound), BOUND_DBFS) != []


def test_clicks_at_a_change_are_told_from_the_others() -> None:
    (one,) = find_clicks(clip(cut()))
    assert split([one], [(9.0, 10.0), (10.4, 10.6)]) == ([one], [])
    assert split([one], [(9.0, 10.0)]) == ([], [one])
