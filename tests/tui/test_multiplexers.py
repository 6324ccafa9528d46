"""The call screen in real tmux and GNU screen, and on terminals that know few colours."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.process.cli.tmux import PATIENCE_S, Tmux, needs_tmux
from tests.rig import ROOT
from tests.rig.pulse import clean_env
from tests.tui.pseudo_terminal import RESTORED, Terminal

COMMAND = f"cd {ROOT} && exec {sys.executable} -m tests.tui.scripted_call --talkers 1 --wide"

KEYS = 7
"""Pressed at once; an odd number, so that the state is another afterwards."""

needs_screen = pytest.mark.skipif(shutil.which("screen") is None, reason="no GNU screen here")


def until_asked(log: Path, count: int) -> int:
    """How many times muting was asked for, once it was that often."""
    limit = time.monotonic() + PATIENCE_S
    while time.monotonic() < limit:
        asked = log.read_text().count("ToggleMute") if log.exists() else 0
        if asked >= count:
            return asked
        time.sleep(0.05)
    raise AssertionError(f"{asked} of {count} keys came through")


def state_columns(shown: str) -> set[int]:
    """Cells at which the words about the participants begin; one where all widths are right."""
    words = ("○ listening", "● speaking", "× muted")
    rows = [line for line in shown.splitlines() if any(word in line for word in words)]
    assert len(rows) >= 8, shown
    return {
        cell_len(line[: min(line.index(word) for word in words if word in line)]) for line in rows
    }


def until_fits(tmux: Tmux, width: int) -> None:
    """Wait until nothing is left of a wider screen."""
    limit = time.monotonic() + PATIENCE_S
    while True:
        shown = tmux.run("capture-pane", "-p")
        if all(cell_len(line) <= width for line in shown.splitlines()):
            return
        assert time.monotonic() < limit, shown
        time.sleep(0.05)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "asked"


@needs_tmux
class TestTmux:
    @pytest.fixture(params=["screen", "tmux-256color"])
    def tmux(self, request: pytest.FixtureRequest, tmp_path: Path, log: Path) -> Iterator[Tmux]:
        config = (
            f"set -g default-terminal {request.param}\nset -g mouse on\nset -sg escape-time 0\n"
        )
        env = clean_env() | {"LC_ALL": "C.UTF-8", "HOME": str(tmp_path)}
        with Tmux(tmp_path, env, config, f"{COMMAND} --log {log}") as started:
            started.until("keys")
            yield started

    def test_no_key_is_lost_and_all_is_as_wide_as_it_is(self, tmux: Tmux, log: Path) -> None:
        tmux.type("m" * KEYS)
        assert until_asked(log, KEYS) == KEYS
        assert len(state_columns(tmux.until("M U T E D"))) == 1

    def test_a_client_that_detaches_and_one_of_another_size_find_the_call(
        self, tmux: Tmux, log: Path
    ) -> None:
        tmux.attach()
        tmux.until_drawn(b"L I V E")
        tmux.run("detach-client")
        tmux.type("m")
        assert until_asked(log, 1) == 1
        tmux.run("resize-window", "-x", "60", "-y", "15")
        tmux.until(" MUTED")  # one row high from now on
        until_fits(tmux, 60)
        tmux.run("resize-window", "-x", "100", "-y", "30")
        assert len(state_columns(tmux.until("M U T E D"))) == 1

    def test_a_click_on_the_word_mutes(self, tmux: Tmux, log: Path) -> None:
        tmux.attach()
        tmux.until_drawn(b"L I V E")
        tmux.press(b"\x1b[<0;8;4M\x1b[<0;8;4m")
        assert until_asked(log, 1) == 1
        tmux.until("M U T E D")


@needs_tmux  # which shows what GNU screen draws; its own hard copy knows no wide character
@needs_screen
def test_gnu_screen_keeps_keys_widths_and_the_call(tmp_path: Path, log: Path) -> None:
    name, sockets, settings = f"woxly-{os.getpid()}", tmp_path / "screens", tmp_path / "rc"
    sockets.mkdir(mode=0o700)
    settings.write_text("defutf8 on\nstartup_message off\n")
    env = clean_env() | {"LC_ALL": "C.UTF-8", "HOME": str(tmp_path), "SCREENDIR": str(sockets)}
    first = f"screen -U -c {settings} -S {name} sh -c '{COMMAND} --log {log}'"
    again = f"echo detached; read _; exec screen -U -r {name}"
    with Tmux(tmp_path, env, "set -g default-terminal screen\n", f"{first}; {again}") as tmux:
        try:
            tmux.until("keys")
            tmux.type("m" * KEYS)
            assert until_asked(log, KEYS) == KEYS
            assert len(state_columns(tmux.until("M U T E D"))) == 1
            subprocess.run(["screen", "-S", name, "-X", "detach"], env=env, check=True)
            tmux.until("detached")
            tmux.type("", "Enter")
            assert len(state_columns(tmux.until("M U T E D"))) == 1
            tmux.type("m")
            assert until_asked(log, KEYS + 1) == KEYS + 1
            tmux.until("L I V E")
        finally:
            subprocess.run(["screen", "-S", name, "-X", "quit"], env=env, check=False)


@pytest.mark.parametrize(
    "env",
    [
        {"TERM": "screen"},
        {"TERM": "xterm"},
        {"TERM": "linux"},
        {"TERM": "vt100"},
        {"TERM": "xterm-256color", "NO_COLOR": "1"},
    ],
    ids=" ".join,
)
def test_a_terminal_without_true_colour_gets_none(env: dict[str, str]) -> None:
    with Terminal("-m", "tests.tui.scripted_call", env=env) as terminal:
        drawn = terminal.read(20, until=b"keys") + terminal.read(0.5)
        assert b"38;2;" not in drawn
        assert b"48;2;" not in drawn
        terminal.press(b"m")
        assert b"M U T E D" in terminal.read(5, until=b"M U T E D")
        terminal.press(b"\x03")
        terminal.read(2, until=b"still here")
        terminal.press(b"\x03")
        assert RESTORED in terminal.read(5, until=b"ended:")
