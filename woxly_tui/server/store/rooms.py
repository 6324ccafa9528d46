"""Rooms and who is in them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import and_, bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from woxly_tui.server.db.models import Friendship, Member, Message, Room, User
from woxly_tui.server.db.questions import Question
from woxly_tui.server.problems import Problem
from woxly_tui.server.texts import Text
from woxly_tui.server.times import now_ms
from woxly_tui.wire.words import FriendStatus, MemberStatus, RoomType

_WHOLE: Final = (selectinload(Room.owner), selectinload(Room.members).selectinload(Member.user))
_INSIDE: Final = (MemberStatus.ACCEPTED, MemberStatus.PENDING)

STATUS: Final = Question(
    select(Member.status).where(
        Member.room_id == bindparam("room"), Member.user_id == bindparam("user")
    )
)
"""Somebody's status in a room, on paths that many take."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A room as its member lists it."""

    room: Room
    last: Message | None
    unread_count: int


async def whole(db: AsyncSession, room_id: int) -> Room | None:
    """A room with owner, members and their users."""
    query = select(Room).where(Room.id == room_id).options(*_WHOLE)
    return await db.scalar(query.execution_options(populate_existing=True))


async def member_of(db: AsyncSession, room_id: int, user_id: int) -> Member | None:
    """Somebody's row in a room, whatever its status."""
    return await db.scalar(
        select(Member).where(Member.room_id == room_id, Member.user_id == user_id)
    )


async def status_of(db: AsyncSession, room_id: int, user_id: int) -> str | None:
    """Somebody's status in a room; None: no member."""
    return await db.scalar(
        select(Member.status).where(Member.room_id == room_id, Member.user_id == user_id)
    )


async def accepted_ids(db: AsyncSession, room_id: int) -> list[int]:
    """Users who are accepted members."""
    return list(
        await db.scalars(
            select(Member.user_id).where(
                Member.room_id == room_id, Member.status == MemberStatus.ACCEPTED
            )
        )
    )


async def inside_ids(db: AsyncSession, room_id: int) -> list[int]:
    """Users who are members, or are asked to be."""
    return list(
        await db.scalars(
            select(Member.user_id).where(Member.room_id == room_id, Member.status.in_(_INSIDE))
        )
    )


async def may_call(db: AsyncSession, room_id: int, user_id: int) -> bool:
    """Whether somebody may be in a room's call: a member, or asked to be one, and not banned."""
    query = select(Member.id).join(User, User.id == Member.user_id)
    found = await db.scalar(
        query.where(
            Member.room_id == room_id,
            Member.user_id == user_id,
            Member.status.in_(_INSIDE),
            User.banned_at.is_(None),
        )
    )
    return found is not None


async def check_visible(db: AsyncSession, room_id: int, user_id: int) -> None:
    """Let members, and those asked to be, see a room; everybody, where it is not private.

    Raises:
        Problem: 404, there is no such room; 403, it is not open to them.
    """
    room = await db.get(Room, room_id)
    if room is None:
        raise Problem(404, Text.ROOM_UNKNOWN)
    if room.is_private and await status_of(db, room_id, user_id) not in _INSIDE:
        raise Problem(403, Text.ROOM_CLOSED)


def accepted(room: Room) -> list[Member]:
    """The accepted members of a whole room."""
    return [member for member in room.members if member.status == MemberStatus.ACCEPTED]


async def listed_for(db: AsyncSession, user_id: int) -> list[Listed]:
    """Somebody's rooms, that with the newest message first."""
    mine = and_(
        Member.user_id == user_id,
        Member.status.in_(_INSIDE),
        or_(Room.type == RoomType.DM, Member.left_at.is_(None)),
    )
    rooms = list(
        await db.scalars(
            select(Room).join(Member, Member.room_id == Room.id).where(mine).options(*_WHOLE)
        )
    )
    ids = [room.id for room in rooms]
    last = await _last_messages(db, ids)
    unread = await _unread_counts(db, ids, user_id)
    rooms.sort(key=lambda room: (room.id in last, last[room.id].id if room.id in last else room.id))
    return [Listed(room, last.get(room.id), unread.get(room.id, 0)) for room in reversed(rooms)]


