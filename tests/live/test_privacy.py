"""Nothing is heard that the user's last act did not allow. The listener is there first."""

import time

import pytest

from tests.rig.scene import Scene, assert_silent, wait_loud
from tests.rig.woxly import row

pytestmark = pytest.mark.live


def test_joining_muted_never_lets_a_sound_out(scene: Scene) -> None:
    wire = scene.peer()
    scene.talk("ann")
    start_s = time.monotonic()
    ann = scene.woxly("ann", "--muted")
    ann.wait_muted()
    wire.wait_for("ann's track", lambda m: m["type"] == "track" and m["muted"])
    time.sleep(2.0)
    assert_silent(wire.heard("ann").between(start_s, time.monotonic()), "ann before unmuting")
    asked_s = ann.ask("set_mute", on=False)["_asked"]
    wait_loud(wire.heard("ann").between, 3, since_s=asked_s)
    ann.finish()


def test_a_track_is_published_muted_and_opened_after(scene: Scene) -> None:
    wire = scene.peer()
    ann = scene.woxly("ann")
    ann.wait_live()
    track = wire.wait_type("track")
    opened = wire.wait_for("unmute", lambda m: m["type"] == "mute" and not m["on"])
    assert track["muted"]
    assert opened["_at"] >= track["_at"]
    ann.finish()


def test_muting_before_the_call_stands_is_obeyed(scene: Scene) -> None:
    wire = scene.peer()
    scene.talk("ann")
    start_s = time.monotonic()
    ann = scene.woxly("ann")
    ann.send({"type": "set_mute", "on": True})
    ann.wait_muted()
    time.sleep(1.5)
    assert_silent(wire.heard("ann").between(start_s, time.monotonic()), "ann")
    ann.finish()


def test_deafening_before_the_call_stands_is_obeyed(scene: Scene) -> None:
    wire = scene.peer()
    wire.publish()
    scene.talk("ann")
    start_s = time.monotonic()
    ann = scene.woxly("ann")
    ann.send({"type": "set_deafen", "on": True})
    snapshot = ann.wait_state(
        "deafened", lambda s: bool(s["phase"] == "established" and s["microphone"]["is_deafened"])
    )
    own = row(snapshot, "ann")
    assert own is not None
    assert own["is_deafened"]
    time.sleep(1.5)
    end_s = time.monotonic()
    assert_silent(wire.heard("ann").between(start_s, end_s), "ann on the wire")
    ann.finish()
