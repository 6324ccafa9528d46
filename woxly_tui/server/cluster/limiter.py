"""Limits that count over all processes."""

import logging
import math
from typing import Final

from woxly_tui.server.cluster.link import RedisLink
from woxly_tui.server.limiter import EVENT, Limiter, Rate
from woxly_tui.server.problems import Problem

_log = logging.getLogger(__name__)

_HERE: Final = frozenset({EVENT.name})
"""Counted by each process for itself: they guard it, and not every event is worth a question."""


class RedisLimiter(Limiter):
    """Counts in Redis; where that does not answer, each process counts for itself."""

    def __init__(self, link: RedisLink, *, is_on: bool = True) -> None:
        super().__init__(is_on=is_on)
        self._do = link.script("limiter")

    async def hit(self, rate: Rate, key: object) -> int | None:
        """Count one more.

        Returns:
            None where it is allowed, else the seconds to wait.
        """
        if not self._is_on:
            return None
        if rate.name not in _HERE:
            try:
                wait_ms = await self._do("hit", rate.name, str(key), rate.times, _ms(rate.per_s))
            except Problem:
                _log.warning("Redis does not answer; limits are counted here")
            else:
                return None if wait_ms < 0 else max(1, math.ceil(wait_ms / 1000))
        return await super().hit(rate, key)

    async def forgive(self, rate: Rate, key: object) -> None:
        """Forget what was counted, as after a right password."""
        await super().forgive(rate, key)
        try:
            await self._do("forgive", rate.name, str(key))
        except Problem:
            _log.warning("Redis does not answer; limits are counted here")


def _ms(seconds: float) -> int:
    return int(seconds * 1000)
