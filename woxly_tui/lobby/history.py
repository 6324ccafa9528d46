"""Calls that are over or missed: what the server remembers, and what only we do."""

from dataclasses import replace
from typing import Any, Final

from woxly_tui.errors import LobbyRefused, ServerUnreachable
from woxly_tui.lobby import reading
from woxly_tui.lobby.rest import SignedIn
from woxly_tui.social import CallRecord, Room
from woxly_tui.types import RoomId, RoomKind, Seconds, UserId

MAX_MISSED: Final = 50
CALLS_A_ROOM: Final = 20
ROOMS_ASKED: Final = 10
"""Rooms whose calls are asked for: each is a request of its own."""

SAME_CALL: Final = Seconds(90.0)
"""What we and the server remember of one room within that time is one call: we count from the
first ring, it from the first who joined."""


async def missed_of(me: SignedIn) -> list[CallRecord] | None:
    """Calls that we did not answer; None where the server keeps none, as the public one."""
    try:
        answer = await me.ask("GET", "/calls/missed", params={"limit": str(MAX_MISSED)})
    except ServerUnreachable:
        raise
    except LobbyRefused:
        return None
    return reading.every(missed, answer.things("missedCalls")[:MAX_MISSED])


async def mark_seen(me: SignedIn) -> None:
    """Say that the missed calls were seen; nothing where the server keeps none."""
    try:
        await me.ask("POST", "/calls/missed/seen", {})
    except ServerUnreachable:
        raise
    except LobbyRefused:
        return


async def calls_of(me: SignedIn, room: Room) -> list[CallRecord] | None:
    """The calls of a room that are over, newest first; None where the server keeps none."""
    params = {"limit": str(CALLS_A_ROOM)}
    try:
        answer = await me.ask("GET", f"/rooms/{room.room_id}/calls", params=params)
    except ServerUnreachable:
        raise
    except LobbyRefused:
        return None
    own = UserId(me.account.user_id)
    found = answer.things("calls")[:CALLS_A_ROOM]
    return reading.every(lambda raw: _past(raw, room, own), found)


async def recent_of(me: SignedIn, rooms: tuple[Room, ...]) -> list[CallRecord] | None:
    """Missed calls, and those of the rooms that were used last, newest first.

    None where the server keeps none: what we remember ourselves is all there is then.
    """
    found = await missed_of(me)
    if found is None:
        return None
    entered = [room for room in rooms if not room.is_invited]
    for room in entered[:ROOMS_ASKED]:
        found += await calls_of(me, room) or []
    return sorted(found, key=lambda call: -call.began_at)


def missed(raw: Any) -> CallRecord | None:
    """A missed call, as REST and `call-missed` have it."""
    caller = reading.person(reading.thing(raw, "caller"))
    rang_at = reading.moment(raw, "rangAt")
    if caller is None or rang_at is None:
        return None
    room_id = reading.number(raw, "roomId")
    return CallRecord(
        began_at=rang_at,
        name=caller.name,
        peer=caller.user_id,
        room_id=None if room_id is None else RoomId(room_id),
        is_incoming=True,
        is_missed=True,
        is_seen=reading.moment(raw, "seenAt") is not None,
        outcome=reading.line(raw, "reason"),
        server_id=reading.number(raw, "id"),
    )


def _past(raw: dict[str, Any], room: Room, me: UserId) -> CallRecord | None:
    began_at, ended_at = reading.moment(raw, "startedAt"), reading.moment(raw, "endedAt")
    people = reading.things(raw, "participants", reading.MAX_MEMBERS)
    if began_at is None or ended_at is None or not any(one.get("userId") == me for one in people):
        return None
    return CallRecord(
        began_at=began_at,
        name=room.name,
        peer=room.peer if room.kind is RoomKind.DM else None,
        room_id=room.room_id,
        seconds=reading.count(raw, "seconds"),
        outcome="answered" if len(people) > 1 else "",
        server_id=reading.number(raw, "id"),
    )


def merged(
    told: tuple[CallRecord, ...], remembered: tuple[CallRecord, ...], limit: int
) -> tuple[CallRecord, ...]:
    """Both in one list, newest first, none of it twice; ours says more, so it is kept of two."""
    kept = [call for call in remembered if call.server_id is None]
    news = [call for call in told if not any(_is_one(call, own) for own in kept)]
    seen = [_with_mark(own, told) for own in kept]
    return tuple(sorted([*seen, *news], key=lambda call: -call.began_at)[:limit])


def _is_one(told: CallRecord, own: CallRecord) -> bool:
    is_near = abs(told.began_at - own.began_at) <= SAME_CALL
    is_same_kind = told.is_missed == own.is_missed
    if told.room_id is None or own.room_id is None:
        return is_near and is_same_kind and told.peer is not None and told.peer == own.peer
    return is_near and is_same_kind and told.room_id == own.room_id


def _with_mark(own: CallRecord, told: tuple[CallRecord, ...]) -> CallRecord:
    if own.is_seen or not any(_is_one(call, own) and call.is_seen for call in told):
        return own
    return replace(own, is_seen=True)
