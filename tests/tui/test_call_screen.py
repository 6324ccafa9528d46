"""What keys and mouse do: the messages that reach the engine, then the words shown."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.fake_engine import (
    FRIENDS,
    NOON,
    YOU,
    BrokenEngine,
    FakeEngine,
    StillClock,
    in_call,
    person,
)
from woxly_tui.call.snapshot import (
    CallPhase,
    Ending,
    EndReason,
    Microphone,
    MicState,
    Notice,
    Severity,
    Snapshot,
)
from woxly_tui.control.messages import Leave, Rejoin, ToggleDeafen, ToggleMute
from woxly_tui.tui import app as app_module
from woxly_tui.tui import bridge as bridge_module
from woxly_tui.tui.actions import ACTIONS
from woxly_tui.tui.app import WoxlyApp
from woxly_tui.types import Seconds

CallPilot = Pilot[Ending | None]


@asynccontextmanager
async def calling(
    engine: FakeEngine,
    size: tuple[int, int] = (80, 24),
    *,
    confirm_leave: bool = True,
    clock: StillClock | None = None,
) -> AsyncIterator[CallPilot]:
    app = WoxlyApp(engine, confirm_leave=confirm_leave, clock=clock or StillClock())
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        yield pilot
    await engine.aclose()


async def settle(pilot: CallPilot) -> None:
    """Until what was sent is drawn."""
    await pilot.pause(0.05)
    await pilot.pause()


def toasts(pilot: CallPilot) -> str:
    return "\n".join(notification.message for notification in pilot.app._notifications)


def dialog(pilot: CallPilot) -> str:
    """Name of the screen on top."""
    return type(pilot.app.screen).__name__


def screen_text(pilot: CallPilot) -> str:
    strips = pilot.app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips)


def state_line(pilot: CallPilot) -> str:
    """The large word without its spacing, and what stands beside it."""
    state = pilot.app.screen_stack[0].query_one("#state")
    rows = [state.render_line(y).text for y in range(state.size.height)]
    return " ".join("".join(rows).split())


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
        assert time.monotonic() - started < app_module.LEAVE_PATIENCE_S
    assert pilot.app.return_value is None


async def test_ctrl_c_twice_exits_from_the_palette_too() -> None:
    engine = FakeEngine(in_call(), confirm_after_s=None)
    async with calling(engine) as pilot:
        await pilot.press("ctrl+p", "ctrl+c", "ctrl+c")
        await settle(pilot)
        assert not pilot.app.is_running


async def test_leaving_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_module, "LEAVE_PATIENCE_S", 0.1)
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


def rows(pilot: CallPilot) -> list[str]:
    roster = pilot.app.screen_stack[0].query_one("#roster")
    lines = [roster.render_line(y).text for y in range(roster.size.height)]
    return [line for line in lines if line.strip()]


async def test_rows_show_state_and_level_and_do_not_jump() -> None:
    engine = FakeEngine(in_call())
    async with calling(engine) as pilot:
        quiet = [row[:20] for row in rows(pilot)]
        engine.say({"Echo": -20, "Ines": -90})
        await pilot.pause(0.2)
        assert [row[:20] for row in rows(pilot)] == quiet
        own, ann, bob, echo = rows(pilot)
        assert own.startswith("  ▸ Ines (you)")
        assert "muted" in bob
        assert "listening" in ann
        assert "speaking" in echo
        assert " -20 " in echo
        assert "████" in echo


async def test_a_mute_empties_the_meter_at_once() -> None:
    engine = FakeEngine(in_call())
    async with calling(engine) as pilot:
        engine.say({"ann": -10})
        await pilot.pause(0.2)
        assert "█" in rows(pilot)[1]
        people = [replace(p, is_muted=True) if p.name == "ann" else p for p in FRIENDS]
        engine.change(participants=tuple(people))
        await settle(pilot)
        assert "█" not in rows(pilot)[1]
        assert "muted" in rows(pilot)[1]


async def test_nobody_else() -> None:
    async with calling(FakeEngine(in_call((YOU,)))) as pilot:
        assert "Nobody else is here yet." in screen_text(pilot)
        assert "only you" in screen_text(pilot)


async def test_mouse_mutes_by_word_row_and_key() -> None:
    engine = FakeEngine(in_call())
    async with calling(engine) as pilot:
        await pilot.click("#state", offset=(5, 1))
        await pilot.click("#state", offset=(60, 1))
        await pilot.click("#roster", offset=(8, 0))
        await pilot.click("#roster", offset=(8, 2))
        await pilot.click("#keys", offset=(3, 0))
        await settle(pilot)
        assert engine.sent == [ToggleMute()] * 3
        await pilot.click("#keys", offset=(77, 0))
        await settle(pilot)
        assert dialog(pilot) == "LeaveScreen"
        await pilot.click("#stay")
        await settle(pilot)
        assert dialog(pilot) != "LeaveScreen"


async def test_bare_letters_are_text_while_an_input_has_the_focus() -> None:
    engine = FakeEngine(in_call())
    async with calling(engine) as pilot:
        field = Input()
        await pilot.app.screen.mount(field)
        field.focus()
        await pilot.press("m", "q", "f2")
        await settle(pilot)
        assert field.value == "mq"
        assert engine.sent == [ToggleMute()]


async def test_the_palette_lists_every_action() -> None:
    async with calling(FakeEngine(in_call())) as pilot:
        listed = {c.title for c in pilot.app.get_system_commands(pilot.app.screen)}
        assert listed == {a.label.capitalize() for a in ACTIONS if a.in_palette}
        await pilot.press("ctrl+p")
        await pilot.press(*"deafen")
        await pilot.pause(0.3)
        await pilot.press("down", "enter")
        await settle(pilot)
        client = pilot.app.bridge._client  # type: ignore[attr-defined]  # it is a WoxlyApp
        assert client.sent == [ToggleDeafen()]


async def test_help_shows_every_key() -> None:
    async with calling(FakeEngine(in_call()), (80, 50)) as pilot:
        await pilot.press("question_mark")
        await settle(pilot)
        text = screen_text(pilot)
        for action in ACTIONS:
            assert action.help in text
        await pilot.press("m", "q")
        assert dialog(pilot) != "HelpScreen"


async def test_notices_are_plain_text() -> None:
    engine = FakeEngine(in_call())
    async with calling(engine) as pilot:
        notice = Notice(Severity.WARNING, "[red]x[/red] \x1b[31mleft", "ask [bold]her[/bold]")
        for _ in range(5):
            engine.note(notice)
        await settle(pilot)
        assert toasts(pilot) == "[red]x[/red] [31mleft.\nAsk [bold]her[/bold]."


@pytest.mark.parametrize("size", [(10, 3), (20, 5), (39, 10), (60, 15), (80, 24), (200, 60)])
async def test_every_size_shows_the_state_word(size: tuple[int, int]) -> None:
    async with calling(FakeEngine(in_call()), size) as pilot:
        assert "LIVE" in state_line(pilot).replace(" ", "")
        await pilot.press("question_mark", "escape", "q", "escape")


async def test_a_hundred_people_scroll_and_keys_stay_quick() -> None:
    people = (YOU, *(person(f"friend {number}") for number in range(99)))
    engine = FakeEngine(in_call(people))
    async with calling(engine) as pilot:
        await pilot.press("end")
        await settle(pilot)
        assert "friend 98" in rows(pilot)[-1]
        await pilot.press("k", "pageup")
        await settle(pilot)
        assert "friend 98" not in screen_text(pilot)
        await pilot.press("home", "j")
        await settle(pilot)
        assert "friend 0" in rows(pilot)[0]
        for step in range(20):
            engine.say({p.name: -20 - (step * 7 + i) % 30 for i, p in enumerate(people)})
            await asyncio.sleep(0.02)
        engine.confirm_after_s = None
        waits = []
        for _ in range(8):
            engine.say({p.name: -25 for p in people})
            started = time.monotonic()
            await pilot._wait_for_screen()
            pilot.app.action_mute()  # type: ignore[attr-defined]  # it is a WoxlyApp
            await pilot.pause()
            waits.append(time.monotonic() - started)
        assert sorted(waits)[len(waits) // 2] < 0.15


async def test_nothing_runs_when_nothing_moves() -> None:
    engine = FakeEngine(in_call(), confirm_after_s=0.0)
    async with calling(engine) as pilot:
        engine.say({"ann": -20})
        await pilot.pause(0.2)
        roster = pilot.app.screen_stack[0].query_one("#roster")
        assert roster._timer is None  # type: ignore[attr-defined]  # it is a Roster


async def test_t_changes_every_colour() -> None:
    async def picture(keys: str, theme: str) -> str:
        engine = FakeEngine(in_call())
        app = WoxlyApp(engine, theme=theme, clock=StillClock())
        async with app.run_test(size=(80, 24)) as pilot:
            await settle(pilot)
            await pilot.press(*keys)
            await settle(pilot)
            return app.export_screenshot()

    assert await picture("t", "dark") == await picture("", "light")
    assert await picture("t", "light") == await picture("", "dark")
