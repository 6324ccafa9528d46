"""Accounts in the database."""

import hashlib
import secrets
from typing import Final

from sqlalchemy import func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from woxly_tui.server.db.models import EmailCode, Friendship, User
from woxly_tui.server.times import now_ms
from woxly_tui.wire.words import FriendStatus, UserStatus

CODE_TTL_MS: Final = 15 * 60 * 1000
CODE_TRIES: Final = 5
VERIFY: Final = "verify"
RESET: Final = "reset"

_ID_TRIES: Final = 20


async def by_email(db: AsyncSession, email: str) -> User | None:
    """The user with an address, which is lower case."""
    return await db.scalar(select(User).where(User.email == email))


async def create(db: AsyncSession, *, email: str, username: str, password_hash: str) -> User:
    """Add a user.

    Raises:
        IntegrityError: The address is taken.
    """
    now = now_ms()
    user = User(
        woxly_id=await _free_woxly_id(db),
        email=email,
        username=username,
        username_key=username.casefold(),
        user_tag=f"{secrets.randbelow(10_000):04d}",
        password_hash=password_hash,
        created_at=now,
        updated_at=now,
    )
    db.add(user)
    await db.flush()
    return user


async def _free_woxly_id(db: AsyncSession) -> str:
    """`WX` and four digits; more digits once those are mostly taken."""
    for attempt in range(_ID_TRIES):
        digits = 4 + attempt // 5
        low = 10 ** (digits - 1)
        found = f"WX{low + secrets.randbelow(9 * low)}"
        if await db.scalar(select(User.id).where(User.woxly_id == found)) is None:
            return found
    raise IntegrityError("no woxlyId is free", None, Exception())


async def search(db: AsyncSession, me: int, query: str, limit: int = 20) -> list[User]:
    """Users by a part of their name or their exact woxlyId, but for oneself and the banned."""
    part = query.casefold().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    found = await db.scalars(
        select(User)
        .where(
            User.id != me,
            User.banned_at.is_(None),
            or_(
                User.username_key.like(f"%{part}%", escape="\\"),
                User.woxly_id == query.upper(),
            ),
        )
        .order_by(func.length(User.username), User.id)
        .limit(limit)
    )
    return list(found)


async def is_name_taken(db: AsyncSession, username: str, but: int) -> bool:
    """Whether somebody else has a name, in whatever case."""
    query = select(User.id).where(User.username_key == username.casefold(), User.id != but)
    return await db.scalar(query.limit(1)) is not None


async def is_tag_taken(db: AsyncSession, tag: str, but: int) -> bool:
    """Whether somebody else has a tag."""
    query = select(User.id).where(User.user_tag == tag, User.id != but)
    return await db.scalar(query.limit(1)) is not None


async def friend_ids(db: AsyncSession, user_id: int) -> list[int]:
    """Everybody who is a friend of a user."""
    rows = await db.execute(
        select(Friendship.user_id, Friendship.friend_id).where(
            or_(Friendship.user_id == user_id, Friendship.friend_id == user_id),
            Friendship.status == FriendStatus.ACCEPTED,
        )
    )
    return [two if one == user_id else one for one, two in rows]


async def new_code(db: AsyncSession, user_id: int, purpose: str) -> str:
    """Six digits to be sent by mail; an earlier code is void."""
    code = f"{secrets.randbelow(1_000_000):06d}"
    await db.merge(
        EmailCode(
            user_id=user_id,
            purpose=purpose,
            code_hash=_hash(user_id, code),
            expires_at=now_ms() + CODE_TTL_MS,
            tries_left=CODE_TRIES,
        )
    )
    return code


async def take_code(db: AsyncSession, user_id: int, purpose: str, code: str) -> bool:
    """Whether a code is the one sent; it works once, and wrong guesses use it up.

    Commit whatever the answer is, or a guess costs nothing.
    """
    row = await db.get(EmailCode, (user_id, purpose))
    if row is None or row.expires_at < now_ms() or row.tries_left <= 0:
        return False
    if secrets.compare_digest(row.code_hash, _hash(user_id, code)):
        await db.delete(row)
        return True
    row.tries_left -= 1
    return False


def _hash(user_id: int, code: str) -> str:
    return hashlib.sha256(f"{user_id}:{code}".encode()).hexdigest()


async def everybody_offline(db: AsyncSession) -> None:
    """Nobody is online when a server starts; one that was killed could not say so."""
    await db.execute(
        update(User)
        .where(User.status != UserStatus.OFFLINE)
        .values(status=UserStatus.OFFLINE.value)
    )
