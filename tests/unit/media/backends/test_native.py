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
