"""No click where volumes, devices and backends change: a smooth tone stays smooth at Ann's ear."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.rig.analysis import tone
from tests.rig.peer import Peer
from tests.rig.scene import Scene, wait_loud
from tests.rig.smooth import demand_smooth
from tests.rig.woxly import Woxly

pytestmark = pytest.mark.live

CHANGES: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "volume": [
        ("set_volume", {"identity": "wire", "percent": percent}) for percent in (50, 200, 0, 100)
    ],
    "master": [("set_shaping", {"master_percent": percent}) for percent in (50, 200, 0, 100)],
    "cleaning": [
        ("set_shaping", {"noise_suppression": False, "echo_cancellation": False}),
        ("set_shaping", {"noise_suppression": True, "echo_cancellation": True}),
    ],
    "deafen": [("set_deafen", {"on": True}), ("set_deafen", {"on": False})],
    "own mute": [("set_mute", {"on": True}), ("set_mute", {"on": False})],
}


@pytest.fixture
def call(scene: Scene) -> Iterator[tuple[Scene, Woxly, Peer]]:
    wire = scene.peer()
    wire.publish(queue_ms=400)
    ann = scene.woxly("ann", "--backend", "mixer")
    ann.wait_live()
    wire.play(tone(440, 60, -20))
    wait_loud(scene.devices("ann").heard.between)
    time.sleep(1.5)
    yield scene, ann, wire
    ann.finish()


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_not_heard_as_a_click(call: tuple[Scene, Woxly, Peer], change: str) -> None:
    scene, ann, _ = call
    ears = {"ann": scene.devices("ann").heard}
    demand_smooth(ears, [ann], [_asked(ann, kind, fields) for kind, fields in CHANGES[change]])


def test_muting_and_opening_do_not_click_at_the_other_ear(scene: Scene) -> None:
    ann, bob = scene.woxly("ann", "--backend", "mixer"), scene.woxly("bob", "--backend", "mixer")
    ann.wait_live()
    bob.wait_live()
    for cleaning in ("echo_cancellation", "noise_suppression", "auto_gain", "high_pass"):
        ann.ask("set_shaping", **{cleaning: False})
    scene.devices("ann").say(tone(440, 60, -20))
    wait_loud(scene.devices("bob").heard.between)
    changes = [_asked(ann, "set_mute", {"on": on}) for on in (True, False, True, False)]
    demand_smooth({"bob": scene.devices("bob").heard}, [ann, bob], changes)
    ann.finish()
    bob.finish()


def _asked(ann: Woxly, kind: str, fields: dict[str, Any]) -> Callable[[], object]:
    return lambda: ann.ask(kind, **fields)
