"""The chat beside the call: who gets what, when a reply is ok, what is kept."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from tests.unit.engine.fakes import Bench
from woxly_tui._lib.aio import TaskOwner
from woxly_tui.call.snapshot import ChatMessage, Notice, Snapshot
from woxly_tui.control import messages as control
from woxly_tui.control.mailbox import MAX_CHAT, Mailbox
from woxly_tui.engine import chat as chat_module
from woxly_tui.engine.chat import MAX_HISTORY_BYTES, MAX_UNCONFIRMED
from woxly_tui.media import messages as media
from woxly_tui.social.model import Attachment, Person, RoomMessage
from woxly_tui.types import Identity, MessageId, RoomId, RoomName, Seconds, UserId


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    bench = Bench()
    await bench.join()
    await settle()
    yield bench
    await bench.engine.aclose()


class Reader:
    """A front end that keeps all it is told of the chat."""

    def __init__(self, bench: Bench) -> None:
        self.mailbox = Mailbox()
        bench.engine.attach(self.mailbox, wants_levels=False)

    @property
    def updates(self) -> list[object]:
        return list(self.mailbox._take())

    @property
    def chat(self) -> list[ChatMessage]:
        return [update for update in self.updates if isinstance(update, ChatMessage)]


def hear(bench: Bench, text: str, name: str = "Ann", files: int = 0) -> None:
    identity = Identity(name.lower())
    bench.link.on_event(media.ChatReceived(bench.session(), identity, name, text, files))


async def say(bench: Bench, text: str) -> control.Reply:
    return await bench.engine.handle(control.SendChat(text))


def saying(bench: Bench) -> "asyncio.Task[control.Reply]":
    """A front end that asks, and waits for its reply."""
    return TaskOwner("front end").start(say(bench, "hello"), name="say")


async def test_what_others_say_reaches_every_front_end(bench: Bench) -> None:
    one, two = Reader(bench), Reader(bench)
    hear(bench, "good morning")
    (message,) = one.chat
    assert two.chat == [message]
    assert (message.number, message.name, message.text) == (1, "Ann", "good morning")
    assert not message.is_local
    assert message.sent_at > 1e9


async def test_ours_is_shown_once_the_worker_has_sent_it(bench: Bench) -> None:
    bench.link.is_deaf_to = (media.SendChat,)
    reader = Reader(bench)
    asking = saying(bench)
    await settle()
    assert not asking.done()
    assert reader.chat == []
    (sent,) = [c for c in bench.link.heard if isinstance(c, media.SendChat)]
    bench.link.on_event(media.ChatSent(sent.request))
    assert (await asking).ok
    (message,) = reader.chat
    assert (message.text, message.identity, message.name) == ("hello", "me", "Me")
    assert message.is_local


async def test_what_is_sent_is_clean(bench: Bench) -> None:
    reader = Reader(bench)
    assert (await say(bench, "\x1b[31merror\x1b[0m:\tx\r\n\r\n")).ok
    assert [message.text for message in reader.chat] == ["error:    x"]


async def test_history_follows_the_snapshot_of_who_comes_later(bench: Bench) -> None:
    hear(bench, "one")
    await say(bench, "two")
    late = Reader(bench)
    updates = late.updates
    assert [u.text for u in updates if isinstance(u, ChatMessage)] == ["one", "two"]
    assert isinstance(updates[0], Snapshot)


async def test_history_is_bounded_in_number_and_bytes(bench: Bench) -> None:
    for number in range(MAX_CHAT + 5):
        hear(bench, f"{number}")
    kept = Reader(bench).chat
    assert [message.number for message in kept] == list(range(6, MAX_CHAT + 6))
    for _ in range(60):
        hear(bench, "漢" * 5000)
    kept = Reader(bench).chat
    assert sum(len(message.text.encode()) for message in kept) <= MAX_HISTORY_BYTES
    assert len(kept) > 30


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (" \n\x07", "nothing to send"),
        ("x" * (control.MAX_CHAT_BYTES + 1), f"too long ({control.MAX_CHAT_BYTES + 1} bytes"),
        ("漢" * 5462, "too long (16386 bytes"),
        ("a\n" * 2000, "2000 lines"),
    ],
)
async def test_what_cannot_be_a_message_is_refused(bench: Bench, text: str, words: str) -> None:
    reply = await say(bench, text)
    assert not reply.ok
    assert words in reply.error
    assert reply.remedy
    assert not [c for c in bench.link.heard if isinstance(c, media.SendChat)]


async def test_the_longest_message_goes_out_whole(bench: Bench) -> None:
    reader = Reader(bench)
    text = "x" * control.MAX_CHAT_BYTES
    assert (await say(bench, text)).ok
    assert [message.text for message in reader.chat] == [text]


async def test_what_guests_did_not_get_is_told_and_shown_once(bench: Bench) -> None:
    bench.link.is_deaf_to = (media.SendChat,)
    reader = Reader(bench)
    me = Person(UserId(1), "me")
    message = RoomMessage(MessageId(7), RoomId(3), me, "hello", Seconds(1.0))
    file = Attachment("notes.txt", 10, "http://one.example/x")
    chat = bench.engine._chat
    chat.show(message, is_local=True)
    chat.pass_on(message)
    chat.pass_on(replace(message, text="", attachment=file))
    one, two = (c for c in bench.link.heard if isinstance(c, media.SendChat))
    assert (one.text, two.text) == ("hello", "(a file: notes.txt)")
    bench.link.on_event(media.ChatSent(one.request))
    bench.link.on_event(media.ChatFailed(two.request, media.ChatFailure.NOT_ALLOWED))
    updates = reader.updates
    assert [u.text for u in updates if isinstance(u, ChatMessage)] == ["hello"]
    (notice,) = (u for u in updates if isinstance(u, Notice))
    assert notice.text.startswith("Guests in this call did not get what you wrote")


async def test_without_a_call_nothing_is_sent(bench: Bench) -> None:
    await bench.engine.handle(control.Leave())
    reply = await say(bench, "hello")
    assert not reply.ok
    assert reply.error == "You are not in a call"
    assert "woxly join" in reply.remedy


async def test_while_reconnecting_nothing_is_sent(bench: Bench) -> None:
    bench.link.on_event(media.Reconnecting(bench.session()))
    reply = await say(bench, "hello")
    assert not reply.ok
    assert "no connection" in reply.error


async def test_a_token_that_does_not_allow_it_is_named(bench: Bench) -> None:
    bench.link.is_deaf_to = (media.SendChat,)
    asking = saying(bench)
    await settle()
    bench.link.on_event(media.ChatFailed(1, media.ChatFailure.NOT_ALLOWED))
    reply = await asking
    assert not reply.ok
    assert "may not write" in reply.error
    assert "canPublishData" in reply.remedy
    assert Reader(bench).chat == []


async def test_a_lost_worker_fails_what_it_had_not_confirmed(bench: Bench) -> None:
    bench.link.is_deaf_to = (media.SendChat,)
    asking = saying(bench)
    await settle()
    bench.link.on_lost("killed")
    reply = await asking
    assert not reply.ok
    assert "may not have been sent" in reply.error


async def test_leaving_answers_whoever_still_waits(bench: Bench) -> None:
    bench.link.is_deaf_to = (media.SendChat,)
    asking = saying(bench)
    await settle()
    await bench.engine.handle(control.Leave())
    assert not (await asyncio.wait_for(asking, 1)).ok


async def test_front_ends_that_went_away_do_not_stop_the_chat(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_module, "CONFIRM_LIMIT_S", 0.01)
    bench.link.is_deaf_to = (media.SendChat,)
    asking = [saying(bench) for _ in range(MAX_UNCONFIRMED)]
    await settle()
    for one in asking:
        one.cancel()
    await asyncio.wait(asking)
    assert "may not have been sent" in (await say(bench, "still here")).error


async def test_a_worker_that_answers_late_is_believed_late(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_module, "CONFIRM_LIMIT_S", 0.01)
    bench.link.is_deaf_to = (media.SendChat,)
    reply = await say(bench, "hello")
    assert not reply.ok
    assert "may not have been sent" in reply.error
    bench.link.on_event(media.ChatSent(1))
    assert [message.text for message in Reader(bench).chat] == ["hello"]


async def test_unanswered_messages_do_not_pile_up(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.link.is_deaf_to = (media.SendChat,)
    asking = [saying(bench) for _ in range(MAX_UNCONFIRMED)]
    await settle()
    assert "not sent yet" in (await say(bench, "one more")).error
    bench.link.on_lost("killed")
    await asyncio.gather(*asking)
    monkeypatch.setattr(chat_module, "CONFIRM_LIMIT_S", 0.001)
    await settle()
    bench.link.is_deaf_to = (media.SendChat,)
    for _ in range(MAX_UNCONFIRMED * 2):
        assert "may not have been sent" in (await say(bench, "into the void")).error


async def test_a_rejoin_keeps_the_chat_and_leaving_ends_it(bench: Bench) -> None:
    hear(bench, "before")
    bench.link.on_event(
        media.Disconnected(bench.session(), media.DisconnectCause.PARTICIPANT_REMOVED)
    )
    await settle()
    await bench.engine.handle(control.Rejoin())
    await settle()
    assert [message.text for message in Reader(bench).chat] == ["before"]
    await bench.engine.handle(control.Leave())
    assert Reader(bench).chat == []
    await bench.engine.handle(control.Rejoin())
    await settle()
    hear(bench, "after")
    assert [(m.number, m.text) for m in Reader(bench).chat] == [(2, "after")]


async def test_another_room_has_another_chat(bench: Bench) -> None:
    hear(bench, "between us")
    session = bench.session()
    bench.link.on_event(media.Connected(session, RoomName("other"), Identity("me"), "Me"))
    assert Reader(bench).chat == []


async def test_files_are_mentioned(bench: Bench) -> None:
    hear(bench, "look", files=2)
    hear(bench, "", files=1)
    texts = [message.text for message in Reader(bench).chat]
    assert texts == [
        "look\n(with 2 files, which woxly cannot show)",
        "(with a file, which woxly cannot show)",
    ]


async def test_a_flood_is_a_notice(bench: Bench) -> None:
    reader = Reader(bench)
    bench.link.on_event(media.ChatFlooded(bench.session(), Identity("ann"), "Ann"))
    (notice,) = [update for update in reader.updates if isinstance(update, Notice)]
    assert notice.text.startswith("Ann writes more than woxly takes")
