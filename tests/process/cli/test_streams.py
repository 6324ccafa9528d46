"""A command whose output goes nowhere."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine_server import EngineServer

FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="a device that is always full")
@pytest.mark.parametrize("words", [["mute", "on"], ["watch"], ["completions", "bash"]])
def test_a_full_disk_is_an_error_in_words(tmp_path: Path, words: list[str]) -> None:
    with EngineServer(tmp_path / "run"), FULL.open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "woxly_tui.cli.main", *words],
            env=os.environ | {"WOXLY_RUNTIME_DIR": str(tmp_path / "run")},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=20,
            check=False,
        )
    assert done.returncode == 1
    said = done.stderr.splitlines()
    assert said[0] == "woxly: The output cannot be written (No space left on device)"
    assert said[1:] == ["  make room for it, or send it elsewhere"]
