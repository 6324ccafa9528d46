"""Looks at the parts the server stands on, at most once a second however many ask."""

import asyncio
import time
from dataclasses import dataclass
from typing import Final, Protocol

from woxly_tui.server.db.database import Database
from woxly_tui.server.livekit.api import LivekitApi

FRESH_FOR_S: Final = 1.0


class Shared(Protocol):
    """What several processes share."""

    async def is_well(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Seen:
    """Which parts answer; no Redis where there is a single process."""

    database: bool
    livekit: bool
    redis: bool | None


class Health:
    """The state of the parts. Use from one event loop."""

    def __init__(
        self, db: Database, livekit: LivekitApi | None, shared: Shared | None = None
    ) -> None:
        self._db = db
        self._livekit = livekit
        self._shared = shared
        self._turn = asyncio.Lock()
        self._seen_at = float("-inf")
        self._seen = Seen(database=False, livekit=False, redis=None)

    async def look(self) -> Seen:
        """Ask them, unless that was a moment ago."""
        async with self._turn:
            if time.monotonic() - self._seen_at > FRESH_FOR_S:
                has_livekit = self._livekit is not None and await self._livekit.is_healthy()
                has_redis = None if self._shared is None else await self._shared.is_well()
                self._seen = Seen(await self._db.ping(), has_livekit, has_redis)
                self._seen_at = time.monotonic()
        return self._seen
