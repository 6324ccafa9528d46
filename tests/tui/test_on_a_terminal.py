"""The app on a real pseudo-terminal: what it writes, and how it leaves the terminal behind."""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Iterator
from types import TracebackType

import pytest

RESTORED = b"\x1b[?1049l"
"""The alternate screen is left."""


class Terminal:
    """A pseudo-terminal with the scripted call on it."""

    def __init__(self, *arguments: str, size: tuple[int, int] = (80, 24)) -> None:
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
            module = ["-m", "tests.tui.scripted_call", *arguments]
            os.execv(sys.executable, [sys.executable, *module])  # noqa: S606 - our own interpreter
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

    def wait(self, seconds: float = 8) -> int:
        """Exit code of the app."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.02)
        raise AssertionError("the app did not end")

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        if not self._is_closed:
            os.close(self.fd)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    with Terminal() as opened:
        opened.start()
        yield opened


def test_five_talking_cost_little() -> None:
    with Terminal("--talkers", "5", "--people", "6") as terminal:
        terminal.start()
        assert len(terminal.read(4.0)) / 4.0 <= 2000


def test_a_silent_call_writes_only_the_clock() -> None:
    with Terminal("--talkers", "0") as terminal:
        terminal.start()
        written = terminal.read(4.0)
        assert 0 < len(written) / 4.0 <= 50


def test_ctrl_c_twice_restores_the_terminal(terminal: Terminal) -> None:
    terminal.press(b"\x03")
    assert b"still here" in terminal.read(3, until=b"still here")
    terminal.press(b"\x03")
    tail = terminal.read(5, until=b"ended:")
    assert RESTORED in tail
    assert b"\x1b[?25h" in tail
    assert b"\x1b[23;2t" in tail
    assert b"Traceback" not in tail
    assert terminal.wait() == 0
    assert termios.tcgetattr(terminal.fd)[3] == terminal.before[3]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_leaves_politely_and_restores_the_terminal(
    terminal: Terminal, number: signal.Signals
) -> None:
    os.kill(terminal.pid, number)
    tail = terminal.read(5, until=b"ended:")
    tail += terminal.read(0.2)
    assert RESTORED in tail
    assert b"ended: left" in tail
    assert terminal.wait() == 0


def test_a_closed_terminal_ends_the_app(terminal: Terminal) -> None:
    terminal.hang_up()
    terminal.wait()


def test_a_terminal_that_reads_nothing_does_not_stop_the_app() -> None:
    with Terminal("--talkers", "5", "--people", "100", size=(200, 60)) as terminal:
        terminal.start()
        for _ in range(15):
            terminal.press(b"\x0c")  # a whole screen each, far more than the terminal holds
            time.sleep(0.1)
        terminal.press(b"m")
        time.sleep(0.5)
        assert b"M U T E D" in terminal.read(5, until=b"M U T E D")
        for _ in range(15):
            terminal.press(b"\x0c")
            time.sleep(0.1)
        os.kill(terminal.pid, signal.SIGTERM)
        assert terminal.wait(6) == 0
