"""The lobby in a test: opened, driven and read."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.tui.fake_engine import StillClock
from tests.tui.lobby_engine import LobbyEngine
from tests.tui.piloting import CallPilot, settle
from woxly_tui.control.lobby import GoOnline
from woxly_tui.tui.alerts import Alerts
from woxly_tui.tui.app import WoxlyApp
from woxly_tui.tui.bridge import Reviver
from woxly_tui.tui.screens.lobby import LobbyScreen
from woxly_tui.tui.widgets.lobby_list import LobbyList
from woxly_tui.tui.widgets.room_pane import RoomPane


@asynccontextmanager
async def lobbying(
    engine: LobbyEngine,
    size: tuple[int, int] = (80, 24),
    *,
    clock: StillClock | None = None,
    alerts: Alerts | None = None,
    revive: Reviver | None = None,
) -> AsyncIterator[CallPilot]:
    app = WoxlyApp(
        engine, lobby=GoOnline(), clock=clock or StillClock(), alerts=alerts, revive=revive
    )
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        yield pilot
    await engine.aclose()


def lobby(pilot: CallPilot) -> LobbyScreen:
    screen = pilot.app.screen_stack[0]
    assert isinstance(screen, LobbyScreen)
    return screen


def rows(pilot: CallPilot) -> list[str]:
    """The lines of the list in view."""
    view = lobby(pilot).query_one(LobbyList)
    lines = [view.render_line(y).text for y in range(view.size.height)]
    return [" ".join(line.split()) for line in lines if line.strip()]


def chosen(pilot: CallPilot) -> str:
    row = lobby(pilot).list.chosen
    return row.name if row is not None else ""


def notes(pilot: CallPilot) -> str:
    view = lobby(pilot).query_one("#lobby-notes")
    lines = [view.render_line(y).text for y in range(view.size.height)]
    return " ".join(" ".join(lines).split())


def room(pilot: CallPilot) -> RoomPane:
    return pilot.app.screen.query_one(RoomPane)


async def choose(pilot: CallPilot, name: str) -> None:
    """Go down to the row of that name."""
    await pilot.press("home")
    for _ in range(40):
        await settle(pilot)
        if chosen(pilot) == name:
            return
        await pilot.press("down")
    raise AssertionError(f"no row is called {name}")
