"""Files in the database; their bytes are elsewhere (`server/uploads.py`)."""

from urllib.parse import quote

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from woxly_tui.server.db.database import Database
from woxly_tui.server.db.models import Message, Upload
from woxly_tui.server.uploads import is_token

PREFIX = "/uploads/"


def url_of(row: Upload) -> str:
    """Where a file is fetched, from this server's origin; its name is there for people."""
    return f"{PREFIX}{row.id}/{quote(row.name, safe='')}"


def token_in(url: str | None) -> str | None:
    """The file that an address of ours names."""
    token = (url or "").removeprefix(PREFIX).partition("/")[0]
    return token if url and url.startswith(PREFIX) and is_token(token) else None


async def find(db: AsyncSession, token: str) -> Upload | None:
    """A file, unless the message it came with was deleted."""
    return await db.scalar(
        select(Upload)
        .outerjoin(Message, Message.id == Upload.message_id)
        .where(Upload.id == token, Message.deleted_at.is_(None))
    )


async def kept_bytes(db: AsyncSession, owner_id: int) -> int:
    """How much of somebody's is kept."""
    query = select(func.coalesce(func.sum(Upload.size), 0)).where(Upload.owner_id == owner_id)
    return int(await db.scalar(query) or 0)


async def drop(db: AsyncSession, token: str | None) -> str | None:
    """Forget a file; its name, whose bytes are to go once that is written."""
    row = None if token is None else await db.get(Upload, token)
    if row is None:
        return None
    await db.delete(row)
    return token


async def known(db: Database, tokens: list[str]) -> set[str]:
    """Which of some names are files that we know."""
    async with db.read() as session:
        return set(await session.scalars(select(Upload.id).where(Upload.id.in_(tokens))))
