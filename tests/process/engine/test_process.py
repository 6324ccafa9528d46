"""The engine as a process: started by whoever comes first, alone, and gone when not needed."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rig.process import engines, is_running, kill_engines, wait_gone
from woxly_tui.control.call_file import CallKeeper, CallRecord
from woxly_tui.control.direct import DirectLink
from woxly_tui.control.launcher import LaunchOptions, ensure_engine
from woxly_tui.control.messages import COMMANDS, Command, GetSnapshot, Join, Leave, SetMute
from woxly_tui.control.paths import EnginePaths, engine_paths
from woxly_tui.engine.process import IDLE_LIMIT_S
from woxly_tui.errors import EngineLost, NoEngine, UsageError
from woxly_tui.types import RoomName

START = (
    "from woxly_tui.control.launcher import *\n"
    "from woxly_tui.control.paths import engine_paths\n"
    "ensure_engine(engine_paths(), LaunchOptions())\n"
)

SILENT = Join(
    url="ws://127.0.0.1:1",
    server="nowhere",
    room=RoomName("lobby"),
    api_key="devkey",
    api_secret="secret",  # noqa: S106 - what `livekit-server --dev` takes
    backend="null",
)
"""A call to a server that is not there."""


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EnginePaths]:
    """A user without an engine; whatever engine there is at the end is killed."""
    for variable in [v for v in os.environ if v.startswith(("LIVEKIT_", "WOXLY_", "XDG_"))]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("WOXLY_RUNTIME_DIR", str(tmp_path / "run"))
    made = engine_paths()
    yield made
    kill_engines(made.folder)


def started(paths: EnginePaths, options: LaunchOptions | None = None) -> int:
    """Start an engine; returns its process id."""
    ensure_engine(paths, options or LaunchOptions())
    with DirectLink(paths.socket) as link:
        return link.pid


def ask(command: Command, paths: EnginePaths) -> None:
    """Have the engine do something."""
    with DirectLink(paths.socket, paths.call) as link:
        assert link.ask(COMMANDS.to_dict(command))["ok"]


def test_without_an_engine_the_answer_is_no_call(paths: EnginePaths) -> None:
    with pytest.raises(NoEngine, match="no call"):
        ask(GetSnapshot(), paths)
    assert not paths.folder.exists()


def test_ten_starters_at_once_get_one_engine(paths: EnginePaths) -> None:
    starters = [subprocess.Popen([sys.executable, "-c", START]) for _ in range(10)]
    assert [starter.wait(30) for starter in starters] == [0] * 10
    assert len(engines(paths.folder)) == 1
    ask(GetSnapshot(), paths)


def test_it_is_private(paths: EnginePaths) -> None:
    started(paths)
    assert paths.folder.stat().st_mode & 0o777 == 0o700
    assert paths.socket.stat().st_mode & 0o777 == 0o600
    assert paths.lock.stat().st_mode & 0o777 == 0o600


def test_it_keeps_nothing_of_its_starter(paths: EnginePaths, tmp_path: Path) -> None:
    os.environ["LIVEKIT_API_SECRET"] = "hush"
    with (tmp_path / "held").open("wb") as held:
        os.set_inheritable(held.fileno(), True)
        pid = started(paths)
    del os.environ["LIVEKIT_API_SECRET"]
    links = [str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()]
    assert not [link for link in links if "held" in link or "tty" in link or "pts" in link]
    assert Path(f"/proc/{pid}/cwd").readlink() == Path("/")
    assert os.getsid(pid) == pid
    assert b"hush" not in Path(f"/proc/{pid}/environ").read_bytes()


def test_a_closed_terminal_and_ctrl_c_are_nothing_to_it(paths: EnginePaths) -> None:
    pid = started(paths)
    for number in (signal.SIGHUP, signal.SIGINT):
        os.kill(pid, number)
    time.sleep(0.2)
    ask(GetSnapshot(), paths)


def test_it_ends_when_nobody_needs_it_and_another_can_start(paths: EnginePaths) -> None:
    pid = started(paths)
    wait_gone([pid], IDLE_LIMIT_S + 2)
    assert not paths.socket.exists()
    assert started(paths) != pid


def test_it_stays_while_a_front_end_is_attached_or_it_is_told_to(
    paths: EnginePaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = started(paths)
    attached = socket.socket(socket.AF_UNIX)
    attached.connect(str(paths.socket))
    attached.sendall(b'{"type":"hello","protocol":1,"version":"t"}\n{"type":"attach"}\n')
    monkeypatch.setenv("WOXLY_ENGINE", "second")
    second = started(engine_paths(), LaunchOptions(stays_online=True))
    time.sleep(IDLE_LIMIT_S + 3)
    assert is_running(first)
    assert is_running(second)
    attached.close()
    wait_gone([first], IDLE_LIMIT_S + 3)


def test_one_that_nobody_can_reach_any_more_leaves(paths: EnginePaths) -> None:
    pid = started(paths)
    ask(SILENT, paths)
    paths.socket.unlink()
    wait_gone([pid], 8)
    assert not paths.call.exists()


def test_what_took_the_place_of_its_socket_is_left_alone(paths: EnginePaths) -> None:
    pid = started(paths)
    paths.socket.unlink()
    paths.socket.write_text("another's")
    wait_gone([pid], 8)
    assert paths.socket.read_text() == "another's"


def test_sigterm_ends_it_in_order(paths: EnginePaths) -> None:
    pid = started(paths)
    ask(SILENT, paths)
    os.kill(pid, signal.SIGTERM)
    wait_gone([pid], 5)
    assert not paths.socket.exists()
    assert not paths.call.exists()


def test_a_killed_one_is_told_of_and_replaced(paths: EnginePaths) -> None:
    pid = started(paths)
    ask(SILENT, paths)
    ask(SetMute(on=True), paths)
    assert paths.call.stat().st_mode & 0o777 == 0o600
    os.kill(pid, signal.SIGKILL)
    wait_gone([pid], 5)
    with pytest.raises(NoEngine, match="died in a call in lobby") as caught:
        ask(GetSnapshot(), paths)
    assert caught.value.lost_room == "lobby"
    assert "woxly rejoin" in caught.value.remedy
    assert CallKeeper(paths.call).lost == CallRecord(SILENT, is_muted=True, is_deafened=False)
    ensure_engine(paths, LaunchOptions())
    with DirectLink(paths.socket) as link:
        assert link.lost_room == "lobby"
    ask(Leave(), paths)
    with DirectLink(paths.socket) as link:
        assert link.lost_room == ""


def test_one_that_cannot_start_says_why(paths: EnginePaths) -> None:
    with pytest.raises(EngineLost, match="ended while it started") as caught:
        ensure_engine(paths, LaunchOptions(log_level="nonsense"))
    assert "ValueError" in caught.value.remedy


def test_several_engines_have_names(paths: EnginePaths, monkeypatch: pytest.MonkeyPatch) -> None:
    first = started(paths)
    monkeypatch.setenv("WOXLY_ENGINE", "second")
    second = started(engine_paths())
    assert first != second
    monkeypatch.setenv("WOXLY_ENGINE", "../second")
    with pytest.raises(UsageError):
        engine_paths()
