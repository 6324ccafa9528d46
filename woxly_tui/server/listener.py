"""The HTTP server around the application: uvicorn, started and stopped by us."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from woxly_tui._lib.aio import TaskOwner
from woxly_tui.errors import UsageError

CLOSE_WITHIN_S: Final = 2
"""How long requests may go on once we stop; sockets are closed at once."""

ASK_WITHIN_S: Final = 20.0
"""How long a connection may be open before its first request is whole."""

_BACKLOG: Final = 2048


class _Impatient(HttpToolsProtocol):
    """Closes connections on which nothing, or next to nothing, is asked."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self.loop.call_later(ASK_WITHIN_S, self._close_if_unused, transport)

    def _close_if_unused(self, transport: asyncio.Transport) -> None:
        # A WebSocket has another protocol by now; `cycle` is None until there is a request.
        cycle: object = self.cycle
        if cycle is None and transport.get_protocol() is self:
            transport.close()


class _Server(uvicorn.Server):
    """Leaves signals to whoever runs us."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def open_port(host: str, port: int) -> socket.socket:
    """A listening socket.

    Raises:
        UsageError: The port is taken, or the address is none of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Only where the protocol is named does asyncio switch Nagle's 40 ms of waiting off.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise UsageError(
            f"port {port} on {host} cannot be used: {error.strerror}",
            "stop what uses it, or give another: --port NUMBER",
        ) from error
    listening.setblocking(False)
    return listening


class Listener:
    """Serves an application on a listening socket. Use from one event loop."""

    def __init__(self, app: ASGIApp, listening: socket.socket, trusted_proxies: str = "") -> None:
        config = uvicorn.Config(
            app,
            http=_Impatient,
            ws="websockets-sansio",
            ws_max_size=1_000_000,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(trusted_proxies),
            forwarded_allow_ips=trusted_proxies or None,
            timeout_graceful_shutdown=CLOSE_WITHIN_S,
            backlog=_BACKLOG,
        )
        self._listening = listening
        self._server = _Server(config)
        self._tasks = TaskOwner("listener")
        self._serving: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self._listening.getsockname()[1])

    def start(self) -> None:
        """Begin to serve."""
        serving = self._server.serve(sockets=[self._listening])
        self._serving = self._tasks.start(serving, name="serve")

    async def aclose(self) -> None:
        """Stop within a few seconds, whatever clients do."""
        if self._serving is None:
            self._listening.close()
            return
        self._server.should_exit = True
        await asyncio.wait({self._serving}, timeout=CLOSE_WITHIN_S + 1)
        await self._tasks.aclose()
