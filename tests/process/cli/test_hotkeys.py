"""Every line in docs/hotkeys.md that runs woxly can be run."""

import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.engine_server import EngineServer
from tests.process.cli.tmux import Tmux, needs_tmux
from woxly_tui.cli.main import build_parser
from woxly_tui.plain.fields import formatted
from woxly_tui.plain.view import CallView

ROOT: Final = Path(__file__).parents[3]
PAGE: Final = (ROOT / "docs" / "hotkeys.md").read_text("utf-8")

SNIPPETS: Final[dict[str, str]] = dict(
    re.findall(r"^```([a-z0-9]+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
)

PLACES: Final = (
    *("sway", "hyprlang", "i3", "gnome", "kde", "skhd", "shortcuts"),
    *("tmux", "waybar", "polybar", "starship", "sh"),
)

_COMMAND: Final = re.compile(r"(?:\"\$HOME/\.local/bin/woxly\"|\bwoxly) ([a-z]+ ?[^;|&\n]*)")


def shell_lines(name: str) -> list[str]:
    """The shell commands in a snippet, as the program it is for will find them."""
    text = SNIPPETS[name]
    if name == "waybar":
        (module,) = json.loads(f"{{{text}}}").values()
        return [value for key, value in module.items() if key != "return-type"]
    if name == "polybar":
        parser = configparser.ConfigParser(interpolation=None)
        parser.read_string(text)
        module = parser["module/woxly"]
        return [module[key] for key in ("exec", "click-left", "click-right")]
    if name == "starship":
        module = tomllib.loads(text)["custom"]["woxly"]
        return [module["when"], module["command"]]
    return text.splitlines()


def commands(name: str) -> Iterator[list[str]]:
    """The words after `woxly` of each command in a snippet."""
    for line in shell_lines(name):
        for found in _COMMAND.findall(line):
            words = balanced(found)
            yield [word for word in words if not re.fullmatch(r"\d?>.*", word)]


def balanced(text: str) -> list[str]:
    """The words of a command that something larger may be quoted around."""
    while True:
        try:
            return shlex.split(text.split(")")[0])
        except ValueError:
            text = text[:-1]


def test_every_place_the_page_promises_is_there() -> None:
    assert sorted(SNIPPETS) == sorted(PLACES)


@pytest.mark.parametrize("name", PLACES)
def test_each_command_can_be_typed_as_it_stands(name: str) -> None:
    found = list(commands(name))
    assert found != []
    for words in found:
        args = build_parser(words[0]).parse_args(words)
        assert hasattr(args, "run"), words
        if template := getattr(args, "format", None):
            formatted(template, CallView(), 0.0)


def test_what_waybar_reads_is_json() -> None:
    exec_words = next(words for words in commands("waybar") if words[0] == "watch")
    line = formatted(exec_words[2], CallView(), 0.0)
    assert json.loads(line) == {"text": "NO CALL", "class": "no call"}


def test_bars_show_nothing_that_others_chose() -> None:
    safe = {"state", "word", "count", "duration", "rtt_ms"}
    for name in ("tmux", "waybar", "polybar", "starship"):
        shown = re.findall(r"(?<!\{)\{(\w+)\}", " ".join(shell_lines(name)))
        assert set(shown) <= safe


@pytest.mark.skipif(shutil.which("i3") is None, reason="i3 is not installed")
def test_i3_takes_its_snippet(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text(f"# i3 config file (v4)\n{SNIPPETS['i3']}")
    done = subprocess.run(
        ["i3", "-C", "-c", str(config)], capture_output=True, text=True, check=True, timeout=30
    )
    assert "ERROR" not in done.stdout + done.stderr


@pytest.mark.skipif(shutil.which("sway") is None, reason="sway is not installed")
def test_sway_takes_its_snippet() -> None:
    with tempfile.TemporaryDirectory() as folder:
        command = ["sway", "-C", "-c", f"{folder}/config"]
        Path(folder, "config").write_text(SNIPPETS["sway"])
        if os.getuid() == 0:  # which sway refuses to be
            os.chown(folder, 65534, 65534)
            command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *command]
        env = os.environ | {"WLR_BACKENDS": "headless", "XDG_RUNTIME_DIR": folder}
        done = subprocess.run(
            command, env=env, capture_output=True, text=True, check=False, timeout=30
        )
    assert done.returncode == 0, done.stderr


@needs_tmux
def test_tmux_shows_the_state_and_its_keys_change_it(tmp_path: Path) -> None:
    with EngineServer(tmp_path / "run") as engine:
        env = os.environ | {
            "WOXLY_RUNTIME_DIR": str(engine.path.parent),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }
        with Tmux(tmp_path, env, SNIPPETS["tmux"], "sleep 60") as tmux:
            tmux.attach()
            tmux.until_drawn(b"LIVE")
            tmux.press(b"\x02M")
            tmux.until_drawn(b"MUTED")
            tmux.press(b"\x02D")
            tmux.until_drawn(b"DEAFENED")
