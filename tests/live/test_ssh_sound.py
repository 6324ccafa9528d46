"""Sound through `ssh -R`: a real sshd on loopback, and a woxly at its far end."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rig.pulse import Devices
from tests.rig.scene import CHIRPS, Scene, chirps_through, delays_s
from tests.rig.ssh import SshServer, sshd_path
from tests.rig.woxly import Woxly

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(sshd_path() is None, reason="there is no sshd here"),
]


@pytest.fixture(scope="module")
def ssh() -> Iterator[SshServer]:
    with SshServer() as server:
        yield server


def far_env(devices: Devices, home: Path, server: str) -> dict[str, str]:
    """What a shell at the far end knows: not where the sound really is."""
    kept = {key: value for key, value in devices.env.items() if key.startswith("ALSA")}
    chosen = {key: devices.env[key] for key in ("PULSE_SINK", "PULSE_SOURCE")}
    named = {"PULSE_SERVER": server} if server else {}
    session = {"SSH_CONNECTION": "127.0.0.1 50000 127.0.0.1 22", "XDG_RUNTIME_DIR": str(home)}
    return kept | chosen | named | session | {"HOME": str(home)}


def local_socket(devices: Devices) -> Path:
    return Path(devices.env["PULSE_SERVER"].removeprefix("unix:"))


@pytest.mark.parametrize("is_named", [True, False], ids=["PULSE_SERVER", "well-known"])
def test_chirps_go_both_ways_through_a_forwarded_socket(
    scene: Scene, ssh: SshServer, is_named: bool
) -> None:
    bob = scene.devices("bob")
    name = "elsewhere.sock" if is_named else "pulse.sock"
    forwarded = ssh.home / ".woxly" / name
    link = ssh.forward(forwarded, local_socket(bob))
    env = far_env(bob, ssh.home, f"unix:{forwarded}" if is_named else "")
    try:
        near = scene.woxly("ann", "--backend", "native")
        with Woxly(scene.sfu, scene.room, "bob", env, "--backend", "native") as far:
            near.wait_live()
            assert far.wait_live()["microphone"]["backend"] == "native"
            said, heard = chirps_through(scene.devices("ann"), bob.heard.between)
            assert len(delays_s(said, heard)) >= CHIRPS - 1
            said, heard = chirps_through(bob, scene.devices("ann").heard.between)
            assert len(delays_s(said, heard)) >= CHIRPS - 1
            far.finish()
    finally:
        link.kill()
        link.wait(timeout=10)
        forwarded.unlink(missing_ok=True)


def test_without_sound_the_call_goes_on_and_both_remedies_are_named(
    scene: Scene, tmp_path: Path
) -> None:
    env = far_env(scene.devices("bob"), tmp_path, "")
    with Woxly(scene.sfu, scene.room, "bob", env) as far:
        mic = far.wait_state("cause", lambda s: s["microphone"]["cause"])["microphone"]
        assert mic["backend"] == "null"
        assert "keep the call on your own machine" in mic["cause"]
        assert "forward its sound" in mic["cause"]
        assert os.linesep not in mic["cause"]
        far.finish()
