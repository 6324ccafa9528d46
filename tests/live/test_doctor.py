"""`woxly doctor` with a real sound server and a real SFU, whole and broken."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.rig.pulse import SoundServer, clean_env
from tests.rig.sfu import LiveKitServer, find_binary

pytestmark = pytest.mark.live

AIR_MS = 20
"""Of the loop from speaker to microphone."""


class DeafServer(LiveKitServer):
    """It lets everybody in, and offers no address for sound."""

    def _config(self) -> str:
        config = json.loads(super()._config())
        config["rtc"] |= {"ips": {"includes": ["203.0.113.0/24"]}, "allow_tcp_fallback": False}
        return json.dumps(config)


@pytest.fixture
def room(own_sound: SoundServer) -> SoundServer:
    """Ann's speaker stands before her microphone."""
    way = ("source=ann_speaker.monitor", "sink=ann_mouth", "latency_msec=20")
    pactl(own_sound, "load-module", "module-loopback", *way)
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
    assert AIR_MS + 40 < whole < AIR_MS + 180, "what `bench.latency` measures, give or take"
    left = [line for line in room.streams("sink-inputs") if "loopback" not in line]
    assert left == [], "only the loop's own stream stays"


def test_a_muted_microphone_and_a_wrong_secret_are_named(
    room: SoundServer, sfu: LiveKitServer, tmp_path: Path
) -> None:
    pactl(room, "set-source-mute", "ann_mic", "1")
    code, found = doctor(tmp_path, room.people["ann"].env, *flags(sfu, "x" * 40))
    assert code == 1
    assert "the system mutes it" in found["complaints"]["no audio in call"]
    assert "secret is wrong" in found["complaints"]["cannot connect"]


@pytest.mark.parametrize(
    ("broken", "check", "words"),
    [
        (["set-sink-volume", "ann_speaker", "0%"], "speaker", "at 0 % in the system's mixer"),
        (["set-sink-mute", "ann_speaker", "1"], "speaker", "the system mutes it"),
        (["set-source-volume", "ann_mic", "0%"], "microphone", "at 0 % in the system's mixer"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_what_the_system_s_mixer_silences_is_named(
    room: SoundServer, tmp_path: Path, broken: list[str], check: str, words: str
) -> None:
    pactl(room, *broken)
    _, found = doctor(tmp_path, room.people["ann"].env, "--no-tone")
    assert (found[check]["status"], words in found[check]["evidence"]) == ("bad", True)
    assert "pactl" in found[check]["remedy"]
    assert words in found["complaints"]["no audio in call"]


def test_devices_that_are_not_there_and_a_monitor_are_named(
    room: SoundServer, tmp_path: Path
) -> None:
    env = room.people["ann"].env
    _, found = doctor(tmp_path, env | {"PULSE_SINK": "x", "PULSE_SOURCE": "y"}, "--no-tone")
    assert "PULSE_SOURCE names a microphone that is not there" in found["microphone"]["evidence"]
    assert "PULSE_SINK names a speaker that is not there" in found["speaker"]["evidence"]
    swapped = {"PULSE_SINK": "ann_mouth", "PULSE_SOURCE": "ann_speaker.monitor"}
    _, found = doctor(tmp_path, env | swapped, "--no-tone")
    assert "the monitor of a speaker" in found["microphone"]["evidence"]


def test_a_server_that_offers_no_way_for_sound_is_named(room: SoundServer, tmp_path: Path) -> None:
    server = DeafServer(find_binary())
    try:
        server.start()
        code, found = doctor(tmp_path, room.people["ann"].env, *flags(server), "--no-tone")
    finally:
        server.close()
    assert code == 1
    assert "no media path" in found["complaints"]["participants not connecting"]
    assert "UDP" in found["echo call"]["remedy"]


def test_a_broken_configuration_and_a_home_that_takes_nothing_do_not_end_the_examination(
    room: SoundServer, sfu: LiveKitServer, tmp_path: Path
) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[livekit]\nurll = 'ws://h'\n")
    env = room.people["ann"].env
    code, found = doctor(tmp_path, env, *flags(sfu), "--no-tone", "--config", str(file))
    assert (code, found["configuration"]["status"]) == (1, "bad")
    assert found["access"]["status"] == "ok"
    code, found = doctor(Path("/proc/self"), env, *flags(sfu), "--no-tone")
    assert (code, found["files"]["status"]) == (1, "bad")


def test_a_report_names_nobody_and_each_finding_says_what_helps(
    room: SoundServer, sfu: LiveKitServer, tmp_path: Path
) -> None:
    env = room.people["ann"].env | {"LIVEKIT_TOKEN": sfu.token("secretroom", "zoe", ttl_s=-9999)}
    code, found = doctor(tmp_path, env, "--url", sfu.url, "--no-tone")
    assert (code, found["token"]["status"]) == (1, "bad")
    told = json.dumps(found)
    for secret in ("127.0.0.1", "secretroom", "zoe", "eyJ", str(tmp_path), "ann_", sfu.key):
        assert secret not in told, secret
    complaints = found.pop("complaints")
    assert complaints
    for finding in found.values():
        assert finding["evidence"], finding
        assert finding["remedy"] or finding["status"] in ("ok", "note"), finding
