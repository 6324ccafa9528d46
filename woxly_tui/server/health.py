"""Looks at the parts the server stands on, at most once a second however many ask."""

import asyncio
import time
from typing import Final

from woxly_tui.server.db.database import Database
from woxly_tui.server.livekit.api import LivekitApi

FRESH_FOR_S: Final = 1.0


class Health:
    """The state of database and LiveKit. Use from one event loop."""

    def __init__(self, db: Database, livekit: LivekitApi | None) -> None:
        self._db = db
        self._livekit = livekit
        self._turn = asyncio.Lock()
        self._seen_at = float("-inf")
        self._seen = (False, False)

    async def look(self) -> tuple[bool, bool]:
        """Whether the database answers, and whether LiveKit does."""
        async with self._turn:
            if time.monotonic() - self._seen_at > FRESH_FOR_S:
                has_livekit = self._livekit is not None and await self._livekit.is_healthy()
                self._seen = (await self._db.ping(), has_livekit)
                self._seen_at = time.monotonic()
        return self._seen
