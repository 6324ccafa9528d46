"""Who hears whom, as each woxly tells of its own playout: three, and a plain participant."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.rig.peer import Peer
from tests.rig.pulse import SoundServer
from tests.rig.scene import Scene
from tests.rig.sfu import LiveKitServer
from tests.rig.woxly import Woxly, row, sees

pytestmark = pytest.mark.live

TOLD_S = 8.0
"""Longest until a change is seen: the look, the tick, and a busy machine."""


@dataclass(frozen=True)
class Call:
    ann: Woxly
    bob: Woxly
    wire: Peer
    sound: SoundServer

    def wait_hears(self, who: str, *, hears: bool | None) -> None:
        self.ann.wait_state(f"{who}: {hears}", sees(who, hears_us=hears), TOLD_S)

    def stream_of_bob(self) -> str:
        """Number of what plays at Bob's speaker; that of the backend before goes away."""
        sinks = self.sound.streams("sinks")
        (speaker,) = [line.split()[0] for line in sinks if "\tbob_speaker\t" in line]
        deadline = time.monotonic() + TOLD_S
        while True:
            streams = [line.split() for line in self.sound.streams("sink-inputs")]
            found = [words[0] for words in streams if words[1] == speaker]
            if len(found) == 1:
                return found[0]
            assert time.monotonic() < deadline, f"at Bob's speaker: {found}"
            time.sleep(0.1)


@pytest.fixture(scope="module")
def call(sfu: LiveKitServer, sound: SoundServer) -> Iterator[Call]:
    """Ann is open and heard by Bob; Nora has no sound, and the wire tells nothing."""
    with Scene(sfu, sound) as scene:
        wire = scene.peer()
        ann, bob = scene.woxly("ann"), scene.woxly("bob")
        nora = scene.woxly("nora", devices=False, pins_devices=False)
        ann.wait_live()
        bob.wait_live()
        ann.wait_state("everybody", lambda s: len(s["participants"]) == 4)
        yield Call(ann, bob, wire, sound)
        ann.finish()
        bob.finish()
        nora.finish()


def test_who_plays_us_hears_us_and_who_has_no_sound_does_not(call: Call) -> None:
    call.wait_hears("bob", hears=True)
    call.wait_hears("nora", hears=False)
    assert call.ann.snapshot is not None
    wire = row(call.ann.snapshot, "wire")
    assert wire is not None
    assert wire["hears_us"] is None


def test_who_deafens_hears_us_no_more(call: Call) -> None:
    call.wait_hears("bob", hears=True)
    call.bob.ask("set_deafen", on=True)
    call.wait_hears("bob", hears=False)
    call.bob.ask("set_deafen", on=False)
    call.bob.ask("set_mute", on=False)
    call.wait_hears("bob", hears=True)


def test_who_silences_us_hears_us_no_more(call: Call) -> None:
    call.wait_hears("bob", hears=True)
    call.bob.ask("set_volume", identity="ann", percent=0)
    call.wait_hears("bob", hears=False)
    call.bob.ask("set_volume", identity="ann", percent=100)
    call.wait_hears("bob", hears=True)


@pytest.mark.parametrize("backend", ["native", "mixer"])
def test_who_mutes_the_speaker_in_the_system_s_mixer_hears_us_no_more(
    call: Call, backend: str
) -> None:
    call.wait_hears("bob", hears=True)
    if backend == "mixer":
        call.bob.ask("set_volume", identity="ann", percent=90)
    call.bob.wait_state(backend, lambda s: bool(s["microphone"]["backend"] == backend), 12)
    call.wait_hears("bob", hears=True)
    for what, quiet, loud in (
        ("set-sink-mute", "1", "0"),
        ("set-sink-volume", "0%", "100%"),
        ("set-sink-input-mute", "1", "0"),
        ("set-sink-input-volume", "0%", "100%"),
    ):
        # The mixer may open its stream anew, to hold more.
        whose = "bob_speaker" if "input" not in what else call.stream_of_bob()
        try:
            call.sound.control(what, whose, quiet)
            call.wait_hears("bob", hears=False)
        finally:
            call.sound.control(what, whose, loud)
        call.wait_hears("bob", hears=True)
    call.bob.ask("set_volume", identity="ann", percent=100)


def test_garbage_and_a_flood_change_nothing(call: Call) -> None:
    call.wait_hears("bob", hears=True)
    call.wire.do(data="ff00ff", topic="woxly.heard", times=300)
    time.sleep(1.5)
    assert call.ann.snapshot is not None
    assert sees("wire", hears_us=None)(call.ann.snapshot)
    call.wire.do(data="01010028", topic="woxly.heard", times=1)
    call.wait_hears("wire", hears=True)
    assert sees("bob", hears_us=True)(call.ann.snapshot)


def test_the_words_say_who_does_not_hear_us(call: Call) -> None:
    call.wait_hears("bob", hears=True)
    call.wait_hears("wire", hears=None)
    call.wait_hears("nora", hears=False)
    assert "heard by 1 of 2, not by nora, 1 unknown" in call.ann.verb("who")


def test_details_tell_how_each_travels(call: Call) -> None:
    said = json.loads(call.ann.verb("who", "--details", "--json"))
    found = {one["identity"]: one["details"] for one in said}
    assert found["bob"]["codec"] == "opus"
    assert found["bob"]["loss_percent"] == 0.0
    assert found["bob"]["buffer_ms"] > 0
    assert found["bob"]["rtt_ms"] is not None
    assert found["ann"]["bitrate_kbps"] > 0
    assert found["nora"] is None
    assert "loss 0.0 %" in call.ann.verb("who", "--details")
