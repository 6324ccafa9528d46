"""The engine's side of the socket: any number of front ends, none of which can harm another.

socket ──lines──► Connection.serve ──Command──► engine        (a task each, few at a time)
socket ◄──lines── Connection.write ◄──Reply───── engine
                                   ◄──Update──── its mailbox  (bounded, newest wins)
"""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable
from typing import Any, Final

from woxly_tui._lib.aio import TaskOwner
from woxly_tui.call.snapshot import Levels, Snapshot
from woxly_tui.control import frames
from woxly_tui.control.local_client import EnginePort, LocalEngineClient
from woxly_tui.control.messages import COMMANDS, UPDATES, Leave, Reply
from woxly_tui.control.peer import is_own
from woxly_tui.errors import ProtocolError

MAX_CONNECTIONS: Final = 64
"""At once. One more, and the oldest that is neither attached nor waiting for an answer goes."""

MAX_ATTACHED: Final = 48
"""Of those: the others are left to commands, so that a mute key always gets through."""

MAX_UNANSWERED: Final = 16
"""Commands of one front end under way; no more of it is read meanwhile."""

HELLO_LIMIT_S: Final = 5.0
"""How long a connection may take to say who it is."""

NEW_FOR_S: Final = 1.0
"""How long a front end that has asked nothing yet is expected to."""

STALL_LIMIT_S: Final = 30.0
"""How long a front end may read nothing while there is something for it."""

MAX_LEVELS_HZ: Final = 60.0

_HIGH_WATER_BYTES: Final = 65536
"""What may wait inside the process for a front end that reads slowly."""

_BACKLOG: Final = 128

_log = logging.getLogger(__name__)


class ControlServer:
    """Serves an engine to front ends. Use from one event loop.

    Args:
        engine: Whom they talk to.
        greet: Makes the greeting.
    """

    def __init__(self, engine: EnginePort, greet: Callable[[], frames.Welcome]) -> None:
        self._engine = engine
        self._greet = greet
        self._tasks = TaskOwner("control server")
        self._connections: dict[Connection, None] = {}
        self._server: asyncio.Server | None = None

    @property
    def attached(self) -> int:
        """How many front ends are attached."""
        return sum(connection.is_attached for connection in self._connections)

    @property
    def is_asked(self) -> bool:
        """Whether any front end waits for an answer, or has only just come to ask."""
        return any(c.is_asking or c.is_new for c in self._connections)

    async def start(self, listening: socket.socket) -> None:
        """Serve a socket that is bound, with nobody but this user able to connect."""
        self._server = await asyncio.start_unix_server(
            self._accept, sock=listening, limit=frames.MAX_LINE_BYTES, backlog=_BACKLOG
        )

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not is_own(writer.get_extra_info("socket")):
            _log.warning("another user was refused")
            writer.transport.abort()
            return
        writer.transport.set_write_buffer_limits(high=_HIGH_WATER_BYTES)
        connection = Connection(self._engine, self._greet(), reader, writer, self._may_attach)
        if len(self._connections) >= MAX_CONNECTIONS and not self._make_room():
            connection.refuse("too many front ends are connected", "close some of them")
            return
        self._connections[connection] = None
        self._tasks.start(self._serve(connection), name="connection")

    def _may_attach(self) -> bool:
        return self.attached < MAX_ATTACHED

    def _make_room(self) -> bool:
        """Close the oldest connection that does nothing."""
        for connection in self._connections:
            if not (connection.is_attached or connection.is_asking):
                del self._connections[connection]
                connection.refuse("too many front ends are connected", "connect again")
                # It may never read that; its place is free all the same.
                self._tasks.start(connection.aclose(), name="make room")
                return True
        return False

    async def _serve(self, connection: "Connection") -> None:
        try:
            await connection.serve()
        finally:
            self._connections.pop(connection, None)
            await connection.aclose()
            if connection.hangs_up and not any(c.hangs_up for c in self._connections):
                _log.info("the last front end of the call is gone: leaving")
                await self._engine.handle(Leave())

    async def aclose(self) -> None:
        """Take no more connections and end those there are, their last words said."""
        if self._server is not None:
            self._server.close()
        for connection in self._connections:
            connection.hangs_up = False
        await asyncio.gather(*(connection.say_goodbye() for connection in self._connections))
        await self._tasks.aclose()


