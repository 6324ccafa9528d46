"""`woxly doctor` with a real sound server and a real SFU, whole and broken."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.rig.pulse import SoundServer, clean_env
from tests.rig.sfu import LiveKitServer

pytestmark = pytest.mark.live


@pytest.fixture
def room(own_sound: SoundServer) -> SoundServer:
    """Ann's speaker stands before her microphone."""
    pactl(
        own_sound, "load-module", "module-loopback", "source=ann_speaker.monitor", "sink=ann_mouth"
    )
    return own_sound


def pactl(sound: SoundServer, *words: str) -> None:
    env = clean_env() | sound.people["ann"].env
    subprocess.run(["pactl", *words], env=env, check=True, capture_output=True, timeout=10)


def doctor(home: Path, env: dict[str, str], *words: str) -> tuple[int, dict[str, Any]]:
    """Exit code, and every finding by its check."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "woxly_tui.cli.main", "doctor", "--json", *words],
        env=clean_env() | env | {"HOME": str(home), "WOXLY_RUNTIME_DIR": str(home / "run")},
        capture_output=True,
        timeout=90,
        check=False,
    )
    report = json.loads(done.stdout)
    found = {f["check"]: f for section in report["sections"].values() for f in section}
    return done.returncode, found | {"complaints": report["complaints"]}


def flags(sfu: LiveKitServer, secret: str = "") -> list[str]:
    return ["--url", sfu.url, "--api-key", sfu.key, "--api-secret", secret or sfu.secret]


def test_sound_is_proved_and_measured_all_the_way(
    room: SoundServer, sfu: LiveKitServer, tmp_path: Path
) -> None:
    code, found = doctor(tmp_path, room.people["ann"].env, *flags(sfu))
    assert (code, found["complaints"]) == (0, {})
    for check in ("microphone", "speaker", "tone", "access", "echo call", "UDP", "TCP"):
        assert found[check]["status"] == "ok", found[check]
    whole = found["mouth to ear"]["figures"]["mouth_to_ear_ms"]
    assert whole > found["tone"]["figures"]["loop_ms"] > 0
    left = [line for line in room.streams("sink-inputs") if "loopback" not in line]
    assert left == [], "only the loop's own stream stays"


def test_a_muted_microphone_and_a_wrong_secret_are_named(
    room: SoundServer, sfu: LiveKitServer, tmp_path: Path
) -> None:
    pactl(room, "set-source-mute", "ann_mic", "1")
    code, found = doctor(tmp_path, room.people["ann"].env, *flags(sfu, "x" * 40))
    assert code == 1
    assert "exact zeros" in found["complaints"]["no audio in call"]
    assert "secret is wrong" in found["complaints"]["cannot connect"]
