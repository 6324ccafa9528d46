"""The way to Redis, and to the scripts that run inside it, each as one step."""

import json
from collections.abc import Awaitable
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from redis.asyncio import Redis
from redis.exceptions import RedisError

from woxly_tui.errors import ConfigError
from woxly_tui.server.problems import Problem
from woxly_tui.server.texts import Text

PREFIX: Final = "woxly:"
"""Begins the name of everything of ours in Redis."""

TIMEOUT_S: Final = 3.0
RETRY_AFTER_S: Final = 5

_FAILURES: Final = (RedisError, OSError, TimeoutError)

T = TypeVar("T")


class RedisLink:
    """Connections to one Redis. Use from one event loop.

    Raises:
        ConfigError: The address cannot be read.
    """

    def __init__(self, url: str) -> None:
        try:
            self._redis: Redis = Redis.from_url(
                url,
                decode_responses=True,
                socket_timeout=TIMEOUT_S,
                socket_connect_timeout=TIMEOUT_S,
                health_check_interval=30,
            )
        except ValueError:
            raise ConfigError("REDIS_URL cannot be read", _EXAMPLE) from None

    async def check(self) -> None:
        """Find out at the start whether it is there.

        Raises:
            ConfigError: It is not, or does not let us in.
        """
        try:
            await self._redis.ping()
        except _FAILURES as error:
            cause = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ConfigError(
                f"Redis cannot be used: {cause}", f"check that it runs, and REDIS_URL: {_EXAMPLE}"
            ) from error

    async def is_well(self) -> bool:
        """Whether it answers."""
        try:
            await self._redis.ping()
        except _FAILURES:
            return False
        return True

    def script(self, name: str) -> "Script":
        """A script of this folder."""
        return Script(self, self._redis, (Path(__file__).parent / f"{name}.lua").read_text("utf-8"))

    async def get(self, *keys: str) -> list[str | None]:
        """Several values, in the order asked for."""
        found = self._redis.mget([PREFIX + key for key in keys])
        return list(await self.answer(cast("Awaitable[list[str | None]]", found)))

    async def claim(self, key: str, owner: str, for_s: float) -> bool:
        """Set a key that is not there; whether it was not."""
        claimed = self._redis.set(PREFIX + key, owner, nx=True, px=int(for_s * 1000))
        return bool(await self.answer(cast("Awaitable[bool | None]", claimed)))

    async def answer(self, asked: Awaitable[T]) -> T:
        """What Redis answers.

        Raises:
            Problem: 503, it does not.
        """
        try:
            return await asked
        except _FAILURES as error:
            raise Problem(503, Text.UNAVAILABLE, retry_after=RETRY_AFTER_S) from error

    async def aclose(self) -> None:
        """Close the connections."""
        await self._redis.aclose()


_EXAMPLE: Final = "redis://HOST:6379/0, or leave it out: a single process needs none"


class Script:
    """A Lua file; its first argument names what to do, the rest says with what."""

    def __init__(self, link: RedisLink, redis: Redis, source: str) -> None:
        self._link = link
        self._call = redis.register_script(source)

    async def __call__(self, what: str, *given: str | int | float) -> Any:
        """Run it; what it answers is JSON.

        Raises:
            Problem: 503, Redis does not answer.
        """
        answer: Any = self._call(keys=[PREFIX], args=[what, *given])
        return json.loads(await self._link.answer(answer))
