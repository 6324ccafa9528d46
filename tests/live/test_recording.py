"""A call as files: where each sound is, how loud, how long, and what becomes of it at the end."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pytest
import soundfile

from tests.rig.analysis import RATE_HZ, Clip, find_chirps, tone, tone_dbfs
from tests.rig.peer import Peer
from tests.rig.pulse import SoundServer
from tests.rig.scene import CHIRP, Scene, wait_loud
from tests.rig.sfu import LiveKitServer
from tests.rig.woxly import Woxly, is_settled, row, sees

pytestmark = pytest.mark.live

TOGETHER_S: Final = 0.01
"""The same sound in two files."""

DISK_BYTES: Final = 120_000_000
"""Of the disk that fills up: some more than a recording wants to begin with."""


@dataclass(frozen=True)
class Call:
    scene: Scene
    ann: Woxly
    bob: Woxly
    wire: Peer
    folder: Path

    def record(self, *words: str) -> str:
        return self.ann.verb("record", *words)

    def begin(self, *words: str) -> Path:
        before = set(self.folder.iterdir())
        self.record("on", "--to", str(self.folder), *words)
        (made,) = set(self.folder.iterdir()) - before
        return made


@pytest.fixture(scope="module")
def standing(sfu: LiveKitServer, sound: SoundServer) -> Iterator[Call]:
    folder = Path(tempfile.mkdtemp(prefix="rig-recording-"))
    with Scene(sfu, sound) as scene:
        wire = scene.peer()
        wire.publish()
        ann, bob = scene.woxly("ann"), scene.woxly("bob")
        ann.wait_live()
        bob.wait_live()
        ann.wait_state("everybody", lambda s: len(s["participants"]) == 3)
        yield Call(scene, ann, bob, wire, folder)
    shutil.rmtree(folder)


@pytest.fixture
def call(standing: Call) -> Iterator[Call]:
    yield standing
    standing.record("off")
    standing.wire.hush()
    standing.scene.sound.hush()


def read(path: Path) -> Clip:
    with wave.open(str(path)) as file:
        assert file.getframerate() == RATE_HZ
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)
    return Clip((samples / 32768).astype(np.float32), RATE_HZ, 0.0)


def chirp_times(path: Path) -> list[float]:
    return [arrival.at_s for arrival in find_chirps(read(path), CHIRP)]


def test_everybody_sees_who_records_and_a_late_one_too(call: Call) -> None:
    call.begin()
    call.bob.wait_state("ann records", sees("ann", is_recording=True))
    attributes = call.wire.wait_for(
        "attribute", lambda m: m.get("changed", {}).get("woxly.recording") == "1", 5.0
    )
    assert attributes["identity"] == "ann"
    assert "recorded by ann" in call.bob.verb("status")
    with call.scene.woxly("late", devices=False, pins_devices=False) as late:
        late.wait_state("ann records", sees("ann", is_recording=True), 30)
    call.record("off")
    call.bob.wait_state("nobody records", sees("ann", is_recording=False))


def test_each_sound_is_where_it_is_in_the_mix_and_as_loud(call: Call) -> None:
    made = call.begin()
    began_s = time.monotonic()
    gap = np.zeros(RATE_HZ // 2, dtype=np.float32)
    call.scene.devices("ann").say(np.concatenate([CHIRP, gap] * 4)).wait()
    call.wire.play(np.concatenate([gap, *([CHIRP, gap] * 4)]))
    time.sleep(4.5)
    call.wire.play(tone(1000, 3, -20))
    time.sleep(3.5)
    call.record("off")
    length_s = time.monotonic() - began_s
    mix = chirp_times(made / "mix.wav")
    for name, least in (("ann", 2), ("wire", 4)):
        own = chirp_times(made / f"{name}.wav")
        assert len(own) >= least, name
        for at_s in own:
            assert min(abs(at_s - other) for other in mix) < TOGETHER_S, name
    tracks = {name: read(made / f"{name}.wav") for name in ("ann", "bob", "wire", "mix")}
    assert {round(clip.duration_s, 3) for clip in tracks.values()} == {
        round(tracks["mix"].duration_s, 3)
    }
    assert tracks["mix"].duration_s == pytest.approx(length_s, abs=1.0)
    for name in ("wire", "mix"):
        clip = tracks[name]
        at = int((length_s - 2.5) * RATE_HZ)
        heard = Clip(clip.samples[at : at + RATE_HZ], RATE_HZ, 0.0)
        assert tone_dbfs(heard, 1000) == pytest.approx(-20, abs=1), name


def test_what_is_not_sent_is_not_recorded(call: Call) -> None:
    call.ann.ask("set_mute", on=True)
    made = call.begin("--format", "wav")
    playing = call.scene.talk("ann")
    time.sleep(2.0)
    call.ann.ask("set_mute", on=False)
    wait_loud(call.wire.heard("ann").between)
    time.sleep(1.5)
    call.record("off")
    playing.stop()
    sound = read(made / "ann.wav").samples
    assert not sound[: int(1.5 * RATE_HZ)].any()
    assert sound.any()


def test_a_worker_that_is_killed_leaves_files_that_play_and_recording_goes_on(call: Call) -> None:
    made = call.begin()
    call.wire.play(tone(1000, 20, -20))
    time.sleep(5)
    worker = call.ann.worker_pid
    call.ann.wait_state("recording", lambda s: bool(s["recording"]["is_on"]))
    os.kill(worker, signal.SIGKILL)
    clip = read(made / "wire.wav")
    assert clip.duration_s > 1.5
    assert tone_dbfs(Clip(clip.samples[-RATE_HZ:], RATE_HZ, 0.0), 1000) > -25
    call.ann.wait_state("interruption", lambda s: s["phase"] == "reconnecting")
    back = call.ann.wait_state("recording again", lambda s: bool(s["recording"]["is_on"]), 20)
    assert back["recording"]["folder"] != str(made)
    found = row(back, "ann")
    assert found is not None
    assert found["is_recording"]


def test_what_is_played_into_the_call_is_in_the_file_of_whoever_plays(call: Call) -> None:
    call.ann.ask("set_mute", on=True)
    sound = tone(1500, 2.5, -20)
    file = call.folder.parent / f"{call.folder.name}.played.wav"
    soundfile.write(file, sound, RATE_HZ)
    made = call.begin()
    assert "played" in call.ann.verb("play", str(file))
    call.record("off")
    call.ann.ask("set_mute", on=False)
    file.unlink()
    loud = np.flatnonzero(np.abs(read(made / "ann.wav").samples) > 0.02)
    assert len(loud)
    begin, end = int(loud[0]), int(loud[-1])
    assert (end - begin) / RATE_HZ == pytest.approx(2.5, abs=0.05)
    for name in ("ann", "mix"):
        clip = read(made / f"{name}.wav")
        heard = Clip(clip.samples[begin + RATE_HZ : begin + 2 * RATE_HZ], RATE_HZ, 0.0)
        assert tone_dbfs(heard, 1500) == pytest.approx(-20, abs=0.5), name
    assert not np.abs(read(made / "bob.wav").samples).max() > 0.02


@pytest.fixture
def disk() -> Iterator[Path]:
    """A small disk of its own."""
    folder = Path(tempfile.mkdtemp(prefix="rig-disk-"))
    words = ("-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder))
    if shutil.which("mount") is None or subprocess.run(["mount", *words], check=False).returncode:
        folder.rmdir()
        pytest.skip("only root may make a small disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
    folder.rmdir()


@pytest.mark.parametrize(
    ("kind", "left_bytes"), [("wav", 0), ("flac", 0), ("wav", 10_000_000)], ids=str
)
def test_a_disk_that_fills_up_ends_it_with_a_word_and_the_call_goes_on(
    call: Call, disk: Path, kind: str, left_bytes: int
) -> None:
    call.ann.ask("set_mute", on=False)
    talking = call.scene.talk("ann")
    worker, since = call.ann.worker_pid, len(call.ann.messages)
    call.record("on", "--to", str(disk), "--format", kind)
    (made,) = disk.iterdir()
    call.bob.wait_state("ann records", sees("ann", is_recording=True))
    time.sleep(3.0)
    fill(disk / "full", left_bytes)
    told = call.ann.wait_for(
        "notice", lambda m: "recording has ended" in m.get("text", ""), 10, since
    )
    assert "what was recorded until now is kept" in told["text"], told
    assert str(made) in told["remedy"], told
    call.bob.wait_state("nobody records", sees("ann", is_recording=False))
    for name in ("ann", "bob", "wire", "mix"):
        assert played_s(made / f"{name}.{kind}") > 1.5, name
    since_s = time.monotonic()
    wait_loud(call.wire.heard("ann").between, since_s=since_s)
    assert call.ann.worker_pid == worker, "the call went on"
    talking.stop()
    call.begin()


def played_s(path: Path) -> float:
    """What any tool gets out of a file."""
    if (sox := shutil.which("sox")) is not None:
        done = subprocess.run([sox, path, "-n", "stat"], capture_output=True, text=True, check=True)
        assert "WARN" not in done.stderr, done.stderr
    sound, rate_hz = soundfile.read(path)
    return float(len(sound) / rate_hz)


def fill(path: Path, left_bytes: int) -> None:
    """Write until so much is left of a disk."""
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while left_bytes == 0 or shutil.disk_usage(path.parent).free > left_bytes:
            file.write(bytes(1 << 16))


def test_the_end_of_the_call_completes_the_files(call: Call) -> None:
    with call.scene.woxly("zoe", devices=False, pins_devices=False) as zoe:
        zoe.wait_state("everybody", lambda s: len(s["participants"]) == 4 and is_settled(s))
        before = set(call.folder.iterdir())
        zoe.verb("record", "on", "--to", str(call.folder))
        (made,) = set(call.folder.iterdir()) - before
        call.bob.wait_state("zoe records", sees("zoe", is_recording=True))
        time.sleep(2.0)
        zoe.finish()
    lengths = {file.name: read(file).duration_s for file in made.iterdir()}
    assert set(lengths) == {"ann.wav", "bob.wav", "wire.wav", "mix.wav"}, "zoe has no microphone"
    assert len(set(lengths.values())) == 1, lengths
    assert lengths["mix.wav"] > 1.5


def test_a_token_that_lets_us_tell_nobody_records_nothing(sfu: LiveKitServer, call: Call) -> None:
    token = sfu.token(call.scene.room, "mum", canPublishData=False, canUpdateOwnMetadata=False)
    with call.scene.woxly("mum", devices=False, pins_devices=False, token=token) as mum:
        mum.wait_state(
            "call", lambda s: s["phase"] == "established" and len(s["participants"]) > 2, 30
        )
        time.sleep(1)
        said = mum.verb("record", "on", "--to", str(call.folder), code=None)
        assert "nobody could be told" in said
