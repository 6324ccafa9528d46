import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from woxly_tui.media import cue_probe, listening
from woxly_tui.media.device_world import DeviceNews, Found, World
from woxly_tui.media.listening import Listening, level_of
from woxly_tui.media.messages import (
    AudioLost,
    AudioReady,
    BackendChoice,
    Connect,
    Coupling,
    CouplingLearnt,
    DevicesChanged,
    Hint,
    MicrophoneApplied,
    MicrophoneHint,
    MicrophoneTried,
    MutedHint,
    PlayCue,
    SpeakerTried,
    TryMicrophone,
    WorkerEvent,
)
from woxly_tui.media.peaks import Peaks
from woxly_tui.media.pulse_aside import Told
from woxly_tui.types import SILENCE_DBFS, Cue, Dbfs, DeviceKind

NEWS = DeviceNews(World(), DevicesChanged(True, microphone="usb-in", speaker="usb-out"))


class FakeAside:
    def __init__(self, told: Told) -> None:
        self.told = told
        self.slots: dict[str, str] = {}
        self.played: list[str] = []
        self.hushed = 0
        self.is_closed = False

    def listen(self, slot: str, device: str | None, rate_hz: int = 10) -> None:
        if device is None:
            self.slots.pop(slot, None)
        else:
            assert (rate_hz > 10) == (slot == "probe")
            self.slots[slot] = device

    def play(self, device: str, samples: bytes) -> None:
        assert samples
        self.played.append(device)

    def hush(self) -> None:
        self.hushed += 1

    def close(self) -> None:
        self.is_closed = True


class Rig:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(listening, "TAIL_S", 0.0)
        monkeypatch.setattr(listening, "PEAK_S", 0.0)
        monkeypatch.setattr(cue_probe, "AFTER_S", 0.1)
        monkeypatch.setattr("sys.platform", "linux")
        self.events: list[WorkerEvent] = []
        self.made: list[FakeAside] = []
        self.peaks: Peaks | None = None
        self.listening = Listening(self.events.append, lambda: self.peaks, self.make)

    def make(self, told: Told) -> FakeAside:
        self.made.append(FakeAside(told))
        return self.made[-1]

    @property
    def aside(self) -> FakeAside:
        return self.made[-1]

    def begin(
        self, backend: BackendChoice, hint: MutedHint = MutedHint.AUTO, *, is_open: bool
    ) -> None:
        self.listening.begin(Connect(3, "", "", BackendChoice.AUTO, muted_hint=hint))
        self.listening.see(NEWS)
        self.listening.note(AudioReady(3, backend, has_microphone=True))
        self.listening.note(MicrophoneApplied(3, 1, is_open))


@pytest.fixture
async def rig(monkeypatch: pytest.MonkeyPatch) -> Rig:
    return Rig(monkeypatch)


async def until(is_so: Callable[[], Any]) -> None:
    for _ in range(2000):
        if is_so():
            return
        await asyncio.sleep(0.001)
    raise AssertionError("not within two seconds")


def test_a_peak_reads_as_on_the_other_meters() -> None:
    assert level_of(1.0) == Dbfs(-3.0)
    assert level_of(0.1) == Dbfs(-23.0)
    assert level_of(0.0) == SILENCE_DBFS
    assert level_of(1e-9) == SILENCE_DBFS


async def test_a_microphone_is_told_when_it_changes_and_by_the_name_asked_for(rig: Rig) -> None:
    rig.listening.try_microphone(TryMicrophone("usb-in", is_on=True))
    assert rig.aside.slots == {"try": "usb-in"}
    for peak in (0.1, 0.1001, 0.2):
        rig.listening.on_peak("try", peak)
    rig.listening.on_deaf("try")
    rig.listening.on_deaf("try")
    assert rig.events == [
        MicrophoneTried("usb-in", Dbfs(-23.0)),
        MicrophoneTried("usb-in", Dbfs(-17.0)),
        MicrophoneTried("usb-in", SILENCE_DBFS, is_deaf=True),
    ]
    rig.listening.try_microphone(TryMicrophone("usb-in", is_on=False))
    assert rig.aside.slots == {}
    rig.listening.on_peak("try", 0.5)
    assert len(rig.events) == 3


async def test_whoever_forgets_a_microphone_does_not_leave_it_open(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "LEASE_S", 0.01)
    rig.listening.try_microphone(TryMicrophone("usb-in", is_on=True))
    await until(lambda: not rig.aside.slots)


async def test_a_tone_is_over_once_however_many_were_asked_for(rig: Rig) -> None:
    over: list[str] = []
    rig.listening.play_tone("a", lambda: over.append("a"))
    rig.listening.play_tone("b", lambda: over.append("b"))
    assert rig.aside.played == ["a", "b"]
    rig.listening.on_tone_over(was_played=False)
    await asyncio.sleep(0.01)
    assert over == []
    rig.listening.on_tone_over(was_played=True)
    await until(lambda: over == ["b"])
    assert rig.events == [SpeakerTried("b", was_played=True)]


async def test_a_tone_cut_short_on_purpose_is_no_failure_and_one_that_fails_is(rig: Rig) -> None:
    rig.listening.play_tone("a", lambda: None)
    rig.listening.hush()
    assert rig.aside.hushed == 1
    rig.listening.on_tone_over(was_played=False)
    await asyncio.sleep(0.01)
    rig.listening.play_tone("b", lambda: None)
    rig.listening.on_tone_over(was_played=False)
    assert rig.events == [SpeakerTried("a", True), SpeakerTried("b", False)]


