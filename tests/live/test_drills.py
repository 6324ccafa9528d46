"""LiveKit's own rehearsals of failure: nothing leaks, and sound is as the user left it."""

import time

import pytest

from tests.rig.analysis import tone
from tests.rig.scene import Scene, assert_silent, wait_calm, wait_loud
from tests.rig.woxly import sees

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


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_muted_through_a_drill(scene: Scene, kind: str) -> None:
    scene.talk("ann")
    start_s = time.monotonic()
    ann = scene.woxly("ann", "--muted")
    wire = scene.peer()
    wire.publish()
    ann.wait_muted()
    ann.ask("drill", scenario=kind)
    snapshot = wait_calm(ann)
    assert snapshot["microphone"]["state"] == "muted"
    assert_silent(wire.heard("ann").between(start_s, time.monotonic()), f"ann, {kind}")
    asked_s = ann.ask("set_mute", on=False)["_asked"]
    wait_loud(wire.heard("ann").between, 5, since_s=asked_s)
    wire.play(tone(1000, 20, -20))
    wait_loud(scene.devices("ann").heard.between, 5)
    ann.finish()


@pytest.mark.parametrize("kind", REPUBLISHING)
def test_open_through_a_drill(scene: Scene, kind: str) -> None:
    scene.talk("ann")
    ann = scene.woxly("ann")
    wire = scene.peer()
    ann.wait_live()
    wait_loud(wire.heard("ann").between)
    ann.ask("drill", scenario=kind)
    snapshot = wait_calm(ann)
    assert snapshot["microphone"]["state"] == "open"
    wait_loud(wire.heard("ann").between, 5)
    ann.finish()


@pytest.mark.parametrize("kind", REPUBLISHING)
def test_deafened_through_a_drill(scene: Scene, kind: str) -> None:
    scene.talk("ann")
    wire = scene.peer()
    wire.publish()
    ann = scene.woxly("ann")
    ann.wait_live()
    wire.play(tone(1000, 40, -20))
    wait_loud(scene.devices("ann").heard.between)
    ann.ask("set_deafen", on=True)
    time.sleep(0.4)
    deaf_s = time.monotonic()
    ann.ask("drill", scenario=kind)
    snapshot = wait_calm(ann)
    assert snapshot["microphone"]["is_deafened"]
    ann.wait_state("wire in the call", sees("wire"))
    time.sleep(0.5)
    now = time.monotonic()
    assert_silent(scene.devices("ann").heard.between(deaf_s, now), f"ann's speaker, {kind}")
    assert_silent(wire.heard("ann").between(deaf_s, now), f"ann on the wire, {kind}")
    ann.ask("set_deafen", on=False)
    wait_loud(scene.devices("ann").heard.between, 5)
    wait_loud(wire.heard("ann").between, 5)
    ann.finish()
