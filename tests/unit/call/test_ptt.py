"""The push-to-talk key: presses in any order, and every way a hold can end."""

from hypothesis import given
from hypothesis import strategies as st

from woxly_tui.call.events import Moment, PttSet
from woxly_tui.call.ptt import MAX_HOLD, REPEAT_GAP, TAIL, WARN_BEFORE, PttDue, PttKey
from woxly_tui.call.snapshot import PttMode
from woxly_tui.types import Seconds


def at(seconds: float) -> Moment:
    return Moment(Seconds(seconds), Seconds(seconds + 1e9))


def press(key: PttKey, seconds: float, *, is_bound: bool = False) -> None:
    key.take(PttSet(True, round(seconds * 1e9), is_bound), at(seconds))


def release(key: PttKey, seconds: float, *, is_bound: bool = False) -> None:
    key.take(PttSet(False, round(seconds * 1e9), is_bound), at(seconds))


def test_talking_goes_on_for_the_tail_and_not_longer() -> None:
    key = PttKey(PttMode.TALK)
    press(key, 1.0)
    assert key.opens(is_muted=True)
    release(key, 2.0)
    assert key.deadlines() == [2.0 + TAIL]
    key.pass_time(Seconds(2.0 + TAIL - 0.01))
    assert key.opens(is_muted=True)
    key.pass_time(Seconds(2.0 + TAIL))
    assert not key.opens(is_muted=True)
    assert key.deadlines() == []


def test_push_to_mute_opens_again_at_the_release() -> None:
    key = PttKey(PttMode.MUTE)
    press(key, 1.0)
    assert not key.opens(is_muted=False)
    release(key, 2.0)
    assert key.opens(is_muted=False)
    assert not key.opens(is_muted=True)


def test_a_press_in_the_tail_goes_on_with_it() -> None:
    key = PttKey(PttMode.TALK)
    press(key, 1.0)
    release(key, 2.0)
    press(key, 2.1)
    key.pass_time(Seconds(2.0 + TAIL))
    assert key.is_active
    assert key.view().closes_at == 2.1 + MAX_HOLD + 1e9


def test_a_press_that_was_overtaken_by_its_release_opens_nothing() -> None:
    key = PttKey(PttMode.TALK)
    key.take(PttSet(False, 2_000), at(1.0))
    key.take(PttSet(True, 1_000), at(1.0))
    assert not key.is_active


def test_the_clock_of_another_machine_orders_nothing() -> None:
    key = PttKey(PttMode.TALK)
    key.take(PttSet(True, 9_000), at(1.0))
    key.take(PttSet(False, 5, is_bound=True), at(2.0))
    key.pass_time(Seconds(3.0))
    assert not key.is_active
    key.take(PttSet(True, 10**18, is_bound=True), at(4.0))
    key.take(PttSet(False, 9_001), at(5.0))
    key.pass_time(Seconds(6.0))
    assert not key.is_active


def test_a_hold_ends_by_itself_after_a_warning_and_repeats_make_it_no_longer() -> None:
    key = PttKey(PttMode.TALK)
    said = []
    for tick in range(round(MAX_HOLD) * 10 + 30):
        now = 1.0 + tick / 10
        press(key, now)
        if (due := key.pass_time(Seconds(now))) is not None:
            said.append((due, round(now - 1.0, 1)))
        if due is PttDue.TOO_LONG:
            key.drop()
    assert said == [
        (PttDue.CLOSES_SOON, MAX_HOLD - WARN_BEFORE),
        (PttDue.TOO_LONG, MAX_HOLD),
    ]
    assert not key.is_active


def test_after_a_drop_a_repeating_key_opens_nothing_and_a_fresh_press_does() -> None:
    key = PttKey(PttMode.TALK)
    press(key, 1.0)
    assert key.drop()
    press(key, 1.5)
    press(key, 2.4)
    assert not key.opens(is_muted=True)
    press(key, 2.4 + REPEAT_GAP)
    assert key.opens(is_muted=True)
    key.drop()
    release(key, 4.0)
    press(key, 4.1)
    assert key.is_active


def test_a_front_end_is_trusted_to_know_its_repeats() -> None:
    key = PttKey(PttMode.TALK)
    press(key, 1.0, is_bound=True)
    key.drop()
    press(key, 1.1, is_bound=True)
    assert key.is_active


def test_a_hold_is_known_by_its_newest_press() -> None:
    key = PttKey(PttMode.TALK)
    key.take(PttSet(True, 7, is_bound=True), at(1.0))
    assert key.is_held_by(7)
    key.take(PttSet(True, 9), at(2.0))
    assert not key.is_held_by(7)


@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(0, 2**63), st.booleans(), st.floats(0.0, 30.0)),
        max_size=30,
    ),
    st.sampled_from(list(PttMode)),
)
def test_every_hold_ends(events: list[tuple[bool, int, bool, float]], mode: PttMode) -> None:
    key = PttKey(mode)
    now = 0.0
    for is_down, at_ns, is_bound, wait in events:
        key.take(PttSet(is_down, at_ns, is_bound), at(now))
        now += wait
        if key.pass_time(Seconds(now)) is PttDue.TOO_LONG:
            key.drop()
    assert not key.is_active or min(key.deadlines()) <= now + MAX_HOLD
    now += MAX_HOLD
    if key.pass_time(Seconds(now)) is PttDue.TOO_LONG:
        key.drop()
    assert not key.is_active
    assert key.deadlines() == []
