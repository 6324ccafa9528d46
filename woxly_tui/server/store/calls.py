"""Missed calls, and whether somebody may ring somebody."""

from typing import Final

from sqlalchemy import ScalarSelect, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from woxly_tui.server.db.models import Friendship, Member, MissedCall, User
from woxly_tui.server.problems import Problem
from woxly_tui.server.texts import Text
from woxly_tui.server.times import now_ms
from woxly_tui.wire import rest
from woxly_tui.wire.shape import wire_time, wire_time_or_none
from woxly_tui.wire.words import FriendStatus, MemberStatus, RingEnd

MAX_MISSED: Final = 200
"""Missed calls kept for each user."""


async def check_ring(db: AsyncSession, caller: int, callee: int, room_id: int | None) -> None:
    """Whether a ring is allowed; it neither grants nor takes membership.

    Raises:
        Problem: 400 oneself; 404 nobody; 403 a block, or one of the two is not in the room.
    """
    if caller == callee:
        raise Problem(400, Text.CALL_SELF)
    found = await db.execute(
        select(
            User.banned_at,
            _between(caller, callee),
            _status_in(room_id, caller),
            _status_in(room_id, callee),
        ).where(User.id == callee)
    )
    row = found.one_or_none()
    if row is None:
        raise Problem(404, Text.USER_UNKNOWN)
    banned_at, friendship, callers, callees = row
    if banned_at is not None or friendship == FriendStatus.BLOCKED:
        raise Problem(403, Text.CALL_BLOCKED)
    if room_id is not None and callers != MemberStatus.ACCEPTED:
        raise Problem(403, Text.ROOM_NOT_MEMBER)
    if room_id is not None and callees is None:
        raise Problem(403, Text.CALL_NOT_MEMBER)


def _between(one: int, other: int) -> ScalarSelect[str]:
    return (
        select(Friendship.status)
        .where(Friendship.low_id == min(one, other), Friendship.high_id == max(one, other))
        .scalar_subquery()
    )


def _status_in(room_id: int | None, user_id: int) -> ScalarSelect[str]:
    return (
        select(Member.status)
        .where(Member.room_id == (room_id or 0), Member.user_id == user_id)
        .scalar_subquery()
    )


async def add_missed(
    db: AsyncSession, *, callee: int, caller: int, room_id: int | None, reason: RingEnd, at: int
) -> rest.MissedCall | None:
    """Keep a missed call; None where the caller is gone."""
    user = await db.get(User, caller)
    if user is None:
        return None
    row = MissedCall(
        callee_id=callee, caller_id=caller, room_id=room_id, reason=reason.value, rang_at=at
    )
    row.caller = user
    db.add(row)
    await db.flush()
    oldest = await db.scalar(
        select(MissedCall.id)
        .where(MissedCall.callee_id == callee)
        .order_by(MissedCall.id.desc())
        .offset(MAX_MISSED)
        .limit(1)
    )
    if oldest is not None:
        await db.execute(
            delete(MissedCall).where(MissedCall.callee_id == callee, MissedCall.id <= oldest)
        )
    return missed(row)


async def missed_by(db: AsyncSession, user_id: int, limit: int) -> list[rest.MissedCall]:
    """What somebody missed, newest first."""
    rows = await db.scalars(
        select(MissedCall)
        .where(MissedCall.callee_id == user_id)
        .order_by(MissedCall.id.desc())
        .limit(limit)
        .options(selectinload(MissedCall.caller))
    )
    return [missed(row) for row in rows]


async def unseen_count(db: AsyncSession, user_id: int) -> int:
    """How many missed calls somebody has not seen."""
    query = select(func.count()).select_from(MissedCall)
    found = await db.scalar(
        query.where(MissedCall.callee_id == user_id, MissedCall.seen_at.is_(None))
    )
    return found or 0


async def mark_seen(db: AsyncSession, user_id: int) -> None:
    """Mark everything that somebody missed as seen."""
    await db.execute(
        update(MissedCall)
        .where(MissedCall.callee_id == user_id, MissedCall.seen_at.is_(None))
        .values(seen_at=now_ms())
    )


def missed(row: MissedCall) -> rest.MissedCall:
    """A missed call as the wire has it; its caller must be loaded."""
    caller = row.caller
    return rest.MissedCall(
        id=row.id,
        caller=rest.Nameplate(id=caller.id, username=caller.username, avatar_url=caller.avatar_url),
        room_id=row.room_id,
        reason=row.reason,
        rang_at=wire_time(row.rang_at),
        seen_at=wire_time_or_none(row.seen_at),
    )
