"""Every event of the contract's section 2.4 that changes what the lobby shows."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from woxly_tui.lobby.book import Book, Part, Thread
from woxly_tui.lobby.happenings import apply
from woxly_tui.social.model import (
    Friend,
    FriendRequest,
    Person,
    Presence,
    Room,
    RoomMessage,
)
from woxly_tui.types import MessageId, RoomId, RoomKind, Seconds, UserId
from woxly_tui.wire.events import ServerEvent

ME, BOB, EVE = UserId(1), UserId(2), UserId(3)
DM, GROUP = RoomId(5), RoomId(6)
NOW = Seconds(1000.0)

BOBBY, EVELYN = Person(BOB, "bob", "WX2"), Person(EVE, "eve")
OLD = RoomMessage(MessageId(10), DM, BOBBY, "old", Seconds(1.0))

BOOK = Book(
    ME,
    origin="https://woxly.example",
    friends=(Friend(BOBBY),),
    requests=(FriendRequest(77, EVELYN),),
    rooms=(
        Room(GROUP, RoomKind.GROUP, "team", members=(BOBBY, EVELYN)),
        Room(DM, RoomKind.DM, "bob", BOB, (BOBBY,)),
    ),
    threads={DM: Thread(DM, (OLD,))},
)


def after(event: str, payload: Any, book: Book = BOOK) -> Book:
    return apply(book, event, payload, NOW).book


def wire_message(**rest: Any) -> dict[str, Any]:
    return {
        "id": 11,
        "roomId": DM,
        "senderId": BOB,
        "content": "hello",
        "type": "text",
        "createdAt": "2026-11-24T18:25:52.000Z",
        "sender": {"id": BOB, "username": "bob"},
        **rest,
    }


def room_of(book: Book, room_id: RoomId) -> Room:
    room = book.room(room_id)
    assert room is not None
    return room


def test_presence_that_comes_twice_is_the_same() -> None:
    payload = {"userId": BOB, "status": "away"}
    once = after("friend-status-changed", payload)
    assert once.friends[0].presence is Presence.AWAY
    assert after("friend-status-changed", payload, once) == once
    assert after("friend-status-changed", {"userId": BOB, "status": "lunch"}).friends[
        0
    ].presence is (Presence.OFFLINE)


def test_a_new_name_is_everywhere() -> None:
    book = after("friend-profile-updated", {"userId": BOB, "username": "ro\x1b[2Jbert"})
    assert book.friends[0].person.name == room_of(book, DM).name == "ro[2Jbert"
    assert room_of(book, GROUP).members[0].name == "ro[2Jbert"
    assert room_of(book, GROUP).name == "team"


def test_a_request_comes_is_accepted_or_ends() -> None:
    dan = {"id": 4, "username": "dan", "woxlyId": "WX4", "status": "online"}
    book = after("friend-request", {"friendshipId": 80, "from": dan})
    assert [one.person.name for one in book.requests] == ["eve", "dan"]
    assert after("friend-request", {"friendshipId": 80, "from": dan}, book) == book
    book = after("friend-accepted", {"friendshipId": 80, "friend": dan}, book)
    assert book.friends[-1] == Friend(Person(UserId(4), "dan", "WX4"), Presence.ONLINE)
    assert [one.person.name for one in book.requests] == ["eve"]
    book = after("friend-removed", {"userId": 4, "friendshipId": 80}, book)
    assert [one.person.name for one in book.friends] == ["bob"]
    assert after("friend-declined", {"userId": EVE}).requests == ()


def test_a_message_comes_once_and_moves_its_room_to_the_top() -> None:
    applied = apply(BOOK, "new-message", wire_message(), NOW)
    book = applied.book
    assert [one.text for one in book.threads[DM].messages] == ["old", "hello"]
    assert book.rooms[0].room == DM
    assert (book.rooms[0].unread, book.rooms[0].last_text) == (1, "hello")
    assert applied.message is not None
    again = apply(book, "new-message", wire_message(), NOW)
    assert again.book == book
    assert again.message is None


def test_a_message_of_ours_is_not_unread_nor_news() -> None:
    applied = apply(BOOK, "new-message", wire_message(senderId=ME), NOW)
    assert applied.book.rooms[0].unread == 0
    assert applied.message is None


def test_a_message_of_an_unknown_room_makes_the_rooms_stale() -> None:
    applied = apply(BOOK, "new-message", wire_message(roomId=99), NOW)
    assert applied.stale == {Part.ROOMS}
    assert applied.message is not None


def test_edits_reactions_and_ends_of_messages() -> None:
    changed = wire_message(id=10, content="new", reactions=[])
    book = after("message-updated", changed)
    assert (book.threads[DM].messages[0].text, book.threads[DM].messages[0].is_edited) == (
        "new",
        True,
    )
    users = [{"id": BOB, "username": "bob"}]
    payload = {"messageId": 10, "roomId": DM, "reactions": [{"emoji": "👍", "users": users}]}
    book = after("message-reaction", payload, book)
    assert book.threads[DM].messages[0].reactions[0].users == (BOB,)
    applied = apply(book, "message-deleted", {"id": 10, "roomId": DM}, NOW)
    gone = applied.book.threads[DM].messages[0]
    assert (gone.text, gone.is_deleted, gone.reactions) == ("", True, ())
    assert applied.stale == {Part.ROOMS}


def test_read_marks() -> None:
    unread = after("new-message", wire_message())
    mine = {"roomId": DM, "userId": ME, "lastReadAt": "2026-11-24T18:25:53.000Z"}
    assert room_of(after("messages-read", mine, unread), DM).unread == 0
    book = after("messages-read", mine | {"userId": BOB}, unread)
    assert room_of(book, DM).unread == 1
    assert room_of(book, DM).read[0].read_at == pytest.approx(1795544753)


def test_typing_ends_by_word_by_message_and_by_time() -> None:
    payload = {"userId": BOB, "roomId": DM, "isTyping": True}
    book = after("typing", payload)
    assert [one.user for one in book.typists] == [BOB]
    assert after("typing", payload | {"isTyping": False}, book).typists == ()
    assert after("new-message", wire_message(), book).typists == ()
    assert after("typing", payload | {"userId": ME}).typists == ()


def test_who_is_in_a_call_now_and_a_call_that_is_over_makes_history_stale() -> None:
    bob = {"identity": "2", "userId": BOB, "name": "bob", "joinedAt": None}
    payload = {"roomId": GROUP, "isLive": True, "startedAt": None, "participants": [bob, {"x": 1}]}
    book = after("room-live", payload)
    assert [one.name for one in room_of(book, GROUP).live or ()] == ["bob"]
    applied = apply(book, "room-live", payload | {"isLive": False, "participants": []}, NOW)
    assert room_of(applied.book, GROUP).live == ()
    assert applied.stale == {Part.CALLS}


def test_members_come_and_go() -> None:
    assert (
        apply(BOOK, "user-joined-room", {"userId": EVE, "roomId": GROUP}, NOW).stale == frozenset()
    )
    assert apply(BOOK, "user-joined-room", {"userId": 9, "roomId": GROUP}, NOW).stale == {
        Part.ROOMS
    }
    assert apply(BOOK, "user-left-room", {"userId": BOB, "roomId": GROUP}, NOW).stale == {
        Part.ROOMS
    }
    assert apply(BOOK, "user-left-room", {"userId": BOB, "roomId": DM}, NOW).stale == frozenset()


def test_rooms_are_renamed_and_invitations_asked_for() -> None:
    book = after("room-updated", {"roomId": GROUP, "name": "crew", "type": "GROUP", "by": BOB})
    assert room_of(book, GROUP).name == "crew"
    assert apply(BOOK, "room-invitation", {"roomId": 9}, NOW).stale == {Part.ROOMS}


def test_a_missed_call_is_kept_and_unseen() -> None:
    caller = {"id": BOB, "username": "bob", "avatarUrl": None}
    payload = {
        "id": 4,
        "caller": caller,
        "roomId": DM,
        "reason": "timeout",
        "rangAt": "2026-11-24T18:25:52.000Z",
        "seenAt": None,
    }
    book = after("call-missed", payload, after("call-missed", payload))
    assert book.missed_unseen == 1
    assert book.calls[0].outcome == "timeout"


EVENTS = [*ServerEvent, "mic-toggle", ""]
FIELDS = (
    *("userId", "roomId", "id", "status", "friend", "from", "reactions", "senderId"),
    *("participants", "messageId", "friendshipId", "name", "username", "sender", "caller"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(FIELDS),
            inner,
            max_size=6,
        )
    ),
    max_leaves=12,
)


@given(st.sampled_from(EVENTS), JSON)
def test_no_payload_whatever_breaks_the_book(event: str, payload: Any) -> None:
    assert isinstance(apply(BOOK, event, payload, NOW).book, Book)
