"""What keys do: the messages that reach the engine, then the words shown."""

import time

import pytest

from tests.tui.fake_engine import (
    FRIENDS,
    NOON,
    YOU,
    BrokenEngine,
    FakeEngine,
    StillClock,
    in_call,
)
from tests.tui.piloting import calling, dialog, screen_text, settle, state_line, toasts
from woxly_tui.call.snapshot import (
    CallPhase,
    Ending,
    EndReason,
    Microphone,
    MicState,
    Snapshot,
)
from woxly_tui.control.messages import Leave, Rejoin, ToggleDeafen, ToggleMute
from woxly_tui.tui import bridge as bridge_module
from woxly_tui.tui import departure
from woxly_tui.types import Seconds


async def test_m_sends_one_toggle_and_the_word_waits_for_its_confirmation() -> None:
    engine = FakeEngine(in_call(), confirm_after_s=None)
    async with calling(engine) as pilot:
        assert "L I V E" in state_line(pilot)
        await pilot.press("m")
        await settle(pilot)
        assert engine.sent == [ToggleMute()]
        assert "L I V E" in state_line(pilot)
        assert "muting…" in state_line(pilot)
        engine.gate.set()
        await settle(pilot)
        assert "M U T E D" in state_line(pilot)
        assert "muting" not in state_line(pilot)
        assert engine.sent == [ToggleMute()]


async def test_d_deafens_and_function_keys_do_the_same() -> None:
    engine = FakeEngine(in_call())
    async with calling(engine) as pilot:
        await pilot.press("d")
        await settle(pilot)
        assert "D E A F E N E D" in state_line(pilot)
        await pilot.press("f3", "f2")
        await settle(pilot)
        assert engine.sent == [ToggleDeafen(), ToggleDeafen(), ToggleMute()]


async def test_an_unanswered_mute_is_shown_as_failing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge_module, "PATIENCE_S", 0.05)
    engine = FakeEngine(in_call(), confirm_after_s=None)
    async with calling(engine) as pilot:
        await pilot.press("m")
        await pilot.pause(0.15)
        assert "L I V E" in state_line(pilot)
        assert "muting… Not confirmed: others may still hear you" in state_line(pilot)


async def test_keys_work_while_the_engine_never_answers() -> None:
    engine = FakeEngine(in_call(), confirm_after_s=None)
    async with calling(engine) as pilot:
        started = time.monotonic()
        await pilot.press(*"mdmdmdmdmdmd")
        assert len(engine.sent) == bridge_module.MAX_UNANSWERED
        await pilot.press("question_mark")
        assert dialog(pilot) == "HelpScreen"
        await pilot.press("escape", "t")
        assert pilot.app.theme == "woxly-light"
        assert time.monotonic() - started < 5


async def test_a_refused_command_says_why() -> None:
    engine = FakeEngine(in_call())
    engine.refusal = "the microphone was unplugged"
    async with calling(engine) as pilot:
        await pilot.press("m")
        await settle(pilot)
        assert toasts(pilot) == "the microphone was unplugged.\nTry later."
        assert "L I V E" in state_line(pilot)


async def test_a_broken_link_is_a_message_not_a_crash() -> None:
    engine = BrokenEngine(in_call())
    async with calling(engine) as pilot:
        await pilot.press("m")
        await settle(pilot)
        assert "the engine is gone." in toasts(pilot)


async def test_q_leaves_at_once_when_alone() -> None:
    engine = FakeEngine(in_call((YOU,)))
    async with calling(engine) as pilot:
        await pilot.press("q")
        await settle(pilot)
    assert engine.sent == [Leave()]
    ending = pilot.app.return_value
    assert ending is not None
    assert ending.reason is EndReason.LEFT


