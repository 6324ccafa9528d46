import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.unit.media.fakes import FakeRoom
from tests.unit.media.test_audio import MIXER, NATIVE
from tests.unit.media.test_audio import Rig as AudioRig
from tests.unit.media.test_audio import rig as audio_rig_fixture
from woxly_tui._lib.aio import TaskOwner
from woxly_tui.media import presence, record_files, recording
from woxly_tui.media.backends import chooser
from woxly_tui.media.backends.wish import BackendWish
from woxly_tui.media.hearing import Hearing
from woxly_tui.media.messages import (
    BackendChoice,
    RecordingChanged,
    SetRecording,
    Shaping,
    VolumesRefused,
    WorkerEvent,
)
from woxly_tui.media.playout_buffer import FRAME_SAMPLES
from woxly_tui.media.presence import NOT_ALLOWED_TO_TELL, NOT_CONFIRMED, Presence
from woxly_tui.media.recording import NATIVE as NO_NATIVE
from woxly_tui.media.recording import NO_MIXER, Recording
from woxly_tui.types import Seconds

rig = audio_rig_fixture

FRAME = np.full(FRAME_SAMPLES, 1000, dtype=np.int16)


class Desk:
    """A session that can be recorded, without its sound."""

    def __init__(self, tmp_path: Path, choice: BackendChoice = BackendChoice.AUTO) -> None:
        room: Any = FakeRoom()
        self.room = room
        self.wish = BackendWish(choice, Hearing(), Shaping())
        self.present: BackendChoice = MIXER
        self.events: list[WorkerEvent] = []
        self.follows: list[bool] = []
        self.tasks = TaskOwner("test")
        self.path = tmp_path
        self.recording = Recording(
            3,
            room,
            self.wish,
            self.follow,
            Presence(room, self.tasks),
            self.tasks,
            self.events.append,
        )

    def follow(self) -> None:
        self.follows.append(self.wish.tap is not None)
        if self.present is NATIVE:
            self.wish.tap = None
        self.wish.present = self.present

    async def set(self, request: int, *, on: bool) -> RecordingChanged:
        self.recording.set(SetRecording(request, on, str(self.path)))
        return await self.told(request)

    async def told(self, request: int) -> RecordingChanged:
        async with asyncio.timeout(5):
            while True:
                for event in self.events:
                    if isinstance(event, RecordingChanged) and event.request == request:
                        self.events.remove(event)
                        return event
                await asyncio.sleep(0.01)

    @property
    def attributes(self) -> list[dict[str, str]]:
        said: list[dict[str, str]] = self.room.local_participant.attributes_set
        return said


@pytest.fixture
async def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    monkeypatch.setattr(record_files, "START_FREE_BYTES", 0)
    desk = Desk(tmp_path)
    yield desk
    await desk.recording.aclose()
    await desk.tasks.aclose()


async def test_everybody_is_told_then_it_begins_and_is_told_when_it_is_over(desk: Desk) -> None:
    told = await desk.set(1, on=True)
    assert told.is_on
    assert desk.attributes == [{"woxly.recording": "1"}]
    assert desk.wish.tap is not None
    desk.wish.tap("TR_1", "ann", FRAME)
    desk.wish.tap("own", None, FRAME)
    again = await desk.set(2, on=True)
    assert (again.is_on, again.folder) == (True, told.folder)
    ended = await desk.set(3, on=False)
    assert not ended.is_on
    assert desk.attributes[-1] == {"woxly.recording": ""}
    assert {file.name for file in Path(told.folder).iterdir()} == {"ann.wav", "Me.wav", "mix.wav"}


async def test_where_nobody_can_be_told_nothing_is_recorded(desk: Desk) -> None:
    desk.room.local_participant.permissions.can_update_metadata = False
    desk.room.local_participant.permissions.can_publish_data = False
    told = await desk.set(1, on=True)
    assert (told.is_on, told.cause) == (False, NOT_ALLOWED_TO_TELL)
    assert list(desk.path.iterdir()) == []
    assert not any(desk.follows)


async def test_a_server_that_does_not_answer_is_named_and_recording_can_begin_once_it_does(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "TELL_LIMIT_S", 0.05)
    answer = desk.room.local_participant.set_attributes
    desk.room.local_participant.set_attributes = lambda _: asyncio.Event().wait()
    told = await desk.set(1, on=True)
    assert (told.is_on, told.cause) == (False, NOT_CONFIRMED)
    desk.room.local_participant.set_attributes = answer
    assert (await desk.set(2, on=True)).is_on


async def test_native_by_order_is_refused_before_anybody_is_told(tmp_path: Path) -> None:
    desk = Desk(tmp_path, NATIVE)
    told = await desk.set(1, on=True)
    assert (told.is_on, told.cause) == (False, NO_NATIVE)
    assert "1" not in [said.get("woxly.recording") for said in desk.attributes]
    await desk.tasks.aclose()


async def test_without_a_mixer_it_is_taken_back(desk: Desk) -> None:
    desk.present = NATIVE
    told = await desk.set(1, on=True)
    assert (told.is_on, told.cause) == (False, NO_MIXER)
    assert desk.attributes[-1] == {"woxly.recording": ""}


async def test_a_disk_that_fills_up_ends_it_and_everybody_is_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("woxly_tui.media.recorder.STOP_FREE_BYTES", 10**18)
    monkeypatch.setattr("woxly_tui.media.recorder.LOOK_EVERY_S", 0.0)
    await desk.set(1, on=True)
    told = await desk.told(0)
    assert not told.is_on
    assert "disk is full" in told.cause
    assert desk.attributes[-1] == {"woxly.recording": ""}


async def test_what_is_lost_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "LOOK_EVERY_S", 0.01)
    monkeypatch.setattr("woxly_tui.media.recorder.EVERY_S", 5.0)
    await desk.set(1, on=True)
    assert desk.wish.tap is not None
    for _ in range(1100):
        desk.wish.tap("TR_1", "ann", FRAME)
    told = await desk.told(0)
    assert told.is_on
    assert told.lost_s == pytest.approx(1.0)


def present(rig: AudioRig) -> BackendChoice | None:
    """The backend that is heard."""
    return rig.wish.present


def record(rig: AudioRig) -> None:
    rig.wish.tap = lambda _sid, _who, _frame: None


async def test_who_records_gets_the_mixer_and_its_sound_and_gives_it_back(
    rig: AudioRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chooser, "BACK_AFTER", Seconds(0.05))
    record(rig)
    rig.audio.follow_volumes()
    await rig.settle()
    assert present(rig) is MIXER
    assert rig.backend.tap is rig.wish.tap
    rig.wish.give_up_mixer(())
    rig.audio.follow_volumes()
    assert rig.backend.tap is None
    await asyncio.sleep(0.1)
    await rig.settle()
    assert present(rig) is NATIVE


async def test_without_a_mixer_only_the_recording_is_given_up(rig: AudioRig) -> None:
    rig.fails = {MIXER}
    record(rig)
    rig.audio.follow_volumes()
    await rig.settle()
    assert rig.wish.tap is None
    assert rig.take(VolumesRefused) == []
    assert present(rig) is NATIVE