async def test_native_sound_is_measured_while_open_and_released_with_the_microphone(
    rig: Rig,
) -> None:
    rig.begin(BackendChoice.NATIVE, is_open=True)
    assert rig.aside.slots == {"own": "usb-in", "others": "usb-out.monitor"}
    rig.listening.note(MicrophoneApplied(3, 2, is_open=False))
    assert rig.aside.slots == {}
    rig.listening.note(MicrophoneApplied(3, 3, is_open=True))
    rig.listening.note(AudioLost(3, "gone"))
    assert rig.aside.slots == {}


async def test_headphones_are_not_listened_to_for_what_the_microphone_hears_of_them(
    rig: Rig,
) -> None:
    rig.begin(BackendChoice.NATIVE, is_open=True)
    worn = Found(DeviceKind.SPEAKER, 1, "usb-out", "Headset", is_worn=True)
    rig.listening.see(replace(NEWS, world=World(devices=(worn,))))
    assert rig.aside.slots == {"own": "usb-in"}
    assert rig.events == [CouplingLearnt(Coupling.APART, "usb-in", "usb-out")]


async def test_what_the_microphone_hears_of_the_speaker_is_told(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.begin(BackendChoice.NATIVE, is_open=True)
    now = 0.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    for number in range(100):
        now = number / 10
        played = 0.3 if number % 20 > 10 else 0.0
        rig.listening.on_peak("others", played)
        rig.listening.on_peak("own", max(0.001, played / 5))
    assert rig.events == [CouplingLearnt(Coupling.COUPLED, "usb-in", "usb-out")]


async def test_a_cue_is_sounded_before_the_microphone_opens(rig: Rig) -> None:
    opened: list[int] = []
    rig.begin(BackendChoice.NATIVE, is_open=False)
    rig.listening.sound_first(PlayCue(Cue.JOIN, 60), lambda: opened.append(1))
    for _ in range(20):
        rig.listening.on_peak("probe", 0.001)
    assert rig.aside.played == ["usb-out"]
    assert opened == []
    rig.listening.on_tone_over(was_played=True)
    await until(lambda: opened)
    await until(lambda: rig.events)
    assert rig.events == [CouplingLearnt(Coupling.APART, "usb-in", "usb-out")], "no SpeakerTried"


async def test_a_tone_that_is_asked_for_takes_the_place_of_a_cue(rig: Rig) -> None:
    opened: list[int] = []
    rig.begin(BackendChoice.NATIVE, is_open=False)
    rig.listening.sound_first(PlayCue(Cue.JOIN, 60), lambda: opened.append(1))
    for _ in range(8):
        rig.listening.on_peak("probe", 0.001)
    rig.listening.hurry()
    assert opened == [1]
    rig.listening.play_tone("a", lambda: None)
    rig.listening.on_tone_over(was_played=False)
    assert rig.events == []
    rig.listening.sound_first(PlayCue(Cue.UNMUTE, 60), lambda: opened.append(2))
    assert opened == [1, 2], "not while a tone is played"
    rig.listening.on_tone_over(was_played=True)
    assert rig.events == [SpeakerTried("a", was_played=True)]


async def test_a_muted_microphone_is_opened_only_where_that_was_asked_for(rig: Rig) -> None:
    rig.begin(BackendChoice.NATIVE, MutedHint.AUTO, is_open=False)
    assert rig.made == []
    rig.begin(BackendChoice.NATIVE, MutedHint.ALWAYS, is_open=False)
    assert rig.aside.slots == {"own": "usb-in", "others": "usb-out.monitor"}


async def test_too_loud_a_microphone_is_told_with_its_session(rig: Rig) -> None:
    rig.begin(BackendChoice.NATIVE, is_open=True)
    for _ in range(9):
        rig.listening.on_peak("own", 1.0)
    assert rig.events == [MicrophoneHint(3, Hint.TOO_LOUD)]


async def test_the_mixer_tells_its_own_peaks(rig: Rig) -> None:
    rig.peaks = Peaks(1.0, 0.1)
    rig.begin(BackendChoice.MIXER, is_open=True)
    await until(lambda: rig.events)
    assert rig.events == [MicrophoneHint(3, Hint.TOO_LOUD)]
    assert rig.made == [], "no stream of its own"
    rig.listening.close()


async def test_switched_off_it_hears_nothing_while_muted(rig: Rig) -> None:
    rig.begin(BackendChoice.NATIVE, MutedHint.OFF, is_open=False)
    assert rig.made == []
    for _ in range(10):
        for peak in (0.001, 0.3, 0.2):
            rig.listening._hear(Peaks(peak, peak))
    assert rig.events == []


async def test_elsewhere_than_on_linux_a_device_is_said_to_deliver_nothing(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    mute = Listening(rig.events.append, lambda: None, rig.make)
    mute.try_microphone(TryMicrophone("", is_on=True))
    mute.play_tone("", lambda: None)
    mute.begin(Connect(3, "", "", BackendChoice.AUTO))
    opened: list[int] = []
    mute.sound_first(PlayCue(Cue.JOIN, 60), lambda: opened.append(1))
    assert opened == [1]
    assert rig.events.pop() == CouplingLearnt(Coupling.UNMEASURED, "", "")
    assert rig.events == [
        MicrophoneTried("", SILENCE_DBFS, is_deaf=True),
        SpeakerTried("", was_played=False),
    ]
    assert rig.made == []


async def test_closing_ends_what_measures(rig: Rig) -> None:
    rig.listening.try_microphone(TryMicrophone("usb-in", is_on=True))
    rig.listening.close()
    assert rig.aside.is_closed