async def test_q_asks_when_others_are_there_and_esc_stays() -> None:
    engine = FakeEngine(in_call())
    async with calling(engine) as pilot:
        await pilot.press("q")
        await settle(pilot)
        assert dialog(pilot) == "LeaveScreen"
        assert "3 others are still here." in screen_text(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert engine.sent == []
        assert dialog(pilot) != "LeaveScreen"
        await pilot.press("q", "enter")
        await settle(pilot)
    assert engine.sent == [Leave()]


async def test_q_does_not_ask_when_told_not_to() -> None:
    engine = FakeEngine(in_call())
    async with calling(engine, confirm_leave=False) as pilot:
        await pilot.press("q")
        await settle(pilot)
    assert engine.sent == [Leave()]


async def test_one_other_is_counted_in_words() -> None:
    engine = FakeEngine(in_call(FRIENDS[:2]))
    async with calling(engine) as pilot:
        await pilot.press("ctrl+c")
        await settle(pilot)
        assert "One other is still here." in screen_text(pilot)
        await pilot.press("escape")


@pytest.mark.parametrize("others", [0, 3])
async def test_ctrl_c_twice_exits_although_the_engine_never_answers(others: int) -> None:
    engine = FakeEngine(in_call(FRIENDS[: others + 1]), confirm_after_s=None)
    async with calling(engine) as pilot:
        started = time.monotonic()
        await pilot.press("ctrl+c", "ctrl+c")
        await settle(pilot)
        assert not pilot.app.is_running
        assert time.monotonic() - started < departure.LEAVE_PATIENCE_S
    assert pilot.app.return_value is None


async def test_ctrl_c_twice_exits_from_the_palette_too() -> None:
    engine = FakeEngine(in_call(), confirm_after_s=None)
    async with calling(engine) as pilot:
        await pilot.press("ctrl+p", "ctrl+c", "ctrl+c")
        await settle(pilot)
        assert not pilot.app.is_running


async def test_leaving_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(departure, "LEAVE_PATIENCE_S", 0.1)
    engine = FakeEngine(in_call((YOU,)), confirm_after_s=None)
    async with calling(engine) as pilot:
        await pilot.press("q")
        assert "leaving…" in state_line(pilot)
        await pilot.pause(0.3)
        assert not pilot.app.is_running


async def test_the_end_of_the_call_is_told_and_r_joins_again() -> None:
    clock = StillClock()
    engine = FakeEngine(in_call())
    async with calling(engine, clock=clock) as pilot:
        ending = Ending(EndReason.EVICTED, "you joined from somewhere else", "leave there first")
        engine.change(phase=CallPhase.ENDED, ending=ending)
        await settle(pilot)
        clock.now += 500
        text = screen_text(pilot)
        assert "E N D E D" in text
        assert "You joined from somewhere else." in text
        assert "Leave there first." in text
        assert "The call lasted 12:41." in text
        await pilot.press("m")
        assert engine.sent == []
        await pilot.press("r")
        await settle(pilot)
        assert engine.sent == [Rejoin()]
        assert "C O N N E C T I N G" in state_line(pilot)
        engine.change(phase=CallPhase.ENDED, ending=ending)
        await settle(pilot)
        await pilot.press("q")
        await settle(pilot)
    assert pilot.app.return_value == ending


async def test_a_call_that_never_began_closes_the_screen_with_its_reason() -> None:
    engine = FakeEngine(Snapshot(phase=CallPhase.CONNECTING))
    ending = Ending(EndReason.TOKEN, "the token has expired", "mint a new one")
    async with calling(engine) as pilot:
        assert "C O N N E C T I N G" in state_line(pilot)
        engine.change(phase=CallPhase.ENDED, ending=ending)
        await settle(pilot)
        assert not pilot.app.is_running
    assert pilot.app.return_value == ending


async def test_an_engine_that_goes_is_told() -> None:
    engine = FakeEngine(in_call())
    async with calling(engine) as pilot:
        engine.die()
        await settle(pilot)
        assert "woxly's engine is gone." in state_line(pilot)
        await pilot.press("q")
        await settle(pilot)
        assert not pilot.app.is_running


async def test_r_tries_again_at_once_while_reconnecting() -> None:
    clock = StillClock()
    engine = FakeEngine(in_call())
    async with calling(engine, clock=clock) as pilot:
        await pilot.press("r")
        assert engine.sent == []
        engine.change(
            phase=CallPhase.RECONNECTING,
            trouble="the server does not answer",
            retry_at=Seconds(NOON + 4),
        )
        await settle(pilot)
        assert "R E C O N N E C T I N G" in state_line(pilot)
        assert "The server does not answer. Next try in 4 s, or press r." in screen_text(pilot)
        await pilot.press("r")
        assert engine.sent == [Rejoin()]


async def test_no_microphone_says_why_for_as_long_as_it_lasts() -> None:
    absent = Microphone(state=MicState.ABSENT, backend="null", cause="no sound server runs")
    engine = FakeEngine(in_call(microphone=absent))
    async with calling(engine, (60, 15)) as pilot:
        text = screen_text(pilot)
        assert "NO MIC" in text
        assert "No sound here" in text
        assert "No sound server runs." in " ".join(text.split())