class Connection:
    """One front end, from its greeting to its end."""

    def __init__(
        self,
        engine: EnginePort,
        welcome: frames.Welcome,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        may_attach: Callable[[], bool],
    ) -> None:
        self._may_attach = may_attach
        self._welcome = welcome
        self._reader = reader
        self._writer = writer
        self._client = LocalEngineClient(engine, levels_hz=0)
        self._tasks = TaskOwner("front end")
        self._slots = asyncio.Semaphore(MAX_UNANSWERED)
        self._unanswered = 0
        self._writing = asyncio.Lock()
        self._updates: asyncio.Task[None] | None = None
        self._is_compact = False
        self._new_until = asyncio.get_running_loop().time() + NEW_FOR_S
        self.hangs_up = False

    @property
    def is_attached(self) -> bool:
        return self._updates is not None and not self._updates.done()

    @property
    def is_asking(self) -> bool:
        return self._unanswered > 0

    @property
    def is_new(self) -> bool:
        return asyncio.get_running_loop().time() < self._new_until

    async def serve(self) -> None:
        """Read until the front end is gone, or is refused."""
        try:
            async with asyncio.timeout(HELLO_LIMIT_S):
                await self._greet()
            while line := await self._reader.readline():
                if not line.endswith(b"\n"):
                    return  # it went away in the middle of a line
                await self._take(frames.FRONT_END_FRAMES.decode(line))
        except ProtocolError as error:
            self.refuse(error.message, error.remedy)
        except TimeoutError:
            self.refuse("no greeting came in time")
        except ValueError:
            self.refuse(f"a line is longer than {frames.MAX_LINE_BYTES} bytes")
        except ConnectionError:
            pass

    async def _greet(self) -> None:
        line = await self._reader.readline()
        if not line.endswith(b"\n"):
            raise ConnectionResetError
        hello = frames.read_hello(line)
        if hello.protocol != frames.PROTOCOL:
            welcome = self._welcome
            raise ProtocolError(
                *frames.mismatch(engine=welcome.version, front_end=hello.version, pid=welcome.pid)
            )
        await self._send(self._welcome)

    async def _take(self, frame: frames.FrontEndFrame) -> None:
        match frame:
            case frames.Request():
                await self._slots.acquire()
                self._unanswered += 1
                self._new_until = 0.0
                self._tasks.start(self._answer(frame), name="command")
            case frames.Attach():
                if not self.is_attached and not self._may_attach():
                    raise ProtocolError("too many front ends are attached", "close some of them")
                self.hangs_up, self._is_compact = frame.hangs_up, frame.is_compact
                self._client.set_levels_rate(min(max(0.0, frame.levels_hz), MAX_LEVELS_HZ))
                if not self.is_attached:
                    self._updates = self._tasks.start(self._send_updates(), name="updates")
            case frames.Detach():
                self.hangs_up = False
                if self._updates is not None:
                    self._updates.cancel()
                    await asyncio.wait([self._updates])
            case frames.Hello():
                raise ProtocolError("greeted twice")

    async def _answer(self, request: frames.Request) -> None:
        try:
            command = COMMANDS.from_dict(request.command)
            reply: Reply = await self._client.send(command)
            await self._send(frames.Response(request.id, UPDATES.to_dict(reply)))
        except ProtocolError as error:
            self.refuse(error.message, error.remedy)
        except (ConnectionError, TimeoutError):
            self._writer.transport.abort()
        finally:
            self._unanswered -= 1
            self._slots.release()

    async def _send_updates(self) -> None:
        sent: dict[str, Any] = {}
        try:
            async with contextlib.aclosing(self._client.updates()) as updates:
                async for update in updates:
                    if isinstance(update, Levels) and self._is_compact:
                        await self._send(frames.levels_frame(update))
                        continue
                    whole = UPDATES.to_dict(update)
                    if not isinstance(update, Snapshot):
                        await self._send(frames.Changed(whole))
                        continue
                    await self._send(frames.snapshot_frame(whole, sent if self._is_compact else {}))
                    sent = whole
            self._writer.close()  # the engine has ended, and every word of it is said
        except (ConnectionError, TimeoutError):
            _log.info("a front end reads nothing, or is gone")
            self._writer.transport.abort()

    async def _send(self, frame: frames.EngineFrame) -> None:
        """Write a line, and wait while the front end is too far behind.

        Raises:
            ConnectionError: The front end is gone.
            TimeoutError: It has read nothing for STALL_LIMIT_S.
        """
        async with self._writing:
            if self._writer.is_closing():
                raise ConnectionResetError  # what was said last is the last
            self._writer.write(frames.ENGINE_FRAMES.encode(frame))
            async with asyncio.timeout(STALL_LIMIT_S):
                await self._writer.drain()

    def refuse(self, message: str, remedy: str = "") -> None:
        """Say why, and end the connection; what it has not read by then is lost."""
        if self._writer.is_closing():
            return
        refused = frames.Refused(message, remedy, version=self._welcome.version)
        self._writer.write(frames.ENGINE_FRAMES.encode(refused))
        self._writer.close()

    async def say_goodbye(self) -> None:
        """End the updates once they are sent, and the connection with them."""
        await self._client.aclose()
        if self._updates is not None:
            await asyncio.wait([self._updates], timeout=0.5)
        self._writer.close()

    async def aclose(self) -> None:
        """Let go of everything this front end had."""
        await self._tasks.aclose()
        await self._client.aclose()
        if self._writer.is_closing():
            # What it was told last is on its way, unless it reads nothing.
            with contextlib.suppress(TimeoutError, OSError):
                async with asyncio.timeout(1.0):
                    await self._writer.wait_closed()
        self._writer.transport.abort()
