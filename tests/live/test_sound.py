"""Two woxlys in one call, and a plain participant that hears what is on the wire."""

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.rig.analysis import dbfs, loudest_dbfs, tone, tone_dbfs
from tests.rig.peer import Peer
from tests.rig.pulse import SoundServer
from tests.rig.scene import (
    CHIRPS,
    MUTE_LIMIT_S,
    SILENCE_DBFS,
    Scene,
    assert_blips_only,
    assert_silent,
    chirps_through,
    delays_s,
    wait_loud,
)
from tests.rig.sfu import LiveKitServer
from tests.rig.woxly import Woxly, sees

pytestmark = pytest.mark.live


@dataclass(frozen=True)
class Call:
    scene: Scene
    ann: Woxly
    bob: Woxly
    wire: Peer


@pytest.fixture(scope="module")
def standing(sfu: LiveKitServer, sound: SoundServer) -> Iterator[Call]:
    """One call for the whole module."""
    with Scene(sfu, sound) as scene:
        ann, bob = scene.woxly("ann", "--levels"), scene.woxly("bob")
        wire = scene.peer()
        wire.publish()
        ann.wait_live()
        bob.wait_live()
        ann.wait_state("bob and wire", lambda s: len(s["participants"]) == 3)
        yield Call(scene, ann, bob, wire)
        ann.finish()
        bob.finish()


@pytest.fixture
def call(standing: Call) -> Iterator[Call]:
    """The same call, everybody open and silent."""
    for woxly in (standing.ann, standing.bob):
        woxly.ask("set_deafen", on=False)
        woxly.ask("set_mute", on=False)
    yield standing
    standing.wire.hush()
    standing.scene.sound.hush()


def test_what_ann_says_bob_hears(call: Call) -> None:
    ann, bob = call.scene.devices("ann"), call.scene.devices("bob")
    said, heard = chirps_through(ann, bob.heard.between)
    delays = delays_s(said, heard)
    assert len(said) == CHIRPS
    assert len(delays) >= CHIRPS // 2
    assert 0.02 < statistics.median(delays) < 0.5


def test_what_bob_says_ann_hears(call: Call) -> None:
    ann, bob = call.scene.devices("ann"), call.scene.devices("bob")
    delays = delays_s(*chirps_through(bob, ann.heard.between))
    assert len(delays) >= CHIRPS // 2


def test_nobody_hears_themselves(call: Call) -> None:
    ann = call.scene.devices("ann")
    start_s = time.monotonic()
    chirps_through(ann, call.wire.heard("ann").between)
    assert_silent(ann.heard.between(start_s, time.monotonic()), "ann's own speaker")


def test_mute_is_silence_on_the_wire_at_once(call: Call) -> None:
    heard = call.wire.heard("ann")
    call.scene.talk("ann")
    wait_loud(heard.between)
    reply = call.ann.ask("set_mute", on=True)
    assert reply["snapshot"]["microphone"]["state"] == "muted"
    asked_s = reply["_asked"]
    time.sleep(1.5)
    loud = heard.loud_times(SILENCE_DBFS, asked_s)
    assert not loud or loud[-1] - asked_s < MUTE_LIMIT_S
    assert heard.reached_s() > asked_s + 1.0, "the listener received nothing to judge by"


def test_mute_is_seen_by_the_others(call: Call) -> None:
    call.ann.ask("set_mute", on=True)
    call.bob.wait_state("ann muted", sees("ann", is_muted=True, is_deafened=False), 2)
    call.ann.ask("set_mute", on=False)
    call.bob.wait_state("ann open", sees("ann", is_muted=False), 2)


def test_unmute_is_heard_again(call: Call) -> None:
    call.ann.ask("set_mute", on=True)
    call.scene.talk("ann")
    time.sleep(0.5)
    asked_s = call.ann.ask("set_mute", on=False)["_asked"]
    heard_s = wait_loud(call.wire.heard("ann").between, 2, since_s=asked_s)
    assert heard_s - asked_s < 1.0


