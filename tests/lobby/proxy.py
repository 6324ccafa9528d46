"""A link that can be cut: a relay of TCP on a port of this machine."""

import asyncio
import contextlib

from woxly_tui._lib.aio import TaskOwner


class Proxy:
    """Relays to a server until it is cut. Use from one event loop."""

    def __init__(self, port: int) -> None:
        self.target = port
        self.port = 0
        self._tasks = TaskOwner("proxy")
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._flows = asyncio.Event()
        self._flows.set()

    @property
    def url(self) -> str:
        """The origin behind it."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Take connections; after `cut` on the same port again."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    heal = start

    async def cut(self) -> None:
        """End every connection, and take no more."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in list(self._writers):
            writer.transport.abort()

    def freeze(self) -> None:
        """Let nothing through, and end nothing: as a cable that was pulled."""
        self._flows.clear()

    def thaw(self) -> None:
        """Let everything through that has waited."""
        self._flows.set()

    async def aclose(self) -> None:
        """End."""
        await self.cut()
        self.thaw()
        await self._tasks.aclose()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._server is None:
            writer.transport.abort()
            return
        self._writers.add(writer)
        self._tasks.start(self._relay(reader, writer), name="relay")

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends = [writer]
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self.target)
            ends.append(back)
            self._writers.add(back)
            pumps = [
                self._tasks.start(self._pump(reader, back), name="out"),
                self._tasks.start(self._pump(there, writer), name="in"),
            ]
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        except OSError:
            pass  # the server is down
        finally:
            for one in ends:
                one.transport.abort()
                self._writers.discard(one)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                await self._flows.wait()
                writer.write(data)
                await writer.drain()
