"""How a command ends when it is told to, whatever the event loop is doing."""

import asyncio
import contextlib
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Final

from woxly_tui.errors import INTERRUPTED

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


@contextlib.contextmanager
def on_signals(
    leave: Callable[[], object],
    *,
    closed: Callable[[], object] | None = None,
    has_screen: bool = False,
) -> Iterator[None]:
    """Call `leave` on the event loop at the first SIGINT, SIGTERM or SIGHUP.

    A second one ends the process at once, as CLOSE_LIMIT_S after the first do, whatever the
    event loop is doing. A hang-up hurries nobody: it comes from kernel and shell, so twice.
    From the main thread only.

    Args:
        leave: Begins an orderly end; the block must not last long after it.
        closed: Called in its place where the terminal is closed or the session ends: for
            SIGHUP and SIGTERM.
        has_screen: A forced end has to take the screen down.
    """
    loop = asyncio.get_running_loop()
    restore = _terminal_restorer() if has_screen else lambda: None
    told: queue.SimpleQueue[bool] = queue.SimpleQueue()
    seen: list[int] = []

    def end() -> None:
        restore()
        os._exit(INTERRUPTED)

    def asked(number: int, frame: object) -> None:  # noqa: ARG001 - a signal handler's signature
        seen.append(number)
        if len(seen) == 1:
            told.put(True)
            is_typed = signal.Signals(number).name == "SIGINT"
            loop.call_soon_threadsafe(leave if is_typed or closed is None else closed)
        elif signal.Signals(number).name != "SIGHUP":
            end()

    watch = threading.Thread(target=_watch, args=(told, end), name="signal limit", daemon=True)
    watch.start()
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.signal(number, asked) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)
        told.put(False)


def _watch(told: "queue.SimpleQueue[bool]", end: Callable[[], None]) -> None:
    """End what was told to end and has not done so in time; runs in a thread."""
    is_asked = told.get()
    if is_asked:
        with contextlib.suppress(queue.Empty):
            is_asked = told.get(timeout=CLOSE_LIMIT_S)
    if is_asked:
        end()


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
