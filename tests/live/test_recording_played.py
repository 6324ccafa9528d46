"""What is played into the call, in the files of a recording."""

import secrets
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.rig.analysis import RATE_HZ, Clip, tone, tone_dbfs
from tests.rig.scene import Scene
from tests.rig.sfu import LiveKitServer
from tests.rig.woxly import Woxly, is_established, is_settled

pytestmark = pytest.mark.live

NO_SOUND = {"PULSE_SERVER": "unix:/nonexistent", "ALSA_CONFIG_PATH": "/dev/null"}

LENGTH_S = 2.5


def test_what_is_played_is_in_the_file_of_whoever_plays_and_in_the_mix(
    sfu: LiveKitServer, tmp_path: Path
) -> None:
    file = tmp_path / "tone.wav"
    soundfile.write(file, tone(1500, LENGTH_S, -20), RATE_HZ)
    room = f"played-{secrets.token_hex(4)}"
    with Woxly(sfu, room, "ann", NO_SOUND, "--backend", "null") as ann:
        ann.wait_state("the call", lambda s: is_established(s) and is_settled(s), 15)
        ann.verb("record", "on", "--to", str(tmp_path / "made"))
        assert "played tone.wav" in ann.verb("play", str(file))
        time.sleep(0.2)
        ann.verb("record", "off")
        ann.finish()
    (made,) = (tmp_path / "made").iterdir()
    assert {path.name for path in made.iterdir()} == {"ann.wav", "mix.wav"}
    for path in made.iterdir():
        sound, _ = soundfile.read(path, dtype="float32")
        loud = np.flatnonzero(np.abs(sound) > 0.02)
        begin, end = int(loud[0]), int(loud[-1])
        assert (end - begin) / RATE_HZ == pytest.approx(LENGTH_S, abs=0.05), path.name
        heard = Clip(sound[begin + RATE_HZ : begin + 2 * RATE_HZ], RATE_HZ, 0.0)
        assert tone_dbfs(heard, 1500) == pytest.approx(-20, abs=0.5), path.name


def test_playing_goes_on_while_recording_changes_the_backend(scene: Scene, tmp_path: Path) -> None:
    file = tmp_path / "tone.wav"
    soundfile.write(file, tone(1500, 6, -20), RATE_HZ)
    ann = scene.woxly("ann")
    ann.wait_live()
    ann.ask("set_mute", on=True)
    with ann.another("play", str(file)) as playing:
        ann.wait_state("playing", lambda s: s["plays"] == "tone.wav")
        time.sleep(1.0)
        ann.verb("record", "on", "--to", str(tmp_path / "made"))
        assert playing.wait_exit(10) == 0
    ann.verb("record", "off")
    (made,) = (tmp_path / "made").iterdir()
    sound, _ = soundfile.read(made / "ann.wav", dtype="float32")
    loud = np.flatnonzero(np.abs(sound) > 0.02)
    assert loud[0] / RATE_HZ < 0.5, "only what was handed over before is not there"
    assert len(loud) / RATE_HZ > 2.0
    assert np.diff(loud).max() < RATE_HZ / 100, "no gap"
