import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from livekit import rtc

from tests.unit.media.fakes import FakeNative, FakeRemote, FakeRoom, FakeSound
from woxly_tui.media import audio, ffi, hearing, session, steps
from woxly_tui.media.backends import NullBackend
from woxly_tui.media.backends.base import LibraryPlayout
from woxly_tui.media.levels import Pace
from woxly_tui.media.messages import (
    AudioReady,
    BackendChoice,
    Connect,
    Connected,
    ConnectFailed,
    ConnectFailure,
    DeafenApplied,
    DisconnectCause,
    Disconnected,
    MicrophoneApplied,
    Reconnected,
    Reconnecting,
    RemoteLeft,
    RemoteUpdated,
    TokenRefreshed,
    WorkerEvent,
)
from woxly_tui.types import Identity, RoomName

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl"


@dataclass
class FakeBackend(LibraryPlayout):
    """A native backend with a track that is no track."""

    choice: BackendChoice = BackendChoice.NATIVE
    cause: str = ""
    plays: bool = True
    closes: int = 0

    def create_track(self) -> Any:
        return object()

    def release_capture(self) -> bool:
        return False

    async def aclose(self) -> None:
        self.closes += 1


@dataclass
class Rig:
    room: FakeRoom
    native: FakeNative
    backend: Any
    audible: dict[str, bool] = field(default_factory=dict)
    events: list[WorkerEvent] = field(default_factory=list)
    session: Any = None

    def set_audible(self, publication: Any, audible: bool) -> bool:
        self.audible[publication.sid] = audible
        return True

    def come(self, who: FakeRemote) -> None:
        self.room.remote_participants[who.identity] = who

    def take(self) -> list[WorkerEvent]:
        taken, self.events[:] = list(self.events), []
        return taken


@pytest.fixture
async def rig(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Rig]:
    room, native = FakeRoom(), FakeNative()
    rig = Rig(room, native, FakeBackend())
    room.local_participant.on_publish = native.enable

    async def reachable(_url: str) -> None:
        return None

    async def open_backend(_choice: BackendChoice, *, wants_gain: bool) -> Any:
        assert not wants_gain
        return rig.backend

    monkeypatch.setattr(rtc, "Room", lambda: room)
    monkeypatch.setattr(ffi, "set_local_muted", native.set_local_muted)
    monkeypatch.setattr(session, "check_reachable", reachable)
    monkeypatch.setattr(audio, "open_backend", open_backend)
    monkeypatch.setattr(session, "Hearing", lambda: hearing.Hearing(rig.set_audible))
    command = Connect(3, "ws://x", TOKEN, BackendChoice.AUTO)
    rig.session = session.MediaSession(command, Pace(), rig.events.append)
    yield rig
    await rig.session.aclose()


def of_type(events: list[WorkerEvent], *types: type) -> list[WorkerEvent]:
    return [event for event in events if isinstance(event, types)]


async def test_joining_tells_the_room_the_others_and_the_sound_in_that_order(rig: Rig) -> None:
    rig.come(FakeRemote("ann", FakeSound()))
    await rig.session.join()
    connected, ann, ready = rig.take()
    assert connected == Connected(3, RoomName("standup"), Identity("me"), "Me")
    assert isinstance(ann, RemoteUpdated)
    assert ready == AudioReady(3, BackendChoice.NATIVE, has_microphone=True)
    assert not rig.native.flows
    assert set(rig.room.topics) == {"lk.chat", "lk.transcription"}


async def test_a_failed_attempt_is_told_without_the_token(rig: Rig) -> None:
    rig.room.connect_error = f"client error: 401 Unauthorized - invalid token: {TOKEN}, error: x"
    await rig.session.join()
    (failed,) = rig.take()
    assert isinstance(failed, ConnectFailed)
    assert failed.failure is ConnectFailure.TOKEN_INVALID
    assert "eyJ" not in failed.detail


async def test_without_devices_nothing_is_published(rig: Rig) -> None:
    rig.backend = NullBackend("no sound: plug some in")
    await rig.session.join()
    assert rig.take()[-1] == AudioReady(
        3, BackendChoice.NULL, has_microphone=False, cause="no sound: plug some in"
    )
    assert rig.room.local_participant.published == []
    rig.session.set_microphone(5, is_open=True)
    assert rig.take() == [MicrophoneApplied(3, 5, is_open=False)]


