"""`woxly watch` in a process of its own: restarts of the engine, readers that go away, Ctrl-C."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine_server import EngineServer, muted
from tests.tui.fake_engine import FRIENDS, in_call, person
from woxly_tui.control.frames import Refused

PATIENCE_S = 20.0


@contextlib.contextmanager
def watching(folder: Path, *words: str) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "-m", "woxly_tui.cli.main", "watch", *words],
        env=os.environ | {"WOXLY_RUNTIME_DIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().rstrip("\n")


def words(process: "subprocess.Popen[str]") -> str:
    """The next line without its time."""
    return line(process).partition(" ")[2]


def test_it_lives_through_engines_that_come_and_go(tmp_path: Path) -> None:
    with watching(tmp_path / "run") as watch:
        assert words(watch) == "no call"
        with EngineServer(tmp_path / "run") as engine:
            assert words(watch) == "live in standup, 4 people"
            engine.put(muted(engine.snapshot, True))
            assert words(watch) == "muted in standup, 4 people"
        assert words(watch) == "no call"
        with EngineServer(tmp_path / "run"):
            assert words(watch) == "live in standup, 4 people"


def test_an_engine_that_refuses_it_is_told_once_and_asked_again(tmp_path: Path) -> None:
    with watching(tmp_path / "run") as watch:
        assert words(watch) == "no call"
        refusing = EngineServer(tmp_path / "run")
        refusing.protocol_refusal = Refused("this woxly is too old", "install a newer one")
        with refusing:
            assert words(watch) == "this woxly is too old: install a newer one"
        with EngineServer(tmp_path / "run"):
            assert words(watch) == "live in standup, 4 people"


def test_json_is_one_object_a_line(tmp_path: Path) -> None:
    with EngineServer(tmp_path / "run") as engine, watching(tmp_path / "run", "--json") as watch:
        assert json.loads(line(watch))["state"] == "live"
        engine.put(in_call((*FRIENDS, person("Zoë"))))
        joined = line(watch)
        assert joined.isascii()
        assert (json.loads(joined)["type"], json.loads(joined)["name"]) == ("joined", "Zoë")


def test_a_format_is_printed_when_it_changes(tmp_path: Path) -> None:
    with (
        EngineServer(tmp_path / "run") as engine,
        watching(tmp_path / "run", "--format", "{word}") as watch,
    ):
        assert line(watch) == "LIVE"
        engine.put(in_call((*FRIENDS, person("zoe"))))
        engine.put(muted(engine.snapshot, True))
        assert line(watch) == "MUTED"


@pytest.mark.parametrize("has_engine", [True, False])
def test_it_ends_quietly_when_nobody_reads_it(tmp_path: Path, *, has_engine: bool) -> None:
    with contextlib.ExitStack() as stack:
        if has_engine:
            stack.enter_context(EngineServer(tmp_path / "run"))
        watch = stack.enter_context(watching(tmp_path / "run"))
        words(watch)
        assert watch.stdout is not None
        watch.stdout.close()
        assert watch.wait(PATIENCE_S) == 128 + signal.SIGPIPE
        assert watch.stderr is not None
        assert watch.stderr.read() == ""
        watch.stdout = None


def test_ctrl_c_ends_it_quietly(tmp_path: Path) -> None:
    with EngineServer(tmp_path / "run"), watching(tmp_path / "run") as watch:
        words(watch)
        watch.send_signal(signal.SIGINT)
        assert watch.wait(PATIENCE_S) == 130
        assert watch.stderr is not None
        assert watch.stderr.read() == ""


def test_a_mistake_in_the_format_ends_it_at_once(tmp_path: Path) -> None:
    with watching(tmp_path / "run", "--format", "{colour}") as watch:
        assert watch.wait(PATIENCE_S) == 2