async def _last_messages(db: AsyncSession, room_ids: Sequence[int]) -> dict[int, Message]:
    newest = (
        select(func.max(Message.id))
        .where(Message.room_id.in_(room_ids), Message.deleted_at.is_(None))
        .group_by(Message.room_id)
    )
    rows = await db.scalars(
        select(Message).where(Message.id.in_(newest)).options(selectinload(Message.sender))
    )
    return {row.room_id: row for row in rows}


async def _unread_counts(db: AsyncSession, room_ids: Sequence[int], user_id: int) -> dict[int, int]:
    rows = await db.execute(
        select(Message.room_id, func.count())
        .join(Member, and_(Member.room_id == Message.room_id, Member.user_id == user_id))
        .where(
            Message.room_id.in_(room_ids),
            Message.sender_id != user_id,
            Message.deleted_at.is_(None),
            Message.created_at > func.coalesce(Member.last_read_at, Member.created_at - 1),
        )
        .group_by(Message.room_id)
    )
    return {row[0]: row[1] for row in rows}


def dm_key(one: int, other: int) -> str:
    """Names the DM of two users."""
    return f"{min(one, other)}:{max(one, other)}"


async def dm_of(db: AsyncSession, one: int, other: int) -> Room | None:
    """The DM of two users."""
    return await db.scalar(select(Room).where(Room.dm_key == dm_key(one, other)).options(*_WHOLE))


async def create(
    db: AsyncSession,
    *,
    name: str,
    kind: RoomType,
    owner_id: int,
    others: Iterable[int],
    is_private: bool = True,
) -> Room:
    """Make a room; the others of a DM are in it at once, those of other rooms are asked.

    Raises:
        IntegrityError: The two have a DM already.
    """
    now, others = now_ms(), list(others)
    is_dm = kind is RoomType.DM
    room = Room(
        name="" if is_dm else name,
        type=kind.value,
        owner_id=owner_id,
        is_private=is_private,
        dm_key=dm_key(owner_id, others[0]) if is_dm else None,
        created_at=now,
        updated_at=now,
    )
    db.add(room)
    await db.flush()
    db.add(new_member(room.id, owner_id, MemberStatus.ACCEPTED))
    for user_id in others:
        status = MemberStatus.ACCEPTED if is_dm else MemberStatus.PENDING
        db.add(new_member(room.id, user_id, status))
    await db.flush()
    return room


def new_member(room_id: int, user_id: int, status: MemberStatus) -> Member:
    """A row for somebody who had none."""
    now = now_ms()
    return Member(
        room_id=room_id,
        user_id=user_id,
        status=status.value,
        joined_at=now if status is MemberStatus.ACCEPTED else None,
        created_at=now,
    )


def let_in(member: Member) -> bool:
    """Make a member accepted; whether that changed anything."""
    was_in = member.status == MemberStatus.ACCEPTED and member.left_at is None
    if not was_in:
        member.status, member.left_at, member.joined_at = MemberStatus.ACCEPTED, None, now_ms()
    return not was_in


def let_go(member: Member) -> bool:
    """Make a member one who left; whether that changed anything."""
    was_in = member.status != MemberStatus.LEFT
    if was_in:
        member.status, member.left_at = MemberStatus.LEFT, now_ms()
    return was_in


async def unknown_users(db: AsyncSession, ids: Sequence[int]) -> bool:
    """Whether one of some ids is nobody's, or of somebody banned."""
    query = select(func.count()).select_from(User)
    known = await db.scalar(query.where(User.id.in_(ids), User.banned_at.is_(None)))
    return known != len(set(ids))


async def has_block_with(db: AsyncSession, user_id: int, ids: Sequence[int]) -> bool:
    """Whether there is a block between a user and one of some others."""
    query = select(Friendship.id).where(
        Friendship.status == FriendStatus.BLOCKED,
        or_(
            and_(Friendship.user_id == user_id, Friendship.friend_id.in_(ids)),
            and_(Friendship.friend_id == user_id, Friendship.user_id.in_(ids)),
        ),
    )
    return await db.scalar(query.limit(1)) is not None
