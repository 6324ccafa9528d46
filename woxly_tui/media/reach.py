"""A quick knock at the server's port before the SDK tries for half a minute."""

import asyncio
import os
import socket
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from woxly_tui.media.messages import ConnectFailure

KNOCK_TIMEOUT_S: Final = 5.0
"""A port that takes no connection in this time is out of reach."""

NEXT_ADDRESS_AFTER_S: Final = 0.25
"""When to try a host's next address beside one that does not answer (RFC 8305)."""

_PORTS: Final = {"ws": 80, "http": 80, "wss": 443, "https": 443}


async def check_reachable(url: str) -> tuple[ConnectFailure, str] | None:
    """Why nothing can be reached at a URL; None where something listens, or a proxy is set."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 443)
    except ValueError as error:
        return ConnectFailure.OTHER, str(error)
    if getproxies() and not proxy_bypass(host):
        return None  # the SDK goes through it; only it can tell
    try:
        async with asyncio.timeout(KNOCK_TIMEOUT_S):
            _, writer = await asyncio.open_connection(
                host, port, happy_eyeballs_delay=NEXT_ADDRESS_AFTER_S
            )
    except TimeoutError:
        return ConnectFailure.UNREACHABLE, "the server's port does not answer"
    except socket.gaierror as error:
        return ConnectFailure.UNREACHABLE, f"the host name is unknown ({error.strerror})"
    except OSError as error:
        # asyncio's own words for it name the address once more.
        words = os.strerror(error.errno) if error.errno else "Connection refused"
        return ConnectFailure.UNREACHABLE, words.lower()
    writer.transport.abort()
    return None
