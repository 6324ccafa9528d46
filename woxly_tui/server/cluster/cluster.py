"""Several processes as one server: what each has in place of the usual."""

from typing import Any, Final

from woxly_tui.server.cluster.book import RedisBook
from woxly_tui.server.cluster.keeper import Keeper, SetStatus
from woxly_tui.server.cluster.limiter import RedisLimiter
from woxly_tui.server.cluster.link import RedisLink
from woxly_tui.server.cluster.manager import make_manager, start_listening, stop_listening
from woxly_tui.server.cluster.presence import LEASE_S, RedisPresence


class Cluster:
    """This process's part in a server of several. Use from one event loop.

    Args:
        redis_url: The Redis that all of them name.
        has_rate_limits: Whether to count.
        lease_s: How long a process that says nothing is believed to live.

    Raises:
        ConfigError: The address cannot be read.
    """

    def __init__(self, redis_url: str, *, has_rate_limits: bool, lease_s: float = LEASE_S) -> None:
        self._lease_s = lease_s
        self.link: Final = RedisLink(redis_url)
        self.book: Final = RedisBook(self.link)
        self.presence: Final = RedisPresence(self.link, lease_s=lease_s)
        self.limiter: Final = RedisLimiter(self.link, is_on=has_rate_limits)
        self.manager: Final[Any] = make_manager(redis_url)
        self._keeper: Keeper | None = None
        self._sockets: Any = None

    async def start(self, sockets: Any, set_status: SetStatus) -> None:
        """Join the others.

        Raises:
            ConfigError: Redis cannot be used.
        """
        await self.link.check()
        await start_listening(sockets)
        self._sockets = sockets
        self._keeper = Keeper(self.presence, set_status, every_s=self._lease_s / 4)
        await self._keeper.start()

    async def is_my_turn(self, what: str, for_s: float) -> bool:
        """Whether it is for this process to do something that one of them is to do."""
        return await self.link.claim(f"turn:{what}", self.presence.process, for_s)

    async def aclose(self) -> None:
        """Leave the others."""
        if self._keeper is not None:
            await self._keeper.aclose()
            await stop_listening(self._sockets)
        await self.link.aclose()
