"""Push-to-talk in a call: what is sent, what is shown, what is said."""

from collections.abc import Callable
from typing import Final

import pytest

from tests.unit.call.world import World, in_call
from woxly_tui.call import events as happened
from woxly_tui.call.ptt import MAX_HOLD, TAIL, WARN_BEFORE
from woxly_tui.call.snapshot import PttMode, StateWord


def held(mode: PttMode = PttMode.TALK) -> World:
    """A call in which the key is down and makes a difference."""
    world = in_call(is_muted=mode is PttMode.TALK, ptt_mode=mode)
    world.hold(is_down=True)
    world.settle()
    assert world.worker.is_sending == (mode is PttMode.TALK)
    return world


def test_the_microphone_is_open_while_the_key_is_held_and_for_the_tail() -> None:
    world = held()
    assert world.see().state_word is StateWord.LIVE
    assert world.see().microphone.ptt.is_down
    world.hold(is_down=False)
    world.settle()
    assert world.see().state_word is StateWord.LIVE
    world.pass_time(TAIL)
    world.settle()
    assert world.see().state_word is StateWord.MUTED
    assert not world.see().microphone.ptt.is_down
    assert world.see().microphone.wanted_muted


def test_push_to_mute_is_its_inverse() -> None:
    world = held(PttMode.MUTE)
    assert world.see().state_word is StateWord.MUTED
    world.hold(is_down=False)
    world.settle()
    assert world.see().state_word is StateWord.LIVE


@pytest.mark.parametrize("act", [happened.MuteSet(on=True), happened.MuteToggled()])
@pytest.mark.parametrize("mode", list(PttMode))
def test_muting_ends_a_hold_and_outlasts_it(act: happened.CallEvent, mode: PttMode) -> None:
    world = held(mode)
    world.feed(act)
    world.settle()
    assert not world.worker.is_sending
    assert not world.see().microphone.ptt.is_down
    world.hold(is_down=False)
    world.pass_time(1.0)
    world.settle()
    assert not world.worker.is_sending


@pytest.mark.parametrize("mode", list(PttMode))
def test_deafen_wins_over_the_key(mode: PttMode) -> None:
    world = held(mode)
    world.feed(happened.DeafenSet(on=True))
    world.settle()
    assert world.see().state_word is StateWord.DEAFENED
    world.hold(is_down=True)
    world.settle()
    assert not world.worker.is_sending
    world.feed(happened.DeafenSet(on=False))
    world.settle()
    assert world.see().state_word is StateWord.MUTED


def interrupt(world: World) -> None:
    session = world.worker.session
    assert session is not None
    world.report(happened.SessionInterrupted(session))
    world.report(happened.SessionResumed(session))


def moderate(world: World) -> None:
    session = world.worker.session
    assert session is not None
    world.worker.is_sending = False
    world.report(happened.MicrophoneApplied(session, 0, is_open=False))


ENDS: Final[dict[str, Callable[[World], object]]] = {
    "the session is lost": World.lose_session,
    "the worker dies": World.crash_worker,
    "the SDK reconnects": interrupt,
    "a moderator mutes": moderate,
    "the machine sleeps": lambda world: world.feed(happened.MachineSlept()),
    "the user leaves": lambda world: world.feed(happened.LeaveAsked(), happened.RetryAsked()),
    "the screen dies": lambda world: world.feed(happened.PttAbandoned(round(world.now * 1e9))),
    "it is held too long": lambda world: world.pass_time(MAX_HOLD),
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("mode", list(PttMode))
def test_a_hold_that_ends_without_a_release_leaves_us_muted(end: str, mode: PttMode) -> None:
    world = held(mode)
    ENDS[end](world)
    world.settle()
    world.pass_time(5.0)
    world.settle()
    assert world.see().state_word is StateWord.MUTED
    assert not world.see().microphone.ptt.is_down
    assert not world.worker.is_sending
    world.hold(is_down=False)
    world.settle()
    assert not world.worker.is_sending


def test_the_end_of_a_long_hold_is_told_before_and_at_it() -> None:
    world = held()
    world.pass_time(MAX_HOLD - WARN_BEFORE - 0.1)
    assert world.notices == []
    world.pass_time(0.2)
    assert [notice.text for notice in world.notices] == ["Push-to-talk ends by itself in 10 s"]
    world.pass_time(WARN_BEFORE)
    assert world.notices[-1].text == "Push-to-talk ended after 60 s"
    assert len(world.notices) == 2


def test_a_hold_that_changes_nothing_ends_without_a_word() -> None:
    world = in_call()
    world.hold(is_down=True)
    world.pass_time(MAX_HOLD + 1.0)
    assert world.notices == []
    assert world.see().state_word is StateWord.LIVE


def test_somebody_elses_screen_that_dies_ends_nothing() -> None:
    world = held()
    world.feed(happened.PttAbandoned(4711))
    world.settle()
    assert world.worker.is_sending
    assert world.notices == []


def test_there_is_no_holding_before_the_call_stands() -> None:
    world = World(is_muted=True)
    world.hold(is_down=True)
    world.feed(world.join_asked)
    world.settle()
    assert not world.worker.is_sending
    assert not world.see().microphone.ptt.is_down
