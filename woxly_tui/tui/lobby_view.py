"""The rows of the lobby: made from what the engine tells, found as one types. Pure.

LobbyState, FriendsListed, RoomsListed, CallsListed ──take──► LobbyData ──rows(query)──► LobbyRow
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from woxly_tui.control.lobby import (
    CallsListed,
    FriendsListed,
    LinkState,
    LobbyState,
    LobbyUpdate,
    RoomsListed,
)
from woxly_tui.social.model import Friend, FriendRequest, PastCall, Person, Presence, Room
from woxly_tui.tui.lobby_words import (
    KIND_WORDS,
    PRESENCE_GLYPHS,
    PRESENCE_WORDS,
    call_words,
    shown,
    when,
)
from woxly_tui.types import RoomId, RoomKind, Seconds, UserId

_MOST_NAMED: Final = 3
"""People of a call who are named; the others are counted."""


class Section(StrEnum):
    """What the lobby lists, in this order."""

    REQUESTS = "Requests"
    FRIENDS = "Friends"
    ROOMS = "Rooms"
    CALLS = "Recent calls"


Item: TypeAlias = FriendRequest | Friend | Room | PastCall
RowKey: TypeAlias = tuple[Section, int]


@dataclass(frozen=True, slots=True)
class LobbyRow:
    """One line: a heading, where there is no item, or something to do something with."""

    key: RowKey
    name: str
    item: Item | None = None
    glyph: str = ""
    kind: str = "quiet"
    """Names the look of glyph and word."""
    word: str = ""
    detail: str = ""
    right: str = ""
    unread: int = 0
    is_marked: bool = False


_PRESENCE_ORDER: Final = {
    Presence.ONLINE: 0,
    Presence.BUSY: 1,
    Presence.DND: 1,
    Presence.AWAY: 2,
    Presence.OFFLINE: 3,
}
_PRESENCE_KINDS: Final = {
    Presence.ONLINE: "good",
    Presence.AWAY: "away",
    Presence.BUSY: "warning",
    Presence.DND: "warning",
    Presence.OFFLINE: "quiet",
}


class LobbyData:
    """The newest of each topic, and the rows it makes."""

    def __init__(self) -> None:
        self.state = LobbyState()
        self.friends: tuple[Friend, ...] = ()
        self.requests: tuple[FriendRequest, ...] = ()
        self.rooms: tuple[Room, ...] = ()
        self.calls: tuple[PastCall, ...] = ()
        self.has_state = False
        """Whether the engine has told how we stand to the server."""
        self.problem = ""
        """Why the engine did not go online."""
        self.lost_room = ""
        """The room of a call that an engine before this one died in."""
        self._names: dict[UserId, str] = {}

    def take(self, update: LobbyUpdate) -> bool:
        """Keep an update; returns whether rows may have changed."""
        match update:
            case LobbyState():
                is_same = (self.state.me, self.state.people) == (update.me, update.people)
                self.state, self.has_state = update, True
                if update.link is LinkState.ONLINE:
                    self.problem = ""
                if is_same:
                    return False
            case FriendsListed(friends=friends, requests=requests):
                self.friends, self.requests = friends, requests
            case RoomsListed(rooms=rooms):
                self.rooms = rooms
            case CallsListed(calls=calls):
                self.calls = calls
            case _:
                return False
        self._names = {person.user: shown(person.name) for person in self._people()}
        return True

    def _people(self) -> Iterable[Person]:
        yield from self.state.people
        for room in self.rooms:
            yield from room.members
            yield from room.live or ()
        for request in self.requests:
            yield request.person
        for friend in self.friends:
            yield friend.person
        if self.state.me is not None:
            yield self.state.me

    # Looking up

    @property
    def own_id(self) -> UserId | None:
        return self.state.me.user if self.state.me is not None else None

    def name_of(self, user: UserId | None) -> str:
        """A name, harmless; "somebody" where none is known."""
        return (self._names.get(user, "") if user is not None else "") or "somebody"

    def room(self, room: RoomId | None) -> Room | None:
        return next((one for one in self.rooms if one.room == room), None)

    def dm_with(self, user: UserId) -> Room | None:
        return next((r for r in self.rooms if r.kind is RoomKind.DM and r.peer == user), None)

    def call_name(self, user: UserId | None, room: RoomId | None) -> str:
        """Whom a ring or a call is with: a person, or else a room."""
        found = self.room(room)
        if user is not None or found is None:
            return self.name_of(user)
        return shown(found.name) or "a room"

    # Rows

    def rows(
        self, now: Seconds, query: str = "", marked: frozenset[UserId] = frozenset()
    ) -> list[LobbyRow]:
        """Headings and rows; with a query, those in which every word of it stands."""
        words = query.casefold().split()
        found: list[LobbyRow] = []
        for section, rows, note in self._sections(now, marked):
            kept = [row for row in rows if not words or _matches(row, words)]
            if kept:
                found.append(LobbyRow((section, -1), str(section), right="" if words else note))
                found += kept
        return found

    def _sections(
        self, now: Seconds, marked: frozenset[UserId]
    ) -> list[tuple[Section, list[LobbyRow], str]]:
        online = sum(friend.presence is not Presence.OFFLINE for friend in self.friends)
        unread = sum(room.unread for room in self.rooms)
        missed = sum(call.is_missed and not call.is_seen for call in self.calls)
        return [
            (Section.REQUESTS, [_request_row(one) for one in self.requests], ""),
            (
                Section.FRIENDS,
                self._friend_rows(marked),
                f"{online} of {len(self.friends)} online",
            ),
            (
                Section.ROOMS,
                [self._room_row(one, now) for one in self.rooms],
                f"{unread} unread" if unread else "",
            ),
            (
                Section.CALLS,
                [_call_row(call, now) for call in self.calls],
                f"{missed} missed" if missed else "",
            ),
        ]

    def _friend_rows(self, marked: frozenset[UserId]) -> list[LobbyRow]:
        unread = {room.peer: room.unread for room in self.rooms if room.kind is RoomKind.DM}
        talking = {p.user for room in self.rooms for p in room.live or ()}
        names = [(friend, shown(friend.person.name)) for friend in self.friends]
        doubled = {name for name, count in Counter(name for _, name in names).items() if count > 1}
        rows = []
        order = sorted(names, key=lambda one: (_PRESENCE_ORDER[one[0].presence], one[1].casefold()))
        for friend, name in order:
            user, presence = friend.person.user, friend.presence
            is_talking = user in talking
            rows.append(
                LobbyRow(
                    (Section.FRIENDS, user),
                    f"{name} {shown(friend.person.woxly_id)}" if name in doubled else name,
                    friend,
                    PRESENCE_GLYPHS[presence],
                    "talking" if is_talking else _PRESENCE_KINDS[presence],
                    "in a call" if is_talking else PRESENCE_WORDS[presence],
                    shown(friend.note),
                    unread=unread.get(user, 0),
                    is_marked=user in marked,
                )
            )
        return rows

    def _room_row(self, room: Room, now: Seconds) -> LobbyRow:
        others = [p for p in room.live or () if p.user != self.own_id]
        is_live = bool(room.live)
        detail = shown(room.last_text)
        if is_live:
            detail = f"in it: {_names(others)}" if others else "you are in it"
        return LobbyRow(
            (Section.ROOMS, room.room),
            shown(room.name) or _names(p for p in room.members if p.user != self.own_id),
            room,
            "●" if is_live else "·",
            "talking" if is_live else "quiet",
            KIND_WORDS[room.kind],
            detail,
            when(room.last_at, now) if room.last_at is not None else "",
            room.unread,
        )


def _names(people: Iterable[Person]) -> str:
    names = [shown(person.name) for person in people]
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _request_row(request: FriendRequest) -> LobbyRow:
    return LobbyRow(
        (Section.REQUESTS, request.friendship),
        shown(request.person.name),
        request,
        "?",
        "accent",
        "asks",
        f"wants to be your friend   {shown(request.person.woxly_id)}".rstrip(),
    )


def _call_row(call: PastCall, now: Seconds) -> LobbyRow:
    return LobbyRow(
        (Section.CALLS, int(call.began_at * 1000)),
        shown(call.with_whom) or "somebody",
        call,
        "!" if call.is_missed else "<" if call.is_incoming else ">",
        "warning" if call.is_missed and not call.is_seen else "quiet",
        call_words(call),
        right=when(call.began_at, now),
    )


def _matches(row: LobbyRow, words: list[str]) -> bool:
    texts = [row.name, row.word]
    match row.item:
        case FriendRequest(person=person):
            texts.append(person.woxly_id)
        case Friend(person=person, note=note):
            texts += [person.woxly_id, note]
        case Room(members=members, last_text=last):
            texts += [last, *(person.name for person in members)]
    text = " ".join(texts).casefold()
    return all(word in text for word in words)
