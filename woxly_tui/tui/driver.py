"""The terminal driver: few bytes, never in the way of the call, gone when the terminal is.

event loop: write ──► CellScreen ──► at most MAX_IN_FLIGHT pieces ──► writer thread ──► tty
                              ▲                                             │
                              └──────────── drained: send what is newest ◄──┘
input thread: tty ──► KeyParser ──► keys, releases ──► event loop
"""

import asyncio
import contextlib
import errno
import os
import select
import threading
import time
from codecs import getincrementaldecoder
from collections.abc import Callable
from io import TextIOWrapper
from typing import IO, Any, Final, cast

from textual import constants, events
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from woxly_tui.tui.cells import CellScreen
from woxly_tui.tui.keys import KeyboardFlags, KeyParser, can_parse
from woxly_tui.tui.kitty import KittyProbe, is_multiplexed
from woxly_tui.tui.pace import QUESTION, MeterPace
from woxly_tui.types import Seconds

MAX_IN_FLIGHT: Final = 8
"""Pieces of output a stalled terminal may leave waiting. Textual's own queue holds 30 and
then blocks the event loop; the call must not stand still because a terminal does."""

MAX_MODES: Final = 64
"""Mode changes and the like kept while the terminal is behind; Textual uses some twenty."""

_CLOSE_PATIENCE_S: Final = 0.5

_ANSWER_PATIENCE_S: Final = 1.0
"""How long the end waits for an answer under way, which would show up in the user's shell."""

_INPUT_CHECK_S: Final = 0.05
"""How often the input thread looks whether it is to end, or an escape key is one."""

_STALL_CHECK_S: Final = 0.2
_CHUNK_BYTES: Final = 4096

_SYNC_START: Final = "\x1b[?2026h"
_SYNC_END: Final = "\x1b[?2026l"
_SYNC_WORTH_CHARS: Final = 512
"""Shorter updates arrive whole anyway."""

_TITLE_SAVE: Final = "\x1b[22;2t"
_TITLE_RESTORE: Final = "\x1b[23;2t"


class _Terminal:
    """The terminal as Textual's writer thread sees it: never hangs, survives its loss.

    Opens the terminal anew, so that not waiting for it is nobody else's affair.
    """

    def __init__(self, file: IO[str], on_progress: Callable[[], None]) -> None:
        self._named_by = file.fileno()
        self._fileno = self._named_by
        self._on_progress = on_progress
        self.done = 0
        """Writes finished. Written by the writer thread only."""
        self.is_lost = False
        """The terminal is gone. Written by the writer thread only."""
        self.is_dropping = False
        """What waits is out of date: throw it away. Written by the event loop only."""
        self._blocked_s = 0.0
        """Time spent waiting, by writes that are over. Written by the writer thread only."""
        self._waits_since = 0.0
        """When the present wait began; 0 for none. Written by the writer thread only."""

    def blocked_s(self) -> float:
        """For how long writing has had to wait, all in all."""
        since = self._waits_since
        return self._blocked_s + (time.monotonic() - since if since else 0.0)

    def open(self) -> None:
        """Begin, or begin again after a suspension."""
        self._fileno = _open_anew(self._named_by)
        self.done = 0

    def write(self, text: str) -> int:
        try:
            self._write(text.encode("utf-8", "replace"))
        except OSError:
            self.is_lost = True
        self.done += 1
        self._on_progress()
        return len(text)

    def _write(self, data: bytes) -> None:
        while data and not (self.is_lost or self.is_dropping):
            if self._is_writable():
                with contextlib.suppress(BlockingIOError):
                    data = data[os.write(self._fileno, data[:_CHUNK_BYTES]) :]

    def _is_writable(self) -> bool:
        """Wait a moment for the terminal to take more."""
        if select.select([], [self._fileno], [], 0)[1]:
            return True
        self._waits_since = begun = time.monotonic()
        is_writable = bool(select.select([], [self._fileno], [], _STALL_CHECK_S)[1])
        self._waits_since = 0.0
        self._blocked_s += time.monotonic() - begun
        return is_writable

    def flush(self) -> None:
        """Each write goes out at once."""

    def fileno(self) -> int:
        return self._fileno

    def isatty(self) -> bool:
        return True

    def close(self) -> None:
        os.close(self._fileno)


