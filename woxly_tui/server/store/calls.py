"""Missed calls, and whether somebody may ring somebody."""

from collections.abc import Sequence
from typing import Final, Protocol

from sqlalchemy import ScalarSelect, bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from woxly_tui.server.db.database import Database
from woxly_tui.server.db.models import Friendship, Member, MissedCall, Room, User
from woxly_tui.server.db.questions import Question
from woxly_tui.server.problems import Problem
from woxly_tui.server.realtime.book import Ring
from woxly_tui.server.texts import Text
from woxly_tui.server.times import now_ms
from woxly_tui.wire import rest
from woxly_tui.wire.shape import wire_time, wire_time_or_none
from woxly_tui.wire.words import FriendStatus, MemberStatus, RingEnd, RoomType

MAX_MISSED: Final = 200
"""Missed calls kept for each user."""


def _status_of(who: str) -> ScalarSelect[str]:
    return (
        select(Member.status)
        .where(Member.room_id == bindparam("room"), Member.user_id == bindparam(who))
        .scalar_subquery()
    )


_MAY_RING: Final = Question(
    select(
        User.banned_at,
        select(Friendship.status)
        .where(Friendship.low_id == bindparam("low"), Friendship.high_id == bindparam("high"))
        .scalar_subquery(),
        _status_of("caller"),
        _status_of("callee"),
        select(Room.type).where(Room.id == bindparam("room")).scalar_subquery(),
    ).where(User.id == bindparam("callee"))
)
"""All that decides about a ring."""


async def check_ring(db: Database, caller: int, callee: int, room_id: int | None) -> bool:
    """Whether a ring is allowed; it neither grants nor takes membership.

    Returns:
        Whether it calls into a room of several.

    Raises:
        Problem: 400 oneself; 404 nobody; 403 a block, or one of the two is not in the room.
    """
    if caller == callee:
        raise Problem(400, Text.CALL_SELF)
    row = await db.ask(
        _MAY_RING,
        callee=callee,
        caller=caller,
        low=min(caller, callee),
        high=max(caller, callee),
        room=room_id or 0,
    )
    if row is None:
        raise Problem(404, Text.USER_UNKNOWN)
    banned_at, friendship, callers, callees, kind = row
    if banned_at is not None or friendship == FriendStatus.BLOCKED:
        raise Problem(403, Text.CALL_BLOCKED)
    if room_id is not None and callers != MemberStatus.ACCEPTED:
        raise Problem(403, Text.ROOM_NOT_MEMBER)
    if room_id is not None and callees is None:
        raise Problem(403, Text.CALL_NOT_MEMBER)
    return kind not in (None, RoomType.DM)


class Unanswered(Protocol):
    """A ring that nobody answered, and why."""

    @property
    def ring(self) -> Ring: ...

    @property
    def reason(self) -> RingEnd: ...


async def add_missed(
    db: AsyncSession, batch: Sequence[Unanswered]
) -> list[tuple[int, rest.MissedCall]]:
    """Keep missed calls, but for those of people who are gone.

    Returns:
        Who missed what.
    """
    ids = {one.ring.caller for one in batch} | {one.ring.callee for one in batch}
    people = {user.id: user for user in await db.scalars(select(User).where(User.id.in_(ids)))}
    rooms = {one.ring.room_id for one in batch if one.ring.room_id is not None}
    known = set(await db.scalars(select(Room.id).where(Room.id.in_(rooms)))) if rooms else set()
    rows = [
        MissedCall(
            callee_id=one.ring.callee,
            caller=people[one.ring.caller],
            room_id=one.ring.room_id if one.ring.room_id in known else None,
            reason=one.reason.value,
            rang_at=one.ring.began_ms,
        )
        for one in batch
        if one.ring.caller in people and one.ring.callee in people
    ]
    db.add_all(rows)
    await db.flush()
    return [(row.callee_id, missed(row)) for row in rows]


async def prune_missed(db: AsyncSession) -> None:
    """Remove the oldest of whoever missed more than is kept."""
    newest_first = func.row_number().over(
        partition_by=MissedCall.callee_id, order_by=MissedCall.id.desc()
    )
    ranked = select(MissedCall.id, newest_first.label("rank")).subquery()
    await db.execute(
        delete(MissedCall).where(
            MissedCall.id.in_(select(ranked.c.id).where(ranked.c.rank > MAX_MISSED))
        )
    )


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
