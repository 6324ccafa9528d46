"""The driver on a pseudo-terminal of which the test is the other side."""

import asyncio
import os
import pty
import select
import signal
import sys
import time
from collections.abc import Iterator
from typing import Any, cast

import pytest
from textual.app import App

from woxly_tui.tui.driver import MAX_IN_FLIGHT, CallDriver

LEFT = b"\x1b[?1049l"
BUSY = "".join(f"\x1b[{row};1H" + "x" * 200 for row in range(1, 51))

NEWEST = b"\x1b]2;title 49\x07"


class Screen:
    """Both ends of a terminal: what the driver writes to, and who looks at it."""

    def __init__(self) -> None:
        self.master, self.slave = pty.openpty()
        self.stream = open(self.slave, "r+b", buffering=0, closefd=False)  # noqa: SIM115 - for a test

    def read(self, seconds: float = 0.3) -> bytes:
        """All that comes until nothing comes any more."""
        data = b""
        while select.select([self.master], [], [], seconds)[0]:
            data += os.read(self.master, 65536)
        return data

    def close(self) -> None:
        os.close(self.master)
        os.close(self.slave)


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[Screen]:
    numbers = (signal.SIGTSTP, signal.SIGCONT, signal.SIGWINCH, signal.SIGTTIN, signal.SIGTTOU)
    handlers = {number: signal.getsignal(number) for number in numbers}
    screen = Screen()
    monkeypatch.setattr(sys, "__stdin__", screen.stream)
    monkeypatch.setattr(sys, "__stderr__", screen.stream)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("LINES", "50")
    yield screen
    for number, handler in handlers.items():
        signal.signal(number, handler)
    screen.close()


class Nobody:
    """As much of an app as the driver needs."""

    _sync_available = False

    async def _post_message(self, message: object) -> bool:
        return bool(message)

    def post_message(self, message: object) -> bool:
        return bool(message)


def started() -> CallDriver:
    driver = CallDriver(cast(App[Any], Nobody()))
    driver.start_application_mode()
    return driver


async def test_a_stalled_terminal_keeps_nobody_waiting_however_often_the_state_flaps(
    screen: Screen,  # noqa: ARG001 - it is there, and nobody reads it
) -> None:
    signal.alarm(30)  # the failure this is about is to wait for ever
    driver = started()
    for turn in range(30):
        driver.redraw(200, 50)
        driver.write(BUSY + str(turn))  # more than a terminal holds unread
    longest = 0.0
    for turn in range(200):
        begun = time.monotonic()
        driver.set_title(f"title {turn}")
        driver.write(f"\x1b[?{1000 + turn}h\x1b[1;1H{turn}")
        longest = max(longest, time.monotonic() - begun)
        await asyncio.sleep(0)
    assert longest < 0.2
    begun = time.monotonic()
    driver.stop_application_mode()
    driver.close()
    signal.alarm(0)
    assert time.monotonic() - begun < 4


async def test_a_terminal_that_catches_up_gets_the_newest_title_only(screen: Screen) -> None:
    driver = started()
    while driver._terminal.blocked_s() == 0:  # until then the writer makes room for a title
        driver.redraw(200, 50)
        driver.write(BUSY)
        await asyncio.sleep(0.01)
    for _ in range(MAX_IN_FLIGHT):
        driver.redraw(200, 50)
        driver.write(BUSY)
    for turn in range(50):
        driver.set_title(f"title {turn}")
    seen = await asyncio.to_thread(screen.read)
    deadline = time.monotonic() + 10
    while NEWEST not in seen and time.monotonic() < deadline:
        seen += await asyncio.to_thread(screen.read)
    driver.stop_application_mode()
    driver.close()
    assert seen.count(b"\x1b]2;") == 1
    assert NEWEST in seen


async def test_the_terminal_is_given_back_in_one_piece_and_then_left_alone(
    screen: Screen,
) -> None:
    driver = started()
    driver.set_title("a call")
    driver.write("\x1b[1;1Hhello")
    await asyncio.to_thread(screen.read)
    driver.stop_application_mode()
    driver.write("\x1b[2;1Htoo late")
    driver.close()
    seen = await asyncio.to_thread(screen.read)
    assert seen.startswith(b"\x1b[m\x1b[23;2t")
    assert b"\x1b[?7h" in seen
    assert b"\x1b[?1003l" in seen
    assert seen.index(b"\x1b[<u") < seen.index(LEFT) < seen.index(b"\x1b[?25h")
    assert b"late" not in seen
