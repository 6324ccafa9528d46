"""How loud each is played, and what a change of backend costs in mid-call."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pytest

from tests.rig.analysis import longest_gap_s, steady_tone_dbfs, tone
from tests.rig.peer import Peer
from tests.rig.pulse import SoundServer
from tests.rig.scene import SILENCE_DBFS, Scene, assert_silent, wait_loud
from tests.rig.sfu import LiveKitServer
from tests.rig.woxly import Woxly, row

pytestmark = pytest.mark.live

ONE_HZ: Final = 1000.0
TWO_HZ: Final = 1700.0
SAID_DBFS: Final = -20.0

FULL_SCALE: Final = 0.998
"""A peak above this is cut off, or was as good as."""

HARMONIC_DB: Final = 30
"""How far its third harmonic is below a tone that is not cut off; a square wave's is 10."""

SWITCH_GAP_S: Final = 0.5
"""Most that a change of backend may cost of anybody's sound."""


@dataclass(frozen=True)
class Call:
    """Ann hears two tones, each of somebody else; Bob hears Ann."""

    scene: Scene
    ann: Woxly
    bob: Woxly
    one: Peer
    two: Peer

    def hears(self, hz: float) -> float:
        """The level of one tone at Ann's ear, over the last 0.5 s."""
        now = time.monotonic()
        return steady_tone_dbfs(self.scene.devices("ann").heard.between(now - 0.5, now), hz)

    def set_volume(self, identity: str, percent: int) -> float:
        reply = self.ann.ask("set_volume", identity=identity, percent=percent)
        shown = row(reply["snapshot"], identity)
        assert shown is not None
        assert shown["volume_percent"] == percent
        return float(reply["_asked"])

    def wait_backend(self, name: str) -> None:
        self.ann.wait_state(name, lambda s: bool(s["microphone"]["backend"] == name), 12)

    def talk(self) -> None:
        self.one.play(tone(ONE_HZ, 60, SAID_DBFS))
        self.two.play(tone(TWO_HZ, 60, SAID_DBFS))
        wait_loud(self.scene.devices("ann").heard.between)


@pytest.fixture(scope="module")
def standing(sfu: LiveKitServer, sound: SoundServer) -> Iterator[Call]:
    with Scene(sfu, sound) as scene:
        one, two = scene.peer("one"), scene.peer("two")
        one.publish(queue_ms=200)
        two.publish(queue_ms=200)
        ann, bob = scene.woxly("ann"), scene.woxly("bob")
        ann.wait_live()
        bob.wait_live()
        ann.wait_state("everybody", lambda s: len(s["participants"]) == 4)
        yield Call(scene, ann, bob, one, two)
        ann.finish()
        bob.finish()


@pytest.fixture
def call(standing: Call) -> Iterator[Call]:
    """The same call on the native backend, Ann open, everybody as they come."""
    standing.ann.ask("set_deafen", on=False)
    standing.ann.ask("set_mute", on=False)
    for identity in ("one", "two"):
        standing.set_volume(identity, 100)
    standing.wait_backend("native")
    yield standing
    standing.one.hush()
    standing.two.hush()
    standing.scene.sound.hush()


def test_each_is_as_loud_as_asked_and_the_other_as_before(call: Call) -> None:
    call.talk()
    for percent in (50, 200, 150, 100):
        call.set_volume("one", percent)
        call.wait_backend("mixer")
        time.sleep(1.2)
        level_dbfs = SAID_DBFS + 20 * math.log10(percent / 100)
        assert call.hears(ONE_HZ) == pytest.approx(level_dbfs, abs=1)
        assert call.hears(TWO_HZ) == pytest.approx(SAID_DBFS, abs=1)
    call.set_volume("one", 0)
    time.sleep(1.2)
    assert call.hears(ONE_HZ) < SILENCE_DBFS
    assert call.hears(TWO_HZ) == pytest.approx(SAID_DBFS, abs=1)