async def test_without_the_grant_nothing_is_published(rig: Rig) -> None:
    rig.room.local_participant.permissions.can_publish = False
    await rig.session.join()
    ready = rig.take()[-1]
    assert isinstance(ready, AudioReady)
    assert not ready.has_microphone
    assert "token does not allow speaking" in ready.cause


async def test_a_wish_from_before_the_track_opens_nothing(rig: Rig) -> None:
    rig.session.set_microphone(4, is_open=True)
    assert rig.take() == [MicrophoneApplied(3, 4, is_open=False)]
    await rig.session.join()
    await asyncio.sleep(0.03)
    assert not rig.native.flows


async def test_only_sound_is_subscribed_to(rig: Rig) -> None:
    video = FakeSound("TR_V", subscribed=False, kind=rtc.TrackKind.KIND_VIDEO)
    early, late = FakeSound("TR_1", subscribed=False), FakeSound("TR_2", subscribed=False)
    rig.come(FakeRemote("ann", early, video))
    await rig.session.join()
    rig.come(FakeRemote("bob", late))
    rig.room.say("track_published", late, rig.room.remote_participants["bob"])
    assert (early.subscribed, late.subscribed, video.subscribed) == (True, True, False)


async def test_the_right_to_speak_can_be_taken_and_given(rig: Rig) -> None:
    await rig.session.join()
    rig.take()
    local = rig.room.local_participant
    local.permissions.can_publish = False
    rig.room.say("participant_permissions_changed", local, local.permissions)
    await asyncio.sleep(0.03)
    (ready,) = of_type(rig.take(), AudioReady)
    assert isinstance(ready, AudioReady)
    assert not ready.has_microphone
    assert "does not allow" in ready.cause
    assert local.unpublished
    assert not rig.native.flows
    local.permissions.can_publish = True
    rig.room.say("participant_permissions_changed", local, local.permissions)
    await asyncio.sleep(0.05)
    assert of_type(rig.take(), AudioReady) == [AudioReady(3, BackendChoice.NATIVE, True)]
    assert len(local.published) == 2
    assert not rig.native.flows


async def test_a_microphone_that_cannot_be_muted_is_withdrawn(rig: Rig) -> None:
    rig.native.answers = False
    await rig.session.join()
    (ready,) = of_type(rig.take(), AudioReady)
    assert isinstance(ready, AudioReady)
    assert not ready.has_microphone
    assert rig.room.local_participant.unpublished


async def test_mute_and_deafen_are_in_force_before_reconnected_is_said(rig: Rig) -> None:
    rig.come(FakeRemote("ann", FakeSound("TR_1")))
    await rig.session.join()
    rig.session.set_deafened(1, on=True)
    assert DeafenApplied(3, 1, on=True) in rig.take()
    state: list[tuple[bool, dict[str, bool]]] = []

    def on_event(event: WorkerEvent) -> None:
        rig.events.append(event)
        if isinstance(event, Reconnected):
            state.append((rig.native.flows, dict(rig.audible)))

    rig.session._emit_raw = on_event
    rig.room.say("reconnecting")
    rig.come(FakeRemote("ann", FakeSound("TR_2")))
    rig.native.enable()
    rig.room.say("local_track_republished")
    rig.room.say("reconnected")
    assert state == [(False, {"TR_1": False, "TR_2": False})]
    assert of_type(rig.take(), Reconnecting, Reconnected) == [Reconnecting(3), Reconnected(3)]


async def test_who_left_while_we_were_away_is_told_before_reconnected(rig: Rig) -> None:
    rig.come(FakeRemote("ann"))
    await rig.session.join()
    rig.room.say("reconnecting")
    rig.room.remote_participants.clear()
    rig.take()
    rig.room.say("reconnected")
    assert rig.take() == [RemoteLeft(3, Identity("ann")), Reconnected(3)]


async def test_a_track_that_comes_while_deafened_is_silenced(rig: Rig) -> None:
    await rig.session.join()
    rig.session.set_deafened(1, on=True)
    ann = FakeRemote("ann", FakeSound("TR_9"))
    rig.come(ann)
    rig.room.say("track_subscribed", "track", ann.track_publications["TR_9"], ann)
    assert rig.audible == {"TR_9": False}


