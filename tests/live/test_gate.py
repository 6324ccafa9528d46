"""The voice gate in a call: what others hear of a noisy room, of the first and the last sound of
a sentence, and what is told of it."""

import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pytest

from tests.rig import ROOT
from tests.rig.analysis import (
    RATE_HZ,
    Clip,
    Samples,
    dbfs,
    find_chirps,
    frame_levels,
    tone,
    tone_dbfs,
)
from tests.rig.peer import Peer
from tests.rig.process import Message, python_module
from tests.rig.pulse import SoundServer
from tests.rig.scene import MUTE_LIMIT_S, Scene, assert_silent
from tests.rig.sfu import LiveKitServer
from tests.rig.woxly import Woxly
from tests.tui.pseudo_terminal import Terminal

pytestmark = pytest.mark.live

ROOM_DBFS = -55.0
"""A fan, some metres away."""

SPEECH_DBFS = -20.0

TAIL_HZ, TAIL_DBFS = 900.0, -58.0
"""How a sentence dies away: softer than any threshold here, and within hangover and release."""

HANGOVER_S, RELEASE_S = 0.3, 0.08

SLACK_S = 0.03
"""A frame of Opus, and half a window of looking."""

SPEECH_S = 0.5

UNCLEANED = {
    f"WOXLY_{name}": "0"
    for name in ("ECHO_CANCELLATION", "NOISE_SUPPRESSION", "AUTO_GAIN", "HIGH_PASS")
}
"""So that what is missing on the wire was held back by the gate."""


def hiss(duration_s: float, level_dbfs: float) -> Samples:
    """A room that is never quiet, in the band that every codec keeps."""
    n = int(RATE_HZ * duration_s)
    spectrum = np.fft.rfft(np.random.default_rng(5).standard_normal(n))
    hz = np.fft.rfftfreq(n, 1 / RATE_HZ)
    spectrum[(hz < 250) | (hz > 3400)] = 0
    noise = np.fft.irfft(spectrum, n)
    return (noise * 10 ** (level_dbfs / 20) / np.std(noise)).astype(np.float32)


WORD = hiss(SPEECH_S, SPEECH_DBFS)


def sentence() -> Samples:
    """Silence, a word that begins all at once, and a soft end that outlasts the gate."""
    lead = np.zeros(int(RATE_HZ * 0.3), dtype=np.float32)
    return np.concatenate((lead, WORD, tone(TAIL_HZ, 1.0, TAIL_DBFS)))


@dataclass
class Call:
    """Ann has a gate; a peer of the plain SDK hears what she sends."""

    scene: Scene
    ann: Woxly
    wire: Peer

    def heard(self, since_s: float, until_s: float | None = None) -> Clip:
        return self.wire.heard("ann").between(since_s, until_s or time.monotonic())

    def gates(self, since_s: float) -> list[Message]:
        """What watchers of levels were told of the gate."""
        told = [m for m in self.ann.messages if m.get("gate") and m["_at"] >= since_s]
        return [m["gate"] for m in told]

    def assert_gated(self, seconds: float = 1.5) -> None:
        """Nothing of the room is on the wire from now on."""
        time.sleep(MUTE_LIMIT_S + HANGOVER_S + RELEASE_S)
        since = time.monotonic()
        time.sleep(seconds)
        assert_silent(self.heard(since), "the room behind the gate")

    def assert_room_heard(self) -> None:
        """What comes through an open gate is as loud as it was said."""
        time.sleep(MUTE_LIMIT_S)
        since = time.monotonic()
        time.sleep(1.0)
        level = float(np.median(frame_levels(self.heard(since))))
        assert abs(level - ROOM_DBFS) < 6, level

    def shape(self, gate: str) -> None:
        assert self.ann.ask("set_shaping", gate=gate)["snapshot"]["shaping"]["gate"] == gate


def start(scene: Scene, gate: str, env: Mapping[str, str]) -> Call:
    """A call with that gate, and nothing else that cleans."""
    ann = Woxly(
        scene.sfu,
        scene.room,
        "ann",
        scene.sound.people["ann"].env | UNCLEANED | {"WOXLY_GATE": gate} | dict(env),
        *("--backend", "mixer", "--levels"),
    )
    scene._stack.enter_context(ann)
    ann.wait_live()
    return Call(scene, ann, scene.peer("wire"))


@pytest.fixture
def fixed(sfu: LiveKitServer, sound: SoundServer) -> Iterator[Call]:
    with Scene(sfu, sound) as scene:
        call = start(scene, "-40", {})
        time.sleep(1.0)
        yield call
        call.ann.finish()


def test_a_room_softer_than_the_threshold_is_silent_and_told_with_its_level(fixed: Call) -> None:
    since = time.monotonic()
    fixed.scene.devices("ann").say(hiss(20, ROOM_DBFS))
    time.sleep(1.0)
    fixed.assert_gated()
    told = fixed.gates(since + 1.0)
    assert told
    for gate in told:
        assert gate["threshold_dbfs"] == -40
        assert gate["level_dbfs"] == pytest.approx(ROOM_DBFS, abs=3)
        assert not gate["is_open"]
    fixed.shape("off")
    fixed.assert_room_heard()


