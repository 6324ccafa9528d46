"""Push-to-talk on real terminals: one that speaks the kitty protocol, one that does not, tmux."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tui.pseudo_terminal import F4_DOWN, F4_UP, GOOD, RESTORED, KittyTerminal, Terminal
from woxly_tui.tui.kitty import RELEASE_FLAGS, TEXTUAL_FLAGS

F4_REPEAT = b"\x1b[1;1:2S"
SPACE_DOWN, SPACE_UP = b"\x1b[32;;32u", b"\x1b[32;1:3u"


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("TMUX", "STY", "ZELLIJ", "MOSH_CONNECTION", "TEXTUAL_DISABLE_KITTY_KEY"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "asked"
    path.touch()
    return path


def arguments(log: Path) -> list[str]:
    words = ["-m", "tests.tui.scripted_call", "--talkers", "0", "--muted"]
    return [*words, "--log", str(log)]


@pytest.fixture
def kitty(log: Path) -> Iterator[KittyTerminal]:
    with KittyTerminal(*arguments(log)) as terminal:
        terminal.start()
        yield terminal


def asked(log: Path, count: int, terminal: Terminal | None = None) -> list[str]:
    """What the engine was asked for, once it is that much, and a moment later."""
    end = time.monotonic() + 5
    while len(log.read_text().split()) < count and time.monotonic() < end:
        _idle(terminal)
    _idle(terminal)
    return log.read_text().split()


def _idle(terminal: Terminal | None) -> None:
    if terminal is None:
        time.sleep(0.1)
    else:
        terminal.read(0.1)


def test_holds_last_as_long_as_the_key_is_down(kitty: KittyTerminal, log: Path) -> None:
    assert kitty.stack == [0, RELEASE_FLAGS]
    kitty.press(F4_DOWN + F4_REPEAT * 5)
    assert asked(log, 1, kitty) == ["down"]
    kitty.press(F4_REPEAT * 5 + F4_UP)
    assert asked(log, 2, kitty) == ["down", "up"]
    kitty.press(SPACE_DOWN)
    assert asked(log, 3, kitty)[2:] == ["down"]
    kitty.press(SPACE_UP)
    assert asked(log, 4, kitty)[2:] == ["down", "up"]


def test_the_terminal_gets_its_flags_back(kitty: KittyTerminal) -> None:
    kitty.press(b"\x1b[99;5u" * 2)  # ctrl+c twice
    assert RESTORED in kitty.read(5, until=b"ended:")
    assert kitty.wait() == 0
    assert kitty.stack == [0]


def test_focus_that_is_lost_ends_a_hold(kitty: KittyTerminal, log: Path) -> None:
    kitty.press(F4_DOWN)
    assert asked(log, 1, kitty) == ["down"]
    kitty.press(b"\x1b[O")
    assert asked(log, 2, kitty) == ["down", "up"]
    kitty.press(F4_UP)
    assert asked(log, 2, kitty) == ["down", "up"]


def test_a_suspension_ends_a_hold_first_and_the_terminal_is_asked_again(
    kitty: KittyTerminal, log: Path
) -> None:
    kitty.press(F4_DOWN)
    assert asked(log, 1, kitty) == ["down"]
    os.kill(kitty.pid, signal.SIGTSTP)
    seen = kitty.read(5, until=RESTORED) + kitty.read(0.3)
    assert RESTORED in seen
    assert asked(log, 2, kitty) == ["down", "up"]
    assert kitty.stack == [0]
    os.kill(kitty.pid, signal.SIGCONT)
    kitty.read(2)
    assert kitty.stack == [0, RELEASE_FLAGS]
    kitty.press(F4_DOWN)
    assert asked(log, 3, kitty)[2:] == ["down"]
    kitty.press(F4_UP)
    assert asked(log, 4, kitty)[2:] == ["down", "up"]


def test_a_terminal_that_knows_no_event_types_keeps_textuals_flags(log: Path) -> None:
    with KittyTerminal(*arguments(log), knows=25) as terminal:
        terminal.start()
        assert terminal.stack == [0, TEXTUAL_FLAGS]
        terminal.press(F4_DOWN)
        assert asked(log, 1, terminal) == ["down"]
        terminal.press(F4_DOWN)
        assert asked(log, 2, terminal) == ["down", "up"]


@pytest.mark.parametrize("name", ["TMUX", "STY", "ZELLIJ"])
def test_inside_a_multiplexer_nothing_is_tried(log: Path, name: str) -> None:
    with KittyTerminal(*arguments(log), env={**GOOD, name: "somewhere"}) as terminal:
        terminal.start()
        assert terminal.stack == [0, TEXTUAL_FLAGS]


def test_bytes_that_are_no_keys_leave_the_app_alive(kitty: KittyTerminal, log: Path) -> None:
    hostile = [
        *(b"\x1b[32;1:4u", b"\x1b[99999999999u", b"\xff\xfe\x80", b"\x1b[200~\xff", b"\x1b[201~"),
        *(b"\x1b[48;0;0;0;0t", b"\x1b[<0;99999;99999M", b"\x1b]52;c;m\x07", b"\x1b[" + b"1;" * 400),
        *(b"u", b"\x00\x9b", b"\x1b[?62;22c", b"\x1bP>|m\x1b\\"),
    ]
    for piece in hostile:
        kitty.press(piece)
        kitty.read(0.02)
    kitty.read(2.5)
    kitty.press(F4_DOWN + F4_UP)
    assert asked(log, 2, kitty) == ["down", "up"]


def test_a_plain_terminal_is_tapped_and_its_mouse_is_held(log: Path) -> None:
    with Terminal(*arguments(log)) as terminal:
        terminal.start()
        terminal.press(b"\x1bOS")
        assert asked(log, 1, terminal) == ["down"]
        terminal.press(b"\x1bOS")
        assert asked(log, 2, terminal) == ["down", "up"]
        terminal.press(b"\x1b[<0;20;23M")
        assert asked(log, 3, terminal)[2:] == ["down"]
        terminal.press(b"\x1b[<0;1;1m")
        assert asked(log, 4, terminal)[2:] == ["down", "up"]


class Tmux:
    """A tmux server of its own, with one pane."""

    def __init__(self, folder: Path, command: list[str]) -> None:
        self._socket = folder / "tmux"
        self.run("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", *command)

    def run(self, *words: str) -> str:
        tmux = shutil.which("tmux") or "tmux"
        command = [tmux, "-S", str(self._socket), *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def send(self, data: bytes) -> None:
        self.run("send-keys", "-H", *(f"{byte:02x}" for byte in data))

    def wait_for(self, text: str) -> str:
        end = time.monotonic() + 20
        while text not in (shown := self.run("capture-pane", "-p")):
            assert time.monotonic() < end, shown
            time.sleep(0.1)
        return shown


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_in_tmux_keys_are_tapped_and_the_mouse_is_held(log: Path) -> None:
    words = [sys.executable, *arguments(log)]
    tmux = Tmux(log.parent, words)
    try:
        tmux.wait_for("PTT: tap")
        tmux.run("send-keys", "F4")
        assert asked(log, 1) == ["down"]
        tmux.wait_for("Open until you tap again")
        tmux.run("send-keys", "F4")
        assert asked(log, 2) == ["down", "up"]
        tmux.send(b"\x1b[<0;20;23M")
        tmux.wait_for("Open while you hold")
        tmux.send(b"\x1b[<0;60;5m")
        assert asked(log, 4)[2:] == ["down", "up"]
        tmux.wait_for("hold the mouse here, to talk")
    finally:
        tmux.run("kill-server")
