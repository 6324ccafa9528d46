"""The terminal driver: few bytes, never in the way of the call, gone when the terminal is.

event loop: write ──► CellScreen ──► at most MAX_IN_FLIGHT pieces ──► writer thread ──► tty
                              ▲                                             │
                              └──────────── drained: send what is newest ◄──┘
"""

import asyncio
import threading
import time
from collections.abc import Callable
from io import TextIOWrapper
from typing import IO, Any, Final, cast

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from woxly_tui.tui.cells import CellScreen

MAX_IN_FLIGHT: Final = 8
"""Pieces of output a stalled terminal may leave waiting. Textual's own queue holds 30 and
then blocks the event loop; the call must not stand still because a terminal does."""

_CLOSE_PATIENCE_S: Final = 0.5

_SYNC_START: Final = "\x1b[?2026h"
_SYNC_END: Final = "\x1b[?2026l"
_SYNC_WORTH_CHARS: Final = 512
"""Shorter updates arrive whole anyway."""

_TITLE_SAVE: Final = "\x1b[22;2t"
_TITLE_RESTORE: Final = "\x1b[23;2t"


class _CountingFile:
    """The terminal as the writer thread sees it: counts what is done, survives its loss."""

    def __init__(self, file: IO[str], on_progress: Callable[[], None]) -> None:
        self._file = file
        self._on_progress = on_progress
        self.done = 0
        """Writes finished. Written by the writer thread only."""
        self.is_lost = False
        """The terminal is gone. Written by the writer thread only."""

    def write(self, text: str) -> int:
        if not self.is_lost:
            try:
                self._file.write(text)
                self._file.flush()
            except (OSError, ValueError):
                self.is_lost = True
        self.done += 1
        self._on_progress()
        return len(text)

    def flush(self) -> None:
        """Each write is flushed already."""

    def fileno(self) -> int:
        return self._file.fileno()

    def isatty(self) -> bool:
        return True


class CallDriver(LinuxDriver):
    """Textual's Unix driver with a cell shadow, a title and a guard against stalled terminals."""

    def __init__(
        self,
        app: App[Any],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._loop = asyncio.get_running_loop()
        self._terminal = _CountingFile(cast(IO[str], self._file), self._on_progress)
        self._file = cast(TextIOWrapper, self._terminal)
        self._screen = CellScreen()
        self._screen.resize(*self._get_terminal_size())
        self._sent = 0
        self._is_late = False
        self._title = ""
        self._lock = threading.Lock()

    def write(self, data: str) -> None:
        """Show Textual's output, or remember it while the terminal is behind."""
        with self._lock:
            rest = self._screen.feed(data)
            for sync in (_SYNC_START, _SYNC_END):
                rest = rest.replace(sync, "")
            if rest:
                self._screen.forget_cursor()
                self._send(rest)
            self._send_cells()

    def _send_cells(self) -> None:
        if self._sent - self._terminal.done >= MAX_IN_FLIGHT:
            self._is_late = True
            return
        self._is_late = False
        if update := self._screen.flush():
            if len(update) > _SYNC_WORTH_CHARS and getattr(self._app, "_sync_available", False):
                update = f"{_SYNC_START}{update}{_SYNC_END}"
            self._send(update)

    def _send(self, data: str) -> None:
        if self._terminal.is_lost:
            return
        self._sent += 1
        super().write(data)

    def _on_progress(self) -> None:
        """On the writer thread: something was written, or the terminal proved gone."""
        if self._terminal.is_lost or self._is_late:
            try:
                self._loop.call_soon_threadsafe(self._catch_up)
            except RuntimeError:
                return

    def _catch_up(self) -> None:
        if self._terminal.is_lost:
            self._app.post_message(TerminalLost())
        elif self._is_late:
            with self._lock:
                self._send_cells()

    def set_title(self, title: str) -> None:
        """Name the terminal's window; `title` must be free of control characters."""
        if title != self._title and self._writer_thread is not None:
            self._title = title
            self.write(f"\x1b]2;{title}\x07")

    def redraw(self, width: int, height: int) -> None:
        """Forget what the terminal shows; every cell is sent again with the next output."""
        with self._lock:
            self._screen.resize(width, height)

    def start_application_mode(self) -> None:
        self.redraw(*self._get_terminal_size())
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual's own gap
        self.write(_TITLE_SAVE)

    def stop_application_mode(self) -> None:
        self.write("\x1b[m" + _TITLE_RESTORE)
        self._title = ""
        super().stop_application_mode()

    def close(self) -> None:
        """End the writer thread; one that hangs on a stalled terminal is left to the system."""
        deadline = time.monotonic() + _CLOSE_PATIENCE_S
        while self._sent > self._terminal.done and time.monotonic() < deadline:
            time.sleep(0.01)
        if self._sent <= self._terminal.done:
            super().close()


class TerminalLost(Message):
    """The terminal is gone; nothing can be shown or asked any more."""
