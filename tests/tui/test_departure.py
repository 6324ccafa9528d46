"""How the screen ends: leaving, detaching, closed terminals, engines that die."""

import pytest

from tests.tui.fake_engine import YOU, FakeEngine, in_call
from tests.tui.piloting import CallPilot, calling, dialog, screen_text, settle, state_line, toasts
from woxly_tui.call.snapshot import CallPhase, Ending, EndReason, Snapshot
from woxly_tui.control.client import EngineClient
from woxly_tui.control.messages import Leave, ToggleMute
from woxly_tui.errors import EngineLost
from woxly_tui.tui.app import WoxlyApp
from woxly_tui.tui.driver import TerminalLost


def app_of(pilot: CallPilot) -> WoxlyApp:
    assert isinstance(pilot.app, WoxlyApp)
    return pilot.app


async def test_ctrl_z_closes_the_screen_and_asks_the_engine_nothing() -> None:
    engine = FakeEngine(in_call())
    async with calling(engine) as pilot:
        await pilot.press("ctrl+z")
        await settle(pilot)
        assert not pilot.app.is_running
        assert app_of(pilot).is_detached
    assert engine.sent == []


@pytest.mark.parametrize("how", ["key", "click"])
async def test_the_question_before_leaving_offers_to_detach(how: str) -> None:
    engine = FakeEngine(in_call())
    async with calling(engine) as pilot:
        await pilot.press("q")
        await settle(pilot)
        assert "Ctrl-Z Detach" in screen_text(pilot)
        if how == "key":
            await pilot.press("ctrl+z")
        else:
            await pilot.click("#detach")
        await settle(pilot)
        assert app_of(pilot).is_detached
    assert engine.sent == []


async def test_a_call_that_ends_with_its_screen_cannot_be_detached_from() -> None:
    engine = FakeEngine(in_call())
    async with calling(engine, can_detach=False) as pilot:
        await pilot.press("ctrl+z")
        await settle(pilot)
        assert "This call ends with its screen" in toasts(pilot)
        await pilot.press("q")
        await settle(pilot)
        assert dialog(pilot) == "LeaveScreen"
        assert "Detach" not in screen_text(pilot)
        await pilot.press("escape")


@pytest.mark.parametrize("hangs_up", [True, False])
async def test_a_closed_terminal_detaches_or_hangs_up(*, hangs_up: bool) -> None:
    engine = FakeEngine(in_call())
    async with calling(engine, hangs_up=hangs_up) as pilot:
        pilot.app.post_message(TerminalLost())
        await settle(pilot)
        assert not pilot.app.is_running
        assert app_of(pilot).is_detached is not hangs_up
    assert engine.sent == ([Leave()] if hangs_up else [])


async def test_there_is_nothing_to_detach_from_after_the_end() -> None:
    engine = FakeEngine(in_call())
    async with calling(engine) as pilot:
        ending = Ending(EndReason.EVICTED, "you joined from somewhere else")
        engine.change(phase=CallPhase.ENDED, ending=ending)
        await settle(pilot)
        await pilot.press("ctrl+z")
        await settle(pilot)
        assert not app_of(pilot).is_detached
    assert pilot.app.return_value == ending


async def test_r_brings_another_engine_in_place_of_one_that_died() -> None:
    engine, second = FakeEngine(in_call()), FakeEngine(in_call((YOU,)))

    async def revive() -> EngineClient:
        return second

    async with calling(engine, revive=revive) as pilot:
        engine.die()
        await settle(pilot)
        assert "woxly's engine is gone." in state_line(pilot)
        assert "r joins again" in screen_text(pilot)
        await pilot.press("r")
        await settle(pilot)
        assert "L I V E" in state_line(pilot)
        assert "only you" in screen_text(pilot)
        await pilot.press("m")
        await settle(pilot)
    assert second.sent == [ToggleMute()]
    assert engine.sent == []


async def test_an_engine_that_cannot_be_brought_back_is_told() -> None:
    engine = FakeEngine(Snapshot(phase=CallPhase.CONNECTING))

    async def revive() -> EngineClient:
        raise EngineLost("the engine ended while it started", "see the log")

    async with calling(engine, revive=revive) as pilot:
        engine.die()
        await settle(pilot)
        await pilot.press("r")
        await settle(pilot)
        assert "ended while it started" in toasts(pilot)
        assert "woxly's engine is gone." in state_line(pilot)
        await pilot.press("q")
        await settle(pilot)
        assert not pilot.app.is_running


async def test_a_call_bound_to_its_screen_is_left_when_the_terminal_is_closed() -> None:
    engine = FakeEngine(in_call())
    async with calling(engine, can_detach=False) as pilot:
        pilot.app.post_message(TerminalLost())
        await settle(pilot)
        assert not pilot.app.is_running
    assert engine.sent == [Leave()]
