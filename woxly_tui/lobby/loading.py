"""Fills a book over REST, part by part; what one part fails at costs the others nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from woxly_tui.errors import LobbyRefused, SignInNeeded, WoxlyError
from woxly_tui.lobby import history, people, rooms
from woxly_tui.lobby.book import Book, Part, with_calls, with_room, with_rooms
from woxly_tui.lobby.rest import SignedIn
from woxly_tui.social.model import Room

LIVE_ASKED: Final = 50
"""Rooms of which it is asked who is in their call; the others tell when that changes."""

AT_ONCE: Final = 6

EVERYTHING: Final = frozenset(Part)

Change: TypeAlias = Callable[[Book], Book]
"""Applied to what the book is by then: events may have come while the answer was on its way."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of it."""

    changes: tuple[Change, ...] = ()
    failed: frozenset[Part] = frozenset()
    """To be asked again later."""
    error: WoxlyError | None = None
    """Why, where something failed."""

    def into(self, book: Book) -> Book:
        """The book with all that came."""
        for change in self.changes:
            book = change(book)
        return replace(book, as_of=None) if self.changes and self.error is None else book


async def load(me: SignedIn, parts: Iterable[Part] = EVERYTHING) -> Loaded:
    """Ask for parts of the book, side by side.

    Raises:
        SignInNeeded: Only a password helps; anything else is told by what is returned.
    """
    wanted = sorted(set(parts))
    found = await asyncio.gather(*(_LOADERS[part](me) for part in wanted), return_exceptions=True)
    changes: list[Change] = []
    failed: dict[Part, WoxlyError] = {}
    for part, one in zip(wanted, found, strict=True):
        if isinstance(one, SignInNeeded):
            raise one
        if isinstance(one, WoxlyError):
            failed[part] = one
        elif isinstance(one, BaseException):
            raise one
        else:
            changes.append(one)
    error = next(iter(failed.values()), None)
    return Loaded(tuple(changes), frozenset(failed), error)


async def _friends(me: SignedIn) -> Change:
    found = tuple(await people.friends_of(me))
    return lambda book: replace(book, friends=found)


async def _requests(me: SignedIn) -> Change:
    found = tuple(await people.requests_of(me))
    return lambda book: replace(book, requests=found)


async def _rooms(me: SignedIn) -> Change:
    listed = await rooms.rooms_of(me)
    try:
        healed = frozenset(await rooms.heal(me, listed))
    except SignInNeeded:
        raise
    except LobbyRefused:
        healed = frozenset()  # the next load tries again
    found = [replace(room, is_invited=False) if room.room in healed else room for room in listed]
    live = await _live(me, found)

    def change(book: Book) -> Book:
        book = with_rooms(book, found)
        for room, now in live:
            known = book.room(room.room)
            if known is not None:
                changed = replace(known, live=now.people, live_since=now.since)
                book = with_room(book, changed)
        return book

    return change


async def _live(me: SignedIn, found: list[Room]) -> list[tuple[Room, rooms.Live]]:
    """Who is in the calls of the rooms used last; nothing more once a server does not tell."""
    if not found:
        return []
    first = await rooms.live_of(me, found[0].room)
    if first is None:
        return []
    limit = asyncio.Semaphore(AT_ONCE)

    async def ask(room: Room) -> tuple[Room, rooms.Live | None]:
        async with limit:
            return room, await rooms.live_of(me, room.room)

    rest = await asyncio.gather(*(ask(room) for room in found[1:LIVE_ASKED]))
    return [(found[0], first), *((room, live) for room, live in rest if live is not None)]


async def _calls(me: SignedIn) -> Change:
    listed = tuple(await rooms.rooms_of(me))
    told = await history.recent_of(me, listed)
    if told is None:
        return lambda book: book
    return lambda book: with_calls(book, told)


_LOADERS: Final[Mapping[Part, Callable[[SignedIn], Awaitable[Change]]]] = {
    Part.FRIENDS: _friends,
    Part.REQUESTS: _requests,
    Part.ROOMS: _rooms,
    Part.CALLS: _calls,
}
