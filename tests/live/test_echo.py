"""A microphone that hears nothing but the speaker sends nothing back."""

import time

import pytest

from tests.rig.analysis import dbfs, syllables
from tests.rig.scene import Scene
from tests.rig.woxly import Woxly

pytestmark = pytest.mark.live

LEARN_S = 10.0
"""What the canceller may take to learn the way from speaker to microphone."""


@pytest.mark.parametrize("backend", ["native", "mixer"])
def test_what_comes_out_of_the_speaker_does_not_go_back(scene: Scene, backend: str) -> None:
    wire = scene.peer()
    wire.publish()
    devices = scene.devices("ann")
    env = devices.env | {"PULSE_SOURCE": "ann_speaker.monitor"}
    with Woxly(scene.sfu, scene.room, "ann", env, "--backend", backend) as ann:
        ann.wait_live()
        wire.play(syllables(LEARN_S + 6, -20))
        time.sleep(LEARN_S + 4.5)
        end_s = time.monotonic()
        played = dbfs(devices.heard.between(end_s - 3, end_s).samples)
        back = dbfs(wire.heard("ann").between(end_s - 3, end_s).samples)
        assert played > -30
        assert back < played - 40
        ann.finish()
