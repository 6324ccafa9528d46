"""The rig before the product: sound goes where it should, and nowhere else."""

import statistics
import time

import pytest

from tests.rig.analysis import dbfs, tone, tone_dbfs
from tests.rig.process import LineProcess, python_module
from tests.rig.pulse import SoundServer, clean_env
from tests.rig.scene import CHIRPS, Scene, assert_silent, chirps_through, delays_s
from tests.rig.sfu import LiveKitServer

pytestmark = pytest.mark.live


def test_what_is_said_enters_that_microphone_only(sound: SoundServer) -> None:
    ann, bob = sound.people["ann"], sound.people["bob"]
    start_s = time.monotonic()
    said, _ = chirps_through(ann, ann.heard.between)
    assert len(said) == CHIRPS
    end_s = time.monotonic()
    for name, recording in {"bob's microphone": bob.said, "bob's speaker": bob.heard}.items():
        assert_silent(recording.between(start_s, end_s), name)
    assert_silent(ann.heard.between(start_s, end_s), "ann's speaker")


def test_the_sound_server_changes_no_level(sound: SoundServer) -> None:
    ann = sound.people["ann"]
    playing = ann.say(tone(1000, 2, -20))
    time.sleep(1.0)
    end_s = time.monotonic()
    assert dbfs(ann.said.between(end_s - 0.5, end_s).samples) == pytest.approx(-20, abs=0.1)
    playing.stop()


def test_a_peer_sends_and_hears_at_the_true_level(scene: Scene) -> None:
    talker, listener = scene.peer("talker"), scene.peer("listener")
    talker.publish()
    talker.play(tone(1000, 3, -20))
    time.sleep(1.5)
    end_s = time.monotonic()
    heard = listener.heard("talker").between(end_s - 0.6, end_s)
    assert tone_dbfs(heard, 1000) == pytest.approx(-20, abs=0.5)


def test_a_bare_script_has_the_devices_it_was_given(sfu: LiveKitServer, sound: SoundServer) -> None:
    ann, bob = sound.people["ann"], sound.people["bob"]

    def start(person: str) -> LineProcess:
        token = sfu.token("bare", person)
        command = python_module("tests.rig.subjects", "platform", sfu.url, token)
        return LineProcess(person, command, clean_env() | sound.people[person].env)

    with start("ann") as one, start("bob") as other:
        one.wait_type("joined", 15)
        other.wait_type("joined", 15)
        time.sleep(1.0)
        said, heard = chirps_through(ann, bob.heard.between)
    delays = delays_s(said, heard)
    assert len(delays) >= CHIRPS // 2
    assert 0.02 < statistics.median(delays) < 0.6
