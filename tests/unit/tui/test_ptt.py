"""What presses and releases on this screen make the engine's key do."""

from dataclasses import replace

import pytest

from tests.tui.fake_engine import NOON, StillClock, in_call
from woxly_tui.call.snapshot import CallPhase, Microphone, MicState, Ptt, PttMode, Snapshot
from woxly_tui.control.messages import Command, SetMute, SetPtt
from woxly_tui.tui.ptt import DOUBLE_TAP, MOUSE, SHORT_TAP, TAP_GAP, PttControl, Rung
from woxly_tui.types import Seconds


def told(command: Command) -> str:
    match command:
        case SetPtt(is_down=is_down, is_bound=is_bound):
            assert is_bound
            return "down" if is_down else "up"
        case SetMute(on=True):
            return "mute"
    return type(command).__name__


class Hands:
    """A user, a control, and an engine that obeys at once unless told otherwise."""

    def __init__(
        self, *, has_releases: bool = True, mode: PttMode = PttMode.TALK, taps_only: bool = False
    ) -> None:
        self.clock = StillClock()
        self.sent: list[str] = []
        self.is_obeyed = True
        self.control = PttControl(self._send, self.clock, taps_only=taps_only)
        self.control.set_releases(has_releases=has_releases)
        mic = Microphone(state=MicState.MUTED, backend="native", ptt=Ptt(mode))
        self.snapshot = in_call(microphone=mic)
        self.control.see(self.snapshot)

    def _send(self, command: Command) -> None:
        self.sent.append(told(command))
        if isinstance(command, SetPtt) and self.is_obeyed:
            self.engine_holds(command.is_down)

    def engine_holds(self, is_down: bool) -> None:
        mic = self.snapshot.microphone
        closes_at = Seconds(NOON + 60) if is_down else None
        ptt = replace(mic.ptt, is_down=is_down, closes_at=closes_at)
        self.see(replace(self.snapshot, microphone=replace(mic, ptt=ptt)))

    def see(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.control.see(snapshot)

    def wait(self, seconds: float) -> None:
        self.clock.now += seconds

    def hold(self, seconds: float, key: str = "f4") -> None:
        self.control.press(key)
        self.wait(seconds)
        self.control.release(key)

    def repeat(self, times: int, key: str = "f4") -> None:
        """As a held key does in a terminal that tells no release."""
        for turn in range(times):
            self.control.press(key)
            self.wait(0.5 if not turn else 0.03)


@pytest.mark.parametrize("key", ["f4", "space", MOUSE])
@pytest.mark.parametrize("mode", list(PttMode))
def test_a_hold_is_one_press_and_one_release(key: str, mode: PttMode) -> None:
    hands = Hands(mode=mode)
    hands.hold(2.0, key)
    assert hands.sent == ["down", "up"]
    assert not hands.control.looks.is_ours


def test_repeats_change_nothing_once_releases_have_been_seen() -> None:
    hands = Hands()
    hands.control.release("shift")
    hands.repeat(30)
    assert hands.sent == ["down"]
    hands.control.release("f4")
    assert hands.sent == ["down", "up"]


def test_a_first_hold_that_repeats_is_a_hold() -> None:
    hands = Hands()
    hands.control.press("f4")
    hands.wait(0.5)
    hands.control.note_repeat()
    hands.repeat(30)
    hands.control.release("f4")
    assert hands.sent == ["down", "up"]


def test_a_terminal_that_promised_releases_and_sends_none_is_tapped() -> None:
    hands = Hands()
    hands.control.press("f4")
    hands.wait(3.0)
    hands.control.press("f4")
    assert hands.sent == ["down", "up"]


def test_the_release_of_another_key_ends_nothing() -> None:
    hands = Hands()
    hands.control.press("space")
    hands.control.release("f4")
    hands.control.release("m")
    hands.control.release(MOUSE)
    assert hands.sent == ["down"]
    hands.control.release("space")
    assert hands.sent == ["down", "up"]


def test_two_taps_lock_and_the_next_one_closes() -> None:
    hands = Hands()
    hands.hold(0.1)
    hands.wait(0.2)
    hands.hold(0.1)
    assert hands.sent == ["down", "up", "down"]
    assert hands.control.looks.is_locked
    hands.wait(10.0)
    hands.control.press("f4")
    assert hands.sent == ["down", "up", "down", "up"]
    hands.wait(0.1)
    hands.control.release("f4")
    assert hands.sent == ["down", "up", "down", "up"]
    assert not hands.control.looks.is_locked


@pytest.mark.parametrize(
    ("first", "gap", "second"),
    [
        (0.1, DOUBLE_TAP + 0.1, 0.1),
        (0.1, 0.1, SHORT_TAP + 0.1),
        (SHORT_TAP + 0.1, 0.1, 0.1),
    ],
)
def test_a_hold_near_a_tap_locks_nothing(first: float, gap: float, second: float) -> None:
    hands = Hands()
    hands.hold(first)
    hands.wait(gap)
    hands.hold(second)
    assert hands.sent == ["down", "up", "down", "up"]


def test_taps_of_two_keys_lock_nothing() -> None:
    hands = Hands()
    hands.hold(0.1, "f4")
    hands.hold(0.1, "space")
    assert hands.sent == ["down", "up"] * 2


def test_without_releases_a_tap_opens_and_the_next_closes() -> None:
    hands = Hands(has_releases=False)
    assert hands.control.looks.rung is Rung.TAP
    hands.control.press("f4")
    assert hands.control.looks.is_locked
    hands.wait(0.2)
    hands.control.press("f4")
    assert hands.sent == ["down", "up"]


def test_a_key_held_without_releases_ends_closed() -> None:
    hands = Hands(has_releases=False)
    hands.repeat(100)
    assert hands.sent == ["down", "up"]
    hands.wait(TAP_GAP)
    hands.control.press("f4")
    assert hands.sent == ["down", "up", "down"]


def test_the_mouse_is_held_even_where_keys_are_tapped() -> None:
    hands = Hands(has_releases=False)
    hands.hold(2.0, MOUSE)
    hands.hold(0.1, MOUSE)
    hands.hold(0.1, MOUSE)
    assert hands.sent == ["down", "up"] * 3


def test_who_prefers_taps_gets_them() -> None:
    hands = Hands(taps_only=True)
    hands.hold(0.1)
    assert hands.sent == ["down"]
    assert hands.control.looks.rung is Rung.TAP


@pytest.mark.parametrize(
    ("mode", "end"), [(PttMode.TALK, "up"), (PttMode.MUTE, "mute")], ids=["talk", "mute"]
)
@pytest.mark.parametrize("has_releases", [True, False])
def test_a_window_that_loses_focus_sends_nothing_any_more(
    mode: PttMode, end: str, has_releases: bool
) -> None:
    hands = Hands(mode=mode, has_releases=has_releases)
    hands.control.press("f4")
    hands.control.interrupt()
    assert hands.sent == ["down", end]
    hands.control.release("f4")
    hands.control.interrupt()
    assert hands.sent == ["down", end]


def test_releases_that_stop_coming_end_what_is_held() -> None:
    hands = Hands()
    hands.control.press("f4")
    hands.control.set_releases(has_releases=False)
    assert hands.sent == ["down", "up"]


def test_a_hold_that_the_engine_ended_is_released_all_the_same_and_not_begun_again() -> None:
    hands = Hands()
    hands.control.release("x")
    hands.control.press("f4")
    hands.engine_holds(False)
    assert not hands.control.looks.is_ours
    hands.repeat(30)
    assert hands.sent == ["down"]
    hands.control.release("f4")
    assert hands.sent == ["down", "up"]


def test_a_latch_that_the_engine_ended_opens_again_with_one_tap() -> None:
    hands = Hands(has_releases=False)
    hands.control.press("f4")
    hands.wait(60.0)
    hands.engine_holds(False)
    assert not hands.control.looks.is_locked
    hands.control.press("f4")
    assert hands.sent == ["down", "down"]


@pytest.mark.parametrize("has_releases", [True, False])
def test_what_is_held_elsewhere_is_ended_by_a_press_here(has_releases: bool) -> None:
    hands = Hands(has_releases=has_releases)
    hands.engine_holds(True)
    hands.control.press("f4")
    hands.control.release("f4")
    assert hands.sent == ["up"]


def test_a_release_goes_out_although_old_news_said_that_nobody_holds() -> None:
    hands = Hands()
    hands.is_obeyed = False
    hands.control.press("f4")
    hands.engine_holds(True)
    hands.engine_holds(False)
    hands.control.release("f4")
    assert hands.sent == ["down", "up"]


def test_a_tap_that_is_refused_latches_nothing() -> None:
    hands = Hands(has_releases=False)
    hands.is_obeyed = False
    hands.see(replace(hands.snapshot, phase=CallPhase.RECONNECTING))
    hands.control.press("f4")
    assert hands.sent == ["down"]
    assert not hands.control.looks.is_locked
    hands.see(replace(hands.snapshot, phase=CallPhase.ESTABLISHED))
    hands.wait(1.0)
    hands.control.press("f4")
    assert hands.sent == ["down", "down"]


def test_by_name_it_opens_and_closes() -> None:
    hands = Hands()
    hands.control.toggle()
    assert hands.control.looks.is_locked
    hands.control.toggle()
    assert hands.sent == ["down", "up"]
