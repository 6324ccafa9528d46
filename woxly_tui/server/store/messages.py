"""Messages, reactions and read marks."""

from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from woxly_tui.server.db.models import Member, Message, Reaction, Room, Upload
from woxly_tui.server.problems import Problem
from woxly_tui.server.store import rooms
from woxly_tui.server.texts import Text
from woxly_tui.server.times import now_ms
from woxly_tui.wire.words import MemberStatus, RoomType

MAX_PAGE: Final = 200

_WHOLE: Final = (
    selectinload(Message.sender),
    selectinload(Message.reply_to).selectinload(Message.sender),
    selectinload(Message.reactions).selectinload(Reaction.user),
    selectinload(Message.upload),
)


async def whole(db: AsyncSession, message_id: int) -> Message | None:
    """A message that was not deleted, with sender, reactions and what it answers."""
    query = select(Message).where(Message.id == message_id, Message.deleted_at.is_(None))
    return await db.scalar(query.options(*_WHOLE).execution_options(populate_existing=True))


async def page(db: AsyncSession, room_id: int, *, limit: int, offset: int) -> list[Message]:
    """A page counted from the newest, oldest first."""
    rows = await db.scalars(
        select(Message)
        .where(Message.room_id == room_id, Message.deleted_at.is_(None))
        .order_by(Message.id.desc())
        .limit(min(limit, MAX_PAGE))
        .offset(offset)
        .options(*_WHOLE)
    )
    return list(reversed(list(rows)))


async def check_member(db: AsyncSession, room_id: int, user_id: int) -> Member:
    """The accepted member that somebody is of a room.

    Raises:
        Problem: 404, there is no such room; 403, they are no such member.
    """
    member = await rooms.member_of(db, room_id, user_id)
    if member is not None and member.status == MemberStatus.ACCEPTED:
        return member
    room = await db.get(Room, room_id)
    if room is None:
        raise Problem(404, Text.ROOM_UNKNOWN)
    raise Problem(403, Text.ROOM_CLOSED)


async def check_reader(db: AsyncSession, room_id: int, user_id: int) -> None:
    """Like `check_member`, and whoever left a DM is back in it. Use in a writing session.

    Raises:
        Problem: 404, there is no such room; 403, they are no such member.
    """
    room = await db.get(Room, room_id)
    if room is not None and room.type == RoomType.DM:
        member = await rooms.member_of(db, room_id, user_id)
        if member is not None:
            rooms.let_in(member)
    await check_member(db, room_id, user_id)


async def write(
    db: AsyncSession,
    *,
    room_id: int,
    sender_id: int,
    content: str,
    kind: str = "text",
    reply_to_id: int | None = None,
    upload: Upload | None = None,
) -> Message:
    """Add a message of an accepted member.

    Raises:
        Problem: 403, they are none; 404, no such room, or no such message to reply to in it.
    """
    await check_member(db, room_id, sender_id)
    if reply_to_id is not None:
        answered = await whole(db, reply_to_id)
        if answered is None or answered.room_id != room_id:
            raise Problem(404, Text.MESSAGE_UNKNOWN)
    now = now_ms()
    row = Message(
        room_id=room_id,
        sender_id=sender_id,
        content=content,
        type=kind,
        reply_to_id=reply_to_id,
        created_at=now,
        updated_at=now,
    )
    db.add(row)
    await db.flush()
    if upload is not None:
        upload.message_id = row.id
        db.add(upload)
        await db.flush()
    written = await whole(db, row.id)
    assert written is not None  # noqa: S101 - written just now
    return written


async def own(db: AsyncSession, message_id: int, user_id: int, refusal: Text) -> Message:
    """A message of one's own, to be changed.

    Raises:
        Problem: 404, there is none, or none one may read; 403, it is somebody else's.
    """
    row = await readable(db, message_id, user_id)
    if row.sender_id != user_id:
        raise Problem(403, refusal)
    return row


async def readable(db: AsyncSession, message_id: int, user_id: int) -> Message:
    """A message of a room one is in.

    Raises:
        Problem: 404, there is none; that of another room is none, too.
    """
    row = await whole(db, message_id)
    if row is None or await rooms.status_of(db, row.room_id, user_id) != MemberStatus.ACCEPTED:
        raise Problem(404, Text.MESSAGE_UNKNOWN)
    return row


async def toggle_reaction(db: AsyncSession, row: Message, user_id: int, emoji: str) -> str:
    """Add a reaction, or take it back; which of both."""
    found = next((r for r in row.reactions if r.user_id == user_id and r.emoji == emoji), None)
    if found is not None:
        await db.delete(found)
        return "removed"
    db.add(Reaction(message_id=row.id, user_id=user_id, emoji=emoji, created_at=now_ms()))
    return "added"
