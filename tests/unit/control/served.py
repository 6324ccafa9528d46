"""An engine over a scripted worker, behind a real socket."""

import asyncio
import json
import socket
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.unit.engine.fakes import Bench
from woxly_tui import __version__
from woxly_tui.control import frames
from woxly_tui.control.server import ControlServer

PATIENCE_S = 5.0


class Served:
    """The engine of a bench, as front ends in other processes see it."""

    def __init__(self, bench: Bench, path: Path) -> None:
        self.bench = bench
        self.path = path
        self.server = ControlServer(bench.engine, self._welcome)
        self._raw: list[RawFrontEnd] = []

    def _welcome(self) -> frames.Welcome:
        return frames.Welcome(frames.PROTOCOL, __version__, 1, self.bench.engine.lost_room)

    async def start(self) -> None:
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listening.bind(str(self.path))
        await self.server.start(listening)

    async def raw(self) -> "RawFrontEnd":
        """A front end that has not even said hello."""
        self._raw.append(RawFrontEnd(*await asyncio.open_unix_connection(self.path)))
        return self._raw[-1]

    async def greeted(self) -> "RawFrontEnd":
        """A front end that has said hello and was welcomed."""
        made = await self.raw()
        made.say(type="hello", protocol=frames.PROTOCOL, version="test")
        assert (await made.line())["type"] == "welcome"
        return made

    async def aclose(self) -> None:
        for front_end in self._raw:
            front_end.close()
        await self.bench.engine.aclose()
        await self.server.aclose()


@asynccontextmanager
async def serving(bench: Bench) -> AsyncIterator[Served]:
    """Serve an engine for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="woxly-") as folder:
        served = Served(bench, Path(folder) / "s")
        await served.start()
        try:
            yield served
        finally:
            await served.aclose()


async def until(is_so: Callable[[], bool]) -> None:
    """Wait until it is."""
    for _ in range(int(PATIENCE_S / 0.005)):
        if is_so():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it never was")


class RawFrontEnd:
    """A front end that can say anything."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def say(self, **fields: Any) -> None:
        self.writer.write(json.dumps(fields).encode() + b"\n")

    async def line(self) -> dict[str, Any]:
        """The next line; empty at the end."""
        async with asyncio.timeout(PATIENCE_S):
            line = await self.reader.readline()
        found: dict[str, Any] = json.loads(line) if line else {}
        return found

    async def until(self, kind: str) -> dict[str, Any]:
        """The next line of a type."""
        while (found := await self.line())["type"] != kind:
            pass
        return found

    async def ended(self) -> bool:
        """Whether the engine has closed the connection, having said no more."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await self.reader.read() == b""
        except ConnectionError:
            return True

    def close(self) -> None:
        self.writer.transport.abort()
