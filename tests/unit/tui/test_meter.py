import pytest
from hypothesis import given
from hypothesis import strategies as st

from woxly_tui.tui.meter import (
    FRAME_S,
    PEAK_HOLD_S,
    Meter,
    MeterBank,
    bar,
    loud_from,
    number,
    ruler,
)
from woxly_tui.types import SILENCE_DBFS, Dbfs, Identity, Seconds

ANN = Identity("ann")


def test_bar_has_steps_of_an_eighth() -> None:
    assert bar(-60, -90, 10) == " " * 10
    assert bar(0, 0, 10) == "█" * 10
    assert bar(-30, -30, 10) == "█████     "
    assert bar(-30 + 6 / 8, -90, 10) == "█████▏    "


def test_peak_stands_beyond_the_bar_and_never_hides_it() -> None:
    assert bar(-30, -6, 10) == "█████   ╎ "
    assert bar(-30, -30, 10) == "█████     "


@given(st.floats(-120, 20), st.floats(-120, 20), st.integers(1, 80))
def test_bar_always_fills_its_column(shown: float, peak: float, width: int) -> None:
    assert len(bar(shown, peak, width)) == width


def test_level_rises_at_once_and_falls_steadily() -> None:
    meter = Meter()
    meter.hear(Dbfs(-20), Seconds(1.0))
    assert meter.shown_dbfs == -20
    meter.hear(SILENCE_DBFS, Seconds(1.1))
    meter.advance(Seconds(1.2))
    assert -40 < meter.shown_dbfs < -20
    meter.advance(Seconds(3.0))
    assert meter.shown_dbfs == SILENCE_DBFS


def test_peak_is_held_then_falls() -> None:
    meter = Meter()
    meter.hear(Dbfs(-10), Seconds(1.0))
    meter.hear(SILENCE_DBFS, Seconds(1.05))
    meter.advance(Seconds(1.0 + PEAK_HOLD_S))
    assert meter.peak_dbfs == -10
    meter.advance(Seconds(1.0 + PEAK_HOLD_S + 0.5))
    assert meter.peak_dbfs == pytest.approx(-25)


def test_a_silent_meter_needs_no_timer() -> None:
    bank = MeterBank()
    bank.hear(ANN, Dbfs(-20), Seconds(1.0))
    bank.advance(Seconds(1.0))
    assert bank.moves_in(Seconds(1.0)) is None
    bank.hear(ANN, SILENCE_DBFS, Seconds(1.1))
    now = 1.1
    for _ in range(100):
        bank.advance(Seconds(now))
        wait = bank.moves_in(Seconds(now))
        if wait is None:
            break
        assert wait >= FRAME_S
        now += wait
    assert bank.moves_in(Seconds(now)) is None
    assert bank[ANN].peak_dbfs == SILENCE_DBFS
    assert 2.5 < now < 5


def test_numbers_change_at_most_twice_a_second() -> None:
    bank = MeterBank()
    seen = set()
    for step in range(10):
        bank.hear(ANN, Dbfs(-30 + step), Seconds(1.0 + step / 10))
        bank.advance(Seconds(1.0 + step / 10))
        seen.add(bank[ANN].number_dbfs)
    assert len(seen) == 2


def test_who_is_forgotten_is_silent() -> None:
    bank = MeterBank()
    bank.hear(ANN, Dbfs(-20), Seconds(1.0))
    bank.keep_only(frozenset())
    assert bank[ANN].shown_dbfs == SILENCE_DBFS


def test_number_and_ruler() -> None:
    assert number(-18.4) == " -18"
    assert number(SILENCE_DBFS) == "    "
    assert ruler(30).split() == ["-60", "-40", "-20", "0"]
    assert len(ruler(5)) == 5
    assert loud_from(40) == 36
