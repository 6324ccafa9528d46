"""Lines to a terminal that may be stopped, as by Ctrl-S: nobody waits for it."""

import asyncio
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

MAX_WAITING: Final = 1000
"""Lines kept for a reader who is slow; of more, the oldest are left out."""

END_LIMIT_S: Final = 0.5
"""How long the last lines may take to be written."""


class LineWriter:
    """Writes in a thread that never holds up the end of the process. Use from one event loop.

    Args:
        fd: Where to.
        encoding: Of the terminal.
        on_gone: Called on the event loop, once, where nobody can read any more.
    """

    def __init__(self, fd: int, encoding: str, on_gone: Callable[[], None]) -> None:
        self._fd = fd
        self._encoding = encoding
        self._on_gone = on_gone
        self._loop = asyncio.get_running_loop()
        self._lines: deque[str] = deque()
        self._left_out = 0
        self._changed = threading.Condition()
        self._is_idle = True
        threading.Thread(target=self._run, name="lines", daemon=True).start()

    def write(self, line: str) -> None:
        """Write a line, soon."""
        with self._changed:
            self._lines.append(line)
            if len(self._lines) > MAX_WAITING:
                self._lines.popleft()
                self._left_out += 1
            self._is_idle = False
            self._changed.notify_all()

    def drain(self) -> None:
        """Wait until all is written, for END_LIMIT_S at most. Blocks."""
        until = time.monotonic() + END_LIMIT_S
        with self._changed:
            while not self._is_idle and (left := until - time.monotonic()) > 0:
                self._changed.wait(left)

    def _run(self) -> None:
        while True:
            data = self._next().encode(self._encoding, "backslashreplace")
            try:
                while data:
                    data = data[os.write(self._fd, data) :]
            except OSError:
                self._give_up()
                return

    def _next(self) -> str:
        with self._changed:
            while not self._lines:
                self._is_idle = True
                self._changed.notify_all()
                self._changed.wait()
            left_out, self._left_out = self._left_out, 0
            note = f"… {left_out} lines were left out\n" if left_out else ""
            return f"{note}{self._lines.popleft()}\n"

    def _give_up(self) -> None:
        with self._changed:
            self._is_idle = True
            self._changed.notify_all()
        try:
            self._loop.call_soon_threadsafe(self._on_gone)
        except RuntimeError:  # the loop has ended, and so will the process
            return
