"""The book of calls: who rings whom, and who is in a call with whom. No I/O but its own.

`MemoryBook` serves one process. Several processes share the one of `cluster/book.py`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final, Protocol

MAX_RINGS_OF_ONE: Final = 100
"""Rings that one caller may have going; a group call rings all at once."""


@dataclass(frozen=True, slots=True)
class Ring:
    """`caller` rings `callee` until `ends_at` (monotonic seconds of the book's owner)."""

    caller: int
    callee: int
    room_id: int | None
    began_ms: int
    ends_at: float
    caller_sid: str | None = None
    """The device that rings; None where a group was made over REST."""
    is_group: bool = False
    """It calls into a room of several, not to the two alone."""

    def meets(self, other: "Ring") -> bool:
        """Whether two who ring each other want one and the same call."""
        return self.room_id == other.room_id or not (self.is_group or other.is_group)


@dataclass(frozen=True, slots=True)
class Entry:
    """A user is in a call, with a peer, in a room where the call has one."""

    user_id: int
    peer_id: int
    room_id: int | None
    started_ms: int
    has_media: bool = False
    """LiveKit has seen them in it."""


class RingAnswer(Enum):
    """What became of an attempt to ring."""

    RINGING = "ringing"
    ALREADY = "already ringing"
    BUSY = "busy"
    GLARE = "the other rings for the same call"
    TOO_MANY = "too many"


class Book(Protocol):
    """The book's methods; each is one step that nothing can come between."""

    async def ring(self, ring: Ring) -> RingAnswer: ...

    async def take_ring(self, caller: int, callee: int) -> Ring | None: ...

    async def ring_of(self, caller: int, callee: int) -> Ring | None: ...

    async def rings_to(self, callee: int) -> list[Ring]: ...

    async def take_rings_by(self, caller: int, room_id: int | None = None) -> list[Ring]: ...

    async def take_expired(self, now: float) -> list[Ring]: ...

    async def connect(self, ring: Ring, started_ms: int) -> None: ...

    async def entry_of(self, user_id: int) -> Entry | None: ...

    async def entries_in(self, room_id: int) -> list[Entry]: ...

    async def entries(self) -> list[Entry]: ...

    async def put(self, entry: Entry) -> None: ...

    async def take_entry(self, user_id: int, room_id: int | None = None) -> Entry | None: ...

    async def take_room(self, room_id: int) -> list[Entry]: ...

    async def mark_media(self, user_id: int, room_id: int) -> None: ...

    async def counts(self) -> tuple[int, int]: ...


class MemoryBook:
    """The book of one process. Rings all last equally long, so the first ends first."""

    def __init__(self) -> None:
        self._rings: dict[tuple[int, int], Ring] = {}
        self._by_callee: dict[int, dict[int, Ring]] = {}
        self._by_caller: dict[int, dict[int, Ring]] = {}
        self._entries: dict[int, Entry] = {}

    async def ring(self, ring: Ring) -> RingAnswer:
        """Begin a ring, unless something stands against it."""
        theirs = self._rings.get((ring.callee, ring.caller))
        if theirs is not None and ring.meets(theirs):
            return RingAnswer.GLARE
        if (standing := self._rings.get((ring.caller, ring.callee))) is not None:
            if standing.room_id == ring.room_id:
                return RingAnswer.ALREADY
            self._remove(standing)
        if self._is_busy(ring):
            return RingAnswer.BUSY
        if len(self._by_caller.get(ring.caller, ())) >= MAX_RINGS_OF_ONE:
            return RingAnswer.TOO_MANY
        self._rings[ring.caller, ring.callee] = ring
        self._by_callee.setdefault(ring.callee, {})[ring.caller] = ring
        self._by_caller.setdefault(ring.caller, {})[ring.callee] = ring
        return RingAnswer.RINGING

    def _is_busy(self, ring: Ring) -> bool:
        if any(callee != ring.caller for callee in self._by_caller.get(ring.callee, ())):
            return True  # dialling somebody else
        entry = self._entries.get(ring.callee)
        if entry is None or entry.peer_id == ring.caller:
            return False
        if entry.room_id is None:
            return True
        callers = self._entries.get(ring.caller)
        is_together = callers is not None and callers.room_id == entry.room_id
        return not (is_together or entry.room_id == ring.room_id)

    async def take_ring(self, caller: int, callee: int) -> Ring | None:
        """End a ring; None where there is none."""
        ring = self._rings.get((caller, callee))
        if ring is not None:
            self._remove(ring)
        return ring

    async def ring_of(self, caller: int, callee: int) -> Ring | None:
        """A ring that goes on."""
        return self._rings.get((caller, callee))

    async def rings_to(self, callee: int) -> list[Ring]:
        """Who rings somebody now."""
        return list(self._by_callee.get(callee, {}).values())

    async def take_rings_by(self, caller: int, room_id: int | None = None) -> list[Ring]:
        """End everything that a caller rings, or that in one room."""
        rings = self._by_caller.get(caller, {}).values()
        return self._take(ring for ring in rings if room_id in (None, ring.room_id))

    async def take_expired(self, now: float) -> list[Ring]:
        """End the rings whose time is over."""
        over = []
        for ring in self._rings.values():
            if ring.ends_at > now:
                break
            over.append(ring)
        return self._take(over)

    def _take(self, rings: Iterable[Ring]) -> list[Ring]:
        taken = list(rings)
        for ring in taken:
            self._remove(ring)
        return taken

    def _remove(self, ring: Ring) -> None:
        del self._rings[ring.caller, ring.callee]
        for index, key, other in (
            (self._by_callee, ring.callee, ring.caller),
            (self._by_caller, ring.caller, ring.callee),
        ):
            del index[key][other]
            if not index[key]:
                del index[key]

    async def connect(self, ring: Ring, started_ms: int) -> None:
        """Turn an accepted ring into a call of both."""
        for user_id, peer_id in ((ring.caller, ring.callee), (ring.callee, ring.caller)):
            old = self._entries.get(user_id)
            if old is not None and old.room_id is not None and old.room_id == ring.room_id:
                continue
            self._entries[user_id] = Entry(user_id, peer_id, ring.room_id, started_ms)

    async def entry_of(self, user_id: int) -> Entry | None:
        """The call that somebody is in."""
        return self._entries.get(user_id)

    async def entries_in(self, room_id: int) -> list[Entry]:
        """Who is in the call of a room."""
        return [entry for entry in self._entries.values() if entry.room_id == room_id]

    async def entries(self) -> list[Entry]:
        """Everybody who is in a call."""
        return list(self._entries.values())

    async def put(self, entry: Entry) -> None:
        """Enter somebody, instead of what stood there."""
        self._entries[entry.user_id] = entry

    async def take_entry(self, user_id: int, room_id: int | None = None) -> Entry | None:
        """Strike somebody out, from the call of one room if that is given."""
        entry = self._entries.get(user_id)
        if entry is None or (room_id is not None and entry.room_id != room_id):
            return None
        return self._entries.pop(user_id)

    async def take_room(self, room_id: int) -> list[Entry]:
        """Strike everybody out who is in the call of a room."""
        found = await self.entries_in(room_id)
        for entry in found:
            del self._entries[entry.user_id]
        return found

    async def mark_media(self, user_id: int, room_id: int) -> None:
        """Note that LiveKit has seen somebody in the call of a room."""
        entry = self._entries.get(user_id)
        if entry is not None and entry.room_id == room_id:
            self._entries[user_id] = replace(entry, has_media=True)

    async def counts(self) -> tuple[int, int]:
        """How many rings go on, and how many people are in calls."""
        return len(self._rings), len(self._entries)
