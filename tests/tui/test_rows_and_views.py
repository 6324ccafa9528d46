"""What is drawn: rows, sizes, palette, help, toasts, and what the mouse does with it."""

import asyncio
from dataclasses import replace

import pytest
from textual.widgets import Input

from tests.tui.fake_engine import (
    FRIENDS,
    YOU,
    FakeEngine,
    StillClock,
    in_call,
    person,
)
from tests.tui.piloting import CallPilot, calling, dialog, screen_text, settle, state_line, toasts
from woxly_tui.call.snapshot import (
    Notice,
    Severity,
)
from woxly_tui.control.messages import ToggleDeafen, ToggleMute
from woxly_tui.tui.actions import ACTIONS
from woxly_tui.tui.app import WoxlyApp


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
        client = pilot.app.bridge.client  # type: ignore[attr-defined]  # it is a WoxlyApp
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


async def test_a_hundred_people_scroll_and_keys_work_while_they_talk() -> None:
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
        engine.say({p.name: -25 for p in people})
        await pilot.press("m")
        await settle(pilot)
        assert engine.sent == [ToggleMute()]
        assert state_line(pilot).startswith("M U T E D")


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
