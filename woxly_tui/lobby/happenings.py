"""What an event of the server changes in a book. Rings and calls are the ring machine's."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, TypeAlias

from woxly_tui.lobby import reading
from woxly_tui.lobby.book import (
    TYPING_FOR,
    Applied,
    Book,
    Part,
    Thread,
    Typist,
    bounded,
    with_call,
    with_read,
    with_room,
    with_thread,
)
from woxly_tui.lobby.history import missed
from woxly_tui.lobby.rooms import MAX_PRESENT
from woxly_tui.social.model import Friend, FriendRequest, Person, ReadMark, Room, RoomMessage
from woxly_tui.types import MessageId, RoomId, RoomKind, Seconds, UserId
from woxly_tui.wire.events import ServerEvent

MAX_TYPISTS: Final = 50

Change: TypeAlias = Callable[[Book, dict[str, Any], Seconds], Applied]


def apply(book: Book, event: str, payload: Any, now: Seconds) -> Applied:
    """What an event of the server changes. One that is malformed or unknown changes nothing.

    Args:
        book: What is known.
        event: Value of a `wire.events.ServerEvent`.
        payload: As it came: nothing of it is believed.
        now: Monotonic time.
    """
    change = _CHANGES.get(event)
    if change is None or not isinstance(payload, dict):
        return Applied(book)
    return change(book, payload, now)


def _stale(book: Book, *parts: Part) -> Applied:
    return Applied(book, stale=frozenset(parts))


# --- people ------------------------------------------------------------------------------


def _status(book: Book, payload: dict[str, Any], _: Seconds) -> Applied:
    user = reading.number(payload, "userId")
    if user is None or not isinstance(payload.get("status"), str):
        return Applied(book)
    status = reading.presence(payload)
    return Applied(_with_friend(book, user, lambda friend: replace(friend, presence=status)))


def _profile(book: Book, payload: dict[str, Any], _: Seconds) -> Applied:
    user, name = reading.number(payload, "userId"), reading.line(payload, "username")
    if user is None or not name:
        return Applied(book)

    def renamed(person: Person) -> Person:
        return replace(person, name=name) if person.user == user else person

    changed = _with_friend(
        book, user, lambda friend: replace(friend, person=renamed(friend.person))
    )
    rooms = tuple(
        replace(
            room,
            name=name if room.kind is RoomKind.DM and room.peer == user else room.name,
            members=tuple(renamed(one) for one in room.members),
            live=None if room.live is None else tuple(renamed(one) for one in room.live),
        )
        for room in changed.rooms
    )
    return Applied(replace(changed, rooms=rooms))


def _with_friend(book: Book, user: int, change: Callable[[Friend], Friend]) -> Book:
    return replace(
        book,
        friends=tuple(change(one) if one.person.user == user else one for one in book.friends),
    )


def _request(book: Book, payload: dict[str, Any], _: Seconds) -> Applied:
    friendship = reading.number(payload, "friendshipId")
    asker = reading.person(reading.thing(payload, "from"))
    if friendship is None or asker is None:
        return _stale(book, Part.REQUESTS)
    rest = tuple(one for one in book.requests if one.person.user != asker.user)
    return Applied(replace(book, requests=(*rest, FriendRequest(friendship, asker))))


def _accepted(book: Book, payload: dict[str, Any], _: Seconds) -> Applied:
    friend = reading.friend(reading.thing(payload, "friend"))
    if friend is None or friend.person.user == book.me:
        return _stale(book, Part.FRIENDS, Part.REQUESTS)
    others = _without(book, friend.person.user)
    return Applied(replace(others, friends=(*others.friends, friend)))


def _unfriended(book: Book, payload: dict[str, Any], _: Seconds) -> Applied:
    user = reading.number(payload, "userId")
    if user is None:
        return _stale(book, Part.FRIENDS, Part.REQUESTS)
    return Applied(_without(book, user))


def _without(book: Book, user: int) -> Book:
    return replace(
        book,
        friends=tuple(one for one in book.friends if one.person.user != user),
        requests=tuple(one for one in book.requests if one.person.user != user),
    )


# --- rooms -------------------------------------------------------------------------------


def _room_of(book: Book, payload: dict[str, Any]) -> Room | None:
    room_id = reading.number(payload, "roomId")
    return None if room_id is None else book.room(RoomId(room_id))


def _renamed(book: Book, payload: dict[str, Any], _: Seconds) -> Applied:
    room, name = _room_of(book, payload), reading.line(payload, "name")
    if room is None or not name or room.kind is RoomKind.DM:
        return _stale(book, Part.ROOMS)
    return Applied(with_room(book, replace(room, name=name)))


def _live(book: Book, payload: dict[str, Any], _: Seconds) -> Applied:
    room = _room_of(book, payload)
    if room is None:
        return _stale(book, Part.ROOMS)
    found = reading.things(payload, "participants", MAX_PRESENT)
    present = tuple(reading.every(reading.participant, found))
    since = reading.moment(payload, "startedAt") if present else None
    changed = replace(room, live=present, live_since=since)
    is_over = bool(room.live) and not present
    stale = frozenset({Part.CALLS} if is_over else ())
    return Applied(with_room(book, changed), stale=stale)


def _came(book: Book, payload: dict[str, Any], _: Seconds) -> Applied:
    """Somebody follows a room: one of whom that was not known is a new member."""
    room, user = _room_of(book, payload), reading.number(payload, "userId")
    is_known = room is not None and user in (book.me, *(one.user for one in room.members))
    return Applied(book) if is_known else _stale(book, Part.ROOMS)


def _went(book: Book, payload: dict[str, Any], _: Seconds) -> Applied:
    """Somebody follows a room no more, which for a group means that they left it."""
    room = _room_of(book, payload)
    is_member_still = room is not None and room.kind is not RoomKind.GROUP
    return Applied(book) if is_member_still else _stale(book, Part.ROOMS)


# --- messages ----------------------------------------------------------------------------


def _written(book: Book, payload: dict[str, Any], _: Seconds) -> Applied:
    message = reading.message(payload, book.origin)
    if message is None:
        return Applied(book)
    room, thread = book.room(message.room), book.threads.get(message.room)
    is_twice = thread is not None and any(one.message == message.message for one in thread.messages)
    if is_twice:
        return Applied(book)
    changed = replace(
        book,
        typists=tuple(
            one
            for one in book.typists
            if (one.room, one.user) != (message.room, message.sender.user)
        ),
    )
    if thread is not None:
        ordered = sorted((*thread.messages, message), key=lambda one: one.message)
        changed = with_thread(changed, bounded(replace(thread, messages=tuple(ordered))))
    is_ours = message.sender.user == book.me
    news = None if is_ours else message
    if room is None:
        return Applied(changed, stale=frozenset({Part.ROOMS}), message=news)
    text = reading.line({"text": message.text}, "text") or (
        message.attachment.name if message.attachment is not None else ""
    )
    unread = 0 if is_ours else room.unread + 1
    grown = replace(room, unread=unread, last_text=text, last_at=message.sent_at)
    return Applied(with_room(changed, grown, is_first=True), message=news)


def _edited(book: Book, payload: dict[str, Any], _: Seconds) -> Applied:
    message = reading.message(payload, book.origin)
    if message is None:
        return Applied(book)
    return Applied(
        _with_message(book, message.room, message.message, lambda known: _newer(known, message))
    )


def _newer(known: RoomMessage, news: RoomMessage) -> RoomMessage:
    """Some servers leave out the reactions, and what a message answers, where it was edited."""
    return replace(
        news,
        reactions=news.reactions or known.reactions,
        reply_to=news.reply_to or known.reply_to,
        reply_text=news.reply_text or known.reply_text,
        is_edited=not news.is_deleted,
    )


def _deleted(book: Book, payload: dict[str, Any], _: Seconds) -> Applied:
    room_id, message_id = reading.number(payload, "roomId"), reading.number(payload, "id")
    if room_id is None or message_id is None:
        return Applied(book)
    gone = _with_message(
        book,
        RoomId(room_id),
        MessageId(message_id),
        lambda known: replace(known, text="", attachment=None, reactions=(), is_deleted=True),
    )
    return _stale(gone, Part.ROOMS)  # it may have been the last one, or unread


def _reacted(book: Book, payload: dict[str, Any], _: Seconds) -> Applied:
    room_id, message_id = reading.number(payload, "roomId"), reading.number(payload, "messageId")
    if room_id is None or message_id is None or not isinstance(payload.get("reactions"), list):
        return Applied(book)
    found = reading.reactions(payload)
    return Applied(
        _with_message(
            book,
            RoomId(room_id),
            MessageId(message_id),
            lambda known: replace(known, reactions=found),
        )
    )


def _with_message(
    book: Book, room_id: RoomId, message: MessageId, change: Callable[[RoomMessage], RoomMessage]
) -> Book:
    thread = book.threads.get(room_id)
    if thread is None:
        return book
    messages = tuple(change(one) if one.message == message else one for one in thread.messages)
    return with_thread(book, Thread(room_id, messages, thread.has_older))


def _read(book: Book, payload: dict[str, Any], _: Seconds) -> Applied:
    room, user_id = _room_of(book, payload), reading.number(payload, "userId")
    if room is None or user_id is None:
        return Applied(book)
    if user_id == book.me:
        return Applied(with_read(book, room.room))
    read_at = reading.moment(payload, "lastReadAt")
    if read_at is None:
        return Applied(book)
    rest = tuple(mark for mark in room.read if mark.user != user_id)
    marks = (*rest, ReadMark(UserId(user_id), read_at))[-reading.MAX_MEMBERS :]
    return Applied(with_room(book, replace(room, read=marks)))


def _typing(book: Book, payload: dict[str, Any], now: Seconds) -> Applied:
    room_id, user_id = reading.number(payload, "roomId"), reading.number(payload, "userId")
    if room_id is None or user_id is None or user_id == book.me:
        return Applied(book)
    rest = tuple(
        one
        for one in book.typists
        if (one.room, one.user) != (room_id, user_id) and one.until > now
    )
    if payload.get("isTyping") is True:
        typist = Typist(RoomId(room_id), UserId(user_id), Seconds(now + TYPING_FOR))
        rest = (*rest, typist)[-MAX_TYPISTS:]
    return Applied(replace(book, typists=rest))


# --- calls -------------------------------------------------------------------------------


def _missed(book: Book, payload: dict[str, Any], _: Seconds) -> Applied:
    call = missed(payload)
    if call is None:
        return _stale(book, Part.CALLS)
    return Applied(with_call(book, call))


def _rooms_changed(book: Book, _payload: dict[str, Any], _: Seconds) -> Applied:
    return _stale(book, Part.ROOMS)


_CHANGES: Final[Mapping[str, Change]] = {
    ServerEvent.FRIEND_STATUS_CHANGED: _status,
    ServerEvent.FRIEND_PROFILE_UPDATED: _profile,
    ServerEvent.FRIEND_REQUEST: _request,
    ServerEvent.FRIEND_ACCEPTED: _accepted,
    ServerEvent.FRIEND_DECLINED: _unfriended,
    ServerEvent.FRIEND_REMOVED: _unfriended,
    ServerEvent.ROOM_INVITATION: _rooms_changed,
    ServerEvent.ROOM_UPDATED: _renamed,
    ServerEvent.ROOM_LIVE: _live,
    ServerEvent.USER_JOINED_ROOM: _came,
    ServerEvent.USER_LEFT_ROOM: _went,
    ServerEvent.NEW_MESSAGE: _written,
    ServerEvent.MESSAGE_UPDATED: _edited,
    ServerEvent.MESSAGE_DELETED: _deleted,
    ServerEvent.MESSAGE_REACTION: _reacted,
    ServerEvent.MESSAGES_READ: _read,
    ServerEvent.TYPING: _typing,
    ServerEvent.CALL_MISSED: _missed,
}

_OF_FRIENDS: Final = frozenset(
    {
        ServerEvent.FRIEND_STATUS_CHANGED,
        ServerEvent.FRIEND_PROFILE_UPDATED,
        ServerEvent.FRIEND_REQUEST,
        ServerEvent.FRIEND_ACCEPTED,
        ServerEvent.FRIEND_DECLINED,
        ServerEvent.FRIEND_REMOVED,
    }
)
_OF_ROOMS: Final = frozenset(
    {ServerEvent.ROOM_INVITATION, ServerEvent.ROOM_UPDATED, ServerEvent.ROOM_LIVE}
)


def told_by(event: str) -> frozenset[Part]:
    """Which lists an event is about, of those that come seldom; messages are not among them."""
    if event in _OF_FRIENDS:
        return frozenset({Part.FRIENDS, Part.REQUESTS})
    return frozenset({Part.ROOMS}) if event in _OF_ROOMS else frozenset()