def test_a_word_is_whole_from_its_first_sound_and_its_end_is_kept(fixed: Call) -> None:
    late_ms, tails_s = [], []
    for _ in range(4):
        since = time.monotonic()
        fixed.scene.devices("ann").say(sentence()).wait()
        time.sleep(MUTE_LIMIT_S + 0.4)
        said = fixed.scene.devices("ann").said.between(since, time.monotonic())
        late_ms.append(onset_s(fixed.heard(since)) * 1000 - onset_s(said) * 1000)
        tails_s.append(tail_s(fixed.heard(since)))
    assert max(late_ms) < 5, late_ms
    assert min(tails_s) > HANGOVER_S - SLACK_S, tails_s
    assert max(tails_s) < HANGOVER_S + RELEASE_S + 2 * SLACK_S, tails_s
    assert any(gate["is_open"] for gate in fixed.gates(since))


def onset_s(clip: Clip) -> float:
    """When the word is first heard, counted from where by its likeness it begins."""
    arrivals = find_chirps(clip, WORD)
    assert len(arrivals) == 1, arrivals
    begins = int((arrivals[0].at_s - clip.start_s) * clip.rate_hz)
    step = clip.rate_hz // 1000
    first = begins - 20 * step
    for at in range(max(0, first), len(clip.samples), step):
        if dbfs(clip.samples[at : at + 2 * step]) > SPEECH_DBFS - 12:
            return (at - begins) / clip.rate_hz
    raise AssertionError("nothing is heard")


def tail_s(clip: Clip) -> float:
    """How long the soft end is heard after the word."""
    (arrival,) = find_chirps(clip, WORD)
    step = clip.rate_hz // 50
    ends = int((arrival.at_s - clip.start_s + SPEECH_S) * clip.rate_hz)
    for at in range(ends + step, len(clip.samples) - step, step // 4):
        piece = Clip(clip.samples[at : at + step], clip.rate_hz, 0.0)
        if tone_dbfs(piece, TAIL_HZ) < TAIL_DBFS - 12:
            return (at + step / 2 - ends) / clip.rate_hz
    raise AssertionError("it never ends")


def test_while_muted_it_never_opens_though_the_level_is_told(fixed: Call) -> None:
    fixed.ann.ask("set_mute", on=True)
    fixed.ann.wait_muted()
    time.sleep(MUTE_LIMIT_S)
    since = time.monotonic()
    fixed.scene.talk("ann", 3.0)
    time.sleep(2.0)
    assert_silent(fixed.heard(since), "muted")
    told = fixed.gates(since)
    assert max(gate["level_dbfs"] for gate in told) > SPEECH_DBFS - 6
    assert not any(gate["is_open"] for gate in told)
    fixed.ann.ask("set_mute", on=False)
    fixed.ann.wait_live()
    opened = time.monotonic()
    time.sleep(0.7)
    assert any(gate["is_open"] for gate in fixed.gates(opened))


def test_another_threshold_holds_at_once_by_words_and_by_the_screen(
    fixed: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    fixed.scene.devices("ann").say(hiss(60, ROOM_DBFS))
    fixed.assert_gated(0.5)
    type_words(fixed.ann, "sound gate -60")
    fixed.assert_room_heard()
    for name in ("TMUX", "STY", "ZELLIJ", "DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in fixed.ann.env.items():
        monkeypatch.setenv(name, value)
    with Terminal("-m", "woxly_tui.cli.main") as terminal:
        terminal.start()
        terminal.press(b"s\t\t")
        assert b"Voice gate" in terminal.read(5, until=b"Voice gate")
        seen = b""
        for key in [*[b"\x1b[B"] * 5, *[b"\x1b[C"] * 10]:
            terminal.press(key)
            seen += terminal.read(0.2)
        fixed.ann.wait_state("gate", lambda s: s["shaping"]["gate"] == "-40", 5)
        fixed.assert_gated(0.5)
        assert b"held back" in seen + terminal.read(1)


def type_words(ann: Woxly, *lines: str) -> None:
    """Type them into `woxly --plain`, and leave it."""
    done = subprocess.run(
        python_module("woxly_tui.cli.main", "--plain"),
        env=ann.env,
        cwd=ROOT,
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert "gate: -60 dBFS" in done.stdout, (done.stdout, done.stderr)


def test_an_automatic_gate_learns_the_room_and_lets_a_voice_through(
    sfu: LiveKitServer, sound: SoundServer
) -> None:
    with Scene(sfu, sound) as scene:
        call = start(scene, "auto", {})
        scene.devices("ann").say(hiss(30, ROOM_DBFS))
        time.sleep(7.0)  # longer than it remembers
        call.assert_gated()
        since = time.monotonic()
        scene.talk("ann", 2.0)
        time.sleep(1.5)
        (gate, *_) = call.gates(since)
        assert gate["threshold_dbfs"] == pytest.approx(ROOM_DBFS + 12, abs=2)
        assert max(frame_levels(call.heard(since))) > SPEECH_DBFS - 6
        assert any(gate["is_open"] for gate in call.gates(since))
        call.ann.finish()
