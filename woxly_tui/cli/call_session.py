"""One call from start to end, with a screen or without; shared by `join`, `demo` and the rest.

The engine holds the call; what runs here is a front end of it.
"""

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from woxly_tui.errors import EngineLost, ExitCode, UsageError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from woxly_tui.call.snapshot import Ending
    from woxly_tui.config import Loaded
    from woxly_tui.config.settings import CueSettings, NotifySettings
    from woxly_tui.control.client import EngineClient
    from woxly_tui.control.lobby import GoOnline
    from woxly_tui.control.messages import Join
    from woxly_tui.notify.notifier import Notifier
    from woxly_tui.tui.app import WoxlyApp


@dataclass(frozen=True, slots=True)
class FrontEnd:
    """How this user's front ends behave, as the settings say."""

    theme: str | None = None
    confirm_leave: bool = True
    hangs_up: bool = False
    """Leave the call when the terminal is closed."""
    ptt_taps: bool = False
    """Tap the push-to-talk key even where the terminal tells of releases."""
    is_bound: bool = False
    """The call cannot outlive this process: it holds the server."""
    log_level: str = "info"
    stays_online: bool = False
    """Start an engine that stays without a call."""
    notify: "NotifySettings | None" = None
    """How the terminal tells of rings."""
    cues: "CueSettings | None" = None
    """How the sounds are played that say what happens."""


@dataclass(frozen=True, slots=True)
class JoinPlan:
    """Everything a call needs to begin."""

    join: "Join"
    front_end: FrontEnd
    is_headless: bool = False
    is_plain: bool = False
    """Lines and words in place of the screen."""
    shows_levels: bool = False
    """Headless only: print levels too."""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """Never to be written to a log."""


def front_end_of(loaded: "Loaded", *, is_bound: bool = False) -> FrontEnd:
    """What the settings say.

    Args:
        loaded: The settings.
        is_bound: The call cannot outlive this process.
    """
    config = loaded.config
    return FrontEnd(
        theme=config.ui.theme or None,
        confirm_leave=config.call.confirm_leave and not is_bound,
        hangs_up=is_bound or config.call.on_close == "hang_up",
        ptt_taps=config.ptt.rung == "tap",
        is_bound=is_bound,
        log_level=config.log.level,
        stays_online=config.engine.stay_online,
        notify=config.notify,
        cues=config.cues,
    )


async def run_call(plan: JoinPlan) -> int:
    """Join, stay until the call ends or the user leaves or detaches.

    Returns:
        The exit code that says why the call ended.

    Raises:
        UsageError: No terminal could show the call, or there is no such theme.
        WoxlyError: No engine can be had, or it is in another call.
    """
    from woxly_tui._lib.logs import setup_logging
    from woxly_tui.cli.engine_link import demand, open_engine, tell_cues
    from woxly_tui.control.socket_client import LEVELS_HZ

    front_end = plan.front_end
    has_screen = not (plan.is_headless or plan.is_plain)
    if has_screen:
        check_screen(front_end.theme)
    setup_logging(front_end.log_level, plan.secrets)
    client = await open_engine(
        front_end,
        levels_hz=LEVELS_HZ if plan.shows_levels or has_screen else 0,
        hangs_up=plan.is_headless or front_end.hangs_up,
    )
    try:
        await tell_cues(client, front_end.cues)
        await demand(client, plan.join)
        if plan.is_headless:
            from woxly_tui.cli.headless import run_headless

            return await run_headless(client, shows_levels=plan.shows_levels)
        if plan.is_plain:
            from woxly_tui.cli.plain import run_plain

            return await run_plain(client, front_end)
        return await run_screen(client, front_end)
    finally:
        await client.aclose()


async def run_screen(
    client: "EngineClient",
    front_end: FrontEnd,
    reach_again: "Callable[[], Awaitable[EngineClient]] | None" = None,
    *,
    lobby: "GoOnline | None" = None,
    lost_room: str = "",
) -> int:
    """Show the call the engine is in until it is over, or the user goes.

    Args:
        client: The engine.
        front_end: What the user set.
        reach_again: The way back to an engine that was lost; or else another is started.
        lobby: Whose friends and rooms to show while there is no call.
        lost_room: The room of a call that an engine died in.

    Returns:
        The exit code that says why the call ended; OK where it goes on.
    """
    from woxly_tui.cli.engine_link import revive
    from woxly_tui.tui.app import WoxlyApp

    async def again() -> "EngineClient":
        return await revive(front_end)

    alerts = await _alerts(front_end, lambda text: app.pass_on(text))
    app = WoxlyApp(
        client,
        theme=front_end.theme,
        confirm_leave=front_end.confirm_leave,
        ptt_taps=front_end.ptt_taps,
        hangs_up=front_end.hangs_up,
        can_detach=not front_end.is_bound,
        revive=None if front_end.is_bound else reach_again or again,
        lobby=lobby,
        alerts=alerts,
    )
    app.ring_desk.has_bell = front_end.notify is None or front_end.notify.bell
    app.lobby_data.lost_room = lost_room
    return report(await show_call(app))


async def _alerts(front_end: FrontEnd, write: "Callable[[str], None]") -> "Notifier | None":
    """What tells this terminal of rings; its bell is the screen's own."""
    import asyncio
    import os

    from woxly_tui.notify.notifier import Notifier
    from woxly_tui.notify.terminal import TerminalSurface, outside

    if front_end.notify is None:
        return None
    where = await asyncio.to_thread(outside, os.environ, front_end.notify.terminal)
    return Notifier([TerminalSurface(write, where, has_bell=False)])


def report(ending: "Ending | None") -> ExitCode:
    """Tell the user why the call ended, unless they know; returns the exit code."""
    if ending is None:
        return ExitCode.OK
    code = exit_code(ending)
    if code is not ExitCode.OK:
        sys.stderr.write(f"woxly: {ending.message}\n")
        if ending.remedy:
            sys.stderr.write(f"  {ending.remedy}\n")
    return code


def check_screen(theme: str | None) -> None:
    """Refuse what could not be shown, before anything long begins.

    Raises:
        UsageError: No terminal could show the call, or there is no such theme.
    """
    from woxly_tui.tui.terminal import terminal_problem

    if problem := terminal_problem():
        message, _, remedy = problem.partition(": ")
        raise UsageError(message, remedy)
    if theme is not None:
        from woxly_tui.tui.theme import theme_name

        theme_name(theme)


def exit_code(ending: "Ending") -> ExitCode:
    """The exit code for the way a call ended."""
    return ExitCode.OK if ending.reason == "left" else ExitCode[ending.reason.name]


async def show_call(app: "WoxlyApp") -> "Ending | None":
    """Show the call until it is over or the user goes, and let go of the engine.

    Raises:
        Exception: Whatever went wrong inside the app; the terminal is as it was before.
    """
    from woxly_tui.cli.engine_link import detach
    from woxly_tui.cli.signals import on_signals

    with on_signals(app.leave_by_signal, closed=app.close_by_signal, has_screen=True):
        try:
            ending = await app.run_async()
        finally:
            client = app.bridge.client
            if app.is_detached:
                await detach(client)
            await client.aclose()
    if app.crash is not None:
        raise app.crash
    if app.bridge.view.is_engine_gone and ending is None and app.lobby_screen is None:
        raise EngineLost("the engine ended in the call", "`woxly rejoin` returns to it")
    return ending
