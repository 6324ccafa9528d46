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

LEAST_BYTES: Final = 2_000
"""What must come of a request, once it has begun, in each such time."""

MAX_HEAD_BYTES: Final = 64 << 10
"""Of a request's address and headers, give or take what is read at once."""

_BACKLOG: Final = 2048

_HEAD_TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: application/json\r\ncontent-length: 35\r\nconnection: close\r\n\r\n"
    b'{"error":"The header is too large"}'
)


class _Impatient(HttpToolsProtocol):
    """Closes connections on which nothing is asked, or a request comes in crumbs, or endlessly."""

    _is_asking = False
    _is_in_head = False
    _head_bytes = 0
    _came_bytes = 0
    """Since the last look."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self.loop.call_later(ASK_WITHIN_S, self._look)

    def _look(self) -> None:
        # A WebSocket has another protocol by now; `cycle` is None until there is a request.
        if self.transport.is_closing() or self.transport.get_protocol() is not self:
            return
        cycle: object = self.cycle
        is_slow = self._is_asking and self._came_bytes < LEAST_BYTES and not self.flow.read_paused
        if cycle is None or is_slow:
            self.transport.close()
            return
        self._came_bytes = 0
        self.loop.call_later(ASK_WITHIN_S, self._look)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._came_bytes += len(data)
        self._head_bytes += len(data)
        is_endless = self._is_in_head and self._head_bytes > MAX_HEAD_BYTES
        if is_endless and not self.transport.is_closing():
            self.transport.write(_HEAD_TOO_LARGE)
            self.transport.close()

    def on_message_begin(self) -> None:
        self._is_asking = self._is_in_head = True
        self._head_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._is_asking = False
        super().on_message_complete()


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
