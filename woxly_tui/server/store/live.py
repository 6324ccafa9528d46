"""Calls as LiveKit has them: going on, and over. Events may come twice, late, or in any order."""

import re
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from woxly_tui.server.db.models import CallParticipant, CallSession, Room, User, WebhookSeen
from woxly_tui.server.livekit.webhook import Stay
from woxly_tui.server.times import now_ms
from woxly_tui.wire import rest
from woxly_tui.wire.shape import wire_time, wire_time_or_none

_ROOM: Final = re.compile(r"room-([1-9]\d{0,9})", re.ASCII)
_USER: Final = re.compile(r"[1-9]\d{0,9}", re.ASCII)


def room_id_of(livekit_room: str) -> int | None:
    """Our room of a LiveKit room; None for one that is not ours."""
    found = _ROOM.fullmatch(livekit_room)
    return int(found[1]) if found else None


def user_id_of(identity: str) -> int | None:
    """The user that an identity names; None for a guest."""
    return int(identity) if _USER.fullmatch(identity) else None


async def is_new(db: AsyncSession, event_id: str) -> bool:
    """Whether an event was not seen before; it is from now on."""
    if await db.get(WebhookSeen, event_id) is not None:
        return False
    db.add(WebhookSeen(id=event_id, received_at=now_ms()))
    await db.flush()
    return True


async def session_of(db: AsyncSession, room_id: int, sid: str, began_ms: int) -> CallSession | None:
    """The call with LiveKit's name, made if it is new; None where the room is none of ours."""
    found = await db.scalar(
        select(CallSession)
        .where(CallSession.sid == sid)
        .options(selectinload(CallSession.participants))
    )
    if found is None:
        if not sid or await db.get(Room, room_id) is None:
            return None
        found = CallSession(room_id=room_id, sid=sid, started_at=began_ms, participants=[])
        db.add(found)
        await db.flush()
    found.started_at = min(found.started_at, began_ms)
    return found


async def note_joined(db: AsyncSession, session: CallSession, stay: Stay) -> bool:
    """Note that somebody is in a call; whether that is news."""
    if _stay_in(session, stay.sid) is not None:
        return False
    await _add(db, session, stay, left_ms=session.ended_at)
    return True


async def note_left(db: AsyncSession, session: CallSession, stay: Stay, at_ms: int) -> bool:
    """Note that somebody left a call; whether that is news."""
    row = _stay_in(session, stay.sid)
    if row is None:  # their joining is not known yet
        await _add(db, session, stay, left_ms=max(at_ms, stay.joined_ms))
        return True
    was_in = row.left_at is None
    row.left_at = max(row.joined_at, min(at_ms, row.left_at or at_ms))
    return was_in


def note_ended(session: CallSession, at_ms: int) -> bool:
    """Note that a call is over; whether that is news."""
    if session.ended_at is not None:
        return False
    session.ended_at = max(at_ms, session.started_at)
    for row in session.participants:
        if row.left_at is None:
            row.left_at = max(row.joined_at, session.ended_at)
    return True


def last_seen_ms(session: CallSession, now: int) -> int:
    """When a call ended whose end nobody told: with the last who left, or just now."""
    left = [row.left_at for row in session.participants]
    known = [at for at in left if at is not None]
    return max(known) if known and len(known) == len(left) else now


def _stay_in(session: CallSession, sid: str) -> CallParticipant | None:
    return next((row for row in session.participants if row.sid == sid), None)


async def _add(db: AsyncSession, session: CallSession, stay: Stay, left_ms: int | None) -> None:
    user_id = user_id_of(stay.identity)
    if user_id is not None and await db.get(User, user_id) is None:
        user_id = None
    session.participants.append(
        CallParticipant(
            sid=stay.sid,
            identity=stay.identity,
            user_id=user_id,
            name=stay.name,
            joined_at=stay.joined_ms,
            left_at=left_ms,
        )
    )
    await db.flush()


async def open_sessions(db: AsyncSession) -> list[CallSession]:
    """Calls that are not over, as far as we know."""
    rows = await db.scalars(
        select(CallSession)
        .where(CallSession.ended_at.is_(None))
        .options(selectinload(CallSession.participants))
    )
    return list(rows)


async def current(db: AsyncSession, room_id: int) -> CallSession | None:
    """The call that goes on in a room."""
    return await db.scalar(
        select(CallSession)
        .where(CallSession.room_id == room_id, CallSession.ended_at.is_(None))
        .order_by(CallSession.id.desc())
        .limit(1)
        .options(selectinload(CallSession.participants))
    )


async def live_answer(db: AsyncSession, room_id: int) -> rest.LiveAnswer:
    """Who is in a room's call now, each once."""
    session = await current(db, room_id)
    inside = (
        {}
        if session is None
        else {row.identity: row for row in session.participants if row.left_at is None}
    )
    return rest.LiveAnswer(
        room_id=room_id,
        is_live=bool(inside),
        started_at=wire_time(session.started_at) if session and inside else None,
        participants=[
            rest.LiveParticipant(
                identity=row.identity,
                user_id=row.user_id,
                name=row.name,
                joined_at=wire_time(row.joined_at),
            )
            for row in inside.values()
        ],
    )


async def is_inside(db: AsyncSession, room_id: int, identity: str) -> bool:
    """Whether somebody is in a room's call now."""
    session = await current(db, room_id)
    rows = session.participants if session is not None else []
    return any(row.identity == identity and row.left_at is None for row in rows)


async def rooms_with(db: AsyncSession, user_id: int) -> list[int]:
    """Rooms in whose calls a user is now."""
    rows = await db.scalars(
        select(CallSession.room_id)
        .join(CallParticipant, CallParticipant.session_id == CallSession.id)
        .where(CallParticipant.user_id == user_id, CallParticipant.left_at.is_(None))
        .distinct()
    )
    return list(rows)


async def history(
    db: AsyncSession, room_id: int, limit: int, before: int | None
) -> list[rest.PastCall]:
    """Calls of a room, newest first."""
    query = select(CallSession).where(CallSession.room_id == room_id)
    if before is not None:
        query = query.where(CallSession.id < before)
    rows = await db.scalars(
        query.order_by(CallSession.id.desc())
        .limit(limit)
        .options(selectinload(CallSession.participants))
    )
    return [_past(row, now_ms()) for row in rows]


def _past(row: CallSession, now: int) -> rest.PastCall:
    return rest.PastCall(
        id=row.id,
        room_id=row.room_id,
        started_at=wire_time(row.started_at),
        ended_at=wire_time_or_none(row.ended_at),
        seconds=_seconds(row.started_at, row.ended_at or now),
        participants=[
            rest.PastParticipant(
                identity=stay.identity,
                user_id=stay.user_id,
                name=stay.name,
                joined_at=wire_time(stay.joined_at),
                left_at=wire_time_or_none(stay.left_at),
                seconds=_seconds(stay.joined_at, stay.left_at or now),
            )
            for stay in row.participants
        ],
    )


def _seconds(began_ms: int, ended_ms: int) -> int:
    return max(0, (ended_ms - began_ms) // 1000)


async def forget_webhooks(db: AsyncSession, before_ms: int) -> None:
    """Forget events so old that LiveKit sends them no more."""
    await db.execute(delete(WebhookSeen).where(WebhookSeen.received_at < before_ms))
