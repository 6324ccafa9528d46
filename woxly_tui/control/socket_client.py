"""The client of an engine in another process, over its socket."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Self

from woxly_tui import __version__
from woxly_tui._lib.aio import TaskOwner
from woxly_tui.call.snapshot import Snapshot
from woxly_tui.control import frames
from woxly_tui.control.direct import QUEUE_EVERY_S
from woxly_tui.control.mailbox import Mailbox
from woxly_tui.control.messages import COMMANDS, UPDATES, Command, Reply, Update
from woxly_tui.control.peer import is_own, no_answer
from woxly_tui.control.protocol import MAX_ENGINE_LINE_BYTES
from woxly_tui.errors import EngineLost, NoEngine, ProtocolError

LEVELS_HZ: Final = 10.0
"""How often levels are asked for, unless less will do."""

GREETING_LIMIT_S: Final = 5.0
"""How long an engine that is busy or stopped may take to greet."""

ANSWER_LIMIT_S: Final = 10.0
"""Longest wait for an answer; the engine itself answers within two seconds."""

GONE: Final = ("the engine is gone", "`woxly rejoin` returns to the call it was in")


class SocketEngineClient:
    """An EngineClient over one connection. Use from one event loop; make it by `connect`.

    Args:
        reader, writer: The connection.
        welcome: The engine's greeting.
        levels_hz: How often levels are wanted at most; 0 for never.
        hangs_up: Have the engine leave the call if this process ends without `detach`.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        welcome: frames.Welcome,
        *,
        levels_hz: float,
        hangs_up: bool,
    ) -> None:
        self.welcome = welcome
        self._reader = reader
        self._writer = writer
        self._attach = frames.Attach(levels_hz, hangs_up, is_compact=True)
        self._tasks = TaskOwner("engine client")
        self._waiting: dict[int, asyncio.Future[Reply]] = {}
        self._asked = 0
        self._mailboxes: dict[Mailbox, None] = {}
        self._held: dict[str, Any] = {}
        self._failure: EngineLost | ProtocolError | None = None
        self._tasks.start(self._read(), name="read")

    @classmethod
    async def connect(
        cls, path: Path, *, levels_hz: float = LEVELS_HZ, hangs_up: bool = False
    ) -> Self:
        """Connect to the engine that listens there.

        Raises:
            NoEngine: Nobody does.
            EngineLost: It refuses us, or does not answer.
            ProtocolError: It speaks another protocol.
        """
        try:
            connection = await _queued(path)
            reader, writer = await asyncio.open_unix_connection(
                sock=connection, limit=MAX_ENGINE_LINE_BYTES
            )
        except (FileNotFoundError, ConnectionRefusedError):
            raise NoEngine("no engine runs", "`woxly join ROOM` starts one") from None
        except TimeoutError:
            raise no_answer() from None
        except OSError as error:
            raise EngineLost(f"cannot connect to {path} ({error.strerror or error})") from error
        try:
            if not is_own(writer.get_extra_info("socket")):
                raise EngineLost(f"what listens at {path} is of another user")
            welcome = await _greeted(reader, writer)
        except BaseException:
            writer.transport.abort()
            raise
        return cls(reader, writer, welcome, levels_hz=levels_hz, hangs_up=hangs_up)

    async def send(self, command: Command) -> Reply:
        self._asked += 1
        number = self._asked
        answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            self._write(frames.Request(number, COMMANDS.to_dict(command)))
            async with asyncio.timeout(ANSWER_LIMIT_S):
                return await answer
        except TimeoutError:
            raise EngineLost("the engine does not answer", GONE[1]) from None
        finally:
            self._waiting.pop(number, None)

    async def updates(self) -> AsyncIterator[Update]:
        mailbox = Mailbox()
        is_first = not self._mailboxes
        self._mailboxes[mailbox] = None
        try:
            if is_first:
                self._write(self._attach)
            elif self._held:
                mailbox.put(_snapshot(self._held))
            async for update in mailbox.read():
                yield update
        finally:
            self._drop(mailbox)
        if isinstance(self._failure, ProtocolError):
            raise self._failure

    def set_levels_rate(self, levels_hz: float) -> None:
        """Want levels this often from now on; 0 for never."""
        self._attach = replace(self._attach, levels_hz=levels_hz)
        if self._mailboxes:
            with contextlib.suppress(EngineLost):
                self._write(self._attach)

    async def detach(self) -> None:
        """End the updates, and leave the call as it is when this process ends."""
        for mailbox in list(self._mailboxes):
            mailbox.close()
        with contextlib.suppress(EngineLost):
            self._write(frames.Detach())
            async with asyncio.timeout(1.0):
                with contextlib.suppress(ConnectionError, TimeoutError):
                    await self._writer.drain()

    async def aclose(self) -> None:
        for mailbox in list(self._mailboxes):
            mailbox.close()
        self._writer.close()
        await self._tasks.aclose()
        self._fail(EngineLost("the connection to the engine is closed"))

    def _drop(self, mailbox: Mailbox) -> None:
        self._mailboxes.pop(mailbox, None)
        if not self._mailboxes and not self._attach.hangs_up:
            self._held = {}
            with contextlib.suppress(EngineLost):
                self._write(frames.Detach())

    def _write(self, frame: frames.FrontEndFrame) -> None:
        if self._failure is not None:
            raise self._failure
        if self._writer.is_closing():
            raise EngineLost(*GONE)
        self._writer.write(frames.FRONT_END_FRAMES.encode(frame))

    async def _read(self) -> None:
        try:
            while (line := await self._reader.readline()).endswith(b"\n"):
                self._take(frames.ENGINE_FRAMES.decode(line))
            self._fail(EngineLost(*GONE))
        except ProtocolError as error:
            self._fail(error)
        except ValueError:
            self._fail(ProtocolError(f"the engine sent a line over {MAX_ENGINE_LINE_BYTES} bytes"))
        except OSError:
            self._fail(EngineLost(*GONE))

    def _take(self, frame: frames.EngineFrame) -> None:
        match frame:
            case frames.Response(id=number, reply=raw):
                reply = UPDATES.from_dict(raw)
                waiting = self._waiting.get(number)
                if isinstance(reply, Reply) and waiting is not None and not waiting.done():
                    waiting.set_result(reply)
            case frames.Changed(update=raw):
                update = UPDATES.from_dict(raw)
                if isinstance(update, Snapshot):
                    self._held = raw
                if not isinstance(update, Reply):
                    self._put(update)
            case frames.SnapshotChanged(fields=fields) if self._held:
                # Without one, it was under way when we detached.
                self._held = self._held | fields
                self._put(_snapshot(self._held))
            case frames.LevelsChanged():
                self._put(frames.levels_of(frame))
            case frames.Refused(message=message, remedy=remedy):
                raise ProtocolError(message, remedy)
            case frames.Welcome():
                raise ProtocolError("the engine greeted twice")

    def _put(self, update: Update) -> None:
        for mailbox in self._mailboxes:
            mailbox.put(update)

    def _fail(self, error: EngineLost | ProtocolError) -> None:
        if self._failure is None:
            self._failure = error
        for mailbox in self._mailboxes:
            mailbox.close()
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(self._failure)


def _snapshot(raw: dict[str, Any]) -> Snapshot:
    update = UPDATES.from_dict({**raw, "type": "snapshot"})
    if not isinstance(update, Snapshot):
        raise ProtocolError("that is no snapshot")
    return update


async def _queued(path: Path) -> socket.socket:
    """Connect, and wait for a place where the engine has as many to greet as it can hold.

    asyncio would take a queue that is full for a connection.
    """
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.setblocking(False)
    try:
        async with asyncio.timeout(GREETING_LIMIT_S):
            while True:
                try:
                    connection.connect(str(path))
                except BlockingIOError:
                    await asyncio.sleep(QUEUE_EVERY_S)
                else:
                    return connection
    except BaseException:
        connection.close()
        raise


async def _greeted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> frames.Welcome:
    hello = frames.Hello(frames.PROTOCOL, __version__)
    try:
        writer.write(frames.FRONT_END_FRAMES.encode(hello))
        async with asyncio.timeout(GREETING_LIMIT_S):
            line = await reader.readline()
    except TimeoutError:
        raise no_answer(writer.get_extra_info("socket")) from None
    except OSError:
        line = b""
    if not line:
        raise NoEngine("the engine is just ending", "try again")
    return frames.read_welcome(line, __version__)
