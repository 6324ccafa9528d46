import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from livekit.rtc.participant import PublishDataError

from tests.unit.media.fakes import FakeRoom
from woxly_tui._lib.aio import TaskOwner
from woxly_tui.errors import MediaError
from woxly_tui.media.presence import Presence


@pytest.fixture
async def tasks() -> AsyncIterator[TaskOwner]:
    owner = TaskOwner("test")
    yield owner
    await owner.aclose()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_deafened_is_announced_as_an_attribute_and_withdrawn(tasks: TaskOwner) -> None:
    room: Any = FakeRoom()
    presence = Presence(room, tasks)
    presence.set_deafened(on=True)
    await settle()
    presence.set_deafened(on=True)
    presence.set_deafened(on=False)
    await settle()
    assert room.local_participant.attributes_set == [
        {"voice.deafened": "1"},
        {"voice.deafened": ""},
    ]


async def test_without_the_grant_data_does_it_and_newcomers_are_told(tasks: TaskOwner) -> None:
    room: Any = FakeRoom()
    room.local_participant.permissions.can_update_metadata = False
    presence = Presence(room, tasks)
    presence.greet("early")
    presence.set_deafened(on=True)
    presence.greet("ann")
    await settle()
    assert room.local_participant.attributes_set == []
    assert room.local_participant.data_sent == [
        ('{"deafened": true, "recording": false}', [], "voice.state"),
        ('{"deafened": true, "recording": false}', ["ann"], "voice.state"),
    ]


async def test_a_reconnect_says_it_again_only_where_there_is_something_to_say(
    tasks: TaskOwner,
) -> None:
    room: Any = FakeRoom()
    presence = Presence(room, tasks)
    presence.announce()
    await settle()
    assert room.local_participant.attributes_set == []
    presence.set_deafened(on=True)
    await settle()
    presence.announce()
    await settle()
    assert room.local_participant.attributes_set == [{"voice.deafened": "1"}] * 2


async def test_while_one_announcement_is_under_way_only_the_newest_follows(
    tasks: TaskOwner,
) -> None:
    room: Any = FakeRoom()
    gate = asyncio.Event()
    sent: list[str] = []

    async def slow(attributes: dict[str, str]) -> None:
        sent.append(attributes["voice.deafened"])
        await gate.wait()

    room.local_participant.set_attributes = slow
    presence = Presence(room, tasks)
    presence.set_deafened(on=True)
    await settle()
    for on in (False, True, False):
        presence.set_deafened(on=on)
    gate.set()
    await settle()
    assert sent == ["1", ""]


async def test_who_records_is_told_before_it_begins_and_newcomers_are_too(tasks: TaskOwner) -> None:
    room: Any = FakeRoom()
    presence = Presence(room, tasks)
    await presence.set_recording(True)
    assert room.local_participant.attributes_set == [{"woxly.recording": "1"}]
    await presence.set_recording(False)
    assert room.local_participant.attributes_set[-1] == {"woxly.recording": ""}
    room.local_participant.permissions.can_update_metadata = False
    await presence.set_recording(True)
    presence.greet("ann")
    await settle()
    said = ('{"deafened": false, "recording": true}', "voice.state")
    assert [(text, topic) for text, _, topic in room.local_participant.data_sent] == [said] * 2


async def test_where_nothing_can_be_told_it_is_said(tasks: TaskOwner) -> None:
    room: Any = FakeRoom()
    room.local_participant.permissions.can_update_metadata = False
    room.local_participant.permissions.can_publish_data = False
    presence = Presence(room, tasks)
    with pytest.raises(MediaError, match="token allows neither"):
        await presence.set_recording(True)
    assert room.local_participant.data_sent == []


async def test_an_answer_that_is_lost_is_not_waited_for(tasks: TaskOwner) -> None:
    room: Any = FakeRoom()
    me = room.local_participant

    async def without_answer(attributes: dict[str, str]) -> None:
        await asyncio.sleep(0.01)
        me.attributes = {key: value for key, value in attributes.items() if value}
        await asyncio.Event().wait()

    me.set_attributes = without_answer
    presence = Presence(room, tasks)
    async with asyncio.timeout(0.5):
        await presence.set_recording(True)
        assert me.attributes == {"woxly.recording": "1"}
        await presence.set_recording(False)
        assert me.attributes == {}


async def test_what_was_not_sent_is_said(tasks: TaskOwner) -> None:
    room: Any = FakeRoom()
    room.local_participant.permissions.can_update_metadata = False

    async def refuse(*_: Any, **__: Any) -> None:
        raise PublishDataError("closed")

    room.local_participant.publish_data = refuse
    with pytest.raises(MediaError, match="takes no word"):
        await Presence(room, tasks).set_recording(True)
