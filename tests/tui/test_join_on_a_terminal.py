"""The command `woxly join` on a real pseudo-terminal, with a server that never answers."""

import os
import signal
import socket
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rig.process import (
    command_line,
    descendants,
    engines,
    is_running,
    kill_engines,
    wait_gone,
)
from tests.rig.woxly import WORKER_MODULE
from tests.tui.pseudo_terminal import RESTORED, Terminal
from woxly_tui.cli.signals import CLOSE_LIMIT_S
from woxly_tui.errors import INTERRUPTED

RUN = "import sys; from woxly_tui.cli.main import main; sys.exit(main(sys.argv[1:]))"
SOON_S = CLOSE_LIMIT_S + 15
"""Bounded, with room for a busy machine; nothing waits longer than CLOSE_LIMIT_S in woxly."""

HANGS = """
import asyncio, time
from woxly_tui.cli import signals
from woxly_tui.control.socket_client import SocketEngineClient
signals.CLOSE_LIMIT_S = 1.0
async def hang(self):
    {how}
SocketEngineClient.aclose = hang
"""
WAITS = HANGS.format(how="await asyncio.sleep(60)")
BLOCKS = HANGS.format(how="time.sleep(60)")
SCREEN_BLOCKS = """
import time
from woxly_tui.cli import signals
from woxly_tui.tui.driver import CallDriver
signals.CLOSE_LIMIT_S = 1.0
CallDriver.stop_application_mode = lambda self: time.sleep(60)
"""

CRASHES = {
    "render": """
from woxly_tui.tui.widgets.state_panel import StatePanel
def fail(self, *_):
    password = "xyzzy"
    raise LookupError("the panel is broken")
StatePanel.render = StatePanel.render_line = fail
""",
    "handler": """
from woxly_tui.tui.app import WoxlyApp
def fail(self):
    password = "xyzzy"
    self.call_later(lambda: 1 / 0)
WoxlyApp.on_mount = fail
""",
    "worker": """
from woxly_tui.tui.bridge import Bridge
async def fail(self):
    password = "xyzzy"
    raise LookupError("the bridge is broken")
Bridge.run = fail
""",
    "input": """
from woxly_tui.tui.driver import CallDriver
def fail(self):
    password = "xyzzy"
    raise LookupError("the keyboard is broken")
CallDriver.run_input_thread = fail
""",
}


