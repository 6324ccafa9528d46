"""Devices that come and go, and a sound server that does."""

import json
import time
from collections.abc import Iterator
from typing import Final

import pytest

from tests.live.conftest import started_sound_server
from tests.rig.analysis import syllables
from tests.rig.peer import Peer
from tests.rig.process import Message
from tests.rig.pulse import SoundServer
from tests.rig.scene import Scene, assert_silent, wait_loud
from tests.rig.sfu import LiveKitServer
from tests.rig.woxly import Woxly, is_muted, is_open

pytestmark = pytest.mark.live

BACK_LIMIT_S: Final = 6.0
"""From a sound server that answers again to an open microphone: a busy test machine."""

SWITCH_LIMIT_S: Final = 2.0
"""From an unplugged device to the next best."""


@pytest.fixture
def own_sound() -> Iterator[SoundServer]:
    yield from started_sound_server(["ann"])


def _is_without_sound(snapshot: Message) -> bool:
    return bool(snapshot["microphone"]["backend"] == "null" and snapshot["microphone"]["cause"])


@pytest.mark.parametrize("backend", ["native", "mixer", "auto"])
def test_a_sound_server_that_returns_brings_the_sound_back_by_itself(
    sfu: LiveKitServer, own_sound: SoundServer, backend: str
) -> None:
    with Scene(sfu, own_sound) as scene:
        wire = scene.peer()
        ann = scene.woxly("ann", "--backend", backend)
        ann.wait_live()
        own_sound.kill()
        ann.wait_state("no sound, and why", _is_without_sound, 10)
        own_sound.start()
        started_s = time.monotonic()
        ann.wait_state("open again", is_open, BACK_LIMIT_S)
        scene.talk("ann")
        wait_loud(wire.heard("ann").between, 5, since_s=started_s)
        ann.finish()


def test_a_muted_one_comes_back_muted(sfu: LiveKitServer, own_sound: SoundServer) -> None:
    with Scene(sfu, own_sound) as scene:
        wire = scene.peer()
        ann = scene.woxly("ann", "--muted")
        ann.wait_muted()
        own_sound.kill()
        ann.wait_state("no sound, and why", _is_without_sound, 10)
        own_sound.start()
        scene.talk("ann")
        since_s = time.monotonic()
        ann.wait_state("muted again", is_muted, BACK_LIMIT_S)
        time.sleep(1.0)
        assert_silent(wire.heard("ann").between(since_s, time.monotonic()), "ann")
        ann.finish()


def test_a_call_begun_without_a_sound_server_gets_sound_when_there_is_one(
    sfu: LiveKitServer, own_sound: SoundServer
) -> None:
    with Scene(sfu, own_sound) as scene:
        own_sound.kill()
        ann = scene.woxly("ann")
        ann.wait_state("no sound, and why", _is_without_sound, 15)
        own_sound.start()
        ann.wait_live(BACK_LIMIT_S)
        ann.finish()


def _plug(sound: SoundServer, name: str) -> list[str]:
    """A headset: a speaker, and a microphone that hears `NAME_mouth`. Returns its modules."""
    return [
        sound.control("load-module", "module-null-sink", f"sink_name={name}", "rate=48000"),
        sound.control("load-module", "module-null-sink", f"sink_name={name}_mouth", "rate=48000"),
        sound.control(
            "load-module",
            "module-remap-source",
            f"source_name={name}_mic",
            f"master={name}_mouth.monitor",
        ),
    ]


def _unplug(sound: SoundServer, modules: list[str]) -> None:
    for module in reversed(modules):
        sound.control("unload-module", module)


def _wait_notice(ann: Woxly, text: str, since: int) -> None:
    deadline = time.monotonic() + SWITCH_LIMIT_S
    while not any(
        text in m.get("text", "") for m in ann.messages[since:] if m.get("type") == "notice"
    ):
        assert time.monotonic() < deadline, ann.describe(f"no notice {text!r}")
        time.sleep(0.02)


def _wait_capture(sound: SoundServer, woxly: Woxly, source: str) -> None:
    """Its capture is on this source within SWITCH_LIMIT_S."""
    deadline = time.monotonic() + SWITCH_LIMIT_S
    while _capture_of(sound, woxly) != source:
        assert time.monotonic() < deadline, woxly.describe(f"{_capture_of(sound, woxly)!r}")
        time.sleep(0.02)


def _capture_of(sound: SoundServer, woxly: Woxly) -> str:
    """Name of the source that the worker captures from."""
    names = {s["index"]: s["name"] for s in json.loads(sound.control("-fjson", "list", "sources"))}
    for stream in json.loads(sound.control("-fjson", "list", "source-outputs")):
        properties = stream["properties"]
        is_call = properties.get("media.name") != "woxly meter"
        if is_call and properties.get("application.process.id") == str(woxly.worker_pid):
            return str(names.get(stream["source"], ""))
    return ""


def _wait_heard(sound: SoundServer, wire: Peer, mouth: str) -> None:
    """What is said into this microphone is heard on the wire.

    A null sink that nobody read so far is up to two seconds ahead, and silent until then.
    """
    playing = sound.play(syllables(20, -20), mouth)
    since_s = time.monotonic()
    try:
        wait_loud(wire.heard("ann").between, SWITCH_LIMIT_S + 2.5, since_s=since_s)
    finally:
        playing.stop()


