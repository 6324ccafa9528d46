"""Keeps this process's lease, and clears up after processes that died."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from woxly_tui._lib.aio import TaskOwner
from woxly_tui.server.cluster.presence import LEASE_S, RedisPresence
from woxly_tui.server.problems import Problem
from woxly_tui.wire.words import UserStatus

_log = logging.getLogger(__name__)

SetStatus = Callable[[int, UserStatus], Awaitable[None]]
"""Stores a user's status and tells friends."""


class Keeper:
    """Beats a few times within each lease. Use from one event loop."""

    def __init__(
        self, presence: RedisPresence, set_status: SetStatus, *, every_s: float = LEASE_S / 4
    ) -> None:
        self._presence = presence
        self._set_status = set_status
        self._every_s = every_s
        self._tasks = TaskOwner("keeper")

    async def start(self) -> None:
        """Begin; devices that connect from now on are in the lease's care."""
        await self._presence.beat()
        self._tasks.start(self._run(), name="beat")

    async def aclose(self) -> None:
        """Stop, and let the others have what is left here."""
        await self._tasks.aclose()
        try:
            await self._presence.leave()
        except Problem:
            _log.warning("Redis does not answer: the others wait until our lease is over")

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._every_s)
            try:
                await self.look()
            except Problem:
                _log.warning("Redis does not answer")
            except Exception:  # noqa: BLE001 - the next beat may work
                _log.exception("a beat failed")

    async def look(self) -> None:
        """Beat once, and take the devices of dead processes off."""
        for user_id in await self._presence.beat():
            await self._set_status(user_id, UserStatus.ONLINE)
        for user_id in await self._presence.reap():
            if not await self._presence.is_online(user_id):
                await self._set_status(user_id, UserStatus.OFFLINE)
            await self._presence.settle(user_id)