def _open_anew(fileno: int) -> int:
    flags = os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK
    try:
        return os.open(os.ttyname(fileno), flags)
    except OSError:
        return os.dup(fileno)  # a terminal from outside the container has no name here


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
        self._terminal = _Terminal(cast(IO[str], self._file), self._on_progress)
        self._file = cast(TextIOWrapper, self._terminal)
        self._pace = getattr(app, "pace", None) or MeterPace()
        self._pace.blocked = self._terminal.blocked_s
        self._screen = CellScreen()
        self._screen.resize(*self._get_terminal_size())
        self._sent = 0
        self._is_late = False
        self._is_held = False
        """What is written waits: it is to go out in one piece."""
        self._has_cells = False
        """The alternate screen is ours to draw on."""
        self._questions = 0
        self._answers = 0
        """Written by the input thread only."""
        self._modes: dict[str, None] = {}
        self._title = ""
        self._new_title = ""
        self._has_own_parser = can_parse()
        self._kitty = KittyProbe(can_try=False)
        # Taken by the event loop, by Textual's input thread, and by its handler of SIGTSTP.
        self._lock = threading.RLock()

    def write(self, data: str) -> None:
        """Show Textual's output, or remember it while the terminal is behind."""
        with self._lock:
            rest = self._screen.feed(data)
            for sync in (_SYNC_START, _SYNC_END):
                rest = rest.replace(sync, "")
            if rest:
                self._keep_mode(rest)
            if not self._is_held:
                self._send_what_is_new()

    def pass_on(self, sequence: str) -> None:
        """Send what is for the terminal itself, and draws nothing: the bell, a notification."""
        with self._lock:
            self._keep_mode(sequence)
            if not self._is_held:
                self._send_what_is_new()

    def _keep_mode(self, sequence: str) -> None:
        """What is not about cells waits in order, the same thing once."""
        self._modes.pop(sequence, None)
        self._modes[sequence] = None
        if len(self._modes) > MAX_MODES:
            del self._modes[next(iter(self._modes))]

    def _send_what_is_new(self) -> None:
        self._is_late = True
        if self._sent - self._terminal.done >= MAX_IN_FLIGHT:
            return
        self._is_late = False
        first = "".join(self._modes)
        self._modes.clear()
        if self._new_title != self._title:
            self._title = self._new_title
            first += f"\x1b]2;{self._title}\x07"
        if first:
            self._screen.forget_cursor()
        update = self._screen.flush() if self._has_cells else ""
        if len(update) > _SYNC_WORTH_CHARS and getattr(self._app, "_sync_available", False):
            update = f"{_SYNC_START}{update}{_SYNC_END}"
        if first or update:
            count = len(first) + len(update)
            if self._has_cells and self._pace.asks(count, Seconds(time.monotonic())):
                update += QUESTION
                self._questions += 1
            self._send(first + update)

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
            self.write("")

    def _run_input_thread(self) -> None:
        """Where Textual would print a traceback: the terminal is gone, or there is a bug."""
        try:
            self.run_input_thread()
        except OSError:
            self._tell(self._app.post_message, TerminalLost())
        except Exception as error:  # noqa: BLE001 - the edge of a thread; the app reports it
            self._tell(self._app._handle_exception, error)  # noqa: SLF001 - as Textual does

    def run_input_thread(self) -> None:
        """Read the terminal until told to stop.

        Raises:
            OSError: The terminal is gone.
        """
        if not self._has_own_parser:
            super().run_input_thread()
            return
        parser = KeyParser(self._debug)
        decode = getincrementaldecoder("utf-8")("ignore").decode
        while not self.exit_event.is_set():
            if select.select([self.fileno], [], [], _INPUT_CHECK_S)[0]:
                data = os.read(self.fileno, _CHUNK_BYTES)
                if not data:
                    raise OSError(errno.EIO, "the terminal hung up")
                for event in parser.feed(decode(data)):
                    self.process_message(event)
            for event in parser.tick():
                self.process_message(event)

    def process_message(self, message: Message) -> None:
        """On the input thread: something came from the terminal."""
        if isinstance(message, KeyboardFlags):
            self._tell(self._on_flags, message.flags)
        elif isinstance(message, events.CursorPosition):
            self._answers += 1
            self._tell(self._pace.answered, Seconds(time.monotonic()))
        else:
            super().process_message(message)

    def _on_flags(self, flags: int) -> None:
        answer = self._kitty.hear(flags)
        if answer and self._has_cells:
            self.write(answer)
        self._app.post_message(ReleasesKnown(self._kitty.has_releases))

    def _tell(self, tell: Callable[..., object], what: object) -> None:
        """From another thread, unless the loop has ended and there is nobody to tell."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(tell, what)

    def _sigtstp_application(self, *_: object) -> None:
        """SIGTSTP: the app is asked first, for it may hold something open."""
        self._tell(self._app.post_message, SuspendAsked())

    def suspend_now(self) -> None:
        """Give the terminal back and stop the process, until SIGCONT."""
        super()._sigtstp_application()

    def set_title(self, title: str) -> None:
        """Name the terminal's window; `title` must be free of control characters."""
        if title != self._new_title and self._has_cells:
            self._new_title = title
            self.write("")

    def redraw(self, width: int, height: int) -> None:
        """Forget what the terminal shows; every cell is sent again with the next output."""
        with self._lock:
            self._screen.resize(width, height)

    def start_application_mode(self) -> None:
        self._terminal.open()
        self._sent = self._questions = self._answers = 0
        self._modes.clear()
        self._has_cells = True
        self.redraw(*self._get_terminal_size())
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual's own gap
        can_try = self._has_own_parser and not constants.DISABLE_KITTY_KEY
        self._kitty = KittyProbe(can_try=can_try and not is_multiplexed(os.environ))
        self._app.post_message(ReleasesKnown(has_releases=False))
        self.write(_TITLE_SAVE + self._kitty.question)

    def stop_application_mode(self) -> None:
        """Give the terminal back in one piece, ahead of anything it was too slow for."""
        if self._drain():
            self._await_answer()
        with self._lock:
            self._new_title = self._title
            self._has_cells = False
            self._is_held = True
            self._keep_mode("\x1b[m" + _TITLE_RESTORE)
        try:
            super().stop_application_mode()
        finally:
            with self._lock:
                self._is_held = False
                self._title = self._new_title = ""
                self._send_what_is_new()

    def _await_answer(self) -> None:
        """Let the answer to the last question come in, for as long as anything reads it."""
        deadline = time.monotonic() + _ANSWER_PATIENCE_S
        while self._answers < self._questions and time.monotonic() < deadline:
            if self._terminal.is_lost or (self._questions > 1 and not self._answers):
                return  # nothing answers here
            time.sleep(0.01)

    def close(self) -> None:
        """End the writer thread, or leave it to the end of the process where it is stuck."""
        if self._drain():
            super().close()
            self._terminal.close()

    def _drain(self) -> bool:
        """Wait a moment for what was written, then throw it away: the terminal is stalled.

        Returns:
            Whether nothing waits any more.
        """
        for is_dropping in (False, True):
            self._terminal.is_dropping = is_dropping
            deadline = time.monotonic() + _CLOSE_PATIENCE_S
            while self._sent > self._terminal.done and time.monotonic() < deadline:
                time.sleep(0.01)
        self._terminal.is_dropping = False
        return self._sent == self._terminal.done


class SuspendAsked(Message):
    """The process is to be stopped; answer with `CallDriver.suspend_now`."""


class ReleasesKnown(Message):
    """Whether key releases are told from now on."""

    def __init__(self, has_releases: bool) -> None:
        super().__init__()
        self.has_releases = has_releases


class TerminalLost(Message):
    """The terminal is gone; nothing can be shown or asked any more."""