@pytest.fixture
def join(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The arguments of `woxly join`, for a user without settings."""
    for variable in [v for v in os.environ if v.startswith(("LIVEKIT_", "WOXLY_", "XDG_"))]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("WOXLY_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("WOXLY_ON_CLOSE", "hang_up")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"ws://127.0.0.1:{silent.getsockname()[1]}"
        words = ["join", "lobby", "--name", "Ann", "--url", url, "--backend", "null"]
        yield [*words, "--api-key", "devkey", "--api-secret", "secret"]
    kill_engines(tmp_path / "run")


def started(terminal: Terminal, home: Path) -> list[int]:
    """Wait for the screen and for the media worker; the workers there are."""
    assert b"keys" in terminal.read(20, until=b"keys")
    end = time.monotonic() + 10
    while not (found := workers(home)) and time.monotonic() < end:
        time.sleep(0.02)
    assert found
    terminal.read(0.5)
    return found


def workers(home: Path) -> list[int]:
    found = [pid for engine in engines(home / "run") for pid in descendants(engine)]
    return [pid for pid in found if WORKER_MODULE in command_line(pid).split()]


@pytest.mark.parametrize(
    ("numbers", "codes"),
    [
        ([signal.SIGTERM], {0}),
        ([signal.SIGHUP], {0}),
        ([signal.SIGHUP, signal.SIGHUP], {0}),
        ([signal.SIGINT], {0}),
        ([signal.SIGTERM, signal.SIGTERM], {0, INTERRUPTED}),
    ],
)
def test_a_signal_ends_it_and_leaves_nothing_behind(
    tmp_path: Path, join: list[str], numbers: list[signal.Signals], codes: set[int]
) -> None:
    with Terminal("-c", RUN, *join) as terminal:
        children = started(terminal, tmp_path)
        for number in numbers:
            os.kill(terminal.pid, number)
            time.sleep(0.02)
        seen = terminal.read(SOON_S, until=RESTORED) + terminal.read(0.3)
        assert terminal.wait(SOON_S) in codes
        assert RESTORED in seen
        assert b"Traceback" not in seen
        assert termios.tcgetattr(terminal.fd) == terminal.before
        wait_gone(children, 5)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL, None])
def test_the_call_outlives_its_screen(
    tmp_path: Path,
    join: list[str],
    number: signal.Signals | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WOXLY_ON_CLOSE", "detach")
    with Terminal("-c", RUN, *join) as terminal:
        found = started(terminal, tmp_path)
        if number is None:
            terminal.press(b"\x1a")
        else:
            os.kill(terminal.pid, number)
        if number is not signal.SIGKILL:
            seen = terminal.read(SOON_S, until=b"goes on")
            assert RESTORED in seen
            assert b"the call in lobby goes on; `woxly` comes back" in seen
        assert terminal.wait(SOON_S) == (-9 if number is signal.SIGKILL else 0)
    time.sleep(0.5)
    assert all(is_running(pid) for pid in found)
    with Terminal("-c", RUN) as again:
        assert started(again, tmp_path) == found


def test_an_engine_that_is_killed_is_told_of_and_r_rejoins(tmp_path: Path, join: list[str]) -> None:
    with Terminal("-c", RUN, *join) as terminal:
        found = started(terminal, tmp_path)
        (engine,) = engines(tmp_path / "run")
        os.kill(engine, signal.SIGKILL)
        assert b"engine is gone" in terminal.read(5, until=b"engine is gone")
        wait_gone([engine, *found], 5)
        terminal.press(b"r")
        end = time.monotonic() + 10
        while not workers(tmp_path) and time.monotonic() < end:
            terminal.read(0.1)
        assert engines(tmp_path / "run")
        assert workers(tmp_path)


def test_ctrl_c_twice_ends_it(tmp_path: Path, join: list[str]) -> None:
    with Terminal("-c", RUN, *join) as terminal:
        children = started(terminal, tmp_path)
        terminal.press(b"\x03")
        terminal.press(b"\x03")
        seen = terminal.read(SOON_S, until=RESTORED)
        assert terminal.wait(SOON_S) == 0
        assert RESTORED in seen
        assert termios.tcgetattr(terminal.fd) == terminal.before
        wait_gone(children, 5)


@pytest.mark.parametrize("patch", [WAITS, BLOCKS, SCREEN_BLOCKS])
@pytest.mark.parametrize("count", [1, 2])
def test_an_end_that_hangs_is_cut_short(
    tmp_path: Path, join: list[str], patch: str, count: int
) -> None:
    with Terminal("-c", patch + RUN, *join) as terminal:
        children = started(terminal, tmp_path)
        for _ in range(count):
            os.kill(terminal.pid, signal.SIGTERM)
            time.sleep(0.5)
        seen = terminal.read(SOON_S, until=b"\x1b[23;2t") + terminal.read(0.3)
        assert terminal.wait(SOON_S) == INTERRUPTED
        assert RESTORED in seen
        assert b"\x1b[?7h" in seen
        assert termios.tcgetattr(terminal.fd) == terminal.before
        wait_gone(children, 5)


def test_a_terminal_nobody_reads_does_not_hold_up_a_forced_end(
    tmp_path: Path, join: list[str]
) -> None:
    with Terminal("-c", BLOCKS + RUN, *join, size=(200, 60)) as terminal:
        children = started(terminal, tmp_path)
        for _ in range(15):
            terminal.press(b"\x0c")  # a whole screen each, far more than the terminal holds
            time.sleep(0.1)
        os.kill(terminal.pid, signal.SIGTERM)
        assert terminal.wait(SOON_S) == INTERRUPTED
        assert termios.tcgetattr(terminal.fd) == terminal.before
        wait_gone(children, 5)


@pytest.mark.parametrize("where", CRASHES)
def test_a_crash_of_the_screen_is_one_sentence_and_the_rest_is_in_the_log(
    tmp_path: Path, join: list[str], where: str
) -> None:
    with Terminal("-c", CRASHES[where] + RUN, *join) as terminal:
        seen = terminal.read(SOON_S, until=b"details are in")
        seen += terminal.read(0.5)
        assert terminal.wait(SOON_S) == 1
        assert termios.tcgetattr(terminal.fd) == terminal.before
    shown = seen.rpartition(RESTORED)[2]
    assert b"woxly: Something went wrong inside woxly (" in shown
    assert b"Traceback" not in seen
    assert b"xyzzy" not in seen
    logs = "".join(path.read_text() for path in tmp_path.rglob("woxly-*.log"))
    assert logs.count("Traceback (most recent call last)") == 1
    assert "is broken" in logs or "ZeroDivisionError" in logs
