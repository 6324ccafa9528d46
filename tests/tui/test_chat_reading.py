"""Reading the chat: scrolled, clicked, and harmless whatever others write."""

import pytest
from textual.events import MouseScrollUp

from tests.tui.chatting import chatting, note, shown
from tests.tui.fake_engine import FakeEngine, in_call, person
from tests.tui.piloting import screen_text, settle, state_line, toasts
from woxly_tui.tui.widgets import links as links_module
from woxly_tui.tui.widgets.chat import ChatLines
from woxly_tui.types import Seconds


async def test_page_keys_scroll_back_while_writing_and_after() -> None:
    engine = FakeEngine(in_call())
    async with chatting(engine) as pilot:
        for number in range(40):
            engine.write(f"line {number}")
        await settle(pilot)
        assert "line 39" in shown(pilot)[-1]
        await pilot.press("pageup", "pageup")
        await settle(pilot)
        before = shown(pilot)
        assert "line 39" not in before[-1]
        assert note(pilot) == "scrolled back"
        engine.write("the newest")
        await settle(pilot)
        assert shown(pilot) == before
        assert note(pilot) == "scrolled back, 1 new"
        await pilot.press("escape", "pagedown", "pagedown", "pagedown")
        await settle(pilot)
        assert "the newest" in shown(pilot)[-1]
        assert note(pilot) == ""


async def test_the_wheel_scrolls_the_chat() -> None:
    engine = FakeEngine(in_call())
    async with chatting(engine) as pilot:
        for number in range(40):
            engine.write(f"line {number}")
        await settle(pilot)
        await pilot._post_mouse_events([MouseScrollUp], widget="#chat-lines", button=0)
        await settle(pilot)
        assert "line 36" in shown(pilot)[-1]


HOSTILE = [
    "\x1b[2J\x1b[H\x1b]0;title\x07cleared",
    "\u202eright to left\u202c \u2066isolated\u2069",
    "zero\u200bwidth\u200f",
    "[b]bold[/b] [red on blue]x[/] [@click=app.quit]q[/]",
    "e" + "\u0301" * 50,
    "👨\u200d👩\u200d👧 ❤\ufe0f 🇩🇪",
    "שלום עולם",
    "x" * 2**20,
    "n\n" * 10_000,
    "漢" * 5000,
]


@pytest.mark.parametrize("size", [(20, 5), (39, 10), (60, 15), (80, 24), (160, 50)])
async def test_hostile_texts_are_text(size: tuple[int, int]) -> None:
    engine = FakeEngine(in_call())
    async with chatting(engine, size) as pilot:
        for text in HOSTILE:
            engine.write(text, "\x1b[31m[b]mallory[/b]\u202e")
            await settle(pilot)
            text = screen_text(pilot)
            assert "\x1b" not in text
            assert "\u202e" not in text
            assert all(line.isprintable() for line in text.replace("\u200e", "").splitlines())
        assert "LIVE" in state_line(pilot).replace(" ", "")
        await pilot.press("pageup", "pagedown", "escape", "escape")
        assert pilot.app.is_running


@pytest.mark.parametrize(("size", "people"), [((60, 15), 5), ((80, 24), 5), ((160, 50), 5)])
async def test_the_roster_stays_usable_beside_it(size: tuple[int, int], people: int) -> None:
    names = [f"friend{number}" for number in range(people - 1)]
    engine = FakeEngine(in_call((*in_call().participants[:1], *(person(n) for n in names))))
    async with chatting(engine, size) as pilot:
        engine.write("hello", "friend1")
        engine.write("and you", "friend2")
        await settle(pilot)
        roster = pilot.app.screen.query_one("#roster")
        drawn = [roster.render_line(y).text.strip() for y in range(roster.size.height)]
        assert len([row for row in drawn if row]) == people
        assert len(shown(pilot)) == 2
        assert "Write to everyone here." in screen_text(pilot)


async def test_a_new_message_does_not_draw_the_roster_again() -> None:
    engine = FakeEngine(in_call())
    async with chatting(engine) as pilot:
        roster = pilot.app.screen.query_one("#roster")
        drawn: list[int] = []
        draw = roster._draw  # type: ignore[attr-defined]  # it is a Roster

        def note_row(row: int) -> object:
            drawn.append(row)
            return draw(row)

        roster._draw = note_row  # type: ignore[attr-defined]  # so here
        engine.write("hello")
        await pilot.press("a", "b")
        await settle(pilot)
        assert drawn == []


async def test_a_click_on_a_link_shows_where_it_leads_and_opens_nothing_without_a_browser(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(links_module, "opener", lambda: None)
    engine = FakeEngine(in_call())
    async with chatting(engine) as pilot:
        engine.write("see https://example.org/ä, ok")
        await settle(pilot)
        lines = pilot.app.screen.query_one(ChatLines)
        row = lines.size.height - 1
        x = lines.render_line(row).text.index("https")
        assert lines.target_at(x - 1, row) is None
        await pilot.click(lines, offset=(x, row))
        await settle(pilot)
        assert toasts(pilot) == "No browser here. The address is https://example.org/%C3%A4"


async def test_a_click_on_a_link_opens_it_where_there_is_a_browser(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[str] = []

    async def remember(command: list[str], target: str) -> bool:
        opened.append(f"{command[0]} {target}")
        return False

    monkeypatch.setattr(links_module, "opener", lambda: ["xdg-open"])
    monkeypatch.setattr(links_module, "open_address", remember)
    engine = FakeEngine(in_call())
    async with chatting(engine) as pilot:
        engine.write("https://example.org/[b]x")
        await settle(pilot)
        assert opened == []
        lines = pilot.app.screen.query_one(ChatLines)
        await pilot.click(lines, offset=(30, lines.size.height - 1))
        await settle(pilot)
        assert opened == ["xdg-open https://example.org/[b]x"]
        assert "Opening https://example.org/[b]x" in toasts(pilot)
        assert "xdg-open did not open" in toasts(pilot)


async def test_time_is_that_of_the_message() -> None:
    engine = FakeEngine(in_call(established_at=Seconds(0.0)))
    async with chatting(engine) as pilot:
        engine.write("hi")
        await settle(pilot)
        hours, minutes = shown(pilot)[-1].split()[-1].split(":")
        assert 0 <= int(hours) < 24
        assert 0 <= int(minutes) < 60
