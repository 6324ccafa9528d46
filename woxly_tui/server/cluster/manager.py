"""Carries Socket.IO events between processes."""

import asyncio
from typing import Any, Final

import socketio

from woxly_tui.errors import ConfigError
from woxly_tui.server.cluster.link import PREFIX

CHANNEL: Final = f"{PREFIX}events"

_SUBSCRIBED_WITHIN_S: Final = 5.0


def make_manager(redis_url: str) -> socketio.AsyncRedisManager:
    """A manager on Redis's channel of ours."""
    options = {"socket_connect_timeout": 3.0, "socket_keepalive": True}
    return socketio.AsyncRedisManager(redis_url, channel=CHANNEL, redis_options=options)


async def start_listening(server: Any) -> None:
    """Subscribe before the first device connects, so that nothing told to it is lost.

    Raises:
        ConfigError: Redis does not take the subscription.
    """
    manager = server.manager
    if not server.manager_initialized:
        server.manager_initialized = True
        manager.initialize()
    try:
        async with asyncio.timeout(_SUBSCRIBED_WITHIN_S):
            while manager.pubsub is None or not manager.pubsub.subscribed:  # noqa: ASYNC110 - it tells no other way
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise ConfigError(
            "Redis takes no subscription", "check REDIS_URL, and that its user may SUBSCRIBE"
        ) from None


async def stop_listening(server: Any) -> None:
    """End the subscription and its connections."""
    manager = server.manager
    if not server.manager_initialized:
        return
    manager.thread.cancel()
    await asyncio.wait({manager.thread}, timeout=1.0)
    if manager.pubsub is not None:
        await manager.pubsub.aclose()
        await manager.redis.aclose()
