"""Shows long steps on standard error: one changing line on a terminal, plain lines elsewhere."""

import sys
import time
from typing import Final, TextIO

PLAIN_EVERY_S: Final = 15.0
"""How often a step without news is mentioned again where lines cannot change."""

_REDRAW_EVERY_S: Final = 0.1
_MB: Final = 1_000_000


class ConsoleProgress:
    """A Reporter for people. Call `close` before anything else draws on the terminal."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._is_tty = self._stream.isatty()
        self._text = ""
        self._drawn_at = 0.0
        self._is_open = False

    def step(self, text: str) -> None:
        """Name what is being done now."""
        self.close()
        self._text = text
        self._drawn_at = time.monotonic()
        if self._is_tty:
            self._draw(text)
        else:
            self._line(text)

    def progress(self, done_bytes: int, total_bytes: int | None) -> None:
        """Show how much of a download is here."""
        done = f"{done_bytes / _MB:.1f}"
        is_last = done_bytes == total_bytes
        of = f" of {total_bytes / _MB:.1f}" if total_bytes else ""
        self._update(f"{self._text}  {done}{of} MB", at_once=is_last and self._is_tty)

    def elapsed(self, seconds: float) -> None:
        """Show how long a step has taken so far."""
        self._update(f"{self._text}  {seconds:.0f} s")

    def note(self, text: str) -> None:
        """Say something that stays on the screen."""
        self.close()
        self._line(text)

    def close(self) -> None:
        """End the line that changes."""
        if self._is_open:
            self._stream.write("\n")
            self._stream.flush()
            self._is_open = False

    def _update(self, text: str, *, at_once: bool = False) -> None:
        now = time.monotonic()
        wait = _REDRAW_EVERY_S if self._is_tty else PLAIN_EVERY_S
        if not at_once and now - self._drawn_at < wait:
            return
        self._drawn_at = now
        if self._is_tty:
            self._draw(text)
        else:
            self._line(text)

    def _draw(self, text: str) -> None:
        import shutil

        width = shutil.get_terminal_size().columns
        self._stream.write(f"\r\x1b[K{text[: width - 1]}")
        self._stream.flush()
        self._is_open = True

    def _line(self, text: str) -> None:
        self._stream.write(f"{text}\n")
        self._stream.flush()
