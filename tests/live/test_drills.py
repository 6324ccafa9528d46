"""LiveKit's own rehearsals of failure: nothing leaks, and sound is as the user left it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.rig.analysis import tone
from tests.rig.peer import Peer
from tests.rig.pulse import SoundServer
from tests.rig.scene import (
    MUTE_LIMIT_S,
    Scene,
    assert_blips_only,
    assert_silent,
    wait_calm,
    wait_loud,
)
from tests.rig.sfu import LiveKitServer
from tests.rig.woxly import Woxly, sees

pytestmark = pytest.mark.live

EVERY_KIND = [
    "signal_reconnect",
    "full_reconnect",
    "disconnect_signal_on_resume",
    "node_failure",
    "server_leave",
    "migration",
    "force_tcp",
    "speaker",
]
"""All but force_tls, which needs a TURN server with a certificate."""

REPUBLISHING = ["full_reconnect", "server_leave"]
"""Kinds after which the own track, or all remote ones, are new."""


@dataclass(frozen=True)
class Call:
    scene: Scene
    ann: Woxly
    wire: Peer


@pytest.fixture(scope="module")
def standing(sfu: LiveKitServer, sound: SoundServer) -> Iterator[Call]:
    """One call that goes through every drill."""
    with Scene(sfu, sound) as scene:
        ann = scene.woxly("ann")
        wire = scene.peer()
        wire.publish()
        ann.wait_live()
        yield Call(scene, ann, wire)
        ann.finish()


@pytest.fixture
def call(standing: Call) -> Iterator[Call]:
    """The same call: ann talks into an open microphone, wire sends a tone, both are heard."""
    standing.ann.ask("set_deafen", on=False)
    standing.ann.ask("set_mute", on=False)
    standing.scene.talk("ann")
    standing.wire.play(tone(1000, 60, -20))
    wait_loud(standing.wire.heard("ann").between)
    wait_loud(standing.scene.devices("ann").heard.between)
    yield standing
    standing.wire.hush()
    standing.scene.sound.hush()


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_muted_through_a_drill(call: Call, kind: str) -> None:
    heard = call.wire.heard("ann")
    muted_s = call.ann.ask("set_mute", on=True)["_asked"] + MUTE_LIMIT_S
    time.sleep(MUTE_LIMIT_S)
    call.ann.ask("drill", scenario=kind)
    snapshot = wait_calm(call.ann)
    assert snapshot["microphone"]["state"] == "muted", call.ann.describe("not muted")
    assert_silent(heard.between(muted_s, time.monotonic()), f"ann, {kind}")
    asked_s = call.ann.ask("set_mute", on=False)["_asked"]
    wait_loud(heard.between, 5, since_s=asked_s)
    wait_loud(call.scene.devices("ann").heard.between, 5)


@pytest.mark.parametrize("kind", REPUBLISHING)
def test_open_through_a_drill(call: Call, kind: str) -> None:
    call.ann.ask("drill", scenario=kind)
    snapshot = wait_calm(call.ann)
    assert snapshot["microphone"]["state"] == "open", call.ann.describe("not open")
    now = time.monotonic()
    wait_loud(call.wire.heard("ann").between, 5, since_s=now)
    wait_loud(call.scene.devices("ann").heard.between, 5, since_s=now)


@pytest.mark.parametrize("kind", REPUBLISHING)
def test_deafened_through_a_drill(call: Call, kind: str) -> None:
    heard, speaker = call.wire.heard("ann"), call.scene.devices("ann").heard
    deaf_s = call.ann.ask("set_deafen", on=True)["_asked"] + MUTE_LIMIT_S
    time.sleep(MUTE_LIMIT_S)
    call.ann.ask("drill", scenario=kind)
    snapshot = wait_calm(call.ann)
    assert snapshot["microphone"]["is_deafened"], call.ann.describe("not deafened")
    call.ann.wait_state("wire in the call", sees("wire"))
    time.sleep(0.5)
    now = time.monotonic()
    assert_blips_only(speaker.between(deaf_s, now), f"ann's speaker, {kind}")
    assert_silent(heard.between(deaf_s, now), f"ann on the wire, {kind}")
    asked_s = call.ann.ask("set_deafen", on=False)["_asked"]
    wait_loud(speaker.between, 5, since_s=asked_s)
    wait_loud(heard.between, 5, since_s=asked_s)
