"""Call screens on pseudo-terminals, read by the title they give their window."""

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Final

_TITLE: Final = re.compile(rb"\x1b\]2;([^\x07\x1b]*)\x07")

_KEEP_BYTES: Final = 200_000


class Screen:
    """A program on a terminal of its own. A thread reads all it writes."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str]) -> None:
        self._fd, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        terminal = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self._process = subprocess.Popen(
            command,
            env={**env, **terminal},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self._written = b""
        self._title = ""
        self._is_open = True
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._fd, 65536)
            except OSError:
                return
            if not data:
                return
            self._written = (self._written + data)[-_KEEP_BYTES:]
            if titles := _TITLE.findall(self._written):
                self._title = titles[-1].decode("utf-8", "replace")

    @property
    def word(self) -> str:
        """The state word in the window's title: LIVE, MUTED, …; empty before there is one."""
        return self._title.rpartition(" · ")[2]

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def wait_word(self, word: str, timeout_s: float) -> None:
        """Wait until the screen says so.

        Raises:
            AssertionError: It says something else at the deadline.
        """
        deadline = time.monotonic() + timeout_s
        while self.word != word:
            if time.monotonic() > deadline or not self.is_running:
                raise AssertionError(
                    f"a screen says {self.word!r}, not {word!r}; it wrote {self._written[-600:]!r}"
                )
            time.sleep(0.05)

    def wait_begun(self, timeout_s: float) -> None:
        """Wait until it says anything: a busy machine takes its time to start one."""
        deadline = time.monotonic() + timeout_s
        while not self.word and time.monotonic() < deadline and self.is_running:
            time.sleep(0.05)

    def press(self, keys: bytes) -> None:
        os.write(self._fd, keys)

    def kill(self) -> None:
        """End it as `kill -9` does."""
        self._process.send_signal(signal.SIGKILL)
        self.close()

    def hang_up(self) -> int:
        """Close the terminal as a window does; returns the exit code."""
        os.close(self._fd)
        self._is_open = False
        return self._process.wait(15)

    def close(self) -> None:
        if self.is_running:
            self._process.kill()
        self._process.wait(10)
        if self._is_open:
            os.close(self._fd)
            self._is_open = False
