"""In virtual time."""

import pytest

from woxly_tui.media.cushion import (
    CALM,
    EASE,
    EASE_RATE,
    GAPS_WITHIN,
    RUNGS_S,
    SLACK_S,
    VAIN,
    Cushion,
)
from woxly_tui.types import Seconds


class Device:
    def __init__(self) -> None:
        self.now = 100.0
        self.cushion = Cushion(Seconds(self.now))

    def gap(self, after_s: float = 1.0) -> bool:
        self.now += after_s
        return self.cushion.gap(Seconds(self.now))

    def slack_s(self, after_s: float = 0.0) -> float:
        self.now += after_s
        return self.cushion.slack_s(Seconds(self.now))

    def calm(self, after_s: float, least_s: float = 0.0) -> bool:
        self.now += after_s
        return self.cushion.calm(Seconds(self.now), least_s)


def test_it_begins_with_the_least_and_fills_it_less_than_it_could() -> None:
    device = Device()
    assert device.cushion.wanted_s == RUNGS_S[0] == min(RUNGS_S)
    assert device.slack_s() == SLACK_S


def test_after_a_gap_it_is_filled_whole_at_once_and_less_again_bit_by_bit() -> None:
    device = Device()
    device.calm(VAIN)
    device.gap()
    assert device.slack_s() == 0
    assert device.slack_s(EASE) == 0
    assert device.slack_s(0.2) == pytest.approx(0.2 * EASE_RATE)
    assert device.slack_s(0.2) == pytest.approx(0.4 * EASE_RATE)
    assert device.slack_s(10) == SLACK_S


def test_where_less_was_in_vain_it_is_filled_whole_for_longer_each_time() -> None:
    device = Device()
    full_s = SLACK_S / EASE_RATE
    for number in range(1, 4):
        device.gap()
        assert device.slack_s(2**number * EASE) == 0
        assert device.slack_s(full_s) == SLACK_S
    device.calm(VAIN)
    device.gap()
    assert device.slack_s(EASE + full_s) == SLACK_S


def test_what_holds_more_is_filled_whole_and_less_once_it_is_down_again() -> None:
    device = Device()
    device.gap()
    device.gap()
    assert device.slack_s(1000) == 0
    assert device.calm(CALM)
    assert device.slack_s(EASE) == 0
    assert device.slack_s(1000) == SLACK_S


def test_single_gaps_open_nothing_anew() -> None:
    device = Device()
    assert not any(device.gap(GAPS_WITHIN + 1) for _ in range(10))


def test_gaps_that_come_often_make_it_hold_more_up_to_a_limit() -> None:
    device = Device()
    climbed = [device.gap() for _ in range(40)]
    assert climbed[:4] == [False, True, False, True]
    assert sum(climbed) == len(RUNGS_S) - 1
    assert device.cushion.wanted_s == RUNGS_S[-1]


def test_a_long_calm_makes_it_hold_less_down_to_the_least() -> None:
    device = Device()
    device.gap()
    device.gap()
    assert not device.calm(CALM - 1)
    assert device.calm(2)
    assert device.cushion.wanted_s == RUNGS_S[0]
    assert not device.calm(10 * CALM)


@pytest.mark.parametrize("times", [1, 3])
def test_what_was_in_vain_is_tried_again_later_each_time(times: int) -> None:
    device = Device()
    device.gap()
    device.gap()
    for number in range(times):
        assert device.calm(2**number * CALM + 1)
        device.gap()
        assert device.gap(0.5) or device.gap(0.5)
    assert not device.calm(2**times * CALM - 2)


def test_where_more_is_asked_for_it_holds_that_at_the_next_silence_and_no_less() -> None:
    device = Device()
    most_s = RUNGS_S[1]
    assert device.calm(0.1, most_s)
    assert device.cushion.wanted_s == most_s
    assert not device.calm(10 * CALM, most_s)
    assert device.calm(0.1)
    assert device.cushion.wanted_s == RUNGS_S[0]
