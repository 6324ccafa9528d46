"""A program on a real pseudo-terminal, and the test at its other side."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Mapping
from types import MappingProxyType, TracebackType
from typing import Final, Self

GOOD: Final = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}

RESTORED = b"\x1b[?1049l"
"""The alternate screen is left."""

F4_DOWN, F4_UP = b"\x1b[S", b"\x1b[1;1:3S"
"""As the kitty protocol reports them."""

_FLAG_SEQUENCES = re.compile(rb"\x1b\[(?:>(\d+)|(<)\d*|(\?))u")


class Terminal:
    """A pseudo-terminal with a Python program on it.

    Args:
        arguments: Of the interpreter.
        size: Columns and rows.
        env: What it says about itself, in place of TERM and COLORTERM of a good one.
    """

    def __init__(
        self,
        *arguments: str,
        size: tuple[int, int] = (80, 24),
        env: Mapping[str, str] = MappingProxyType(GOOD),
    ) -> None:
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            for name in ("COLORTERM", "NO_COLOR", "TMUX", "STY"):
                os.environ.pop(name, None)
            os.environ.update(env)
            os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606 - our own interpreter
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.before = termios.tcgetattr(self.fd)
        self._is_closed = False

    def read(self, seconds: float, until: bytes | None = None) -> bytes:
        """What is written within the time, or until something is."""
        data = b""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and not (until and until in data):
            if not select.select([self.fd], [], [], left)[0]:
                break
            try:
                chunk = os.read(self.fd, 65536)
            except OSError:
                break
            data += chunk
        return data

    def start(self) -> None:
        """Wait until the call is on the screen and the first rush is over."""
        assert b"keys" in self.read(20, until=b"keys")
        self.read(1.0)

    def press(self, keys: bytes) -> None:
        os.write(self.fd, keys)

    def hang_up(self) -> None:
        """Close the terminal as a window does."""
        os.close(self.fd)
        self._is_closed = True

    def wait(self, seconds: float = 12) -> int:
        """Exit code of the app."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.02)
        raise AssertionError("the app did not end")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.pid:
            # What a shell here began, too; an engine has a session of its own.
            os.killpg(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        if not self._is_closed:
            os.close(self.fd)


class KittyTerminal(Terminal):
    """Answers and keeps its stack of flags as kitty does.

    Args:
        arguments: Of the interpreter.
        knows: The flags it knows; others are ignored.
        env: As a terminal's.
    """

    def __init__(
        self, *arguments: str, knows: int = 31, env: Mapping[str, str] = MappingProxyType(GOOD)
    ) -> None:
        super().__init__(*arguments, env=env)
        self.stack = [0]
        self._knows = knows
        self._tail = b""

    def read(self, seconds: float, until: bytes | None = None) -> bytes:
        data = b""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not (until and until in data):
            chunk = super().read(min(0.05, max(0.0, end - time.monotonic())))
            self._obey(chunk)
            data += chunk
        return data

    def _obey(self, chunk: bytes) -> None:
        known = self._tail + chunk
        last = 0
        for match in _FLAG_SEQUENCES.finditer(known):
            last = match.end()
            if match[1]:
                self.stack.append(int(match[1]) & self._knows)
            elif match[2]:
                self.stack = self.stack[:-1] or [0]
            else:
                self.press(b"\x1b[?%du" % self.stack[-1])
        self._tail = known[max(last, len(known) - 12) :]
