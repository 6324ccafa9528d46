"""What woxly hears of its own user: devices that are tried, too loud, silent, or speaking muted."""

import json
import time
from typing import Final

import numpy as np
import pytest

from tests.rig.analysis import last_louder_than, loudest_dbfs, syllables
from tests.rig.process import Message
from tests.rig.pulse import SoundServer
from tests.rig.scene import Scene, assert_silent, wait_loud
from tests.rig.sfu import LiveKitServer
from tests.rig.woxly import Woxly

pytestmark = pytest.mark.live

SILENT_WITHIN_S: Final = 3.1
"""From the last sound to NO MIC: two seconds, half a one between looks, and a busy machine."""

LIVE_WITHIN_S: Final = 0.8


def notices(woxly: Woxly, since: int) -> list[str]:
    return [m["text"] for m in woxly.messages[since:] if m.get("type") == "notice"]


def wait_notice(woxly: Woxly, text: str, since: int, timeout_s: float = 8.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not any(text in told for told in notices(woxly, since)):
        assert time.monotonic() < deadline, woxly.describe(f"no notice {text!r}")
        time.sleep(0.05)


def recording_streams(sound: SoundServer, woxly: Woxly) -> list[str]:
    """Names of all streams by which the worker records."""
    found = json.loads(sound.control("-fjson", "list", "source-outputs"))
    own = str(woxly.worker_pid)
    properties = [stream["properties"] for stream in found]
    return [p.get("media.name", "") for p in properties if p.get("application.process.id") == own]


def is_silent(snapshot: Message) -> bool:
    return bool(snapshot["microphone"]["is_silent"])


@pytest.mark.parametrize("backend", ["native", "mixer"])
def test_a_microphone_that_falls_silent_is_no_mic_though_nobody_watches_and_live_at_once(
    scene: Scene, backend: str
) -> None:
    ann = scene.woxly("ann", "--backend", backend)
    playing = scene.talk("ann")
    ann.wait_live()
    time.sleep(2.5)
    assert ann.snapshot is not None
    assert not is_silent(ann.snapshot)
    playing.stop()
    told = ann.wait_state("no sound from it", is_silent, 6)
    told_s = time.monotonic()
    said = scene.devices("ann").said.between(told_s - 4, told_s)
    last_s = last_louder_than(said, -80)
    assert last_s is not None
    assert 1.9 < told_s - last_s < SILENT_WITHIN_S
    assert "silence" in told["microphone"]["cause"]
    assert ann.verb("status").startswith("open, but no sound comes")
    scene.talk("ann")
    since_s = time.monotonic()
    ann.wait_state("sound from it", lambda s: not is_silent(s), 6)
    assert time.monotonic() - since_s < LIVE_WITHIN_S
    ann.finish()


def test_sound_every_other_half_second_does_not_flicker(scene: Scene) -> None:
    ann = scene.woxly("ann", "--backend", "native")
    half = np.concatenate([syllables(0.5, -20), np.zeros(24_000, dtype=np.float32)])
    scene.devices("ann").say(np.tile(half, 20))
    ann.wait_live()
    since = len(ann.messages)
    time.sleep(6)
    snapshots = [m for m in ann.messages[since:] if m.get("type") == "snapshot"]
    assert not any(is_silent(s) for s in snapshots)
    ann.finish()


@pytest.mark.parametrize("backend", ["native", "mixer"])
def test_a_microphone_is_measured_while_muted_and_nothing_of_it_is_sent(
    scene: Scene, backend: str
) -> None:
    wire = scene.peer()
    ann = scene.woxly("ann", "--backend", backend, "--muted", "--levels")
    ann.wait_muted()
    scene.talk("ann")
    since, since_s = len(ann.messages), time.monotonic()
    ann.ask("try_microphone", name="ann_mic")
    time.sleep(2.0)
    levels = [m for m in ann.messages[since:] if m.get("type") == "microphone_tried"]
    assert max(m["level_dbfs"] for m in levels) > -40
    assert {m["name"] for m in levels} == {"ann_mic"}
    assert_silent(wire.heard("ann").between(since_s, time.monotonic()), "on the wire")
    ann.ask("try_microphone", name="ann_mic", is_on=False)
    ann.ask("try_microphone", name="nowhere")
    deadline = time.monotonic() + 4
    while not any(m.get("is_deaf") for m in ann.messages[since:]):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(4.5)  # the lease
    assert "woxly meter" not in recording_streams(scene.sound, ann)
    ann.finish()


@pytest.mark.parametrize("backend", ["native", "mixer"])
def test_a_tone_is_heard_from_the_speaker_and_not_by_the_others(
    sfu: LiveKitServer, own_sound: SoundServer, backend: str
) -> None:
    # The microphone stands before the speaker.
    own_sound.control(
        "load-module", "module-loopback", "source=ann_speaker.monitor", "sink=ann_mouth",
        "latency_msec=30",
    )  # fmt: skip
    with Scene(sfu, own_sound) as scene:
        wire = scene.peer()
        ann = scene.woxly("ann", "--backend", backend)
        ann.wait_live()
        scene.talk("ann", 3)
        wait_loud(wire.heard("ann").between, 5)
        own_sound.hush()
        time.sleep(1.0)
        start_s = time.monotonic()
        ann.ask("try_speaker", name="ann_speaker")
        time.sleep(3)
        end_s = time.monotonic()
        played = scene.devices("ann").heard.between(start_s, end_s)
        assert loudest_dbfs(played) > -25
        heard = wire.heard("ann").between(start_s + 0.15, end_s)
        assert_silent(heard, "the tone")
        scene.talk("ann", 3)
        wait_loud(wire.heard("ann").between, 5, since_s=time.monotonic())
        ann.finish()


@pytest.mark.parametrize("backend", ["native", "mixer"])
def test_a_microphone_that_distorts_is_told_once(scene: Scene, backend: str) -> None:
    ann = scene.woxly("ann", "--backend", backend)
    ann.wait_live()
    since = len(ann.messages)
    scene.devices("ann").say(np.clip(4 * syllables(4, -6), -1, 1))
    wait_notice(ann, "too loud", since)
    time.sleep(1.0)
    assert sum("too loud" in text for text in notices(ann, since)) == 1
    ann.finish()


@pytest.mark.parametrize(
    ("backend", "hint", "is_told"),
    [("native", "auto", False), ("native", "always", True), ("mixer", "auto", True),
     ("mixer", "off", False)],
)  # fmt: skip
def test_speech_while_muted_is_told_where_that_is_wanted_and_never_sent(
    scene: Scene, backend: str, hint: str, is_told: bool
) -> None:
    wire = scene.peer()
    ann = scene.woxly("ann", "--backend", backend, "--muted", hint=hint)
    ann.wait_muted()
    since, since_s = len(ann.messages), time.monotonic()
    if backend == "native":
        assert bool(recording_streams(scene.sound, ann)) == (hint == "always")
    word = np.concatenate([syllables(0.5, -20), np.zeros(14_400, dtype=np.float32)])
    scene.devices("ann").say(np.tile(word, 8))
    if is_told:
        wait_notice(ann, "You are muted", since)
    else:
        time.sleep(4)
        assert not any("muted" in told for told in notices(ann, since))
    assert_silent(wire.heard("ann").between(since_s, time.monotonic()), "while muted")
    ann.finish()
