"""What one account knows of its server: a value, and what each event of the server changes in it.

    REST answers ──► people.py, rooms.py, messages.py, history.py ──► Book
    Socket.IO    ──► apply(book, event, payload) ──► Applied(book, what to ask for again)

Pure: no clock but the one passed in, no network, no file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from woxly_tui.social import (
    CallRecord,
    Friend,
    FriendRequest,
    Message,
    Presence,
    Room,
    Thread,
    Typist,
)
from woxly_tui.types import RoomId, Seconds, UserId

MAX_THREAD: Final = 500
"""Messages of one room kept in memory; older ones are asked for again."""

MAX_CALLS: Final = 200

TYPING_FOR: Final = Seconds(6.0)
"""How long somebody is said to be writing when nothing more is heard."""


class Part(StrEnum):
    """A part of the book that must be asked for again over REST."""

    FRIENDS = "friends"
    REQUESTS = "requests"
    ROOMS = "rooms"
    CALLS = "calls"


@dataclass(frozen=True, slots=True)
class Book:
    """All that is known. Bounded by what the server may list (`people.MAX_LISTED`)."""

    me: UserId
    presence: Presence = Presence.ONLINE
    """Our own."""
    friends: tuple[Friend, ...] = ()
    requests: tuple[FriendRequest, ...] = ()
    rooms: tuple[Room, ...] = ()
    """Newest message first, as the server lists them."""
    calls: tuple[CallRecord, ...] = ()
    """Newest first."""
    threads: Mapping[RoomId, Thread] = field(default_factory=dict)
    """Of the rooms that were opened."""
    typists: tuple[Typist, ...] = ()
    as_of: Seconds | None = None
    """Wall-clock time of what came from the cache; None once the server answered."""

    @property
    def missed_unseen(self) -> int:
        """Missed calls that were not looked at."""
        return sum(call.is_missed and not call.is_seen for call in self.calls)

    def friend(self, user_id: UserId) -> Friend | None:
        """Somebody by id."""
        return next((one for one in self.friends if one.user_id == user_id), None)

    def room(self, room_id: RoomId) -> Room | None:
        """A room by id."""
        return next((one for one in self.rooms if one.room_id == room_id), None)

    def name_of(self, user_id: UserId) -> str:
        """What somebody is called, wherever that is known; else their number."""
        if (friend := self.friend(user_id)) is not None:
            return friend.name
        members = (one for room in self.rooms for one in room.members if one.user_id == user_id)
        found = next(members, None)
        return found.name if found is not None else f"user {user_id}"


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of an event."""

    book: Book
    stale: frozenset[Part] = frozenset()
    """What the event says too little of."""
    stale_thread: RoomId | None = None
    """A room whose messages must be asked for again."""
    message: Message | None = None
    """A message that just came from somebody else."""


def apply(book: Book, event: str, payload: Any, now: Seconds) -> Applied:
    """What an event of the server changes. One that is malformed or unknown changes nothing.

    Args:
        book: What is known.
        event: Value of a `wire.events.ServerEvent`.
        payload: As it came: nothing of it is believed.
        now: Monotonic time.
    """
    raise NotImplementedError


def with_typists(book: Book, now: Seconds) -> Book:
    """The same without those who stopped writing without a word."""
    return replace(book, typists=tuple(one for one in book.typists if one.until > now))
