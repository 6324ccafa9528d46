"""Push-to-talk as others hear it: a screen that holds a key, and one that dies holding it."""

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.rig.peer import Peer
from tests.rig.scene import MUTE_LIMIT_S, Scene, assert_silent, wait_loud
from tests.rig.woxly import Woxly
from tests.tui.pseudo_terminal import F4_DOWN, F4_UP, KittyTerminal

pytestmark = pytest.mark.live


@dataclass
class Held:
    """A muted call in which ann talks, somebody who listens, and a screen of hers."""

    ann: Woxly
    wire: Peer
    terminal: KittyTerminal

    def assert_heard(self, since_s: float) -> None:
        wait_loud(self.wire.heard("ann").between, 3, since_s=since_s)

    def assert_silence_from_now(self) -> None:
        self.ann.wait_muted(3)
        start_s = time.monotonic() + MUTE_LIMIT_S
        time.sleep(MUTE_LIMIT_S + 1.5)
        assert_silent(self.wire.heard("ann").between(start_s, time.monotonic()), "ann")


@pytest.fixture
def held(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    wire = scene.peer()
    scene.talk("ann")
    ann = scene.woxly("ann", "--muted")
    ann.wait_muted()
    for name in ("TMUX", "STY", "ZELLIJ"):
        monkeypatch.delenv(name, raising=False)
    for name, value in ann.env.items():
        monkeypatch.setenv(name, value)
    with KittyTerminal("-m", "woxly_tui.cli.main") as terminal:
        assert b"hold (kitty)" in terminal.read(20, until=b"hold (kitty)")
        yield Held(ann, wire, terminal)
    ann.finish()


def test_what_is_said_while_the_key_is_down_is_heard_and_nothing_after(held: Held) -> None:
    held.assert_silence_from_now()
    for _ in range(2):
        pressed_s = time.monotonic()
        held.terminal.press(F4_DOWN)
        held.assert_heard(pressed_s)
        held.terminal.press(F4_UP)
        held.assert_silence_from_now()


def test_a_screen_that_is_killed_lets_go(held: Held) -> None:
    pressed_s = time.monotonic()
    held.terminal.press(F4_DOWN)
    held.assert_heard(pressed_s)
    os.kill(held.terminal.pid, signal.SIGKILL)
    held.assert_silence_from_now()


def test_the_verbs_hold_it_too(held: Held) -> None:
    pressed_s = time.monotonic()
    held.ann.verb("ptt", "down")
    held.assert_heard(pressed_s)
    held.ann.verb("ptt", "up", code=None)
    held.assert_silence_from_now()
