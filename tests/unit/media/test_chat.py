"""The chat of a room: what is taken of others, what is not, and what becomes of ours."""

import asyncio
import json
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from livekit.rtc.data_stream import StreamError

from tests.unit.media.fakes import FakeReader, FakeRemote, FakeRoom
from woxly_tui._lib.text import MAX_TEXT_BYTES
from woxly_tui.media import chat as chat_module
from woxly_tui.media.chat import (
    BURST,
    LEGACY_TOPIC,
    MAX_READERS,
    MAX_READERS_EACH,
    MAX_SENDERS,
    UNREADABLE,
    Chat,
)
from woxly_tui.media.messages import (
    ChatFailed,
    ChatFailure,
    ChatFlooded,
    ChatReceived,
    ChatSent,
    WorkerEvent,
)
from woxly_tui.types import Identity


class Rig:
    """A chat in a room without LiveKit."""

    def __init__(self) -> None:
        self.room = FakeRoom()
        self.room.is_up = True
        self.room.remote_participants = {"ann": FakeRemote("ann"), "bob": FakeRemote("bob")}
        self.said: list[WorkerEvent] = []
        self.now = 0.0
        room: Any = self.room
        self.spoke = asyncio.Event()
        self.chat = Chat(7, room, self._hear, lambda: self.now)
        self.chat.listen()

    def _hear(self, event: WorkerEvent) -> None:
        self.said.append(event)
        self.spoke.set()

    async def stream(self, reader: FakeReader, identity: str = "ann") -> FakeReader:
        """Somebody opens a text stream; returns once what can be read is read."""
        self.room.text_handlers["lk.chat"](reader, identity)
        await self.settle()
        return reader

    async def settle(self) -> None:
        for _ in range(10):
            await asyncio.sleep(0)

    def packet(self, data: bytes, topic: str = LEGACY_TOPIC) -> None:
        sender = self.room.remote_participants["ann"]
        packet: Any = SimpleNamespace(data=data, topic=topic, participant=sender)
        self.chat.on_packet(packet)

    @property
    def texts(self) -> list[str]:
        return [event.text for event in self.said if isinstance(event, ChatReceived)]


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    rig = Rig()
    yield rig
    await rig.chat.aclose()


async def test_a_stream_is_one_message_with_the_name_of_its_sender(rig: Rig) -> None:
    reader = await rig.stream(FakeReader("good ", "morning\r\nall"))
    assert rig.said == [ChatReceived(7, Identity("ann"), "Ann", "good morning\nall")]
    assert reader.closes


async def test_escapes_and_overrides_never_leave_the_worker(rig: Rig) -> None:
    await rig.stream(FakeReader("\x1b[31mred\x1b[0m \u202etxt\x07 [b]x[/b]"))
    assert rig.texts == ["red txt [b]x[/b]"]


async def test_a_message_of_nothing_visible_is_none(rig: Rig) -> None:
    await rig.stream(FakeReader("\u200b \n\t\x07"))
    await rig.stream(FakeReader())
    assert rig.said == []


async def test_a_long_stream_is_cut_and_read_no_further(rig: Rig) -> None:
    reader = await rig.stream(FakeReader("x" * 10_000, "y" * 10_000, is_open=True))
    (text,) = rig.texts
    assert len(text.encode()) == MAX_TEXT_BYTES
    assert text.endswith("y…")
    assert reader.closes


async def test_a_stream_without_end_is_taken_as_it_is(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_module, "READ_LIMIT_S", 0.01)
    reader = await rig.stream(FakeReader("half a sen", is_open=True))
    await rig.spoke.wait()
    assert rig.texts == ["half a sen…"]
    assert reader.closes


async def test_what_breaks_off_is_shown_as_far_as_it_came(rig: Rig) -> None:
    for chunks in (("so f",), ()):
        reader = FakeReader(*chunks, is_open=True)
        reader.fail(StreamError("invalid utf-8"))
        await rig.stream(reader)
    assert rig.texts == ["so f…", UNREADABLE]


async def test_files_are_counted_not_taken(rig: Rig) -> None:
    await rig.stream(FakeReader("look", files=2))
    await rig.stream(FakeReader(files=1))
    assert [e.files for e in rig.said if isinstance(e, ChatReceived)] == [2, 1]
    byte_reader = FakeReader()
    rig.room.byte_handlers["lk.chat"](byte_reader, "ann")
    assert byte_reader.closes == 1