def test_silence_needs_no_other_backend(call: Call) -> None:
    call.talk()
    call.set_volume("one", 0)
    time.sleep(1.2)
    assert call.hears(ONE_HZ) < SILENCE_DBFS
    assert call.hears(TWO_HZ) == pytest.approx(SAID_DBFS, abs=1)
    assert call.ann.snapshot is not None
    assert call.ann.snapshot["microphone"]["backend"] == "native"
    call.set_volume("one", 100)
    time.sleep(1.2)
    assert call.hears(ONE_HZ) == pytest.approx(SAID_DBFS, abs=1)


def test_deafen_beats_volume(call: Call) -> None:
    call.talk()
    call.set_volume("one", 150)
    call.wait_backend("mixer")
    call.ann.ask("set_deafen", on=True)
    call.set_volume("one", 200)
    time.sleep(0.5)
    start_s = time.monotonic()
    time.sleep(0.8)
    heard = call.scene.devices("ann").heard.between(start_s, time.monotonic())
    assert_silent(heard, "ann's speaker")
    call.ann.ask("set_deafen", on=False)
    time.sleep(1.5)
    assert call.hears(ONE_HZ) == pytest.approx(SAID_DBFS + 6, abs=1)


def test_a_change_of_backend_is_short_for_those_who_hear_and_those_who_are_heard(
    call: Call,
) -> None:
    call.talk()
    call.scene.devices("ann").say(tone(700, 60, SAID_DBFS))
    wait_loud(call.scene.devices("bob").heard.between)
    for percent, backend in ((50, "mixer"), (100, "native")):
        asked_s = call.set_volume("one", percent)
        call.wait_backend(backend)
        time.sleep(1.5)
        end_s = time.monotonic()
        for name in ("ann", "bob"):
            heard = call.scene.devices(name).heard.between(asked_s, end_s)
            gap_s = longest_gap_s(heard)
            assert gap_s <= SWITCH_GAP_S, f"to {backend}, {name} hears nothing for {gap_s:.2f} s"
        assert call.ann.wait_live()["microphone"]["backend"] == backend


def test_a_muted_microphone_lets_no_packet_out_while_the_backend_changes(call: Call) -> None:
    playing = call.scene.talk("ann")
    heard = call.one.heard("ann")
    wait_loud(heard.between)
    call.bob.ask("set_mute", on=True)
    call.ann.ask("set_mute", on=True)
    time.sleep(1.0)
    start_s = time.monotonic()
    assert call.one.packets("ann") > [0], "there would be nothing to compare with"
    for percent, backend in ((50, "mixer"), (100, "native")):
        call.set_volume("one", percent)
        call.wait_backend(backend)
        time.sleep(1.0)
        assert call.one.packets("ann") == [0], f"the track of the {backend} backend"
    end_s = time.monotonic()
    assert_silent(heard.between(start_s, end_s), "ann on the wire")
    snapshot = call.ann.snapshot
    assert snapshot is not None
    assert snapshot["microphone"]["state"] == "muted"
    asked_s = call.ann.ask("set_mute", on=False)["_asked"]
    wait_loud(heard.between, 3, since_s=asked_s)
    playing.stop()
    call.bob.ask("set_mute", on=False)


def test_ten_loud_people_do_not_clip(scene: Scene) -> None:
    wire = scene.peer()
    wire.publish(queue_ms=200)
    for _ in range(9):
        wire.publish()  # the same sound once more: in phase, the worst that ten people can do
    ann = scene.woxly("ann", "--backend", "mixer")
    ann.wait_live()
    wire.play(tone(ONE_HZ, 30, -9))
    hear = scene.devices("ann").heard
    wait_loud(hear.between, level_dbfs=-9)
    time.sleep(1.5)
    clip = hear.since(time.monotonic() - 1.0)
    assert float(np.abs(clip.samples).max()) < FULL_SCALE
    assert steady_tone_dbfs(clip, ONE_HZ) > -6
    assert steady_tone_dbfs(clip, 3 * ONE_HZ) < steady_tone_dbfs(clip, ONE_HZ) - HARMONIC_DB
    ann.finish()
