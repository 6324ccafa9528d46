"""Carries out what was decided elsewhere: bans, and sign-ins ended by another process."""

import asyncio
import logging
from typing import Final

from sqlalchemy import select

from woxly_tui._lib.aio import TaskOwner
from woxly_tui.errors import WoxlyError
from woxly_tui.server.db.database import Database
from woxly_tui.server.db.models import AuthSession, User
from woxly_tui.server.livekit.api import LivekitApi
from woxly_tui.server.realtime.notifier import Notifier
from woxly_tui.server.store import live
from woxly_tui.server.times import now_ms
from woxly_tui.wire.words import livekit_room

LOOK_EVERY_S: Final = 2.0

_OVERLAP_MS: Final = 10_000
"""How far back each look goes: clocks differ, and a transaction ends after its times."""

_log = logging.getLogger(__name__)


class Enforcer:
    """Cuts off sockets and calls of those who may not go on. Use from one event loop."""

    def __init__(self, db: Database, notifier: Notifier, api: LivekitApi | None) -> None:
        self._db = db
        self._notifier = notifier
        self._api = api
        self._tasks = TaskOwner("enforcer")
        self._looked_ms = now_ms()

    def start(self) -> None:
        """Begin to look."""
        self._tasks.start(self._run(), name="look")

    async def aclose(self) -> None:
        """Stop."""
        await self._tasks.aclose()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                await self.look()
            except Exception:  # noqa: BLE001 - the next look may work
                _log.exception("bans could not be looked up")

    async def look(self) -> None:
        """Carry out what is new."""
        since, self._looked_ms = self._looked_ms - _OVERLAP_MS, now_ms()
        async with self._db.read() as db:
            banned = list(await db.scalars(select(User.id).where(User.banned_at >= since)))
            ended = await db.execute(
                select(AuthSession.user_id, AuthSession.id).where(AuthSession.revoked_at >= since)
            )
            sessions = [(user_id, session_id) for user_id, session_id in ended]
            calls = {user_id: await live.rooms_with(db, user_id) for user_id in banned}
        for user_id, session_id in sessions:
            await self._notifier.disconnect_user(user_id, session_id=session_id)
        for user_id, room_ids in calls.items():
            await self._notifier.disconnect_user(user_id)
            for room_id in room_ids:
                await self._remove(room_id, user_id)

    async def _remove(self, room_id: int, user_id: int) -> None:
        if self._api is None:
            return
        try:
            await self._api.remove(livekit_room(room_id), str(user_id))
        except WoxlyError as error:
            _log.warning("a banned user could not be sent out of a call: %s", error.message)