async def test_transcriptions_are_not_chat(rig: Rig) -> None:
    reader = FakeReader("what I heard")
    rig.room.text_handlers["lk.transcription"](reader, "ann")
    await rig.settle()
    assert rig.said == []
    assert reader.closes == 1


async def test_open_streams_are_limited_for_each_and_for_all(rig: Rig) -> None:
    mine = [await rig.stream(FakeReader(is_open=True)) for _ in range(MAX_READERS_EACH)]
    rig.now += 1  # the rate allows another
    mine.append(await rig.stream(FakeReader(is_open=True)))
    assert [reader.closes for reader in mine] == [0] * MAX_READERS_EACH + [1]
    assert rig.said == [ChatFlooded(7, Identity("ann"), "Ann")]
    others = [await rig.stream(FakeReader(is_open=True), f"p{n}") for n in range(MAX_READERS)]
    assert sum(reader.closes for reader in others) == MAX_READERS_EACH
    await rig.chat.aclose()
    assert all(reader.closes == 1 for reader in [*mine, *others])


async def test_an_ended_stream_makes_room_for_another(rig: Rig) -> None:
    for _ in range(MAX_READERS_EACH * 2):
        rig.now += 1
        await rig.stream(FakeReader("hi"))
    assert len(rig.texts) == MAX_READERS_EACH * 2


async def test_a_flood_is_stemmed_and_told_once(rig: Rig) -> None:
    for _ in range(BURST * 3):
        await rig.stream(FakeReader("spam"))
    assert len(rig.texts) == BURST
    flooded = [event for event in rig.said if isinstance(event, ChatFlooded)]
    assert flooded == [ChatFlooded(7, Identity("ann"), "Ann")]
    await rig.stream(FakeReader("still heard"), "bob")
    rig.now += 1
    await rig.stream(FakeReader("calm again"))
    assert rig.texts[-2:] == ["still heard", "calm again"]


async def test_rates_are_remembered_of_so_many_only(rig: Rig) -> None:
    for number in range(MAX_SENDERS * 2):
        await rig.stream(FakeReader("hi"), f"p{number}")
    assert len(rig.chat._allowances) == MAX_SENDERS


async def test_somebody_gone_is_named_by_identity(rig: Rig) -> None:
    await rig.stream(FakeReader("bye"), "\x1b[1mzoe")
    (event,) = rig.said
    assert isinstance(event, ChatReceived)
    assert "\x1b" not in event.name


async def test_older_components_are_understood(rig: Rig) -> None:
    message = {"id": "1", "timestamp": 5, "message": "from the past"}
    rig.packet(json.dumps(message).encode())
    assert rig.texts == ["from the past"]


@pytest.mark.parametrize(
    "data",
    [
        json.dumps({"message": "twice", "ignoreLegacy": True}).encode(),
        b"\xff\xfe",
        b"[]",
        b"{",
        b'{"message": 5}',
        b"[" * 100_000,
        b" " * (chat_module.MAX_STREAM_BYTES + 1),
    ],
    ids=["sent as a stream too", "bytes", "list", "half", "number", "deep", "long"],
)
async def test_other_packets_are_no_messages(rig: Rig, data: bytes) -> None:
    rig.packet(data)
    assert rig.said == []


async def test_packets_of_other_topics_are_no_messages(rig: Rig) -> None:
    rig.packet(json.dumps({"message": "hi"}).encode(), "voice.state")
    assert rig.said == []


async def test_ours_is_sent_as_a_text_stream_and_confirmed(rig: Rig) -> None:
    rig.chat.send(3, "hello")
    await rig.settle()
    assert rig.room.local_participant.said == [("lk.chat", "hello")]
    assert rig.said == [ChatSent(3)]


async def test_what_cannot_be_sent_is_told(rig: Rig) -> None:
    rig.room.local_participant.text_error = "channel closed"
    rig.chat.send(1, "hello")
    await rig.settle()
    rig.room.local_participant.permissions.can_publish_data = False
    rig.chat.send(2, "hello")
    rig.room.is_up = False
    rig.chat.send(3, "hello")
    assert rig.said == [
        ChatFailed(1, ChatFailure.OTHER, "channel closed"),
        ChatFailed(2, ChatFailure.NOT_ALLOWED),
        ChatFailed(3, ChatFailure.NOT_CONNECTED),
    ]
    assert rig.room.local_participant.said == []
