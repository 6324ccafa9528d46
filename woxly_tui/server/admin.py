"""What whoever runs the server can do to it, while it runs or not."""

import asyncio
import os
import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import func, or_, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from woxly_tui.errors import ConfigError, UsageError
from woxly_tui.server.db.database import Database, database_url
from woxly_tui.server.db.migrate import migrate
from woxly_tui.server.db.models import AuthSession, Invite, Member, Message, Room, User
from woxly_tui.server.keys import FILE_NAME
from woxly_tui.server.passwords import Passwords
from woxly_tui.server.settings import ServerSettings
from woxly_tui.server.store import invites
from woxly_tui.server.times import now_ms
from woxly_tui.server.uploads import FOLDER_NAME

MAX_LISTED: Final = 1000


@dataclass(frozen=True, slots=True)
class UserLine:
    """A user as an administrator lists them."""

    id: int
    woxly_id: str
    username: str
    email: str
    status: str
    created_ms: int
    is_banned: bool


@dataclass(frozen=True, slots=True)
class RoomLine:
    """A room as an administrator lists it; what is said in it is not theirs to read."""

    id: int
    type: str
    name: str
    members: int
    messages: int
    created_ms: int


@dataclass(frozen=True, slots=True)
class InviteLine:
    """An invite as an administrator lists it."""

    id: int
    room_id: int
    room: str
    uses: int
    max_uses: int
    expires_ms: int


