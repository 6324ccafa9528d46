"""From one backend to another in mid-call, over a room and a library that are not there."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from tests.unit.media.fakes import FakeNative, FakeRemote, FakeRoom, FakeSound
from woxly_tui._lib.aio import TaskOwner
from woxly_tui.errors import MediaError
from woxly_tui.media import audio, ffi
from woxly_tui.media.audio import SessionAudio
from woxly_tui.media.backends import chooser
from woxly_tui.media.backends.wish import BackendWish
from woxly_tui.media.hearing import Hearing
from woxly_tui.media.levels import Pace
from woxly_tui.media.link import LinkMeter
from woxly_tui.media.messages import (
    AudioLost,
    AudioReady,
    BackendChoice,
    MicrophoneApplied,
    Shaping,
    VolumesRefused,
    WorkerEvent,
)
from woxly_tui.media.sight import Sight
from woxly_tui.media.sound_guard import SoundGuard
from woxly_tui.media.steps import Steps
from woxly_tui.types import Identity, Seconds

ANN = Identity("ann")
NATIVE, MIXER = BackendChoice.NATIVE, BackendChoice.MIXER


@dataclass
class FakeBackend:
    """Writes down what it is told, beside what the others were told."""

    choice: BackendChoice
    log: list[str]
    cause: str = ""
    plays: bool = True
    failure: str = ""
    played_samples: int | None = None
    volumes: dict[str, int] = field(default_factory=dict)
    playing: dict[str, str] = field(default_factory=dict)
    feeds: list[bool] = field(default_factory=list)
    shaping: Shaping = field(default_factory=Shaping)
    tap: Any = None
    xruns: int | None = None
    gate = strong = trim = None

    def create_track(self) -> Any:
        return object()

    def release_capture(self) -> bool:
        return False

    def feed(self, is_open: bool) -> None:
        self.feeds.append(is_open)

    def play(self, sid: str, identity: str, _track: Any, percent: int) -> None:
        self.playing[sid] = identity
        self.volumes[identity] = percent

    def stop_playing(self, sid: str) -> None:
        self.playing.pop(sid, None)

    def set_volume(self, identity: str, percent: int) -> None:
        self.volumes[identity] = percent

    def shape(self, shaping: Shaping) -> None:
        self.shaping = shaping

    async def begin(self) -> None:
        self.log.append(f"{self.choice} heard")

    async def hush(self) -> None:
        self.log.append(f"{self.choice} hushed")

    async def aclose(self) -> None:
        self.log.append(f"{self.choice} closed")


class Rig:
    def __init__(self, monkeypatch: pytest.MonkeyPatch, choice: BackendChoice) -> None:
        self.log: list[str] = []
        self.backends: list[FakeBackend] = []
        self.fails: set[BackendChoice] = set()
        self.room = cast(Any, FakeRoom())
        self.native = FakeNative()
        self.room.local_participant.on_publish = self._on_publish
        self.hearing = Hearing(lambda _sound, _audible: True)
        self.wish = BackendWish(choice, self.hearing, Shaping())
        self.events: list[WorkerEvent] = []
        monkeypatch.setattr(ffi, "set_local_muted", self.native.set_local_muted)
        monkeypatch.setattr(audio, "open_exactly", self.open_exactly)
        monkeypatch.setattr(audio, "open_backend", self.open_backend)
        monkeypatch.setattr(audio, "OVERLAP_S", 0.0)
        self.tasks = TaskOwner("test")
        self.audio = SessionAudio(
            3,
            self.room,
            self.wish,
            Pace(),
            Sight(LinkMeter(3)),
            SoundGuard(3, self.events.append, is_wanted=True),
            self.tasks,
            Steps("test"),
            self.events.append,
        )
        self.come("ann")

    def _on_publish(self) -> None:
        self.log.append("published")
        self.native.enable()

    async def open_exactly(self, choice: BackendChoice, _tracks: Any = None) -> Any:
        if choice in self.fails:
            raise MediaError("no PortAudio")
        self.backends.append(FakeBackend(choice, self.log))
        return self.backends[-1]

    async def open_backend(self, choice: BackendChoice, *, wants_gain: bool) -> Any:
        if choice is BackendChoice.AUTO:
            choice = MIXER if wants_gain else NATIVE
        return await self.open_exactly(choice)

    def come(self, identity: str) -> None:
        sound = FakeSound(f"TR_{identity}")
        self.room.remote_participants[identity] = FakeRemote(identity, sound)

    def set_volume(self, identity: str, percent: int) -> None:
        self.hearing.set_volume(self.room, Identity(identity), percent)
        self.audio.follow_volumes()

    async def settle(self) -> None:
        if (changing := self.audio._changing) is not None:
            await changing
        await asyncio.sleep(0.005)

    def is_sending(self) -> bool:
        return self.native.flows

    @property
    def backend(self) -> FakeBackend:
        return self.backends[-1]

    def take(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


@pytest.fixture
async def rig(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> AsyncIterator[Rig]:
    rig = Rig(monkeypatch, getattr(request, "param", BackendChoice.AUTO))
    await rig.audio.start()
    yield rig
    rig.audio.stop()
    await rig.tasks.aclose()


async def test_a_volume_brings_the_mixer_with_everybody_on_it(rig: Rig) -> None:
    rig.come("bob")
    rig.set_volume("ann", 50)
    await rig.settle()
    assert rig.backend.choice is MIXER
    assert rig.backend.playing == {"TR_ann": "ann", "TR_bob": "bob"}
    assert rig.backend.volumes == {"ann": 50, "bob": 100}
    assert [event.backend for event in rig.take(AudioReady)] == [NATIVE, MIXER]


async def test_two_are_never_heard_at_once(rig: Rig) -> None:
    rig.set_volume("ann", 50)
    await rig.settle()
    assert rig.log.index("native closed") < rig.log.index("mixer heard")


async def test_a_muted_microphone_stays_muted_and_nothing_is_fed(rig: Rig) -> None:
    rig.set_volume("ann", 50)
    await rig.settle()
    assert not rig.is_sending()
    assert True not in rig.backend.feeds
    assert rig.take(AudioReady)[-1].has_microphone
    assert rig.room.local_participant.unpublished == ["TR_ME"]
    rig.audio.set_microphone(9, is_open=True)
    await asyncio.sleep(0.03)
    assert rig.take(MicrophoneApplied)[-1] == MicrophoneApplied(3, 9, is_open=True)
    assert rig.backend.feeds[-1]
    rig.audio.set_microphone(10, is_open=False)
    assert rig.backend.feeds[-2:] == [True, False]


async def test_an_open_one_is_muted_before_it_goes_and_the_engine_opens_the_next(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asyncio.sleep(0.02)
    rig.audio.set_microphone(1, is_open=True)
    sends_before = rig.is_sending()
    first = rig.backends[0]
    muted_at_ready: list[list[bool]] = []
    muted: dict[int, bool] = {}
    tell = rig.audio._emit

    def set_local_muted(track: Any, is_muted: bool) -> bool | None:
        muted[id(track)] = is_muted
        return rig.native.set_local_muted(track, is_muted)

    def emit(event: WorkerEvent) -> None:
        if isinstance(event, AudioReady):
            muted_at_ready.append(list(muted.values()))
        tell(event)

    monkeypatch.setattr(ffi, "set_local_muted", set_local_muted)
    rig.audio._emit = emit
    rig.set_volume("ann", 50)
    await rig.settle()
    assert (sends_before, rig.is_sending()) == (True, False)
    assert muted_at_ready == [[True, True]]
    assert not first.feeds[-1]
    assert rig.log.count("published") == 2
    assert rig.room.local_participant.unpublished == ["TR_ME"]


async def test_it_goes_back_once_nobody_needs_it(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chooser, "BACK_AFTER", Seconds(0.05))
    rig.set_volume("ann", 50)
    await rig.settle()
    rig.set_volume("ann", 100)
    assert rig.backend.choice is MIXER
    await asyncio.sleep(0.1)
    await rig.settle()
    assert rig.backend.choice is NATIVE
    assert rig.log.index("mixer hushed") < rig.log.index("native heard", 3)
    # It disturbs the mixer when it opens, so that one is silent before.
    assert rig.log[-4:] == ["mixer hushed", "native heard", "published", "mixer closed"]


async def test_who_is_silenced_while_the_backend_changes_is_so_on_the_other(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chooser, "BACK_AFTER", Seconds(0.05))
    rig.set_volume("ann", 50)
    await rig.settle()
    rig.set_volume("ann", 100)
    meanwhile: list[tuple[BackendChoice, int]] = []

    def silence() -> None:
        rig.set_volume("ann", 0)
        fresh = rig.backends[-1]
        meanwhile.append((fresh.choice, fresh.volumes["ann"]))

    rig.room.local_participant.on_publish = silence
    await asyncio.sleep(0.1)
    await rig.settle()
    assert meanwhile == [(NATIVE, 0)]


def shape(rig: Rig, shaping: Shaping) -> None:
    rig.wish.shaping = shaping
    rig.audio.follow_volumes()


async def test_what_native_cannot_clean_brings_the_mixer_and_changes_there_live(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chooser, "BACK_AFTER", Seconds(0.05))
    shape(rig, Shaping(noise_suppression=False))
    await rig.settle()
    assert rig.backend.choice is MIXER
    assert rig.backend.shaping == Shaping(noise_suppression=False)
    shape(rig, Shaping(mic_gain_db=6.0))
    assert rig.backend.shaping == Shaping(mic_gain_db=6.0)
    shape(rig, Shaping())
    await asyncio.sleep(0.1)
    await rig.settle()
    assert rig.backend.choice is NATIVE


async def test_without_a_mixer_shaping_is_given_up_and_said(rig: Rig) -> None:
    rig.fails = {MIXER}
    shape(rig, Shaping(master_percent=50))
    await rig.settle()
    assert rig.take(VolumesRefused) == [VolumesRefused(3, "no PortAudio")]
    assert rig.wish.shaping == Shaping()


async def test_silence_and_the_absent_need_no_mixer(rig: Rig) -> None:
    rig.set_volume("ann", 0)
    rig.set_volume("zoe", 50)
    await rig.settle()
    assert rig.backend.choice is NATIVE


async def test_somebody_who_comes_back_may_need_it(rig: Rig) -> None:
    rig.set_volume("zoe", 50)
    rig.come("zoe")
    zoe = rig.room.remote_participants["zoe"]
    rig.audio.on_subscribed("track", zoe.track_publications["TR_zoe"], zoe)  # type: ignore[arg-type]  # no real track
    await rig.settle()
    assert rig.backend.volumes["zoe"] == 50


async def test_deafen_is_silence_at_once_and_comes_back_as_it_was(rig: Rig) -> None:
    rig.set_volume("ann", 50)
    await rig.settle()
    rig.hearing.set_deafened(rig.room, on=True)
    rig.audio.follow_volumes()
    assert rig.backend.volumes == {"ann": 0}
    rig.hearing.set_deafened(rig.room, on=False)
    rig.audio.follow_volumes()
    assert rig.backend.volumes == {"ann": 50}


async def test_without_a_mixer_it_is_said_once_and_the_call_goes_on(rig: Rig) -> None:
    rig.fails = {MIXER}
    rig.set_volume("ann", 50)
    await rig.settle()
    assert rig.take(VolumesRefused) == [VolumesRefused(3, "no PortAudio")]
    assert rig.backend.choice is NATIVE
    assert rig.hearing.percent("ann") == 100
    assert rig.log == ["native heard", "published", "native heard"]


@pytest.mark.parametrize("rig", [NATIVE], indirect=True)
async def test_saved_volumes_on_a_forced_native_backend_are_given_up(rig: Rig) -> None:
    rig.set_volume("ann", 50)
    await rig.settle()
    assert len(rig.take(VolumesRefused)) == 1
    assert rig.backend.choice is NATIVE


async def test_a_session_that_ends_in_the_middle_frees_both(rig: Rig) -> None:
    rig.set_volume("ann", 50)
    await asyncio.sleep(0)
    rig.audio.stop()
    await rig.settle()
    await rig.audio.aclose()
    assert {"native closed", "mixer closed"} <= set(rig.log)


async def test_both_microphones_are_silenced_when_the_sdk_publishes_them_anew(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audio, "OVERLAP_S", 0.05)
    await asyncio.sleep(0.02)
    rig.audio.set_microphone(1, is_open=True)
    rig.set_volume("ann", 50)
    await asyncio.sleep(0.04)
    assert rig.log.count("published") == 2
    rig.audio.set_microphone(2, is_open=False)
    changes: dict[int, list[bool]] = {}

    def set_local_muted(track: Any, muted: bool) -> bool:
        changes.setdefault(id(track), []).append(muted)
        return muted

    monkeypatch.setattr(ffi, "set_local_muted", set_local_muted)
    rig.audio.on_republished()
    assert list(changes.values()) == [[False, True], [False, True]]
    await rig.settle()


async def test_the_right_to_speak_given_twice_publishes_once(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = rig.room.local_participant
    me.permissions.can_publish = False
    rig.audio.on_permissions(me)
    await asyncio.sleep(0.03)
    publish = me.publish_track

    async def slowly(track: Any, options: Any) -> Any:
        await asyncio.sleep(0.01)
        return await publish(track, options)

    monkeypatch.setattr(me, "publish_track", slowly)
    me.permissions.can_publish = True
    before = rig.log.count("published")
    for _ in range(3):
        rig.audio.on_permissions(me)
    await asyncio.sleep(0.1)
    assert rig.log.count("published") == before + 1


async def test_a_change_that_breaks_off_is_a_loss_of_the_sound(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def surprise(_choice: BackendChoice) -> Any:
        raise RuntimeError("surprise")

    monkeypatch.setattr(audio, "open_exactly", surprise)
    rig.set_volume("ann", 50)
    await rig.settle()
    assert rig.take(AudioLost) == [AudioLost(3, "it could not be changed")]
