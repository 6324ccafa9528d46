"""Who is whose friend, and who blocked whom."""

from typing import Final

from sqlalchemy import bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from woxly_tui.server.db.database import Database
from woxly_tui.server.db.models import Friendship, User
from woxly_tui.server.db.questions import Question
from woxly_tui.server.times import now_ms
from woxly_tui.wire.words import FriendStatus

_STATUS: Final = Question(
    select(Friendship.status).where(
        Friendship.low_id == bindparam("low"), Friendship.high_id == bindparam("high")
    )
)


async def between(db: AsyncSession, one: int, other: int) -> Friendship | None:
    """The row of two users, whoever asked."""
    return await db.scalar(
        select(Friendship).where(
            Friendship.low_id == min(one, other), Friendship.high_id == max(one, other)
        )
    )


def has_blocked(row: Friendship, user_id: int) -> bool:
    """Whether a user of the row has blocked the other."""
    return row.blocked_by_user if row.user_id == user_id else row.blocked_by_friend


def status_for(row: Friendship, reader_id: int) -> str | None:
    """How the reader stands to the other; that the other blocked them does not show."""
    if row.status != FriendStatus.BLOCKED:
        return row.status
    return FriendStatus.BLOCKED.value if has_blocked(row, reader_id) else None


async def is_blocked(db: Database, one: int, other: int) -> bool:
    """Whether either of two users has blocked the other."""
    row = await db.ask(_STATUS, low=min(one, other), high=max(one, other))
    return row is not None and row[0] == FriendStatus.BLOCKED


async def friends_of(db: AsyncSession, user_id: int) -> list[tuple[Friendship, User]]:
    """Accepted friends, in the order in which they became so."""
    return await _with_others(db, user_id, FriendStatus.ACCEPTED)


async def blocked_by(db: AsyncSession, user_id: int) -> list[User]:
    """Those whom a user has blocked."""
    rows = await _with_others(db, user_id, FriendStatus.BLOCKED)
    return [other for row, other in rows if has_blocked(row, user_id)]


async def _with_others(
    db: AsyncSession, user_id: int, status: FriendStatus
) -> list[tuple[Friendship, User]]:
    other = or_(
        (Friendship.user_id == user_id) & (User.id == Friendship.friend_id),
        (Friendship.friend_id == user_id) & (User.id == Friendship.user_id),
    )
    rows = await db.execute(
        select(Friendship, User)
        .join(User, other)
        .where(
            or_(Friendship.user_id == user_id, Friendship.friend_id == user_id),
            Friendship.status == status,
        )
        .order_by(Friendship.id)
    )
    return [(row, user) for row, user in rows]


async def requests_to(db: AsyncSession, user_id: int) -> list[tuple[Friendship, User]]:
    """Requests that wait for a user's answer, newest first."""
    rows = await db.execute(
        select(Friendship, User)
        .join(User, User.id == Friendship.user_id)
        .where(Friendship.friend_id == user_id, Friendship.status == FriendStatus.PENDING)
        .order_by(Friendship.id.desc())
    )
    return [(row, user) for row, user in rows]


def new_row(user_id: int, friend_id: int, status: FriendStatus) -> Friendship:
    """A row that says `user_id` asked `friend_id`."""
    now = now_ms()
    return Friendship(
        user_id=user_id,
        friend_id=friend_id,
        low_id=min(user_id, friend_id),
        high_id=max(user_id, friend_id),
        status=status.value,
        blocked_by_user=False,
        blocked_by_friend=False,
        created_at=now,
        updated_at=now,
    )