class Admin:
    """Works on the database; a running server notices within seconds."""

    def __init__(self, settings: ServerSettings, db: Database) -> None:
        self._settings = settings
        self._db = db

    async def users(self, query: str = "") -> list[UserLine]:
        """Users, newest first; those with a text in name or address, if given."""
        wanted = select(User).order_by(User.id.desc()).limit(MAX_LISTED)
        if query:
            wanted = wanted.where(
                or_(
                    User.username_key.contains(query.casefold(), autoescape=True),
                    User.email.contains(query.lower(), autoescape=True),
                )
            )
        async with self._db.read() as db:
            return [
                UserLine(
                    id=user.id,
                    woxly_id=user.woxly_id,
                    username=user.username,
                    email=user.email,
                    status=user.status,
                    created_ms=user.created_at,
                    is_banned=user.banned_at is not None,
                )
                for user in await db.scalars(wanted)
            ]

    async def rooms(self) -> list[RoomLine]:
        """Rooms, newest first."""
        members = (
            select(func.count()).where(Member.room_id == Room.id, Member.status == "accepted")
        ).scalar_subquery()
        messages = select(func.count()).where(Message.room_id == Room.id).scalar_subquery()
        query = select(Room, members, messages).order_by(Room.id.desc()).limit(MAX_LISTED)
        async with self._db.read() as db:
            return [
                RoomLine(room.id, room.type, room.name, people, said, room.created_at)
                for room, people, said in await db.execute(query)
            ]

    async def delete_room(self, room_id: int) -> None:
        """Remove a room with everything said in it.

        Raises:
            UsageError: There is none.
        """
        async with self._db.write() as db:
            room = await db.get(Room, room_id)
            if room is None:
                raise UsageError(f"there is no room {room_id}", "see: woxly serve admin rooms")
            await db.delete(room)

    async def reset_password(self, who: str) -> tuple[str, str]:
        """Give a user a new password, and sign them out everywhere.

        Returns:
            The user's address, and the password.

        Raises:
            UsageError: There is no such user.
        """
        password = f"{secrets.token_urlsafe(9)}-Aa1"
        hashed = await Passwords().hash(password)
        user_id = await self._find(who)
        async with self._db.write() as db:
            user = await db.get_one(User, user_id)
            user.password_hash, user.updated_at = hashed, now_ms()
            await self._end_sessions(db, user_id)
            return user.email, password

    async def ban(self, who: str, *, is_banned: bool) -> str:
        """Shut a user out, or let them in again.

        A banned one is signed out, cut off and sent out of calls; they cannot sign in.

        Returns:
            The user's address.

        Raises:
            UsageError: There is no such user.
        """
        user_id = await self._find(who)
        async with self._db.write() as db:
            user = await db.get_one(User, user_id)
            user.banned_at = now_ms() if is_banned else None
            if is_banned:
                await self._end_sessions(db, user_id)
            return user.email

    async def _end_sessions(self, db: AsyncSession, user_id: int) -> None:
        await db.execute(
            update(AuthSession)
            .where(AuthSession.user_id == user_id, AuthSession.revoked_at.is_(None))
            .values(revoked_at=now_ms())
        )

    async def _find(self, who: str) -> int:
        matches = [User.email == who.lower(), User.woxly_id == who.upper()]
        if who.isascii() and who.isdigit() and len(who) < 10:
            matches.append(User.id == int(who))
        async with self._db.read() as db:
            found = list(await db.scalars(select(User.id).where(or_(*matches))))
        if len(found) != 1:
            raise UsageError(
                f"there is no user {who!r}",
                "name one by id, woxlyId or email; see: woxly serve admin users",
            )
        return found[0]

    async def invite(self, room: str, expires_in_s: int, max_uses: int) -> tuple[InviteLine, str]:
        """Make an invite into a room, named by id or name.

        Returns:
            The invite, and its code, which cannot be had again.

        Raises:
            UsageError: There is no such room, or more than one.
        """
        room_id = await self._find_room(room)
        async with self._db.write() as db:
            made, code = await invites.make(db, room_id, None, expires_in_s, max_uses)
            found = await db.get_one(Room, room_id)
            return _invite_line(made, found.name), code

    async def invites(self) -> list[InviteLine]:
        """Invites that have not ended, newest first."""
        query = (
            select(Invite, Room.name)
            .join(Room, Room.id == Invite.room_id)
            .where(Invite.revoked_at.is_(None), Invite.expires_at > now_ms())
            .order_by(Invite.id.desc())
            .limit(MAX_LISTED)
        )
        async with self._db.read() as db:
            return [_invite_line(invite, name) for invite, name in await db.execute(query)]

    async def withdraw_invite(self, invite_id: int) -> None:
        """End an invite; a running server sends its guests out of the call.

        Raises:
            UsageError: There is none.
        """
        async with self._db.write() as db:
            invite = await db.get(Invite, invite_id)
            if invite is None:
                raise UsageError(
                    f"there is no invite {invite_id}", "see: woxly serve admin invites"
                )
            invite.revoked_at = invite.revoked_at or now_ms()

    async def _find_room(self, room: str) -> int:
        matches = [Room.name == room]
        if room.isascii() and room.isdigit() and len(room) < 10:
            matches.append(Room.id == int(room))
        async with self._db.read() as db:
            found = list(await db.scalars(select(Room.id).where(or_(*matches)).limit(10)))
        if not found:
            raise UsageError(
                f"there is no room {room!r}",
                "make one in a client of this server; see: woxly serve admin rooms",
            )
        if len(found) > 1:
            ids = ", ".join(map(str, found))
            raise UsageError(f"more than one room is called {room!r}", f"name one by id: {ids}")
        return found[0]

    async def backup(self, folder: Path) -> Path:
        """Copy database, secrets and files into a new folder, while the server runs.

        Raises:
            UsageError: The folder is there already, or the database is not ours to copy.
            ConfigError: It cannot be written.
        """
        if not self._db.is_sqlite:
            raise UsageError(
                "the database is PostgreSQL", "use pg_dump, and copy secrets.json and uploads/"
            )
        try:
            target, keys = _new_files(folder)
            async with self._db.engine.connect() as connection:
                await connection.exec_driver_sql("COMMIT")
                await connection.execute(text("VACUUM INTO :target"), {"target": str(target)})
                await connection.exec_driver_sql("BEGIN")
            data = self._settings.data_folder
            shutil.copyfile(data / FILE_NAME, keys)
            await asyncio.to_thread(_copy_files, data / FOLDER_NAME, folder / FOLDER_NAME)
        except (OSError, SQLAlchemyError) as error:
            raise ConfigError(
                f"the backup could not be written to {folder}: {error}", "check owner and space"
            ) from error
        return folder


def _invite_line(invite: Invite, room: str) -> InviteLine:
    return InviteLine(
        invite.id, invite.room_id, room, invite.uses, invite.max_uses, invite.expires_at
    )


def _new_files(folder: Path) -> tuple[Path, Path]:
    """Empty private files for database and secrets."""
    if folder.exists():
        raise UsageError(f"the folder {folder} exists already", "name a folder that does not")
    folder.mkdir(parents=True, mode=0o700)
    files = folder / "woxly.db", folder / FILE_NAME
    for file in files:
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    return files


def _copy_files(source: Path, target: Path) -> None:
    """Copy what people sent; what goes meanwhile was deleted."""
    if not source.is_dir():
        return
    target.mkdir(mode=0o700)
    for path in source.iterdir():
        with suppress(FileNotFoundError):
            shutil.copyfile(path, target / path.name)
            (target / path.name).chmod(0o600)


@asynccontextmanager
async def opened(settings: ServerSettings) -> AsyncIterator[Admin]:
    """The administration of a server's database, brought to the form of this version.

    Raises:
        ConfigError: The database cannot be used.
    """
    db = Database(database_url(settings.database))
    try:
        await migrate(db)
        yield Admin(settings, db)
    finally:
        await db.aclose()
