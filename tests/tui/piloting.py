"""The call screen in a test: opened, driven and read."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from tests.tui.fake_engine import (
    FakeEngine,
    StillClock,
)
from woxly_tui.call.snapshot import (
    Ending,
)
from woxly_tui.tui.app import WoxlyApp
from woxly_tui.tui.bridge import Reviver

CallPilot = Pilot[Ending | None]


@asynccontextmanager
async def calling(
    engine: FakeEngine,
    size: tuple[int, int] = (80, 24),
    *,
    confirm_leave: bool = True,
    hangs_up: bool = False,
    can_detach: bool = True,
    revive: Reviver | None = None,
    clock: StillClock | None = None,
) -> AsyncIterator[CallPilot]:
    app = WoxlyApp(
        engine,
        confirm_leave=confirm_leave,
        hangs_up=hangs_up,
        can_detach=can_detach,
        revive=revive,
        clock=clock or StillClock(),
    )
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