async def test_others_are_followed_through_their_events(rig: Rig) -> None:
    await rig.session.join()
    rig.take()
    sound = FakeSound("TR_1")
    ann = FakeRemote("ann", sound)
    rig.come(ann)
    rig.room.say("participant_connected", ann)
    sound.muted = True
    rig.room.say("track_muted", ann, sound)
    rig.room.say("track_muted", ann, sound)
    info: Any = ann._info
    info.attributes = {"voice.deafened": "1"}
    rig.room.say("participant_attributes_changed", {}, ann)
    del rig.room.remote_participants["ann"]
    rig.room.say("participant_disconnected", ann)
    rig.room.say("track_muted", ann, sound)
    told = rig.take()
    seen = [(e.is_muted, e.is_deafened) for e in told if isinstance(e, RemoteUpdated)]
    assert seen == [(False, False), (True, False), (True, True)]
    assert told[-1] == RemoteLeft(3, Identity("ann"))


async def test_a_mute_by_the_server_is_told_unasked(rig: Rig) -> None:
    await rig.session.join()
    local: Any = rig.room.local_participant
    for is_muted in (False, True):  # the echoes of publishing
        rig.room.say("track_muted" if is_muted else "track_unmuted", local, FakeSound("TR_ME"))
    await asyncio.sleep(0.02)
    rig.session.set_microphone(1, is_open=True)
    rig.room.say("track_unmuted", local, FakeSound("TR_ME"))
    rig.take()
    rig.room.say("track_muted", local, FakeSound("TR_ME"))
    assert MicrophoneApplied(3, 0, is_open=False) in rig.take()
    assert not rig.native.flows


async def test_a_lost_room_frees_the_devices_and_says_no_more(rig: Rig) -> None:
    await rig.session.join()
    await asyncio.sleep(0.02)
    rig.session.set_microphone(1, is_open=True)
    rig.take()
    rig.room.say("disconnected", rtc.DisconnectReason.DUPLICATE_IDENTITY)
    await asyncio.sleep(0.02)
    assert rig.take() == [Disconnected(3, DisconnectCause.DUPLICATE_IDENTITY)]
    assert rig.backend.closes == 1
    assert not rig.native.flows
    rig.session.set_microphone(2, is_open=True)
    assert not rig.native.flows
    assert rig.take() == []


async def test_leaving_goes_in_order_and_in_silence(rig: Rig) -> None:
    await rig.session.join()
    rig.take()
    await rig.session.aclose()
    assert rig.room.local_participant.unpublished == ["TR_ME"]
    assert rig.room.disconnects == 1
    assert rig.backend.closes == 1
    assert rig.take() == []


async def test_leaving_does_not_wait_for_a_server_that_is_gone(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "STEP_LIMIT_S", 0.05)

    async def never(_sid: str = "") -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(rig.room.local_participant, "unpublish_track", never)
    monkeypatch.setattr(rig.room, "disconnect", never)
    await rig.session.join()
    async with asyncio.timeout(1):
        await rig.session.aclose()
    assert rig.backend.closes == 1


async def test_a_fresh_token_is_handed_on(rig: Rig) -> None:
    await rig.session.join()
    rig.take()
    room: Any = rig.room
    room._token = "newer"
    rig.room.say("token_refreshed")
    assert rig.take() == [TokenRefreshed(3, "newer")]


async def test_an_unknown_drill_is_no_harm(rig: Rig) -> None:
    await rig.session.join()
    await rig.session.simulate("earthquake")


async def test_a_newcomer_is_subscribed_to_only_once_we_hear_again(rig: Rig) -> None:
    await rig.session.join()
    rig.session.set_deafened(1, on=True)
    sound = FakeSound("TR_1", subscribed=False)
    rig.come(FakeRemote("ann", sound))
    rig.room.say("track_published", sound, rig.room.remote_participants["ann"])
    assert not sound.subscribed
    (ann,) = of_type(rig.take(), RemoteUpdated)
    assert isinstance(ann, RemoteUpdated)
    assert not ann.is_connecting
    rig.session.set_deafened(2, on=False)
    assert sound.subscribed


async def test_a_silenced_person_is_not_asked_for_until_heard_again(rig: Rig) -> None:
    rig.session.set_volume(Identity("ann"), 0)
    sound = FakeSound("TR_1", subscribed=False)
    rig.come(FakeRemote("ann", sound))
    await rig.session.join()
    assert not sound.subscribed
    ann = next(e for e in rig.take() if isinstance(e, RemoteUpdated))
    assert not ann.is_connecting
    rig.session.set_volume(Identity("ann"), 100)
    assert sound.subscribed