@pytest.mark.parametrize("backend", ["native", "mixer"])
def test_an_unplugged_headset_is_told_and_the_next_best_takes_over(
    sfu: LiveKitServer, own_sound: SoundServer, backend: str
) -> None:
    headset = _plug(own_sound, "usb")
    own_sound.control("set-default-sink", "usb")
    own_sound.control("set-default-source", "usb_mic")
    with Scene(sfu, own_sound) as scene:
        wire = scene.peer()
        ann = scene.woxly("ann", "--backend", backend, pins_devices=False)
        worker = ann.wait_live() and ann.worker_pid
        _wait_heard(own_sound, wire, "usb_mouth")
        since = len(ann.messages)
        _unplug(own_sound, headset)
        _wait_notice(ann, "unplugged: the microphone is now", since)
        _wait_notice(ann, "unplugged: the speaker is now", since)
        _wait_heard(own_sound, wire, "ann_mouth")
        since = len(ann.messages)
        _plug(own_sound, "usb")
        own_sound.control("set-default-source", "usb_mic")
        _wait_notice(ann, "The microphone is now", since)
        _wait_heard(own_sound, wire, "usb_mouth")
        assert ann.worker_pid == worker
        ann.finish()


@pytest.mark.parametrize("backend", ["native", "mixer"])
def test_a_microphone_of_zeros_is_no_microphone_until_it_speaks(scene: Scene, backend: str) -> None:
    ann = scene.woxly("ann", "--backend", backend, "--levels")
    ann.wait_live()
    told = ann.wait_state("no sound from it", lambda s: bool(s["microphone"]["is_silent"]), 4)
    assert "silence" in told["microphone"]["cause"]
    assert "no sound comes from the microphone" in ann.verb("status")
    scene.talk("ann")
    ann.wait_state("sound from it", lambda s: not s["microphone"]["is_silent"], 2)
    assert ann.verb("status").startswith("live")
    ann.finish()


@pytest.mark.parametrize(
    "form", [("8000", "1"), ("44100", "2"), ("96000", "6")], ids=lambda form: "x".join(form)
)
@pytest.mark.parametrize("backend", ["native", "mixer"])
def test_a_headset_without_48_khz_or_with_other_channels_carries_both_ways(
    sfu: LiveKitServer, own_sound: SoundServer, backend: str, form: tuple[str, str]
) -> None:
    words = (f"rate={form[0]}", f"channels={form[1]}")
    for name in ("phone_speaker", "phone_mouth"):
        own_sound.control("load-module", "module-null-sink", f"sink_name={name}", *words)
    own_sound.control(
        "load-module", "module-remap-source", "source_name=phone_mic", "master=phone_mouth.monitor"
    )
    own_sound.control(
        "load-module", "module-loopback", "source=phone_speaker.monitor", "sink=ann_speaker"
    )
    own_sound.control("set-default-sink", "phone_speaker")
    own_sound.control("set-default-source", "phone_mic")
    with Scene(sfu, own_sound) as scene:
        wire = scene.peer()
        wire.publish()
        ann = scene.woxly("ann", "--backend", backend, pins_devices=False)
        ann.wait_live()
        _wait_heard(own_sound, wire, "phone_mouth")
        wire.play(syllables(20, -20))
        wait_loud(scene.devices("ann").heard.between, 6)
        ann.finish()


@pytest.mark.parametrize("delay_s", [0.0, 0.1, 0.4])
@pytest.mark.parametrize("backend", ["native", "mixer"])
def test_a_headset_that_vanishes_in_the_middle_of_opening_costs_no_call(
    sfu: LiveKitServer, own_sound: SoundServer, backend: str, delay_s: float
) -> None:
    headset = _plug(own_sound, "usb")
    own_sound.control("set-default-sink", "usb")
    own_sound.control("set-default-source", "usb_mic")
    before = own_sound.streams("clients")
    with Scene(sfu, own_sound) as scene:
        wire = scene.peer()
        ann = scene.woxly("ann", "--backend", backend, pins_devices=False)
        deadline = time.monotonic() + 10
        while len(own_sound.streams("clients")) <= len(before):
            assert time.monotonic() < deadline, ann.describe("never asks for sound")
            time.sleep(0.005)
        time.sleep(delay_s)
        _unplug(own_sound, headset)
        ann.wait_live(BACK_LIMIT_S)
        _wait_capture(own_sound, ann, "ann_mic")
        _wait_heard(own_sound, wire, "ann_mouth")
        ann.finish()


@pytest.mark.parametrize("backend", ["native", "mixer"])
def test_a_microphone_is_chosen_in_mid_call_and_used_whenever_it_is_there(
    sfu: LiveKitServer, own_sound: SoundServer, backend: str
) -> None:
    headset = _plug(own_sound, "usb")
    own_sound.control("set-default-sink", "ann_speaker")
    own_sound.control("set-default-source", "ann_mic")
    with Scene(sfu, own_sound) as scene:
        wire = scene.peer()
        ann = scene.woxly("ann", "--backend", backend, pins_devices=False)
        ann.wait_live()
        worker = ann.worker_pid
        ann.verb("device", "mic", "usb_mic")
        _wait_capture(own_sound, ann, "usb_mic")
        _wait_heard(own_sound, wire, "usb_mouth")
        assert "chosen" in ann.verb("devices")
        _unplug(own_sound, headset)
        _wait_capture(own_sound, ann, "ann_mic")
        _wait_heard(own_sound, wire, "ann_mouth")
        assert "chosen, not plugged in" in ann.verb("devices")
        _plug(own_sound, "usb")
        _wait_capture(own_sound, ann, "usb_mic")
        _wait_heard(own_sound, wire, "usb_mouth")
        ann.verb("device", "mic", "default")
        _wait_capture(own_sound, ann, "ann_mic")
        _wait_heard(own_sound, wire, "ann_mouth")
        assert ann.worker_pid == worker
        ann.finish()
