import math
from collections.abc import Callable

from woxly_tui.tui.pace import (
    ASK_AFTER_BYTES,
    LOST_AFTER_S,
    MAX_RATE_HZ,
    MIN_RATE_HZ,
    MeterPace,
)
from woxly_tui.types import Seconds

FRAME = 130
"""Bytes of one paint with five people talking."""


class Link:
    """A link of so many bytes a second, and a screen that paints as often as it may."""

    def __init__(self, bytes_per_s: float, delay_s: float = 0.05) -> None:
        self.pace = MeterPace()
        self.bytes_per_s = bytes_per_s
        self.delay_s = delay_s
        self.now = 0.0
        self.queued = 0.0
        self.most_queued = 0.0
        self.painted = 0
        self._paint_at = 0.0
        self._answers: list[float] = []

    def write(self, count: int) -> None:
        self.queued += count
        if self.pace.asks(count, Seconds(self.now)):
            self._answers.append(self.now + self.queued / self.bytes_per_s + self.delay_s)

    def run(self, seconds: float, frame: int = FRAME) -> None:
        end = self.now + seconds
        self.most_queued, self.painted = 0.0, 0
        while self.now < end:
            while self._answers and self._answers[0] <= self.now:
                self.pace.answered(Seconds(self._answers.pop(0)))
            if frame and self.now >= self._paint_at and self.pace.look(Seconds(self.now)):
                self.write(frame)
                self.painted += 1
                self._paint_at = self.now + self.pace.interval()
            self.now += 0.01
            self.queued = max(0.0, self.queued - 0.01 * self.bytes_per_s)
            self.most_queued = max(self.most_queued, self.queued)


def test_a_good_link_gets_the_full_rate_however_far_it_goes() -> None:
    link = Link(1e6, delay_s=0.4)
    link.run(10)
    assert link.pace.rate_hz == MAX_RATE_HZ


def test_a_slow_link_never_holds_more_than_a_few_paints() -> None:
    link = Link(1e6)
    link.run(5)
    link.bytes_per_s = 300
    link.run(3)
    link.run(20)
    assert link.most_queued <= 3 * FRAME
    assert 0.3 * 300 / FRAME <= link.painted / 20 <= 300 / FRAME


def test_a_link_that_recovers_gets_the_full_rate_back() -> None:
    link = Link(1e6)
    link.run(3)
    link.bytes_per_s = 150
    link.run(20)
    assert link.pace.rate_hz < 2
    link.bytes_per_s = 1e6
    link.run(15)
    assert link.pace.rate_hz == MAX_RATE_HZ


def test_a_silent_call_is_hardly_ever_worth_a_question() -> None:
    link = Link(1e6)
    asked = 0
    for _ in range(60):  # the clock, once a second
        asked += link.pace.asks(8, Seconds(link.now))
        link.pace.answered(Seconds(link.now))
        link.now += 1
    assert asked <= 60 * 8 / ASK_AFTER_BYTES


def test_a_terminal_that_never_answers_is_not_held_against_its_link() -> None:
    pace = MeterPace()
    for tick in range(300):
        now = Seconds(tick / 10)
        assert pace.look(now)
        pace.asks(FRAME, now)
    assert pace.rate_hz == MAX_RATE_HZ


def test_a_terminal_that_answers_no_more_stops_the_meters_for_a_while_only() -> None:
    pace = MeterPace()
    pace.asks(FRAME, Seconds(0))
    pace.answered(Seconds(0.05))
    pace.asks(FRAME, Seconds(1))
    assert not pace.look(Seconds(2))
    assert pace.look(Seconds(1 + LOST_AFTER_S + 0.1))


def waiting(pace: MeterPace, share: float) -> Callable[[float, float], None]:
    """Time in which writing has to wait for this share of it."""
    waited = [0.0]
    pace.blocked = lambda: waited[0]

    def spend(start: float, seconds: float) -> None:
        for tick in range(round(seconds * 10)):
            waited[0] += share / 10
            pace.look(Seconds(start + tick / 10))

    return spend


def test_writes_that_have_to_wait_lower_the_rate() -> None:
    pace = MeterPace()
    waiting(pace, 0.9)(0, 2)
    assert pace.rate_hz == MIN_RATE_HZ
    waiting(pace, 0.0)(2, 60)
    assert pace.rate_hz == MAX_RATE_HZ


def test_a_moment_s_waiting_is_nothing() -> None:
    pace = MeterPace()
    waiting(pace, 0.1)(0, 5)
    assert pace.rate_hz == MAX_RATE_HZ


def test_one_answer_a_little_late_is_chance() -> None:
    pace = MeterPace()
    for at, delay in ((0, 0.05), (1, 0.2), (2, 0.05), (3, 0.2), (4, 0.05)):
        pace.asks(FRAME, Seconds(at))
        pace.answered(Seconds(at + delay))
    assert pace.rate_hz == MAX_RATE_HZ


def test_an_answer_to_no_question_says_nothing() -> None:
    pace = MeterPace()
    pace.answered(Seconds(5))
    assert pace.look(Seconds(6))
    assert math.isclose(pace.interval(), 0.1)


def test_two_answers_in_a_row_that_are_a_little_late_are_no_chance() -> None:
    pace = MeterPace()
    for at, delay in ((0, 0.05), (1, 0.2), (2, 0.2)):
        pace.asks(FRAME, Seconds(at))
        pace.answered(Seconds(at + delay))
    assert pace.rate_hz < MAX_RATE_HZ
