"""What one account knows of its server: a value, and what each event of the server changes in it.

    REST       ──► people.py, rooms.py, history.py ──► loading.py ──► Book
                   messages.py ──► with_page(book, page)
    Socket.IO  ──► happenings.apply(book, event, payload) ──► Applied(book, what to ask again)
    a file     ◄─► cache.py

Pure: no clock but the one passed in, no network, no file.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from woxly_tui.lobby.history import merged
from woxly_tui.social.model import (
    Friend,
    FriendRequest,
    PastCall,
    Person,
    Presence,
    Room,
    RoomMessage,
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
class Typist:
    """Somebody who is writing in a room."""

    room: RoomId
    user: UserId
    until: Seconds
    """Monotonic time at which that is believed no more: a server may never tell of the end."""


@dataclass(frozen=True, slots=True)
class Thread:
    """The newest messages of a room, oldest first."""

    room: RoomId
    messages: tuple[RoomMessage, ...] = ()
    has_older: bool = True
    """There may be more on the server."""


@dataclass(frozen=True, slots=True)
class Book:
    """All that is known. Bounded by what the server may list (`people.MAX_LISTED`)."""

    me: UserId
    origin: str = ""
    """Of the server: what addresses of files are relative to."""
    presence: Presence = Presence.ONLINE
    """Our own."""
    friends: tuple[Friend, ...] = ()
    requests: tuple[FriendRequest, ...] = ()
    rooms: tuple[Room, ...] = ()
    """Newest message first, as the server lists them."""
    calls: tuple[PastCall, ...] = ()
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

    def friend(self, user: UserId) -> Friend | None:
        """Somebody by id."""
        return next((one for one in self.friends if one.person.user == user), None)

    def room(self, room: RoomId) -> Room | None:
        """A room by id."""
        return next((one for one in self.rooms if one.room == room), None)

    def person(self, user: UserId) -> Person:
        """Who somebody is, wherever that is known; else their number is all there is."""
        if (friend := self.friend(user)) is not None:
            return friend.person
        asking = (one.person for one in self.requests if one.person.user == user)
        housed = (one for room in self.rooms for one in room.members if one.user == user)
        return next(asking, None) or next(housed, None) or Person(user, f"user {user}")

    def typing(self, room: RoomId) -> tuple[Person, ...]:
        """Who is writing in a room, as of the last `with_typists`."""
        return tuple(self.person(one.user) for one in self.typists if one.room == room)


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of an event."""

    book: Book
    stale: frozenset[Part] = frozenset()
    """What the event says too little of."""
    stale_thread: RoomId | None = None
    """A room whose messages must be asked for again."""
    message: RoomMessage | None = None
    """A message that just came from somebody else."""


def with_rooms(book: Book, rooms: Iterable[Room]) -> Book:
    """The list of rooms anew. Who is in their calls is told elsewhere, and stays."""
    live = {room.room: room for room in book.rooms}
    return replace(book, rooms=tuple(_still_live(room, live.get(room.room)) for room in rooms))


def _still_live(room: Room, known: Room | None) -> Room:
    if known is None or room.live is not None:
        return room
    return replace(room, live=known.live, live_since=known.live_since)


def with_room(book: Book, room: Room, *, is_first: bool = False) -> Book:
    """One room changed in its place, or moved before all others."""
    if is_first:
        rest = tuple(one for one in book.rooms if one.room != room.room)
        return replace(book, rooms=(room, *rest))
    changed = tuple(room if one.room == room.room else one for one in book.rooms)
    return replace(book, rooms=changed)


def with_thread(book: Book, thread: Thread) -> Book:
    """One thread changed, or opened."""
    return replace(book, threads={**book.threads, thread.room: thread})


def with_page(book: Book, page: Thread) -> Book:
    """A page of messages joined to what is known of its room; an open thread may only grow."""
    known = book.threads.get(page.room)
    if known is None or not known.messages or not page.messages:
        return with_thread(book, page if known is None or page.messages else known)
    by_id = {one.message: one for one in (*known.messages, *page.messages)}
    ordered = tuple(sorted(by_id.values(), key=lambda one: one.message))
    is_older = page.messages[0].message <= known.messages[0].message
    has_older = page.has_older if is_older else known.has_older
    return with_thread(book, bounded(Thread(page.room, ordered, has_older)))


def bounded(thread: Thread) -> Thread:
    """The newest of a thread that grew too long."""
    if len(thread.messages) <= MAX_THREAD:
        return thread
    return Thread(thread.room, thread.messages[-MAX_THREAD:], has_older=True)


def without_thread(book: Book, room_id: RoomId) -> Book:
    """A thread closed: its messages are asked for again when it is opened."""
    return replace(book, threads={key: one for key, one in book.threads.items() if key != room_id})


def with_calls(book: Book, told: Iterable[PastCall]) -> Book:
    """What the server remembers of calls, beside what only we do."""
    return replace(book, calls=merged(tuple(told), book.calls, MAX_CALLS))


def with_call(book: Book, call: PastCall) -> Book:
    """A call of ours that is over, or a ring that we missed."""
    known = [one for one in book.calls if one.server_id is None or one.server_id != call.server_id]
    told = tuple(one for one in (call, *known) if one.server_id is not None)
    own = tuple(one for one in (call, *known) if one.server_id is None)
    return replace(book, calls=merged(told, own, MAX_CALLS))


def with_all_seen(book: Book) -> Book:
    """The missed calls were looked at."""
    return replace(book, calls=tuple(replace(call, is_seen=True) for call in book.calls))


def with_read(book: Book, room_id: RoomId) -> Book:
    """A room was read to its end."""
    room = book.room(room_id)
    if room is None or room.unread == 0:
        return book
    return with_room(book, replace(room, unread=0))


def with_typists(book: Book, now: Seconds) -> Book:
    """The same without those who stopped writing without a word."""
    if all(one.until > now for one in book.typists):
        return book
    return replace(book, typists=tuple(one for one in book.typists if one.until > now))
