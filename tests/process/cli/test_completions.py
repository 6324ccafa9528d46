"""What shells make of the completion scripts, in the shells themselves."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.engine_server import EngineServer
from tests.process.cli.tmux import Tmux, needs_tmux
from tests.tui.fake_engine import FRIENDS, in_call, person

EVIL = "$(touch owned)`touch owned`\"; touch owned; '"
HERE = (*FRIENDS, replace(person("x"), name="Ann Lee"), replace(person("y"), name=EVIL))


@pytest.fixture
def env(tmp_path: Path) -> Iterator[dict[str, str]]:
    """An environment in which `woxly` is ours, and there is a call."""
    with EngineServer(tmp_path / "run", in_call(HERE)) as engine:
        yield os.environ | {
            "WOXLY_RUNTIME_DIR": str(engine.path.parent),
            "HOME": str(tmp_path),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }


def woxly(env: dict[str, str], *words: str) -> str:
    done = subprocess.run(
        ["woxly", *words], env=env, capture_output=True, text=True, check=True, timeout=30
    )
    return done.stdout


def shell(env: dict[str, str], folder: Path, *words: str) -> list[str]:
    done = subprocess.run(
        words, env=env, cwd=folder, capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def bash(env: dict[str, str], folder: Path, *typed: str) -> list[str]:
    """What bash offers for the last of the words typed."""
    (folder / "woxly.bash").write_text(woxly(env, "completions", "bash"))
    script = (
        '. ./woxly.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); compopt() { :; }; _woxly; '
        '((${#COMPREPLY[@]})) && printf "%s\\n" "${COMPREPLY[@]}"; :'
    )
    return shell(env, folder, "bash", "--norc", "-c", script, "bash", "woxly", *typed)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (["mu"], ["mute"]),
        (["mute", ""], ["on", "off", "toggle"]),
        (["mute", "o"], ["on", "off"]),
        (["mute", "on", ""], []),
        (["ptt", ""], ["down", "up"]),
        (["status", "--f"], ["--format"]),
        (["status", "--format", ""], []),
        (["mute", "--engine", "on", "t"], ["toggle"]),
        (["join", "--backend", "n"], ["native", "null"]),
        (["config", "s"], ["show"]),
        (["completions", ""], ["bash", "zsh", "fish"]),
        (["--v"], ["--version"]),
        (["volume", "B"], ["bob"]),
        (["volume", "an"], ["ann", "Ann\\ Lee"]),
        (["volume", "Ann\\ L"], ["Ann\\ Lee"]),
        (["volume", '"Ann L'], ["Ann Lee"]),
        (["volume", "bob", ""], []),
    ],
    ids=str,
)
def test_bash_offers(
    env: dict[str, str], tmp_path: Path, typed: list[str], offered: list[str]
) -> None:
    assert bash(env, tmp_path, *typed) == offered


@pytest.mark.parametrize("typed", ["", "$", '"$', "'"])
def test_bash_runs_nothing_that_is_in_a_name(
    env: dict[str, str], tmp_path: Path, typed: str
) -> None:
    for line in bash(env, tmp_path, "volume", typed):
        shell(env, tmp_path, "bash", "-c", f"true {line}" if typed[:1] not in "\"'" else "true")
    assert not (tmp_path / "owned").exists()


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("woxly mu", ["mute"]),
        ("woxly mute o", ["off", "on"]),
        ("woxly status --form", ["--format"]),
        ("woxly volume b", ["bob"]),
        ("woxly volume an", ["Ann Lee", "ann"]),
    ],
)
def test_fish_offers(env: dict[str, str], tmp_path: Path, typed: str, offered: list[str]) -> None:
    (tmp_path / "woxly.fish").write_text(woxly(env, "completions", "fish"))
    script = f"source woxly.fish; complete -C {typed!r}"
    lines = shell(env, tmp_path, "fish", "--no-config", "-c", script)
    assert sorted(line.split("\t")[0] for line in lines) == offered
    assert not (tmp_path / "owned").exists()


@needs_tmux
@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
def test_zsh_completes_commands_switches_and_names(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "_woxly").write_text(woxly(env, "completions", "zsh"))
    (tmp_path / ".zshrc").write_text(
        f"PS1='> '; fpath=({tmp_path} $fpath); autoload -Uz compinit; compinit -u\n"
    )
    with Tmux(tmp_path, env | {"ZDOTDIR": str(tmp_path)}, "", "zsh -i") as tmux:
        tmux.until("> ")
        tmux.type("woxly mu", "Tab")
        tmux.until("> woxly mute ")
        tmux.type("tog", "Tab")
        tmux.until("> woxly mute toggle ")
        tmux.type("", "C-u")
        tmux.type("woxly volume B", "Tab")
        tmux.until("> woxly volume bob ")
        tmux.type("", "C-u")
        tmux.type("woxly volume \\$", "Tab")
        tmux.until("touch")
        tmux.type("", "C-u")
        tmux.type("true done", "Enter")
    assert not (tmp_path / "owned").exists()
