"""What a process loads, proved by its own list of modules."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.engine_server import EngineServer

HEAVY: Final = (
    "textual",
    "livekit",
    "numpy",
    "sounddevice",
    "httpx",
    "rich",
    "socketio",
    "aiohttp",
    "jeepney",
)

RUN_MAIN: Final = """\
import sys
from woxly_tui.cli.main import main
try:
    main({words!r})
except SystemExit:
    pass
"""

REPORT: Final = """
import json, sys
sys.stderr.write(json.dumps(sorted(sys.modules)))
"""


def loaded(script: str, home: Path) -> set[str]:
    """The modules a fresh interpreter holds after a script."""
    ours = ("LIVEKIT_", "WOXLY_", "XDG_")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    folders = {"HOME": str(home), "XDG_CONFIG_HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-c", script + REPORT],
        # A call of whoever runs the tests is theirs.
        env=clean | folders | {"WOXLY_RUNTIME_DIR": str(home / "run")},
        capture_output=True,
        check=True,
        timeout=60,
    )
    return set(json.loads(done.stderr.splitlines()[-1]))


def among(modules: set[str], *unwanted: str) -> list[str]:
    return sorted(
        module
        for module in modules
        if any(module == name or module.startswith(f"{name}.") for name in unwanted)
    )


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--version"],
        ["join", "--help"],
        ["token", "r", "--name", "n", "--api-key", "k", "--api-secret", "s"],
        ["config", "show"],
        ["config", "path", "--logs"],
    ],
    ids=" ".join,
)
def test_small_commands_load_no_large_library(words: list[str], tmp_path: Path) -> None:
    modules = loaded(RUN_MAIN.format(words=words), tmp_path)
    assert among(modules, *HEAVY, "asyncio", "woxly_tui.engine", "woxly_tui.media") == []


@pytest.mark.parametrize(
    "words",
    [
        ["mute", "toggle"],
        ["deafen", "on"],
        ["ptt", "down"],
        ["volume", "ann", "50"],
        ["status", "--format", "{state}"],
        ["status", "-q"],
        ["who"],
        ["leave"],
        ["rejoin"],
        ["say", "hello"],
        ["answer"],
        ["reject"],
        ["hangup"],
    ],
    ids=" ".join,
)
def test_verbs_load_nothing_that_a_key_press_would_wait_for(
    words: list[str], tmp_path: Path
) -> None:
    with EngineServer(tmp_path / "run"):
        script = f"import os; os.environ['WOXLY_RUNTIME_DIR'] = {str(tmp_path / 'run')!r}\n"
        modules = loaded(script + RUN_MAIN.format(words=words), tmp_path)
    slow = ("asyncio", "dataclasses", "inspect", "shutil", "subprocess", "pathlib", "logging")
    assert among(modules, *HEAVY, *slow, "woxly_tui.tui", "woxly_tui.engine") == []
    assert "woxly_tui.control.direct" in modules


def test_help_on_the_server_does_not_load_it(tmp_path: Path) -> None:
    modules = loaded(RUN_MAIN.format(words=["serve", "--help"]), tmp_path)
    assert among(modules, *HEAVY, "fastapi", "socketio", "sqlalchemy", "woxly_tui.server") == []


def test_version_loads_neither_settings_nor_tokens(tmp_path: Path) -> None:
    modules = loaded(RUN_MAIN.format(words=["--version"]), tmp_path)
    assert among(modules, "jwt", "platformdirs", "tomllib", "woxly_tui.config") == []


def test_the_engine_loads_no_media_library_and_no_screen(tmp_path: Path) -> None:
    modules = loaded("import woxly_tui.engine.engine", tmp_path)
    assert among(modules, *HEAVY, "woxly_tui.tui", "woxly_tui.media.worker") == []


def test_the_screen_loads_neither_engine_nor_media(tmp_path: Path) -> None:
    modules = loaded("import woxly_tui.tui.app", tmp_path)
    unwanted = ("livekit", "numpy", "sounddevice", "httpx", "jwt")
    assert among(modules, *unwanted, "woxly_tui.engine", "woxly_tui.media") == []


def test_a_headless_call_loads_no_screen(tmp_path: Path) -> None:
    script = "import woxly_tui.cli.headless, woxly_tui.engine.engine, woxly_tui.cli.call_session"
    assert among(loaded(script, tmp_path), *HEAVY) == []


def test_the_worker_s_messages_load_nothing_heavy(tmp_path: Path) -> None:
    assert among(loaded("import woxly_tui.media.messages", tmp_path), *HEAVY, "asyncio") == []


def test_the_proof_can_fail(tmp_path: Path) -> None:
    assert among(loaded("import woxly_tui.tui.app", tmp_path), "textual") != []
