"""Calls that are over or missed: what the server remembers, and what only we do."""

from dataclasses import replace
from typing import Any, Final

from woxly_tui.errors import LobbyRefused, ServerUnreachable
from woxly_tui.lobby import reading
from woxly_tui.lobby.rest import SignedIn
from woxly_tui.social.model import PastCall, Room
from woxly_tui.types import RoomId, RoomKind, Seconds, UserId

MAX_MISSED: Final = 50
CALLS_A_ROOM: Final = 20
ROOMS_ASKED: Final = 10
"""Rooms whose calls are asked for: each is a request of its own."""

SAME_CALL: Final = Seconds(90.0)
"""What we and the server remember of one room within that time is one call: we count from the
first ring, it from the first who joined."""


async def missed_of(me: SignedIn) -> list[PastCall] | None:
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


async def calls_of(me: SignedIn, room: Room) -> list[PastCall] | None:
    """The calls of a room that are over, newest first; None where the server keeps none."""
    params = {"limit": str(CALLS_A_ROOM)}
    try:
        answer = await me.ask("GET", f"/rooms/{room.room}/calls", params=params)
    except ServerUnreachable:
        raise
    except LobbyRefused:
        return None
    own = UserId(me.account.user_id)
    found = answer.things("calls")[:CALLS_A_ROOM]
    return reading.every(lambda raw: _past(raw, room, own), found)


async def recent_of(me: SignedIn, rooms: tuple[Room, ...]) -> list[PastCall] | None:
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


def missed(raw: Any) -> PastCall | None:
    """A missed call, as REST and `call-missed` have it."""
    caller = reading.person(reading.thing(raw, "caller"))
    rang_at = reading.moment(raw, "rangAt")
    if caller is None or rang_at is None:
        return None
    room_id = reading.number(raw, "roomId")
    return PastCall(
        room=None if room_id is None else RoomId(room_id),
        with_whom=caller.name,
        began_at=rang_at,
        seconds=None,
        is_incoming=True,
        is_missed=True,
        caller=caller.user,
        is_seen=reading.moment(raw, "seenAt") is not None,
        outcome=reading.line(raw, "reason"),
        server_id=reading.number(raw, "id"),
    )


def _past(raw: dict[str, Any], room: Room, me: UserId) -> PastCall | None:
    began_at, ended_at = reading.moment(raw, "startedAt"), reading.moment(raw, "endedAt")
    people = reading.things(raw, "participants", reading.MAX_MEMBERS)
    if began_at is None or ended_at is None or not any(one.get("userId") == me for one in people):
        return None
    first = min(people, key=lambda one: str(one.get("joinedAt")))
    return PastCall(
        room=room.room,
        with_whom=room.name,
        began_at=began_at,
        seconds=reading.count(raw, "seconds"),
        is_incoming=first.get("userId") != me,
        caller=room.peer if room.kind is RoomKind.DM else None,
        outcome="answered" if len(people) > 1 else "",
        server_id=reading.number(raw, "id"),
    )


def merged(
    told: tuple[PastCall, ...], remembered: tuple[PastCall, ...], limit: int
) -> tuple[PastCall, ...]:
    """Both in one list, newest first, none of it twice; ours says more, so it is kept of two."""
    kept = [call for call in remembered if call.server_id is None]
    news = [call for call in told if not any(_is_one(call, own) for own in kept)]
    seen = [_with_mark(own, told) for own in kept]
    return tuple(sorted([*seen, *news], key=lambda call: -call.began_at)[:limit])


def _is_one(told: PastCall, own: PastCall) -> bool:
    is_near = abs(told.began_at - own.began_at) <= SAME_CALL
    is_same_kind = told.is_missed == own.is_missed
    if told.room is None or own.room is None:
        return is_near and is_same_kind and told.caller is not None and told.caller == own.caller
    return is_near and is_same_kind and told.room == own.room


def _with_mark(own: PastCall, told: tuple[PastCall, ...]) -> PastCall:
    if own.is_seen or not any(_is_one(call, own) and call.is_seen for call in told):
        return own
    return replace(own, is_seen=True)
