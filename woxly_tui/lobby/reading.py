"""What a server tells of people, rooms, calls and messages, made into clean plain data.

Nothing is believed: what lacks its id is passed over (None), what has the wrong type counts as
missing, and texts are cleaned and cut.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Final, TypeVar
from urllib.parse import quote, urljoin, urlsplit

from woxly_tui._lib.text import clean_name, clean_text
from woxly_tui.social.model import (
    Attachment,
    Friend,
    FriendRequest,
    MessageKind,
    Person,
    Presence,
    Reaction,
    ReadMark,
    Room,
    RoomMessage,
)
from woxly_tui.types import MessageId, RoomId, RoomKind, Seconds, UserId
from woxly_tui.wire.words import MAX_ID, MemberStatus

T = TypeVar("T")

MAX_MEMBERS: Final = 500
MAX_REACTIONS: Final = 50
"""Kinds of emoji on one message, and people of each."""

MAX_URL_CHARS: Final = 2000
MAX_EMOJI_CHARS: Final = 16

_EPOCH: Final = Seconds(0.0)


def number(raw: Any, key: str) -> int | None:
    """An id, as the contract has it; None where it is none."""
    value = raw.get(key) if isinstance(raw, dict) else None
    return value if type(value) is int and 0 < value <= MAX_ID else None


def line(raw: Any, key: str, fallback: str = "") -> str:
    """One clean line."""
    value = raw.get(key) if isinstance(raw, dict) else None
    return clean_name(value, fallback) if isinstance(value, str) else fallback


def count(raw: Any, key: str) -> int | None:
    """A number that is not negative; None where it is none."""
    value = raw.get(key) if isinstance(raw, dict) else None
    return value if type(value) is int and value >= 0 else None


def moment(raw: Any, key: str) -> Seconds | None:
    """An ISO-8601 time as wall-clock seconds; None where it is none."""
    value = raw.get(key) if isinstance(raw, dict) else None
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        found = datetime.fromisoformat(value)
        # The contract's times are UTC, and end in Z; one without a zone is taken for that.
        return Seconds((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return None


def things(raw: Any, key: str, limit: int) -> list[dict[str, Any]]:
    """The objects of a list; none where there is no list."""
    value = raw.get(key) if isinstance(raw, dict) else None
    return (
        [one for one in value[:limit] if isinstance(one, dict)] if isinstance(value, list) else []
    )


def thing(raw: Any, key: str) -> dict[str, Any]:
    """An object; an empty one where there is none."""
    value = raw.get(key) if isinstance(raw, dict) else None
    return value if isinstance(value, dict) else {}


def every(read: Callable[[dict[str, Any]], T | None], found: Iterable[dict[str, Any]]) -> list[T]:
    """Whatever of a list can be read."""
    return [one for raw in found if (one := read(raw)) is not None]


def presence(raw: Any) -> Presence:
    """A status as the wire has it; one that is none counts as offline."""
    value = raw.get("status") if isinstance(raw, dict) else None
    known = (Presence.ONLINE, Presence.AWAY, Presence.BUSY)
    return next((one for one in known if one.value == value), Presence.OFFLINE)


def person(raw: dict[str, Any]) -> Person | None:
    """A user."""
    user = number(raw, "id")
    return None if user is None else _named(user, raw)


def _named(user: int, raw: dict[str, Any]) -> Person:
    return Person(UserId(user), line(raw, "username", f"user {user}"), line(raw, "woxlyId"))


def friend(raw: dict[str, Any]) -> Friend | None:
    """A friend, as GET /friends lists them."""
    found = person(raw)
    return None if found is None else Friend(found, presence(raw), line(raw, "note"))


def request(raw: dict[str, Any]) -> FriendRequest | None:
    """A request, as GET /friends/requests lists them."""
    friendship, found = number(raw, "id"), person(thing(raw, "user"))
    return None if friendship is None or found is None else FriendRequest(friendship, found)


def _belongs(raw: dict[str, Any], *, is_dm: bool) -> bool:
    """Whether somebody is a member still; of a DM that was left and entered again, the time at
    which it was left stays on the public server."""
    is_there = raw.get("status") in (MemberStatus.ACCEPTED, MemberStatus.PENDING)
    return is_there and (is_dm or raw.get("leftAt") is None)


def _member(raw: dict[str, Any]) -> Person | None:
    user = number(raw, "userId") or number(thing(raw, "user"), "id")
    return None if user is None else _named(user, thing(raw, "user"))


def _read_mark(raw: dict[str, Any]) -> ReadMark | None:
    user, read_at = number(raw, "userId"), moment(raw, "lastReadAt")
    return None if user is None or read_at is None else ReadMark(UserId(user), read_at)


def room(raw: dict[str, Any], me: UserId) -> Room | None:
    """A room, as GET /rooms lists them; None where we left it."""
    room_id, kind = number(raw, "id"), raw.get("type")
    if room_id is None or kind not in tuple(RoomKind):
        return None
    is_dm = kind == RoomKind.DM
    rows = things(raw, "members", MAX_MEMBERS)
    staying = [one for one in rows if _belongs(one, is_dm=is_dm)]
    own = next((one for one in staying if number(one, "userId") == me), None)
    if own is None:
        return None
    others = [one for one in every(_member, staying) if one.user != me]
    # A DM goes on being shown under the other's name when they left it.
    known = [one for one in every(_member, rows) if one.user != me] if is_dm else others
    names = ", ".join(one.name for one in known[:8])
    last = thing(raw, "lastMessage")
    return Room(
        room=RoomId(room_id),
        kind=RoomKind(kind),
        name=clean_name("" if is_dm else line(raw, "name"), clean_name(names, "empty")),
        peer=known[0].user if is_dm and known else None,
        members=tuple(others),
        unread=count(raw, "unreadCount") or 0,
        last_text=line(last, "content"),
        last_at=moment(last, "createdAt"),
        live=None,
        is_invited=own.get("status") == MemberStatus.PENDING,
        read=tuple(mark for mark in every(_read_mark, staying) if mark.user != me),
    )


def participant(raw: dict[str, Any]) -> Person | None:
    """Somebody in a call; the user id of a guest is 0."""
    user = number(raw, "userId")
    if user is None and not isinstance(raw.get("identity"), str):
        return None
    return Person(UserId(user or 0), line(raw, "name", "?"))


def reactions(raw: Any, key: str = "reactions") -> tuple[Reaction, ...]:
    """Who reacted with what."""
    found = []
    for one in things(raw, key, MAX_REACTIONS):
        emoji = line(one, "emoji")
        users = [number(user, "id") for user in things(one, "users", MAX_REACTIONS)]
        if emoji and len(emoji) <= MAX_EMOJI_CHARS:
            found.append(Reaction(emoji, tuple(UserId(user) for user in users if user is not None)))
    return tuple(found)


def message(raw: Any, origin: str) -> RoomMessage | None:
    """A message, as REST and `new-message` have it.

    Args:
        raw: The JSON of it.
        origin: Of the server: what addresses of files are relative to.
    """
    number_, room_id, sender = number(raw, "id"), number(raw, "roomId"), number(raw, "senderId")
    if number_ is None or room_id is None or sender is None:
        return None
    kind, content = raw.get("type"), raw.get("content")
    is_deleted = raw.get("deletedAt") is not None
    answered = thing(raw, "replyTo")
    reply_to = number(raw, "replyToId") or number(answered, "id")
    return RoomMessage(
        message=MessageId(number_),
        room=RoomId(room_id),
        sender=_named(sender, thing(raw, "sender")),
        text=clean_text(content) if isinstance(content, str) and not is_deleted else "",
        sent_at=moment(raw, "createdAt") or _EPOCH,
        kind=MessageKind(kind) if kind in tuple(MessageKind) else MessageKind.TEXT,
        reply_to=None if reply_to is None else MessageId(reply_to),
        reply_text=_quoted(answered),
        reactions=() if is_deleted else reactions(raw),
        is_edited=raw.get("isEdited") is True,
        is_deleted=is_deleted,
        attachment=None if is_deleted else _attachment(raw, origin),
    )


def _quoted(answered: dict[str, Any]) -> str:
    said = line(answered, "content")
    name = line(thing(answered, "sender"), "username")
    return f"{name}: {said}" if name and said else said


def _attachment(raw: dict[str, Any], origin: str) -> Attachment | None:
    url = raw.get("fileUrl")
    if not isinstance(url, str) or not url:
        return None
    return Attachment(
        name=line(raw, "fileName", "a file"),
        size_bytes=count(raw, "fileSize") or 0,
        url=_absolute(url, origin),
        seconds=count(raw, "duration"),
    )


def _absolute(url: str, origin: str) -> str:
    try:
        found = urljoin(f"{origin}/", url[:MAX_URL_CHARS].strip())
        parts = urlsplit(found)
        is_web = parts.scheme in ("http", "https") and parts.hostname and not parts.username
    except ValueError:
        return ""
    # Percent-encoding leaves nothing in it that a terminal could take for a command.
    return quote(found, safe="!#$%&'()*+,/:;=?@[]~-._") if is_web else ""
