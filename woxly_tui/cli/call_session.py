"""One call from start to end, with a screen or without; shared by `join` and `demo`."""

import asyncio
import contextlib
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from woxly_tui.errors import INTERRUPTED, ExitCode, UsageError

if TYPE_CHECKING:
    from woxly_tui.call.snapshot import Ending
    from woxly_tui.engine.credentials import CredentialSource
    from woxly_tui.engine.engine import Engine
    from woxly_tui.media.messages import BackendChoice
    from woxly_tui.tui.app import WoxlyApp
    from woxly_tui.types import RoomName

CLOSE_LIMIT_S: Final = 5.0
"""Longest wait for screen and engine to end after a signal; then the process just goes."""

RESTORE_LIMIT_S: Final = 0.3
"""How long a terminal that reads nothing may hold up a forced end."""

_SCREEN_OFF: Final = (
    b"\x1b[?2026l"  # an update that waits for its end
    b"\x1b[?1000;1002;1003;1006;1015;1016l"  # mouse reports
    b"\x1b[?2004;1004;2048l"  # bracketed paste, focus and size reports
    b"\x1b[?7h"  # lines wrap again
    b"\x1b[<u"  # key protocol; must come before the alternate screen ends
    b"\x1b[?1049l\x1b[?25h\x1b[0m"
    b"\x1b[23;2t"  # the window's title
)
"""Takes back all that Textual and our driver set."""


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


class Startable(Protocol):
    """An engine, as far as its life is concerned."""

    async def start(self) -> None: ...

    async def aclose(self) -> None: ...


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
def on_signals(leave: Callable[[], object], *, has_screen: bool = False) -> Iterator[None]:
    """Call `leave` on the event loop at the first SIGINT, SIGTERM or SIGHUP.

    A second one ends the process at once, as CLOSE_LIMIT_S after the first do, whatever the
    event loop is doing. A hang-up hurries nobody: it comes from kernel and shell, so twice.
    From the main thread only.

    Args:
        leave: Begins an orderly end; the block must not last long after it.
        has_screen: A forced end has to take the screen down.
    """
    loop = asyncio.get_running_loop()
    restore = _terminal_restorer() if has_screen else lambda: None
    told: queue.SimpleQueue[bool] = queue.SimpleQueue()
    seen: list[int] = []

    def end() -> None:
        restore()
        os._exit(INTERRUPTED)

    def watch() -> None:
        is_asked = told.get()
        if is_asked:
            with contextlib.suppress(queue.Empty):
                is_asked = told.get(timeout=CLOSE_LIMIT_S)
        if is_asked:
            end()

    def asked(number: int, frame: object) -> None:  # noqa: ARG001 - a signal handler's signature
        seen.append(number)
        if len(seen) == 1:
            told.put(True)
            loop.call_soon_threadsafe(leave)
        elif signal.Signals(number).name != "SIGHUP":
            end()

    threading.Thread(target=watch, name="signal limit", daemon=True).start()
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.signal(number, asked) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)
        told.put(False)


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

    def take_down() -> None:
        # Or a process in the background would be stopped here.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
        with contextlib.suppress(OSError, termios.error):
            termios.tcsetattr(fd, termios.TCSANOW, before)
        with contextlib.suppress(OSError):
            os.write(2, _SCREEN_OFF)

    def restore() -> None:
        # In a thread: writing waits for ever where nobody reads the terminal.
        writer = threading.Thread(target=take_down, name="screen off", daemon=True)
        writer.start()
        writer.join(RESTORE_LIMIT_S)

    return restore


def _engine(plan: JoinPlan) -> "Engine":
    from woxly_tui.engine.engine import Engine
    from woxly_tui.engine.volume_store import VolumeStore, volumes_path

    return Engine(
        credentials=plan.credentials,
        room=plan.room,
        server=plan.server,
        backend=plan.backend,
        is_muted=plan.is_muted,
        volumes=VolumeStore(volumes_path()),
    )


async def _run_screen(plan: JoinPlan, engine: "Engine") -> "Ending | None":
    from woxly_tui.tui.app import WoxlyApp

    app = WoxlyApp(engine.client(), theme=plan.theme, confirm_leave=plan.confirm_leave)
    return await show_call(app, engine)


async def show_call(app: "WoxlyApp", engine: "Startable") -> "Ending | None":
    """Start the engine, show the call until it is over, and close the engine.

    Raises:
        Exception: Whatever went wrong inside the app; the terminal is as it was before.
    """
    with on_signals(app.leave_by_signal, has_screen=True):
        try:
            await engine.start()
            ending = await app.run_async()
        finally:
            await engine.aclose()
    if app.crash is not None:
        raise app.crash
    return ending
