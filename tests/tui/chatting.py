"""The chat of a call screen in a test: opened, written in and read."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.events import Paste

from tests.tui.fake_engine import FakeEngine
from tests.tui.piloting import CallPilot, calling, settle
from woxly_tui.control.messages import SendChat
from woxly_tui.tui.widgets.chat import ChatLines, ChatPane
from woxly_tui.tui.widgets.chat_head import ChatHead


def pane(pilot: CallPilot) -> ChatPane:
    return pilot.app.screen_stack[0].query_one(ChatPane)


def keys(pilot: CallPilot) -> str:
    return pilot.app.screen_stack[0].query_one("#keys").render_line(0).text


def shown(pilot: CallPilot) -> list[str]:
    """The rows of the chat that say something."""
    lines = pilot.app.screen_stack[0].query_one(ChatLines)
    rows = [lines.render_line(y).text.rstrip() for y in range(lines.size.height)]
    return [" ".join(row.split()) for row in rows if row]


def note(pilot: CallPilot) -> str:
    """What stands at the right end of the line over the chat."""
    return pilot.app.screen_stack[0].query_one(ChatHead).note


def said(engine: FakeEngine) -> list[str]:
    return [command.text for command in engine.sent if isinstance(command, SendChat)]


async def paste(pilot: CallPilot, text: str) -> None:
    assert pilot.app.focused is not None
    pilot.app.focused.post_message(Paste(text))
    await settle(pilot)


@asynccontextmanager
async def chatting(
    engine: FakeEngine, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[CallPilot]:
    """The call screen with the chat opened."""
    async with calling(engine, size) as pilot:
        await pilot.press("c")
        await settle(pilot)
        yield pilot
