from types import SimpleNamespace
from typing import Any

import pytest
from livekit import rtc

from woxly_tui.errors import MediaError
from woxly_tui.media import ffi
from woxly_tui.media.backends import NullBackend, native, open_backend
from woxly_tui.media.devices import NO_DEVICE, NO_MICROPHONE, SoundServer
from woxly_tui.media.messages import BackendChoice


class FakeAudio:
    microphones = ("default: Mic", "Mic")

    def __init__(self) -> None:
        self.closed: list[str] = []

    def recording_devices(self) -> list[Any]:
        return [SimpleNamespace(name=name) for name in self.microphones]

    def playout_devices(self) -> list[Any]:
        return []

    def create_audio_source(self) -> Any:
        return SimpleNamespace(close=lambda: self.closed.append("source"))

    def close(self) -> None:
        self.closed.append("audio")


@pytest.fixture
def audio(monkeypatch: pytest.MonkeyPatch) -> type[FakeAudio]:
    monkeypatch.setattr(native, "probe_sound_server", lambda: SoundServer.ANSWERS)
    monkeypatch.setattr(rtc, "PlatformAudio", FakeAudio)
    monkeypatch.setattr(rtc.LocalAudioTrack, "create_audio_track", lambda *_args: "track")
    return FakeAudio


@pytest.mark.usefixtures("audio")
async def test_auto_takes_the_platform() -> None:
    backend = await open_backend(BackendChoice.AUTO)
    assert (backend.choice, backend.cause, backend.plays) == (BackendChoice.NATIVE, "", True)
    assert backend.create_track() is not None


async def test_without_a_microphone_there_is_still_sound(
    audio: type[FakeAudio], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native, "probe_sound_server", lambda: SoundServer.NO_MICROPHONE)
    monkeypatch.setattr(audio, "microphones", ("default: spk.monitor",))
    backend = await open_backend(BackendChoice.AUTO)
    assert (backend.choice, backend.cause) == (BackendChoice.NATIVE, NO_MICROPHONE)
    assert backend.create_track() is None


async def test_a_monitor_chosen_as_microphone_is_one(
    audio: type[FakeAudio], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audio, "microphones", ("default: other.monitor",))
    backend = await open_backend(BackendChoice.AUTO)
    assert backend.cause == ""
    assert backend.create_track() is not None


@pytest.mark.parametrize("choice", [BackendChoice.AUTO, BackendChoice.NATIVE])
async def test_without_a_sound_server_null_says_why(
    choice: BackendChoice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native, "probe_sound_server", lambda: SoundServer.ABSENT)
    backend = await open_backend(choice)
    assert (backend.choice, backend.cause) == (BackendChoice.NULL, SoundServer.ABSENT.value)
    assert backend.create_track() is None
    assert not backend.plays


async def test_a_platform_that_fails_is_translated(
    audio: type[FakeAudio], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_self: object) -> None:
        raise rtc.PlatformAudioError("0x1234")

    monkeypatch.setattr(audio, "__init__", fail)
    backend = await open_backend(BackendChoice.AUTO)
    assert (backend.choice, backend.cause) == (BackendChoice.NULL, NO_DEVICE)


async def test_null_is_taken_where_it_was_asked_for() -> None:
    backend = await open_backend(BackendChoice.NULL)
    assert isinstance(backend, NullBackend)
    assert backend.cause == ""
    assert not backend.release_capture()
    await backend.aclose()


class FakeFade:
    """Writes down what it is told, in the log of the test."""

    log: list[str]

    def __getattr__(self, name: str) -> Any:
        return lambda: self.log.append(name)


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch, audio: type[FakeAudio]) -> list[str]:
    """What the sound server, and the library, were told, in order."""
    FakeFade.log = log = []

    def set_audible(track: Any, audible: bool) -> bool:
        log.append(f"{track} {'heard' if audible else 'silent'}")
        return True

    monkeypatch.setattr(native, "OwnFade", FakeFade)
    monkeypatch.setattr(native, "HUSH_S", 0.0)
    monkeypatch.setattr(ffi, "set_track_audible", set_audible)

    def opened(self: FakeAudio) -> None:
        log.append("opened")
        self.closed = log

    monkeypatch.setattr(audio, "__init__", opened)
    return log


async def test_after_another_backend_it_is_turned_up_from_silence(log: list[str]) -> None:
    tracks: Any = ["a", "b"]
    backend = await native.NativeBackend.open(tracks)
    assert log == ["a silent", "b silent", "opened"]
    log.clear()
    track: Any
    for identity, track, percent in (("ann", "a", 100), ("bob", "b", 0)):
        backend.play(f"TR_{identity}", identity, track, percent)
    assert log == ["a silent", "b silent"]
    log.clear()
    await backend.begin()
    assert log == ["hold", "a heard", "up", "close"]


async def test_before_another_backend_it_is_turned_down_and_closed_in_silence(
    log: list[str],
) -> None:
    backend = await native.NativeBackend.open()
    await backend.begin()
    track: Any = "a"
    backend.play("TR_A", "ann", track, 100)
    assert log == ["opened"]
    log.clear()
    await backend.hush()
    await backend.aclose()
    assert log == ["down", "a silent", "release", "close", "audio", "a heard"]


async def test_who_was_silenced_meanwhile_stays_so(log: list[str]) -> None:
    backend = await native.NativeBackend.open()
    track: Any = "a"
    backend.play("TR_A", "ann", track, 100)
    await backend.hush()
    backend.set_volume("ann", 0)
    await backend.aclose()
    assert "a heard" not in log


@pytest.mark.usefixtures("audio")
async def test_closing_frees_source_then_devices_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ffi, "stop_capture", lambda _audio: True)
    backend = await native.NativeBackend.open()
    backend.create_track()
    assert backend.release_capture()
    await backend.aclose()
    await backend.aclose()
    fake: Any = backend._audio
    assert fake.closed == ["source", "audio"]
    assert not backend.release_capture()


async def test_a_microphone_that_cannot_be_opened_is_told(
    audio: type[FakeAudio], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_self: object) -> None:
        raise rtc.PlatformAudioError("busy")

    monkeypatch.setattr(audio, "create_audio_source", fail)
    backend = await open_backend(BackendChoice.AUTO)
    with pytest.raises(MediaError, match="no microphone"):
        backend.create_track()
