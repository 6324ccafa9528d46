"""Through a real tmux, a real GNU screen and a real D-Bus session."""

import contextlib
import os
import pty
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import pytest

from tests.rig import ROOT
from tests.rig.bus import HAS_BUS, Bus
from woxly_tui._lib.session_bus import BusFailed
from woxly_tui.notify.desktop import BusDesktop

RING: Final = """
import os, sys
from woxly_tui.notify.notifier import Notifier
from woxly_tui.notify.terminal import TerminalSurface, outside

def write(text):
    sys.stdout.write(text); sys.stdout.flush()

notifier = Notifier([TerminalSurface(write, outside(os.environ))])
notifier.ring("ann\\x1b]0;owned\\x07")
notifier.ring_over()
print("rang")
import time
time.sleep(60)
"""

WAIT_S: Final = 15.0


@contextlib.contextmanager
def on_a_terminal(command: Sequence[str], env: Mapping[str, str]) -> Iterator[int]:
    """Run a program on a pseudo terminal; what it draws can be read from the descriptor."""
    master, slave = pty.openpty()
    child = subprocess.Popen(
        command, stdin=slave, stdout=slave, stderr=slave, env=env, start_new_session=True
    )
    os.close(slave)
    try:
        yield master
    finally:
        child.kill()
        child.wait()
        os.close(master)


def read_until(master: int, wanted: bytes) -> bytes:
    """All that is drawn until it holds the wanted bytes.

    Raises:
        AssertionError: It does not come.
    """
    drawn, ends_at = b"", time.monotonic() + WAIT_S
    while wanted not in drawn:
        ready, _, _ = select.select([master], [], [], max(ends_at - time.monotonic(), 0))
        assert ready, drawn[-2000:]
        drawn += os.read(master, 65536)
    return drawn


def environment(folder: Path, **rest: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    base = {"HOME": str(folder), "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT)}
    return kept | base | {"TERM": "xterm-256color"} | rest


@pytest.fixture
def ring(tmp_path: Path) -> list[str]:
    path = tmp_path / "ring.py"
    path.write_text(RING)
    return [sys.executable, str(path)]


@pytest.mark.skipif(
    None in (shutil.which("tmux"), shutil.which("tic")), reason="needs tmux, and tic of ncurses"
)
@pytest.mark.parametrize(
    ("term", "wanted"),
    [
        ("xterm-kitty", b"\x1b]99;i=woxly-ring;woxly: ann]0;owned is calling you\x1b\\"),
        ("foot", b"\x1b]777;notify;woxly;ann]0,owned is calling you\a"),
    ],
)
def test_tmux_passes_it_on_in_the_words_of_the_terminal_outside(
    tmp_path: Path, ring: list[str], term: str, wanted: bytes
) -> None:
    named = tmp_path / "terminal.ti"
    named.write_text(f"{term}|as any other,\n\tuse=xterm-256color,\n")
    subprocess.run(["tic", "-o", str(tmp_path / "ti"), str(named)], check=True)
    conf, socket = tmp_path / "tmux.conf", str(tmp_path / "socket")
    conf.write_text("set -g allow-passthrough on\n")
    env = environment(tmp_path, TERM=term, TERMINFO=str(tmp_path / "ti"))
    command = ["tmux", "-f", str(conf), "-S", socket, "new-session", *ring]
    try:
        with on_a_terminal(command, env) as master:
            drawn = read_until(master, b"rang")
        assert wanted in drawn
        assert (b"]99;i=woxly-ring:p=close;" in drawn) is (term == "xterm-kitty")
    finally:
        subprocess.run(["tmux", "-S", socket, "kill-server"], capture_output=True, check=False)


@pytest.mark.skipif(shutil.which("screen") is None, reason="needs GNU screen")
def test_screen_passes_it_on(tmp_path: Path, ring: list[str]) -> None:
    folder = tmp_path / "screens"
    folder.mkdir(mode=0o700)
    env = environment(tmp_path, LC_TERMINAL="iTerm2", SCREENDIR=str(folder))
    command = ["screen", "-c", "/dev/null", "-S", "ring", *ring]
    try:
        with on_a_terminal(command, env) as master:
            read_until(master, b"\x1b]9;woxly: ann]0;owned is calling you\a")
    finally:
        words = ["screen", "-S", "ring", "-X", "quit"]
        subprocess.run(words, env=env, capture_output=True, check=False)


@pytest.mark.skipif(not HAS_BUS, reason="needs dbus-daemon")
async def test_the_desktop_shows_replaces_and_closes() -> None:
    with Bus() as bus:
        services = bus.services()
        desktop = BusDesktop(bus.address)
        number = await desktop.show("ann <b>is</b> calling & you", 0, is_urgent=True)
        assert await desktop.show("bob", number, is_urgent=False)
        await desktop.close(number)
        services.wait_for("close", lambda m: m.get("member") == "CloseNotification")
        told = [m for m in services.messages if m["type"] == "notification"]
        assert [m["member"] for m in told] == ["Notify", "Notify", "CloseNotification"]
        # All of it is summary, which is never markup; urgency 2 is that of a call.
        assert "'woxly', 0, '', 'ann <b>is</b> calling & you', ''" in told[0]["body"]
        assert "'urgency': ('y', 2)" in told[0]["body"]
        assert f"'woxly', {number}, '', 'bob'" in told[1]["body"]


@pytest.mark.skipif(not HAS_BUS, reason="needs dbus-daemon")
async def test_a_desktop_that_never_answers_or_is_none_costs_its_time_limit() -> None:
    with Bus() as bus:
        with pytest.raises(BusFailed, match="there is none"):
            await BusDesktop(bus.address).show("ann", 0, is_urgent=True)
        bus.services("slow")
        with pytest.raises(BusFailed, match="does not answer"):
            await BusDesktop(bus.address, limit_s=0.3).show("ann", 0, is_urgent=True)
