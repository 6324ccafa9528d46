"""The app on a real pseudo-terminal: what it writes, and how it leaves the terminal behind."""

import os
import signal
import termios
import time
from collections.abc import Iterator

import pytest

from tests.tui.pseudo_terminal import RESTORED, Terminal
from tests.tui.slow_terminal import SlowLink


def scripted(*arguments: str, size: tuple[int, int] = (80, 24)) -> Terminal:
    """The scripted call on a terminal of its own."""
    return Terminal("-m", "tests.tui.scripted_call", *arguments, size=size)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    with scripted() as opened:
        opened.start()
        yield opened


@pytest.mark.parametrize("size", [(80, 24), (160, 50), (60, 15)], ids=str)
def test_five_talking_cost_little(size: tuple[int, int]) -> None:
    with scripted("--talkers", "5", "--people", "6", size=size) as terminal:
        terminal.start()
        assert len(terminal.read(4.0)) / 4.0 <= 2000


def test_a_silent_call_writes_only_the_clock() -> None:
    with scripted("--talkers", "0") as terminal:
        terminal.start()
        written = terminal.read(4.0)
        assert 0 < len(written) / 4.0 <= 50


def test_on_a_slow_link_a_key_waits_behind_few_bytes_and_meters_recover() -> None:
    with scripted("--talkers", "5", "--people", "6") as terminal:
        link = SlowLink(terminal, 40_000)
        assert link.run(20, lambda seen: b"keys" in seen)
        link.run(1.5)
        link.bytes_per_s = 300
        link.run(6)
        assert link.queued_ahead(b"m", b"M U T E D") <= 1000
        link.bytes_per_s = 40_000
        link.run(5)
        before = len(link.seen)
        link.run(2)
        assert len(link.seen) - before > 2 * 600, "the meters are as lively as before"


def test_a_terminal_that_answers_no_question_is_left_as_it_was() -> None:
    with scripted("--talkers", "5", "--people", "6") as terminal:
        link = SlowLink(terminal, 40_000, answers=False)
        assert link.run(20, lambda seen: b"keys" in seen)
        link.run(1)
        before = len(link.seen)
        link.run(2)
        assert len(link.seen) - before > 2 * 600
        os.kill(terminal.pid, signal.SIGTERM)
        assert terminal.wait(6) == 0


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


@pytest.mark.parametrize(
    ("number", "end"),
    [(signal.SIGTERM, b"None"), (signal.SIGHUP, b"None"), (signal.SIGINT, b"left")],
)
def test_a_signal_leaves_or_detaches_and_restores_the_terminal(
    terminal: Terminal, number: signal.Signals, end: bytes
) -> None:
    os.kill(terminal.pid, number)
    tail = terminal.read(5, until=b"ended:")
    tail += terminal.read(0.2)
    assert RESTORED in tail
    assert b"ended: " + end in tail
    assert terminal.wait() == 0


def test_a_closed_terminal_ends_the_app(terminal: Terminal) -> None:
    terminal.hang_up()
    terminal.wait()


def test_a_terminal_that_reads_nothing_does_not_stop_the_app() -> None:
    with scripted("--talkers", "5", "--people", "100", size=(200, 60)) as terminal:
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
