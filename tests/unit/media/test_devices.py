import socket
import sys
import time
from pathlib import Path

import pytest

from woxly_tui.media.devices import (
    SoundServer,
    is_real_microphone,
    judge,
    probe_sound_server,
)
from woxly_tui.media.libpulse import ServerInfo

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a sound server")


@pytest.fixture
def without_library() -> None:
    if probe_sound_server(0.01) is SoundServer.NO_LIBRARY:
        pytest.skip("libpulse is not installed")


@linux_only
@pytest.mark.usefixtures("without_library")
def test_no_server_is_told_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/none")
    started = time.monotonic()
    assert probe_sound_server(5.0) is SoundServer.ABSENT
    assert time.monotonic() - started < 4.0


@linux_only
@pytest.mark.usefixtures("without_library")
def test_a_server_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/s")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{tmp_path}/s")
        server.listen()
        started = time.monotonic()
        assert probe_sound_server(0.3) is SoundServer.SILENT
        assert 0.25 < time.monotonic() - started < 4.0


def test_every_trouble_is_told_with_a_remedy() -> None:
    for server in SoundServer:
        assert (": " in server.value) is (server is not SoundServer.ANSWERS)


@pytest.mark.parametrize(
    ("name", "real"),
    [
        ("default: spk.monitor", False),
        ("default (Built-in Microphone)", False),
        ("Built-in Audio Analog Stereo", True),
        ("Defaulter USB", True),
    ],
)
def test_the_alias_of_the_default_is_no_microphone(name: str, real: bool) -> None:
    assert is_real_microphone(name) is real


@pytest.mark.parametrize(
    ("source", "chosen", "verdict"),
    [
        (b"mic", "", SoundServer.ANSWERS),
        (b"spk.monitor", "", SoundServer.NO_MICROPHONE),
        (b"", "", SoundServer.NO_MICROPHONE),
        (b"spk.monitor", "spk.monitor", SoundServer.ANSWERS),
        (b"other.monitor", "", SoundServer.ANSWERS),
    ],
)
def test_only_the_speakers_own_monitor_is_no_microphone(
    monkeypatch: pytest.MonkeyPatch, source: bytes, chosen: str, verdict: SoundServer
) -> None:
    monkeypatch.setenv("PULSE_SOURCE", chosen)
    info = ServerInfo(default_sink_name=b"spk", default_source_name=source)
    assert judge(info).server is verdict


def test_a_pretended_speaker_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULSE_SOURCE", raising=False)
    monkeypatch.delenv("PULSE_SINK", raising=False)
    names = {"default_sink_name": b"auto_null", "default_source_name": b"auto_null.monitor"}
    assert judge(ServerInfo(**names)).server is SoundServer.NO_SPEAKER
    names["default_source_name"] = b"a microphone"
    assert judge(ServerInfo(**names)).server is SoundServer.ANSWERS


def test_a_server_with_another_host_s_name_is_elsewhere() -> None:
    here = socket.gethostname().encode()
    names = {"default_sink_name": b"spk", "default_source_name": b"mic"}
    assert not judge(ServerInfo(host_name=here, **names)).is_elsewhere
    assert judge(ServerInfo(host_name=here + b"-not", **names)).is_elsewhere