def test_toggle_mute_twice_is_as_before(call: Call) -> None:
    states = [call.ann.ask("toggle_mute")["snapshot"]["microphone"]["state"] for _ in range(2)]
    assert states == ["muted", "open"]


def test_deafen_silences_the_own_speaker(call: Call) -> None:
    speaker = call.scene.devices("ann").heard
    call.wire.play(tone(1000, 20, -20))
    wait_loud(speaker.between)
    call.ann.ask("set_deafen", on=True)
    deaf_s = time.monotonic() + MUTE_LIMIT_S
    time.sleep(1.3)
    assert_silent(speaker.between(deaf_s, time.monotonic()), "ann's speaker")
    asked_s = call.ann.ask("set_deafen", on=False)["_asked"]
    wait_loud(speaker.between, 3, since_s=asked_s)


def test_deafen_holds_for_those_who_come_later(call: Call) -> None:
    speaker = call.scene.devices("ann").heard
    call.ann.ask("set_deafen", on=True)
    late = call.scene.peer("late")
    late.publish()
    start_s = time.monotonic()
    late.play(tone(1000, 20, -20))
    wait_loud(call.wire.heard("late").between)
    time.sleep(0.7)
    assert_blips_only(speaker.between(start_s, time.monotonic()), "ann's speaker")
    asked_s = call.ann.ask("set_deafen", on=False)["_asked"]
    wait_loud(speaker.between, 3, since_s=asked_s)
    late.close()


def test_deafen_sends_nothing_and_is_shown_to_others(call: Call) -> None:
    heard = call.wire.heard("ann")
    call.scene.talk("ann")
    wait_loud(heard.between)
    reply = call.ann.ask("set_deafen", on=True)
    assert reply["snapshot"]["microphone"]["is_deafened"]
    deaf_s = reply["_asked"] + MUTE_LIMIT_S
    call.bob.wait_state("ann deafened", sees("ann", is_muted=True, is_deafened=True), 2)
    time.sleep(1.0)
    assert_silent(heard.between(deaf_s, time.monotonic()), "ann on the wire")
    call.ann.ask("set_deafen", on=False)
    call.bob.wait_state("ann back", sees("ann", is_muted=False, is_deafened=False), 2)
    wait_loud(heard.between, 3)


def test_undeafen_keeps_the_mute_from_before(call: Call) -> None:
    heard = call.wire.heard("ann")
    call.scene.talk("ann")
    call.ann.ask("set_mute", on=True)
    call.ann.ask("set_deafen", on=True)
    asked_s = call.ann.ask("set_mute", on=True)["_asked"]
    reply = call.ann.ask("set_deafen", on=False)
    assert reply["snapshot"]["microphone"]["state"] == "muted"
    time.sleep(1.0)
    assert_silent(heard.between(asked_s + MUTE_LIMIT_S, time.monotonic()), "ann on the wire")


@pytest.mark.parametrize("level_dbfs", [-3.01, -20.0, -40.0])
def test_levels_of_others_follow_a_known_tone(call: Call, level_dbfs: float) -> None:
    call.wire.play(tone(1000, 10, level_dbfs))
    time.sleep(1.5)
    assert call.ann.last_level("wire") == pytest.approx(level_dbfs, abs=2)
    end_s = time.monotonic()
    speaker = call.scene.devices("ann").heard.between(end_s - 0.5, end_s)
    assert tone_dbfs(speaker, 1000) == pytest.approx(level_dbfs, abs=2)


def test_levels_fall_to_silence(call: Call) -> None:
    call.wire.play(tone(1000, 10, -20))
    time.sleep(0.8)
    call.wire.hush()
    time.sleep(1.5)
    level = call.ann.last_level("wire")
    assert level is not None
    assert level < -60


def test_the_own_level_is_what_others_get(call: Call) -> None:
    playing = call.scene.devices("ann").say(tone(1000, 10, -26))
    time.sleep(2.5)
    end_s = time.monotonic()
    wire = call.wire.heard("ann").between(end_s - 0.6, end_s - 0.1)
    assert loudest_dbfs(wire) > -40
    assert call.ann.last_level("ann") == pytest.approx(dbfs(wire.samples), abs=2)
    playing.stop()
