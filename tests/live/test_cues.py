"""Cues at the ear, and not on the wire."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tests.rig.analysis import Clip, tone_dbfs
from tests.rig.peer import Peer
from tests.rig.process import command_line, descendants, engines
from tests.rig.pulse import SoundServer
from tests.rig.scene import SILENCE_DBFS, Scene, assert_silent
from tests.rig.sfu import LiveKitServer
from tests.rig.woxly import Woxly, sees
from woxly_tui.media.tones import NOTES, PEAK_DBFS
from woxly_tui.types import Cue

pytestmark = pytest.mark.live

PLAYER = "woxly_tui.media.cue_player"


@dataclass(frozen=True)
class Call:
    """Ann's cues are on; a peer of the plain SDK hears what is on her microphone track."""

    scene: Scene
    ann: Woxly
    wire: Peer

    def hears(self, cue: Cue, since_s: float, timeout_s: float = 6.0) -> Clip:
        """Wait for a cue at Ann's ear; returns what was heard since then."""
        deadline = time.monotonic() + timeout_s
        while True:
            clip = self.scene.devices("ann").heard.between(since_s, time.monotonic())
            if has_notes(clip, cue):
                return clip
            assert time.monotonic() < deadline, f"no {cue}"
            time.sleep(0.1)


def has_notes(clip: Clip, cue: Cue) -> bool:
    """Whether the notes of a cue follow each other in a recording, each at its level."""
    at, rate_hz = 0, clip.rate_hz
    for note in (note for note in NOTES[cue] if note.hz):
        size = int(note.length_s * rate_hz * 0.8)
        while True:
            piece = clip.samples[at : at + size]
            if len(piece) < size:
                return False
            at += rate_hz // 100
            if tone_dbfs(Clip(piece, rate_hz, 0.0), note.hz) > PEAK_DBFS - 14:
                break
    return True


@pytest.fixture(params=["native", "mixer"])
def call(request: pytest.FixtureRequest, sfu: LiveKitServer, sound: SoundServer) -> Iterator[Call]:
    with Scene(sfu, sound) as scene:
        env = sound.people["ann"].env | {"WOXLY_CUES": "1", "WOXLY_CUES_PERCENT": "100"}
        with Woxly(sfu, scene.room, "ann", env, "--backend", request.param) as ann:
            ann.wait_live()
            wire = scene.peer("wire")
            yield Call(scene, ann, wire)


def test_each_act_is_heard_by_ourselves_and_by_nobody_else(call: Call) -> None:
    call.ann.wait_state("wire", sees("wire"))
    time.sleep(1.5)
    for command, on, cue in (
        ("set_mute", True, Cue.MUTE),
        ("set_mute", False, Cue.UNMUTE),
        ("set_deafen", True, Cue.DEAFEN),
        ("set_deafen", False, Cue.UNDEAFEN),
    ):
        asked = time.monotonic()
        call.ann.ask(command, on=on)
        clip = call.hears(cue, asked)
        time.sleep(0.5)
        clip = call.scene.devices("ann").heard.between(asked, time.monotonic())
        assert 20 * np.log10(np.abs(clip.samples).max()) == pytest.approx(PEAK_DBFS, abs=1.5)
        assert_silent(call.wire.heard("ann").between(asked, time.monotonic()), f"{cue} on the wire")


def test_who_comes_and_goes_is_heard_and_the_end_of_the_call(call: Call) -> None:
    call.ann.wait_state("wire", sees("wire"))
    time.sleep(1.5)
    came = time.monotonic()
    bob = call.scene.woxly("bob")
    bob.wait_live()
    call.hears(Cue.JOIN, came)
    left = time.monotonic()
    bob.finish()
    call.hears(Cue.LEAVE, left)
    ended = time.monotonic()
    call.ann.send({"type": "leave"})
    call.hears(Cue.DISCONNECT, ended)


def test_whoever_is_recorded_hears_it_begin(call: Call, tmp_path: Path) -> None:
    with call.scene.woxly("bob") as bob:
        bob.wait_live()
        call.ann.wait_state("bob", sees("bob"))
        time.sleep(1.5)
        asked = time.monotonic()
        bob.verb("record", "on", "--to", str(tmp_path))
        call.ann.wait_state("bob records", sees("bob", is_recording=True))
        call.hears(Cue.RECORDING, asked)


def test_switched_off_nothing_is_heard_and_no_player_runs(
    sfu: LiveKitServer, sound: SoundServer
) -> None:
    with Scene(sfu, sound) as scene:
        ann = scene.woxly("ann")
        ann.wait_live()
        since = time.monotonic()
        ann.ask("set_mute", on=True)
        with Peer(sfu, scene.room, "guest"):
            ann.wait_state("guest", sees("guest"))
            time.sleep(1.5)
        assert_silent(scene.devices("ann").heard.between(since, time.monotonic()), "cues off")
        below = [pid for engine in engines(ann.folder) for pid in descendants(engine)]
        assert not [pid for pid in below if PLAYER in command_line(pid).split()]
        assert SILENCE_DBFS < PEAK_DBFS
