"""Sign-ins: each is a family of refresh tokens, of which only the newest is good.

A refresh token that was used before is taken for stolen: its whole family ends, so that
neither the thief nor the owner can go on without the password.
"""

import secrets
from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, delete, select, update

from woxly_tui.server.db.database import Database
from woxly_tui.server.db.models import AuthSession, User
from woxly_tui.server.db.questions import Question
from woxly_tui.server.times import now_ms
from woxly_tui.server.tokens import REFRESH_TTL_S, AccessClaims, InvalidToken, Tokens

_WHOSE: Final = Question(
    select(AuthSession.user_id)
    .join(User, User.id == AuthSession.user_id)
    .where(
        AuthSession.id == bindparam("session"),
        AuthSession.revoked_at.is_(None),
        User.banned_at.is_(None),
    )
)
"""Whose a sign-in is that stands."""


@dataclass(frozen=True, slots=True)
class TokenPair:
    access: str
    refresh: str


class UnknownUser(Exception):
    """The account behind a token is gone or banned."""


class Sessions:
    """Opens, refreshes, checks and ends sign-ins. Use from one event loop."""

    def __init__(self, db: Database, tokens: Tokens, *, takes_old_refresh: bool = False) -> None:
        self._db = db
        self._tokens = tokens
        self._takes_old = takes_old_refresh

    async def open(self, user_id: int) -> TokenPair:
        """Sign a user in."""
        session_id, now = secrets.token_hex(16), now_ms()
        row = AuthSession(
            id=session_id,
            user_id=user_id,
            created_at=now,
            expires_at=now + REFRESH_TTL_S * 1000,
        )
        async with self._db.write() as db:
            await db.execute(delete(AuthSession).where(AuthSession.expires_at < now))
            db.add(row)
        return self._pair(user_id, session_id, 0)

    async def refresh(self, token: str) -> TokenPair:
        """Trade a refresh token for a new pair.

        Raises:
            InvalidToken: It is none, was used before, or its sign-in has ended.
            UnknownUser: Its user is gone or banned.
        """
        claims = self._tokens.read_refresh(token)
        now = now_ms()
        async with self._db.write() as db:
            row = await db.get(AuthSession, claims.session_id, with_for_update=True)
            is_live = row is not None and row.revoked_at is None and row.expires_at > now
            if row is None or not is_live or row.user_id != claims.user_id:
                raise InvalidToken
            user = await db.get(User, row.user_id)
            if user is None or user.banned_at is not None:
                raise UnknownUser
            is_fresh = claims.generation == row.generation
            if self._takes_old:  # its successors were never used, so nobody has moved on
                is_fresh = claims.generation >= row.generation
            if is_fresh:
                row.generation = claims.generation + (0 if self._takes_old else 1)
                row.expires_at = now + REFRESH_TTL_S * 1000
            else:
                row.revoked_at = now
        if not is_fresh:
            raise InvalidToken
        return self._pair(claims.user_id, claims.session_id, claims.generation + 1)

    async def check(self, token: str) -> AccessClaims:
        """Who an access token is.

        Raises:
            InvalidToken: It is none, or its sign-in has ended.
        """
        claims = self.read(token)
        row = await self._db.ask(_WHOSE, session=claims.session_id)
        if row is None or row[0] != claims.user_id:
            raise InvalidToken
        return claims

    def read(self, token: str) -> AccessClaims:
        """Who an access token says that it is, for those who look its sign-in up themselves.

        Raises:
            InvalidToken: It is none of ours, or its time is over.
        """
        return self._tokens.read_access(token)

    async def end(self, session_id: str) -> None:
        """Sign one device out."""
        async with self._db.write() as db:
            await db.execute(
                update(AuthSession)
                .where(AuthSession.id == session_id, AuthSession.revoked_at.is_(None))
                .values(revoked_at=now_ms())
            )

    async def end_all(self, user_id: int, *, but: str = "") -> None:
        """Sign a user out everywhere, or everywhere else."""
        async with self._db.write() as db:
            await db.execute(
                update(AuthSession)
                .where(
                    AuthSession.user_id == user_id,
                    AuthSession.id != but,
                    AuthSession.revoked_at.is_(None),
                )
                .values(revoked_at=now_ms())
            )

    def _pair(self, user_id: int, session_id: str, generation: int) -> TokenPair:
        return TokenPair(
            self._tokens.access(user_id, session_id),
            self._tokens.refresh(user_id, session_id, generation),
        )
