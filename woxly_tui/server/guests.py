"""Sends guests out of calls whose invite was withdrawn, and forgets those of long ago."""

import asyncio
import contextlib
import logging
import time
from typing import Final

from woxly_tui._lib.aio import TaskOwner
from woxly_tui.errors import WoxlyError
from woxly_tui.server.db.database import Database
from woxly_tui.server.livekit.api import LivekitApi
from woxly_tui.server.store import invites
from woxly_tui.server.times import now_ms
from woxly_tui.wire.words import livekit_room

LOOK_EVERY_S: Final = 2.0

JOINABLE_MS: Final = 12 * 60 * 1000
"""How long a LiveKit token that a guest has may still let them in: ten minutes, and LiveKit's
leeway."""

_FORGET_EVERY_S: Final = 3600.0

_log = logging.getLogger(__name__)


class GuestKeeper:
    """Keeps out who may not be in. Use from one event loop."""

    def __init__(self, db: Database, api: LivekitApi | None) -> None:
        self._db = db
        self._api = api
        self._tasks = TaskOwner("guests")
        self._news = asyncio.Event()
        self._sent_out: set[str] = set()

    def start(self) -> None:
        """Begin to look."""
        self._tasks.start(self._run(), name="look")

    async def aclose(self) -> None:
        """Stop."""
        await self._tasks.aclose()

    def hurry(self) -> None:
        """Look now: an invite was withdrawn."""
        self._news.set()

    async def _run(self) -> None:
        forget_at = 0.0
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), LOOK_EVERY_S)
            self._news.clear()
            try:
                await self.look()
                if time.monotonic() >= forget_at:
                    forget_at = time.monotonic() + _FORGET_EVERY_S
                    async with self._db.write() as db:
                        await invites.forget(db)
            except Exception:  # noqa: BLE001 - the next look may work
                _log.exception("guests could not be looked after")

    async def look(self) -> None:
        """Send out who must go: everybody once, and again whoever came back."""
        async with self._db.read() as db:
            found = await invites.put_out(db, now_ms() - JOINABLE_MS)
        self._sent_out &= found.keys()
        for identity, (room_id, is_inside) in found.items():
            if is_inside or identity not in self._sent_out:
                await self._remove(room_id, identity)

    async def _remove(self, room_id: int, identity: str) -> None:
        if self._api is None:
            return
        try:
            await self._api.remove(livekit_room(room_id), identity)
        except WoxlyError as error:
            _log.warning("a guest could not be sent out of a call: %s", error.message)
        else:
            self._sent_out.add(identity)
