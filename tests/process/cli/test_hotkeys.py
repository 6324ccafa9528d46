"""Every line in docs/hotkeys.md that runs woxly can be run."""

import configparser
import contextlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
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


def _schemas() -> str:
    done = subprocess.run(
        ["gsettings", "list-schemas"], capture_output=True, text=True, check=False
    )
    return done.stdout


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


@pytest.mark.skipif(
    shutil.which("gsettings") is None or "media-keys" not in _schemas(),
    reason="GNOME's settings are not installed",
)
def test_gnome_stores_its_snippet(tmp_path: Path) -> None:
    env = {**os.environ, "GSETTINGS_BACKEND": "keyfile", "XDG_CONFIG_HOME": str(tmp_path)}
    subprocess.run(["sh", "-e", "-c", SNIPPETS["gnome"]], env=env, check=True, timeout=30)
    stored = (tmp_path / "glib-2.0" / "settings" / "keyfile").read_text()
    assert "custom-keybindings=['/org/gnome/" in stored
    assert "command='woxly mute toggle'" in stored


@pytest.fixture
def display() -> Iterator[dict[str, str]]:
    """An X display of the test's own, as environment."""
    shown, told = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(told), "-screen", "0", "400x40x24"],
        pass_fds=(told,),
        stderr=subprocess.DEVNULL,
    )
    os.close(told)
    with os.fdopen(shown) as number:
        yield {**os.environ, "DISPLAY": f":{number.readline().strip()}"}
    server.terminate()
    server.wait(10)


@pytest.fixture
def watched(
    tmp_path: Path, display: dict[str, str]
) -> Iterator[tuple[EngineServer, dict[str, str]]]:
    """An engine, and an environment in which a desktop finds it."""
    with EngineServer(tmp_path / "run") as engine:
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        yield engine, {**display, "WOXLY_RUNTIME_DIR": str(engine.path.parent), "PATH": path}


def until_state(env: dict[str, str], state: str) -> None:
    """Wait until `woxly status` says so."""
    for _ in range(100):
        done = subprocess.run(
            ["woxly", "status", "--format", "{state}"],
            env=env,
            capture_output=True,
            text=True,
            check=True,
        )
        if done.stdout.strip() == state:
            return
        time.sleep(0.05)
    raise AssertionError(f"{done.stdout!r}, not {state}")


def needs(*programs: str) -> pytest.MarkDecorator:
    """Skip where one of them is missing."""
    missing = [program for program in programs if shutil.which(program) is None]
    return pytest.mark.skipif(bool(missing), reason=f"{', '.join(missing)} not installed")


@needs("Xvfb", "xdotool", "i3")
def test_the_keys_of_i3_reach_the_engine(
    tmp_path: Path, watched: tuple[EngineServer, dict[str, str]]
) -> None:
    _, env = watched
    config = tmp_path / "config"
    config.write_text(f"# i3 config file (v4)\n{SNIPPETS['i3']}")
    with subprocess.Popen(["i3", "-c", str(config)], env=env, stderr=subprocess.DEVNULL) as i3:
        try:
            until_state(env, "live")
            press_until(env, ["key", "super+m"], "muted")
            subprocess.run(["xdotool", "key", "super+shift+m"], env=env, check=True)
            until_state(env, "deafened")
        finally:
            i3.terminate()


@needs("Xvfb", "xdotool", "polybar")
def test_polybar_is_clicked(tmp_path: Path, watched: tuple[EngineServer, dict[str, str]]) -> None:
    _, env = watched
    config = tmp_path / "config.ini"
    bar = "[bar/test]\nwidth = 100%\nheight = 30\nmodules-left = woxly\n"
    config.write_text(bar + SNIPPETS["polybar"])
    with subprocess.Popen(
        ["polybar", "-c", str(config), "test"], env=env, stderr=subprocess.DEVNULL
    ) as polybar:
        try:
            until_state(env, "live")
            press_until(env, ["mousemove", "10", "15", "click", "1"], "muted")
            subprocess.run(["xdotool", "click", "3"], env=env, check=True)
            until_state(env, "deafened")
        finally:
            polybar.terminate()


def press_until(env: dict[str, str], keys: list[str], state: str) -> None:
    """Press as soon as the program beside us is ready for it, and once only."""
    for _ in range(20):
        subprocess.run(["xdotool", *keys], env=env, check=True)
        with contextlib.suppress(AssertionError):
            return until_state(env, state)
    raise AssertionError(f"never {state}")
