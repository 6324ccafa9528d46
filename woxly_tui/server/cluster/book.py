"""The book of calls that several processes share: each method is one step inside Redis."""

import json
import time
from dataclasses import asdict
from typing import Any, Final

from woxly_tui.server.cluster.link import RedisLink
from woxly_tui.server.realtime.book import MAX_RINGS_OF_ONE, Entry, Ring, RingAnswer

_MOST_AT_ONCE: Final = 200


class RedisBook:
    """Rings and calls in Redis. Its clock decides when a ring is over.

    Every method raises `Problem` 503 where Redis does not answer.
    """

    def __init__(self, link: RedisLink) -> None:
        self._link = link
        self._do = link.script("book")

    async def ring(self, ring: Ring) -> RingAnswer:
        """Begin a ring, unless something stands against it."""
        lasts_ms = max(1, int((ring.ends_at - time.monotonic()) * 1000))
        answer: str = await self._do(
            "ring",
            ring.caller,
            ring.callee,
            _room(ring.room_id),
            _written(ring, but="ends_at"),
            lasts_ms,
            MAX_RINGS_OF_ONE,
        )
        return RingAnswer[answer]

    async def take_ring(self, caller: int, callee: int) -> Ring | None:
        """End a ring; None where there is none."""
        found = await self._do("take_ring", caller, callee)
        return None if found is None else _ring(found)

    async def ring_of(self, caller: int, callee: int) -> Ring | None:
        """A ring that goes on."""
        (found,) = await self._link.get(f"ring:{caller}:{callee}")
        return None if found is None else _ring(json.loads(found))

    async def rings_to(self, callee: int) -> list[Ring]:
        """Who rings somebody now."""
        return _by_age(await self._do("rings_to", callee))

    async def take_rings_by(self, caller: int, room_id: int | None = None) -> list[Ring]:
        """End everything that a caller rings, or that in one room."""
        return _by_age(await self._do("take_rings_by", caller, _room(room_id)))

    async def take_expired(self, now: float) -> list[Ring]:  # noqa: ARG002 - Redis has the clock
        """End the rings whose time is over; each goes to one process."""
        return _by_age(await self._do("take_expired", _MOST_AT_ONCE))

    async def connect(self, ring: Ring, started_ms: int) -> None:
        """Turn an accepted ring into a call of both."""
        callers = Entry(ring.caller, ring.callee, ring.room_id, started_ms)
        callees = Entry(ring.callee, ring.caller, ring.room_id, started_ms)
        await self._do(
            "connect",
            _room(ring.room_id),
            ring.caller,
            _written(callers),
            ring.callee,
            _written(callees),
        )

    async def entry_of(self, user_id: int) -> Entry | None:
        """The call that somebody is in."""
        (found,) = await self._link.get(f"entry:{user_id}")
        return None if found is None else Entry(**json.loads(found))

    async def entries_in(self, room_id: int) -> list[Entry]:
        """Who is in the call of a room."""
        return _entries(await self._do("entries_in", room_id))

    async def entries(self) -> list[Entry]:
        """Everybody who is in a call."""
        return _entries(await self._do("entries"))

    async def put(self, entry: Entry) -> None:
        """Enter somebody, instead of what stood there."""
        await self._do("put", entry.user_id, _room(entry.room_id), _written(entry))

    async def take_entry(self, user_id: int, room_id: int | None = None) -> Entry | None:
        """Strike somebody out, from the call of one room if that is given."""
        found = await self._do("take_entry", user_id, _room(room_id))
        return None if found is None else Entry(**found)

    async def take_room(self, room_id: int) -> list[Entry]:
        """Strike everybody out who is in the call of a room."""
        return _entries(await self._do("take_room", room_id))

    async def mark_media(self, user_id: int, room_id: int) -> None:
        """Note that LiveKit has seen somebody in the call of a room."""
        await self._do("mark_media", user_id, room_id)

    async def counts(self) -> tuple[int, int]:
        """How many rings go on, and how many people are in calls."""
        rings, people = await self._do("counts")
        return int(rings), int(people)


def _room(room_id: int | None) -> str:
    return "" if room_id is None else str(room_id)


def _written(thing: Ring | Entry, *, but: str = "") -> str:
    return json.dumps({name: value for name, value in asdict(thing).items() if name != but})


def _ring(found: dict[str, Any]) -> Ring:
    return Ring(**found, ends_at=0.0)  # Redis knows


def _by_age(found: list[dict[str, Any]]) -> list[Ring]:
    return sorted(map(_ring, found), key=lambda ring: ring.began_ms)


def _entries(found: list[dict[str, Any]]) -> list[Entry]:
    return sorted((Entry(**one) for one in found), key=lambda entry: entry.started_ms)
