"""A microphone that hears the speaker: with native sound, too, cues are not sent to the others."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

import numpy as np
import pytest

from tests.live.test_cues import has_notes
from tests.rig.analysis import Clip, loudest_dbfs, syllables
from tests.rig.peer import Peer
from tests.rig.pulse import SoundServer
from tests.rig.scene import Scene, assert_silent
from tests.rig.sfu import LiveKitServer
from tests.rig.woxly import Woxly, sees
from woxly_tui.types import Cue

pytestmark = pytest.mark.live

SETTLE_S: Final = 2.5
"""From the opening of the microphone until all is judged, and the recordings have it."""

OPENS_WITHIN_S: Final = 1.2
"""With a cue before: it gives up after 0.85 s, and a busy machine."""

CUES: Final = {"WOXLY_CUES": "1", "WOXLY_CUES_PERCENT": "100"}


@dataclass(frozen=True)
class Desk:
    """Ann's microphone stands before her loudspeaker."""

    scene: Scene
    wire: Peer
    stack: ExitStack

    def join(self, *args: str) -> Woxly:
        env = self.scene.devices("ann").env | CUES
        ann = Woxly(self.scene.sfu, self.scene.room, "ann", env, "--backend", "native", *args)
        return self.stack.enter_context(ann)

    def heard(self, since_s: float) -> Clip:
        """What Ann's speaker has played since then."""
        return self.scene.devices("ann").heard.between(since_s, time.monotonic())

    def sent(self, since_s: float) -> Clip:
        """What came of Ann over the wire."""
        return self.wire.heard("ann").between(since_s, time.monotonic())


@pytest.fixture
def desk(sfu: LiveKitServer, own_sound: SoundServer) -> Iterator[Desk]:
    own_sound.control(
        "load-module", "module-loopback", "source=ann_speaker.monitor", "sink=ann_mouth",
        "latency_msec=30",
    )  # fmt: skip
    with Scene(sfu, own_sound) as scene, ExitStack() as stack:
        yield Desk(scene, scene.peer(), stack)


def told(woxly: Woxly) -> list[str]:
    return [m["text"] for m in woxly.messages if m.get("type") == "notice"]


def test_from_the_first_cue_on_none_is_sent(desk: Desk) -> None:
    since_s = time.monotonic()
    ann = desk.join()
    ann.wait_live()
    time.sleep(SETTLE_S)
    assert has_notes(desk.heard(since_s), Cue.JOIN)
    assert has_notes(desk.scene.devices("ann").said.between(since_s, time.monotonic()), Cue.JOIN)
    assert any("hears your speaker" in text for text in told(ann))
    learnt_s = time.monotonic()
    bob = desk.scene.woxly("bob", "--muted", devices=False, pins_devices=False)
    ann.wait_state("bob", sees("bob"))
    time.sleep(1.0)
    bob.finish()
    ann.wait_state("no bob", lambda s: not sees("bob")(s))
    time.sleep(1.0)
    assert_silent(desk.heard(learnt_s), "cues of who comes and goes")
    muted_s = time.monotonic()
    ann.ask("set_mute", on=True)
    time.sleep(1.0)
    assert has_notes(desk.heard(muted_s), Cue.MUTE)
    ann.ask("set_mute", on=False)
    time.sleep(1.0)
    assert not has_notes(desk.heard(muted_s), Cue.UNMUTE)
    left_s = time.monotonic()
    ann.send({"type": "leave"})
    time.sleep(1.5)
    assert has_notes(desk.heard(left_s), Cue.DISCONNECT)
    assert_silent(desk.sent(since_s), "cues on the wire")
    assert sum("hears your speaker" in text for text in told(ann)) == 1


def test_joined_muted_the_first_opening_tells(desk: Desk) -> None:
    ann = desk.join("--muted")
    ann.wait_muted()
    time.sleep(1.0)
    since_s = time.monotonic()
    ann.send({"type": "set_mute", "on": False})
    time.sleep(0.3)
    ann.ask("set_mute", on=True)
    time.sleep(1.5)
    assert ann.snapshot is not None
    assert ann.snapshot["microphone"]["state"] == "muted"
    asked_s = time.monotonic()
    ann.ask("set_mute", on=False)
    assert time.monotonic() - asked_s < OPENS_WITHIN_S
    time.sleep(SETTLE_S)
    assert has_notes(desk.heard(since_s), Cue.UNMUTE)
    assert any("hears your speaker" in text for text in told(ann))
    assert_silent(desk.sent(since_s), "the cue of the opening")
    ann.finish()


def test_the_voices_of_others_tell_as_well(desk: Desk) -> None:
    desk.wire.publish()
    ann = desk.join("--muted")
    ann.wait_muted()
    ann.ask("set_ptt", is_down=True, at_ns=time.monotonic_ns())
    words = np.concatenate([syllables(1.0, -20), np.zeros(48_000, dtype=np.float32)])
    desk.wire.play(np.tile(words, 7))
    deadline = time.monotonic() + 16
    while not any("hears your speaker" in text for text in told(ann)):
        assert time.monotonic() < deadline, told(ann)
        time.sleep(0.1)
    assert loudest_dbfs(desk.heard(deadline - 16)) > -30
