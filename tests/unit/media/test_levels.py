import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from woxly_tui.media.levels import (
    LOOP_SHARE,
    MAX_RATE_HZ,
    WATCH_INTERVAL_S,
    EnergyReading,
    LevelMeter,
    Pace,
    level_between,
)
from woxly_tui.types import SILENCE_DBFS, Dbfs, Identity

ANN, BOB, ME = Identity("ann"), Identity("bob"), Identity("me")


def sine(amplitude: float, seconds: float) -> EnergyReading:
    """What libwebrtc counts for a sine: the square of its peak, times its length."""
    return EnergyReading(amplitude**2 * seconds, seconds)


NOTHING = EnergyReading(0.0, 0.0)


@pytest.mark.parametrize(
    ("amplitude", "rms_dbfs"), [(1.0, -3), (0.5, -9), (0.1, -23), (0.02, -37), (0.003, -53)]
)
def test_a_sine_reads_its_rms(amplitude: float, rms_dbfs: int) -> None:
    assert level_between(NOTHING, sine(amplitude, 0.1)) == Dbfs(rms_dbfs)


def test_no_new_samples_say_nothing() -> None:
    assert level_between(sine(0.1, 1), sine(0.1, 1)) is None


def test_counters_that_went_back_say_nothing() -> None:
    assert level_between(sine(0.1, 2), sine(0.1, 1)) is None


def test_samples_without_energy_are_silence() -> None:
    assert level_between(EnergyReading(0.5, 1), EnergyReading(0.5, 1.1)) == SILENCE_DBFS


@given(st.floats(1e-9, 1.0), st.floats(0.01, 5.0))
def test_levels_are_whole_and_within_bounds(amplitude: float, seconds: float) -> None:
    level = level_between(NOTHING, sine(amplitude, seconds))
    assert level is not None
    assert SILENCE_DBFS <= level <= 0
    assert level.is_integer()
    if amplitude > 1e-4:
        assert abs(level - 20 * math.log10(amplitude / math.sqrt(2))) <= 0.51


def test_only_changes_are_told() -> None:
    meter = LevelMeter()
    owners = {"a": ANN, "b": BOB}
    assert meter.update({"a": NOTHING, "b": NOTHING}, owners, ()) == {}
    loud = {"a": sine(0.1, 0.1), "b": NOTHING}
    assert meter.update(loud, owners, ()) == {ANN: Dbfs(-23)}
    still = {"a": sine(0.1, 0.2), "b": EnergyReading(0, 0.1)}
    assert meter.update(still, owners, ()) == {}
    louder = {"a": EnergyReading(0.1**2 * 0.2 + 0.5**2 * 0.1, 0.3), "b": EnergyReading(0, 0.2)}
    assert meter.update(louder, owners, ()) == {ANN: Dbfs(-9)}


def test_who_is_muted_falls_silent_once_whatever_the_counters_say() -> None:
    meter = LevelMeter()
    meter.update({"a": NOTHING}, {"a": ANN}, ())
    meter.update({"a": sine(0.5, 0.1)}, {"a": ANN}, ())
    assert meter.update({"a": sine(0.5, 0.2)}, {"a": ANN}, {ANN}) == {ANN: SILENCE_DBFS}
    assert meter.update({"a": sine(0.5, 0.3)}, {"a": ANN}, {ANN}) == {}


def test_who_left_falls_silent_once() -> None:
    meter = LevelMeter()
    meter.update({"a": NOTHING}, {"a": ANN}, ())
    meter.update({"a": sine(0.5, 0.1)}, {"a": ANN}, ())
    assert meter.update({}, {}, ()) == {ANN: SILENCE_DBFS}
    assert meter.update({}, {}, ()) == {}


def test_the_louder_of_two_streams_counts() -> None:
    meter = LevelMeter()
    owners = {"a": ANN, "b": ANN}
    meter.update({"a": NOTHING, "b": NOTHING}, owners, ())
    assert meter.update({"a": sine(0.02, 0.1), "b": sine(0.1, 0.1)}, owners, ()) == {ANN: Dbfs(-23)}


def test_a_stream_of_nobody_is_ignored() -> None:
    meter = LevelMeter()
    meter.update({"x": NOTHING}, {}, ())
    assert meter.update({"x": sine(0.5, 0.1)}, {}, ()) == {}


def test_restart_silences_who_was_heard_and_forgets_the_counters() -> None:
    meter = LevelMeter()
    meter.update({"a": NOTHING}, {"a": ANN}, ())
    meter.update({"a": sine(0.5, 0.1)}, {"a": ANN}, ())
    assert meter.restart() == {ANN: SILENCE_DBFS}
    assert meter.restart() == {}
    assert meter.update({"a": sine(0.1, 9)}, {"a": ANN}, ()) == {}


def test_pace_keeps_to_what_was_asked_and_to_its_cap() -> None:
    pace = Pace()
    assert pace.interval() == WATCH_INTERVAL_S
    pace.set_rate(10)
    assert pace.interval() == pytest.approx(0.1)
    pace.set_rate(1000)
    assert pace.interval() == pytest.approx(1 / MAX_RATE_HZ)
    pace.set_rate(-1)
    assert not pace.wants_levels
    assert pace.interval() == WATCH_INTERVAL_S


def test_pace_sinks_when_measuring_is_dear_and_recovers() -> None:
    pace = Pace()
    pace.set_rate(10)
    for _ in range(50):
        pace.note_cost(0.02)
    assert pace.interval() == pytest.approx(0.02 / LOOP_SHARE, rel=0.01)
    for _ in range(50):
        pace.note_cost(0.001)
    assert pace.interval() == pytest.approx(0.1)


def test_pace_never_sinks_below_the_slow_watch() -> None:
    pace = Pace()
    pace.set_rate(10)
    for _ in range(50):
        pace.note_cost(10)
    assert pace.interval() == WATCH_INTERVAL_S
