"""Nothing is heard that the user's last act did not allow. The listener is there first."""

import time

import pytest

from tests.rig.analysis import tone
from tests.rig.scene import Scene, assert_blips_only, assert_silent, wait_loud
from tests.rig.woxly import sees

pytestmark = pytest.mark.live


def test_joining_muted_never_lets_a_sound_out(scene: Scene) -> None:
    wire = scene.peer()
    scene.talk("ann")
    start_s = time.monotonic()
    ann = scene.woxly("ann", "--muted")
    ann.wait_muted()
    assert wire.wait_type("published")["muted"]
    time.sleep(2.0)
    assert_silent(wire.heard("ann").between(start_s, time.monotonic()), "ann before unmuting")
    asked_s = ann.ask("set_mute", on=False)["_asked"]
    wait_loud(wire.heard("ann").between, 3, since_s=asked_s)
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
    wire.play(tone(1000, 30, -20))
    scene.talk("ann")
    start_s = time.monotonic()
    ann = scene.woxly("ann")
    ann.send({"type": "set_deafen", "on": True})
    ann.wait_state("deafened, in the call", sees("ann", is_deafened=True, is_muted=True))
    wire.wait_for("deafened", lambda m: m.get("changed", {}).get("voice.deafened") == "1")
    time.sleep(1.5)
    end_s = time.monotonic()
    assert_silent(wire.heard("ann").between(start_s, end_s), "ann on the wire")
    assert_blips_only(scene.devices("ann").heard.between(start_s, end_s), "ann's speaker")
    asked_s = ann.ask("set_deafen", on=False)["_asked"]
    wait_loud(scene.devices("ann").heard.between, 3, since_s=asked_s)
    ann.finish()
