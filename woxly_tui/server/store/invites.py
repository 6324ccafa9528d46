"""Invites and the guests they let in. Codes and tokens are kept as hashes only.

A code is random and long, so a plain hash is enough, and looking it up tells nothing.
"""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from woxly_tui._lib.text import clean_name
from woxly_tui.server.db.models import (
    CallParticipant,
    CallSession,
    Guest,
    Invite,
    Member,
    Room,
    User,
)
from woxly_tui.server.times import now_ms
from woxly_tui.wire.words import MemberStatus

ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Nothing that is mistaken for something else when read out."""

CODE_CHARS: Final = 27
"""133 bits."""

DEFAULT_EXPIRY_S: Final = 24 * 3600
MIN_EXPIRY_S: Final = 60
MAX_EXPIRY_S: Final = 30 * 24 * 3600
DEFAULT_USES: Final = 10
MAX_USES: Final = 100
MAX_OPEN: Final = 50
"""Invites a room may have at a time."""

GUEST_TTL_MS: Final = 12 * 3600 * 1000
"""How long a guest gets fresh tokens, if their invite lasts as long."""

_KEEP_MS: Final = 24 * 3600 * 1000
"""How long an invite is kept that has expired."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A guest, and what they may join."""

    identity: str
    name: str
    room_id: int
    room_name: str
    until_ms: int
    """When they get no more tokens."""


def new_code() -> str:
    """A random code."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_CHARS))


def digest(secret: str) -> str:
    """What is kept of a code or a token."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _is_open(now: int) -> ColumnElement[bool]:
    """An invite is good while its time lasts and its maker is a member of the room."""
    maker = exists().where(
        Member.room_id == Invite.room_id,
        Member.user_id == Invite.created_by,
        Member.status == MemberStatus.ACCEPTED,
        User.id == Invite.created_by,
        User.banned_at.is_(None),
    )
    return and_(
        Invite.revoked_at.is_(None),
        Invite.expires_at > now,
        or_(Invite.created_by.is_(None), maker),
    )


async def make(
    db: AsyncSession, room_id: int, created_by: int | None, expires_in_s: int, max_uses: int
) -> tuple[Invite, str]:
    """An invite and its code, which cannot be had again."""
    code, now = new_code(), now_ms()
    invite = Invite(
        room_id=room_id,
        created_by=created_by,
        code_hash=digest(code),
        max_uses=max_uses,
        uses=0,
        created_at=now,
        expires_at=now + expires_in_s * 1000,
    )
    db.add(invite)
    await db.flush()
    return invite, code


async def listed(db: AsyncSession, room_id: int) -> list[Invite]:
    """Invites of a room that have not ended, newest first; those used up can be withdrawn."""
    rows = await db.scalars(
        select(Invite)
        .where(Invite.room_id == room_id, _is_open(now_ms()))
        .order_by(Invite.id.desc())
        .limit(MAX_OPEN)
    )
    return list(rows)


async def count_open(db: AsyncSession, room_id: int) -> int:
    """How many invites of a room have not ended."""
    query = select(func.count()).where(Invite.room_id == room_id, _is_open(now_ms()))
    return await db.scalar(query) or 0


async def in_room(db: AsyncSession, room_id: int, invite_id: int) -> Invite | None:
    """An invite of a room, ended or not."""
    return await db.scalar(select(Invite).where(Invite.id == invite_id, Invite.room_id == room_id))


async def find(db: AsyncSession, code: str) -> tuple[Invite, Room, str | None] | None:
    """The invite that a code opens, its room and its maker's name; None for a code of no use."""
    row = await db.execute(
        select(Invite, Room, User.username)
        .join(Room, Room.id == Invite.room_id)
        .outerjoin(User, User.id == Invite.created_by)
        .where(
            Invite.code_hash == digest(code),
            _is_open(now_ms()),
            Invite.uses < Invite.max_uses,
        )
    )
    found = row.one_or_none()
    return None if found is None else (found[0], found[1], found[2])


async def redeem(db: AsyncSession, code: str, name: str) -> tuple[Admitted, str] | None:
    """Use an invite once: a guest with a token for later. None for a code of no use.

    Args:
        db: A writing session; of two that want the last use, one gets it.
        code: The invite's code.
        name: The name they chose, cleaned.
    """
    now = now_ms()
    invite_id = await db.scalar(
        update(Invite)
        .where(
            Invite.code_hash == digest(code),
            _is_open(now),
            Invite.uses < Invite.max_uses,
        )
        .values(uses=Invite.uses + 1)
        .returning(Invite.id)
        .execution_options(synchronize_session=False)
    )
    if invite_id is None:
        return None
    invite = await db.get_one(Invite, invite_id, populate_existing=True)
    token = secrets.token_urlsafe(32)
    guest = Guest(
        identity=f"guest-{secrets.token_hex(8)}",
        invite_id=invite.id,
        name=await _free_name(db, invite.room_id, name),
        token_hash=digest(token),
        created_at=now,
        expires_at=min(now + GUEST_TTL_MS, invite.expires_at),
    )
    db.add(guest)
    await db.flush()
    room = await db.get_one(Room, invite.room_id)
    return _admitted(guest, room), token


async def _free_name(db: AsyncSession, room_id: int, name: str) -> str:
    """The name, marked where a member of the room goes by it."""
    query = (
        select(User.id)
        .join(Member, Member.user_id == User.id)
        .where(Member.room_id == room_id, User.username_key == name.casefold())
    )
    is_taken = await db.scalar(query.limit(1)) is not None
    return f"{name} (guest)" if is_taken else name


async def admitted(db: AsyncSession, token: str) -> Admitted | None:
    """The guest with a token, while they may join."""
    now = now_ms()
    row = await db.execute(
        select(Guest, Room)
        .join(Invite, Invite.id == Guest.invite_id)
        .join(Room, Room.id == Invite.room_id)
        .where(Guest.token_hash == digest(token), Guest.expires_at > now, _is_open(now))
    )
    found = row.one_or_none()
    return None if found is None else _admitted(found[0], found[1])


def _admitted(guest: Guest, room: Room) -> Admitted:
    return Admitted(
        identity=guest.identity,
        name=guest.name,
        room_id=room.id,
        room_name=clean_name(room.name, ""),
        until_ms=guest.expires_at,
    )


async def put_out(db: AsyncSession, since_ms: int) -> dict[str, tuple[int, bool]]:
    """Guests whose invite was withdrawn since: identity to room, and whether they are inside."""
    inside = exists().where(
        CallSession.id == CallParticipant.session_id,
        CallSession.room_id == Invite.room_id,
        CallSession.ended_at.is_(None),
        CallParticipant.identity == Guest.identity,
        CallParticipant.left_at.is_(None),
    )
    rows = await db.execute(
        select(Guest.identity, Invite.room_id, inside)
        .join(Invite, Invite.id == Guest.invite_id)
        .where(Invite.revoked_at >= since_ms)
    )
    return {identity: (room_id, is_inside) for identity, room_id, is_inside in rows}


async def forget(db: AsyncSession) -> None:
    """Remove invites that ended long ago, with their guests."""
    await db.execute(delete(Invite).where(Invite.expires_at < now_ms() - _KEEP_MS))
