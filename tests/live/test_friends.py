"""Two people on `woxly serve` with sound cards: register, befriend, ring, answer, hear, hang up."""

import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.rig import ROOT
from tests.rig.process import Message, kill_engines, python_module
from tests.rig.pulse import Devices, SoundServer, clean_env
from tests.rig.scene import CHIRPS, assert_silent, chirps_through, delays_s
from tests.rig.sfu import LiveKitServer
from tests.rig.woxly import home_env
from tests.rig.woxly_server import PASSWORD, WoxlyServer
from woxly_tui.control.direct import DirectLink

pytestmark = pytest.mark.live

WITHIN_S = 40.0


class Somebody:
    """One person's shell, engine and devices."""

    def __init__(self, name: str, server: WoxlyServer, devices: Devices, **env: str) -> None:
        self.name = name
        self.devices = devices
        self._home = Path(tempfile.mkdtemp(prefix="rig-friend-"))
        self._env: Mapping[str, str] = clean_env() | home_env(self._home) | devices.env | env
        email = f"{name}@example.org"
        said = self.run("login", server.url, "--register", name, "--email", email)
        assert f"as {name}" in said

    def run(self, *words: str) -> str:
        """What a command prints; it must not fail."""
        done = subprocess.run(
            python_module("woxly_tui.cli.main", *words),
            env=dict(self._env),
            cwd=ROOT,
            input=f"{PASSWORD}\n",
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return done.stdout

    def wait_live(self, count: int) -> None:
        """Until the microphone is open among so many.

        Raises:
            AssertionError: It is not.
        """
        until = time.monotonic() + WITHIN_S
        command = python_module("woxly_tui.cli.main", "status", "--format", "{state} {count}")
        said = ""
        while said != f"live {count}\n":
            assert time.monotonic() < until, said
            done = subprocess.run(
                command, env=dict(self._env), cwd=ROOT, capture_output=True, text=True, check=False
            )
            said = done.stdout
            time.sleep(0.2)

    def change(self, **env: str) -> None:
        """These settings from now on; a fresh engine goes online with what is new of them."""
        if env.items() <= self._env.items():
            return
        kill_engines(self._home / "run")
        self._env = {**self._env, **env}
        self.run("calls")

    def ask(self, **command: Any) -> Message:
        """The engine's reply to a command, at once: no process is started for it.

        Raises:
            AssertionError: It refuses.
        """
        with DirectLink(self._home / "run" / "engine.sock") as link:
            reply = link.ask(command)
        assert reply["ok"], reply
        return reply

    def close(self) -> None:
        kill_engines(self._home / "run")


@pytest.fixture
def pair(sfu: LiveKitServer, sound: SoundServer) -> Iterator[tuple[Somebody, Somebody]]:
    with WoxlyServer(sfu) as server:
        ann = Somebody("annie", server, sound.people["ann"])
        bob = Somebody("bobby", server, sound.people["bob"])
        yield ann, bob
        for one in (ann, bob):
            one.close()
        sound.hush()


def test_friends_meet_ring_hear_each_other_and_hang_up(pair: tuple[Somebody, Somebody]) -> None:
    ann, bob = pair
    ann.run("friends", "add", "bobby")
    bob.run("friends", "accept", "annie")
    bob.run("calls")  # an engine that is online
    waiting = subprocess.Popen(
        python_module("woxly_tui.cli.main", "watch"),
        env=dict(bob._env),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    try:
        assert "ringing bobby" in ann.run("call", "bobby")
        start = time.monotonic()
        chirps_through(ann.devices, bob.devices.heard.between)
        assert_silent(bob.devices.heard.between(start, time.monotonic()), "bob while it rings")
        assert "in a call with annie" in bob.run("answer")
        ann.wait_live(2)
        bob.wait_live(2)
        for mouth, ear in ((ann, bob), (bob, ann)):
            heard = chirps_through(mouth.devices, ear.devices.heard.between)
            assert len(delays_s(*heard)) >= CHIRPS // 2
        assert "hung up" in ann.run("hangup")
        time.sleep(2.0)
        start = time.monotonic()
        chirps_through(ann.devices, bob.devices.heard.between)
        assert_silent(bob.devices.heard.between(start, time.monotonic()), "bob after the call")
    finally:
        waiting.terminate()
        waiting.wait(10)
