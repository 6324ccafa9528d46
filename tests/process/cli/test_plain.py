"""`woxly --plain` in a process: on a pipe, on a simple terminal, and when that goes away."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine_server import EngineServer
from tests.process.cli.tmux import Tmux, needs_tmux
from woxly_tui.control.messages import Leave, SendChat, SetMute

PATIENCE_S = 20.0
COMMAND = [sys.executable, "-m", "woxly_tui.cli.main", "--plain"]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[EngineServer]:
    with EngineServer(tmp_path / "run") as server:
        yield server


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LIVEKIT_", "WOXLY_", "XDG_"))}
    return kept | {
        "HOME": str(tmp_path),
        "WOXLY_RUNTIME_DIR": str(tmp_path / "run"),
        "TERM": "dumb",
    }


def test_words_from_a_pipe_are_done_and_its_end_detaches(
    engine: EngineServer, env: dict[str, str]
) -> None:
    done = subprocess.run(
        COMMAND,
        env=env,
        input="mute\nsay hello there\nwho\n",
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=True,
    )
    assert engine.sent[-3:-1] == [SetMute(on=True), SendChat("hello there")]
    assert "muted in standup, 4 people\n" in done.stdout
    assert "bob: muted\n" in done.stdout
    assert "goes on" in done.stderr
    assert Leave() not in engine.sent


def test_its_end_hangs_up_where_the_settings_say_so(
    engine: EngineServer, env: dict[str, str]
) -> None:
    env["WOXLY_ON_CLOSE"] = "hang_up"
    done = subprocess.run(
        COMMAND, env=env, input="", capture_output=True, text=True, timeout=PATIENCE_S, check=True
    )
    assert engine.sent[-1] == Leave()
    assert done.stdout.endswith("no call (you left the call)\n")


def test_without_a_call_it_ends_at_once(tmp_path: Path, env: dict[str, str]) -> None:
    done = subprocess.run(
        COMMAND, env=env, input="", capture_output=True, text=True, timeout=PATIENCE_S
    )
    assert (done.returncode, done.stdout) == (10, "")
    assert done.stderr.startswith("woxly: No call\n")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("number", "is_left"), [(signal.SIGINT, True), (signal.SIGHUP, False), (signal.SIGTERM, False)]
)
def test_ctrl_c_leaves_and_a_closed_terminal_detaches(
    engine: EngineServer, env: dict[str, str], number: signal.Signals, *, is_left: bool
) -> None:
    process = subprocess.Popen(
        COMMAND,
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    while not process.stdout.readline().startswith("live"):
        pass
    process.send_signal(number)
    process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert (Leave() in engine.sent) is is_left


@needs_tmux
def test_on_a_simple_terminal_nothing_is_drawn(
    engine: EngineServer, env: dict[str, str], tmp_path: Path
) -> None:
    command = f"{' '.join(COMMAND)}; echo ended with $?; sleep 60"
    with Tmux(tmp_path, env, "set -g default-terminal dumb", command) as tmux:
        tmux.until("live in standup, 4 people")
        tmux.type("mute", "Enter")
        tmux.until("muted in standup, 4 people")
        tmux.type("leave", "Enter")
        shown = tmux.until("ended with 0")
    assert [c for c in shown if 0x2500 <= ord(c) < 0x2600] == []
    assert Leave() in engine.sent
