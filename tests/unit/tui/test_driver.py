"""The terminal is given back as it was, however late something is still to be shown."""

import asyncio
import os
import pty
import sys
from collections.abc import Iterator
from typing import IO

import pytest
from textual.app import App

from woxly_tui.tui.driver import CallDriver

LIMIT_S = 5.0


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Our end of a terminal that the driver draws on."""
    ours, its = pty.openpty()
    with open(its, "r+b", buffering=0) as device, os.fdopen(os.dup(its), "w") as text:  # noqa: PTH123 - a descriptor
        named: IO[bytes] = device
        monkeypatch.setattr(sys, "__stdin__", named)
        monkeypatch.setattr(sys, "__stderr__", text)
        yield ours
    os.close(ours)


async def test_no_title_is_set_once_the_terminal_is_given_back(terminal: int) -> None:
    driver = CallDriver(App(), size=(20, 5))
    driver.start_application_mode()
    driver.set_title("woxly standup LIVE")
    await asyncio.to_thread(driver.stop_application_mode)
    driver.set_title("woxly standup MUTED")
    driver.close()
    written = os.read(terminal, 65536)
    assert b"]2;woxly standup LIVE" in written
    assert b"MUTED" not in written


async def test_the_bell_and_notifications_reach_the_terminal_whole(terminal: int) -> None:
    driver = CallDriver(App(), size=(20, 5))
    driver.start_application_mode()
    os.read(terminal, 65536)
    wrapped = "\x1bPtmux;\x1b\x1b]9;woxly: ann is calling you\a\x1b\\"
    driver.pass_on("\a")
    driver.pass_on(wrapped)
    await asyncio.to_thread(driver.stop_application_mode)
    driver.close()
    written = os.read(terminal, 65536)
    assert b"\a" in written.partition(b"\x1bPtmux;")[0]
    assert wrapped.encode() in written
