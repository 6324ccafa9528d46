"""A file played into the call: heard by others at its level, seen by them, and no voice."""

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.rig.analysis import tone, tone_dbfs
from tests.rig.process import LineProcess, python_module
from tests.rig.pulse import SoundServer, clean_env
from tests.rig.scene import SILENCE_DBFS, Scene, assert_silent, wait_loud
from tests.rig.sfu import LiveKitServer
from tests.rig.ssh import SshServer, sshd_path
from tests.rig.woxly import Woxly, sees

pytestmark = pytest.mark.live

HZ = 1000.0
SAID_DBFS = -20.0
NEAR_DB = 1.5

GONE_S = 1.0
"""From the death of whoever plays to silence at the others' ears."""


@dataclass(frozen=True)
class Call:
    """Ann is muted, and plays; Bob hears."""

    scene: Scene
    ann: Woxly
    bob: Woxly
    file: Path
    stack: ExitStack

    def play(self, *words: str) -> LineProcess:
        return self.stack.enter_context(self.ann.another("play", *words, str(self.file)))

    def level(self) -> float:
        """Of the tone at Bob's ear, over the last half second."""
        now = time.monotonic()
        return tone_dbfs(self.scene.devices("bob").heard.between(now - 0.5, now), HZ)

    def wait_heard(self) -> None:
        wait_loud(self.scene.devices("bob").heard.between)
        time.sleep(1.0)

    def wait_silent(self) -> None:
        self.bob.wait_state("nothing played", sees("ann", plays=""))
        time.sleep(0.8)
        now = time.monotonic()
        assert_silent(self.scene.devices("bob").heard.between(now - 0.4, now), "after the end")


@pytest.fixture
def call(sfu: LiveKitServer, sound: SoundServer, tmp_path: Path) -> Iterator[Call]:
    stereo = np.column_stack([tone(HZ, 30, SAID_DBFS)] * 2)
    file = tmp_path / "tone.flac"
    soundfile.write(file, stereo, 48_000)
    with Scene(sfu, sound) as scene:
        ann, bob = scene.woxly("ann", "--muted"), scene.woxly("bob", "--levels")
        ann.wait_muted()
        bob.wait_live()
        bob.wait_state("ann", sees("ann", is_muted=True))
        with ExitStack() as stack:
            yield Call(scene, ann, bob, file, stack)


def test_it_is_heard_at_its_level_whatever_the_microphone_does_and_ends(call: Call) -> None:
    playing = call.play()
    call.bob.wait_state("the title", sees("ann", plays="tone.flac", is_muted=True))
    call.wait_heard()
    assert call.level() == pytest.approx(SAID_DBFS, abs=NEAR_DB)
    assert (call.bob.last_level("ann") or SILENCE_DBFS) <= SILENCE_DBFS
    call.ann.ask("set_deafen", on=True)
    time.sleep(1.0)
    assert call.level() == pytest.approx(SAID_DBFS, abs=NEAR_DB)
    call.ann.ask("set_deafen", on=False)
    assert call.ann.verb("play", str(call.file), code=None).count("already") == 1
    assert "stopped" in call.ann.verb("play", "--stop")
    assert playing.wait_exit(5) != 0
    call.wait_silent()


def test_volumes_of_player_and_listener_apply(call: Call) -> None:
    playing = call.play("--volume", "50")
    call.wait_heard()
    assert call.level() == pytest.approx(SAID_DBFS - 6, abs=NEAR_DB)
    call.bob.ask("set_volume", identity="ann", percent=200)
    call.bob.wait_state("mixer", lambda s: bool(s["microphone"]["backend"] == "mixer"), 12)
    time.sleep(1.5)
    assert call.level() == pytest.approx(SAID_DBFS, abs=NEAR_DB)
    call.ann.finish()
    assert playing.wait_exit(8) != 0


def test_a_short_one_is_heard_to_its_end_from_a_pipe_at_another_rate(
    call: Call, tmp_path: Path
) -> None:
    samples = tone(HZ, 2.0, SAID_DBFS)[::3]  # 16 kHz
    raw = tmp_path / "raw"
    raw.write_bytes((np.repeat(samples, 2) * 32767).astype("<i2").tobytes())
    started = time.monotonic()
    words = ("play", "-", "--rate", "16000", "--channels", "2", "--title", "a pipe")
    with raw.open("rb") as pipe:
        done = subprocess.run(
            python_module("woxly_tui.cli.main", *words),
            stdin=pipe,
            env=call.ann.env,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert "played a pipe after 2.0 s" in done.stdout
    heard = call.scene.devices("bob").heard.between(started, time.monotonic())
    loud = np.abs(heard.samples) > 0.02
    assert loud.sum() / heard.rate_hz == pytest.approx(2.0 * 0.9, abs=0.35)
    call.wait_silent()


def assert_ends_at(call: Call, killed: float) -> None:
    """Nothing is heard GONE_S after the moment, and others see that it is over."""
    call.bob.wait_state("nothing played", sees("ann", plays=""), 2.0)
    time.sleep(max(0.0, killed + GONE_S + 0.5 - time.monotonic()))
    heard = call.scene.devices("bob").heard.between(killed + GONE_S, killed + GONE_S + 0.4)
    assert_silent(heard, "after whoever played was killed")


def test_it_ends_at_once_when_the_playing_command_is_killed(call: Call) -> None:
    playing = call.play()
    call.wait_heard()
    assert_ends_at(call, playing.signal(signal.SIGKILL))


@pytest.mark.skipif(sshd_path() is None, reason="there is no sshd here")
def test_a_file_of_a_server_is_played_through_the_socket_forwarded_to_it(
    call: Call, tmp_path: Path
) -> None:
    raw = call.file.read_bytes()
    cut = tmp_path / "cut.flac"
    cut.write_bytes(raw[: len(raw) // 10])
    with SshServer() as ssh:
        there = ssh.home / ".woxly" / "laptop.sock"
        ssh.forward(there, call.ann.folder / "engine.sock")
        env = clean_env() | {"HOME": str(ssh.home), "WOXLY_RUNTIME_DIR": str(ssh.home / "run")}
        words = ("play", "--socket", str(there))
        command = python_module("woxly_tui.cli.main", *words, str(cut))
        done = subprocess.run(
            command, env=env, capture_output=True, text=True, timeout=20, check=False
        )
        assert (done.returncode, done.stderr.count("\n")) == (1, 1), done
        assert "cut.flac is cut off or damaged: what is there was played" in done.stderr
        call.wait_silent()
        far = python_module("woxly_tui.cli.main", *words, str(call.file))
        with LineProcess("play there", far, env) as playing:
            call.bob.wait_state("the title", sees("ann", plays="tone.flac"))
            call.wait_heard()
            assert call.level() == pytest.approx(SAID_DBFS, abs=NEAR_DB)
            assert_ends_at(call, playing.signal(signal.SIGKILL))
