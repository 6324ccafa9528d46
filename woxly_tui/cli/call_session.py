"""One call from start to end, with a screen or without; shared by `join` and `demo`."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from woxly_tui.errors import INTERRUPTED, ExitCode, UsageError

if TYPE_CHECKING:
    from woxly_tui.call.snapshot import Ending
    from woxly_tui.engine.credentials import CredentialSource
    from woxly_tui.engine.engine import Engine
    from woxly_tui.media.messages import BackendChoice
    from woxly_tui.types import RoomName

CLOSE_LIMIT_S: Final = 5.0
"""Longest wait for screen and engine to end after a signal; then the process just goes."""

_SCREEN_OFF: Final = b"\x1b[?1000;1002;1003;1006;2004;1004l\x1b[<u\x1b[?1049l\x1b[?25h\x1b[0m"
"""Ends mouse reports, bracketed paste, key protocol and alternate screen; shows the cursor."""


@dataclass(frozen=True, slots=True)
class JoinPlan:
    """Everything a call needs to begin."""

    credentials: "CredentialSource"
    room: "RoomName"
    server: str
    """Host and port, for people."""
    backend: "BackendChoice"
    is_muted: bool = False
    is_headless: bool = False
    shows_levels: bool = False
    """Headless only: print levels too."""
    theme: str | None = None
    confirm_leave: bool = True
    log_level: str = "info"
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """Never to be written to a log."""


async def run_call(plan: JoinPlan) -> int:
    """Join, stay until the call ends or the user leaves, and clean up.

    Returns:
        The exit code that says why the call ended.

    Raises:
        UsageError: No terminal could show the call, or there is no such theme.
    """
    from woxly_tui._lib.logs import setup_logging

    if not plan.is_headless:
        check_screen(plan.theme)
    setup_logging(plan.log_level, plan.secrets)
    engine = _engine(plan)
    if plan.is_headless:
        from woxly_tui.cli.headless import run_headless

        try:
            await engine.start()
            return await run_headless(engine, shows_levels=plan.shows_levels)
        finally:
            await engine.aclose()
    ending = await _run_screen(plan, engine)
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


@contextlib.contextmanager
def on_signals(leave: Callable[[], object]) -> Iterator[None]:
    """Call `leave` at the first SIGINT, SIGTERM or SIGHUP; the second ends the process."""
    loop = asyncio.get_running_loop()
    give_up: list[asyncio.TimerHandle] = []
    restore = _terminal_restorer()

    def end() -> None:
        restore()
        os._exit(INTERRUPTED)

    def asked() -> None:
        if give_up:
            end()
        give_up.append(loop.call_later(CLOSE_LIMIT_S, end))
        leave()

    names = ("SIGINT", "SIGTERM", "SIGHUP")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    with contextlib.suppress(NotImplementedError):  # Windows loops have no signal handlers
        for number in numbers:
            loop.add_signal_handler(number, asked)
    try:
        yield
    finally:
        for timer in give_up:
            timer.cancel()
        with contextlib.suppress(NotImplementedError):
            for number in numbers:
                loop.remove_signal_handler(number)


def _terminal_restorer() -> Callable[[], None]:
    """What gives the terminal back as it is now, for an exit that skips everything else."""
    try:
        import termios

        fd = sys.__stdin__.fileno() if sys.__stdin__ else 0
        before = termios.tcgetattr(fd)
    except (ImportError, OSError, ValueError):
        return lambda: None
    except termios.error:
        return lambda: None

    def restore() -> None:
        with contextlib.suppress(OSError, termios.error):
            os.write(2, _SCREEN_OFF)
            termios.tcsetattr(fd, termios.TCSANOW, before)

    return restore


def _engine(plan: JoinPlan) -> "Engine":
    from woxly_tui.engine.engine import Engine

    return Engine(
        credentials=plan.credentials,
        room=plan.room,
        server=plan.server,
        backend=plan.backend,
        is_muted=plan.is_muted,
    )


async def _run_screen(plan: JoinPlan, engine: "Engine") -> "Ending | None":
    from woxly_tui.tui.app import WoxlyApp

    app = WoxlyApp(engine.client(), theme=plan.theme, confirm_leave=plan.confirm_leave)
    with on_signals(app.exit):
        try:
            await engine.start()
            return await app.run_async()
        finally:
            await engine.aclose()
