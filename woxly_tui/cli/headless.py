"""A call without a screen: JSON lines out on standard output, commands in on standard input.

stdin ──line──► thread ──► COMMANDS.decode ──► engine ──► reply ┐
                           engine updates ──► mailbox ──────────┴─► one line each ──► stdout
"""

import asyncio
import contextlib
import json
import os
import queue
import select
import signal
import sys
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from woxly_tui.errors import EngineLost, ExitCode, ProtocolError, WoxlyError

if TYPE_CHECKING:
    from woxly_tui.call.snapshot import Ending, Snapshot
    from woxly_tui.control.client import EngineClient
    from woxly_tui.control.mailbox import Mailbox

MAX_LINE_BYTES: Final = 65536
"""Longest command line taken; a longer one is answered by an error and skipped."""

MAX_WAITING: Final = 64
"""Commands read ahead; standard input is not read while as many wait."""

READER_CHECK_S: Final = 0.5
"""How often we look whether anybody still reads our output."""

LAST_WORDS_S: Final = 1.0
"""How long a reader that is stuck may hold up our last lines."""

_READ_BYTES: Final = 4096


async def run_headless(
    client: "EngineClient", *, shows_levels: bool, stdin_fd: int = 0, stdout_fd: int = 1
) -> int:
    """Run until the call ends, a signal comes, or nobody reads the output any more.

    The call is asked for already; whoever calls closes the client.

    Returns:
        The exit code that says why the call ended.

    Raises:
        EngineLost: The engine ended before the call did.
    """
    from woxly_tui._lib.aio import TaskOwner
    from woxly_tui.cli.call_session import exit_code
    from woxly_tui.cli.signals import on_signals
    from woxly_tui.control.mailbox import Mailbox

    printer = Printer(shows_levels=shows_levels, fd=stdout_fd)
    tasks = TaskOwner("headless")
    heard = Mailbox()
    over: asyncio.Future[Ending | None] = asyncio.get_running_loop().create_future()

    def leave() -> None:
        tasks.start(_leave(client), name="leave")

    with on_signals(leave):
        tasks.start(_hear(client, heard, over), name="hear")
        updates = tasks.start(_print_updates(heard, printer), name="updates")
        tasks.start(obey(client, printer, StdinLines(stdin_fd)), name="commands")
        gone = tasks.start(printer.until_reader_gone(), name="reader")
        gone.add_done_callback(lambda done: None if done.cancelled() else leave())
        try:
            ending = await over
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(updates, LAST_WORDS_S)
            await tasks.aclose()
            if ending is None:
                raise EngineLost("the engine ended in the call", "`woxly rejoin` returns to it")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(_last_words(printer, ending), LAST_WORDS_S)
        finally:
            await tasks.aclose()
    return exit_code(ending)


async def _leave(client: "EngineClient") -> None:
    from woxly_tui.control.messages import Leave

    with contextlib.suppress(WoxlyError):
        await client.send(Leave())


async def _hear(
    client: "EngineClient", heard: "Mailbox", over: "asyncio.Future[Ending | None]"
) -> None:
    """Take updates as fast as they come, however slowly they are printed."""
    from woxly_tui.call.snapshot import CallPhase, Snapshot

    try:
        async for update in client.updates():
            heard.put(update)
            if isinstance(update, Snapshot) and update.phase is CallPhase.ENDED and not over.done():
                over.set_result(update.ending)
    finally:
        heard.close()
        if not over.done():
            over.set_result(None)


async def _print_updates(heard: "Mailbox", printer: "Printer") -> None:
    """Until the call has ended, so that its last snapshot comes before `left`."""
    from woxly_tui.call.snapshot import CallPhase, Snapshot

    async for update in heard.read():
        await printer.show(update)
        if isinstance(update, Snapshot) and update.phase is CallPhase.ENDED:
            return


async def obey(client: "EngineClient", printer: "Printer", lines: "StdinLines") -> None:
    """Have the engine do what stands on the lines, until they end."""
    from woxly_tui.control.messages import COMMANDS

    while (line := await lines.next()) is not None:
        if not line.strip():
            continue
        try:
            if len(line) > MAX_LINE_BYTES:
                raise ProtocolError(f"command is longer than {MAX_LINE_BYTES} bytes")
            reply = await client.send(COMMANDS.decode(line))
        except WoxlyError as error:
            await printer.error(error.message, error.remedy, ExitCode.FAILED)
        else:
            await printer.show(reply)


async def _last_words(printer: "Printer", ending: "Ending") -> None:
    from woxly_tui.cli.call_session import exit_code

    if (code := exit_code(ending)) is not ExitCode.OK:
        await printer.error(ending.message, ending.remedy, code)
    await printer.line({"type": "left", "reason": str(ending.reason), "message": ending.message})


class Printer:
    """Writes one JSON object a line, in a thread, so that a slow reader stops nobody.

    Whoever calls waits until the line is written: the engine's mailbox, which keeps only
    the newest state, is the buffer. The thread never holds up the end of the process.
    """

    def __init__(self, *, shows_levels: bool, fd: int) -> None:
        self._shows_levels = shows_levels
        self._fd = fd
        self._is_joined = False
        self._gone = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._jobs: queue.SimpleQueue[tuple[bytes, asyncio.Future[bool]]] = queue.SimpleQueue()
        threading.Thread(target=self._write, name="stdout", daemon=True).start()

    async def show(self, update: Any) -> None:
        """Write an update or a reply; the first established snapshot is told as `joined`."""
        from woxly_tui.call.snapshot import CallPhase, Levels, Snapshot
        from woxly_tui.control.messages import UPDATES

        if isinstance(update, Levels) and not self._shows_levels:
            return
        is_established = isinstance(update, Snapshot) and update.phase is CallPhase.ESTABLISHED
        if is_established and not self._is_joined:
            self._is_joined = True
            await self.line(_joined(update))
        await self.line(UPDATES.to_dict(update))

    async def error(self, message: str, remedy: str, code: int) -> None:
        """Write what went wrong."""
        await self.line({"type": "error", "message": message, "remedy": remedy, "code": int(code)})

    async def line(self, values: Mapping[str, Any]) -> None:
        """Write one object; nothing once the reader has gone."""
        if self._gone.is_set():
            return
        data = (json.dumps(values, separators=(",", ":")) + "\n").encode("ascii")
        written: asyncio.Future[bool] = self._loop.create_future()
        self._jobs.put((data, written))
        if not await written:
            self._gone.set()

    async def until_reader_gone(self) -> None:
        """Wait until nobody can read what we write."""
        watch = select.poll() if hasattr(select, "poll") else None
        if watch is not None:
            watch.register(self._fd, 0)
        while not self._gone.is_set():
            if watch is not None and any(seen & ~select.POLLOUT for _, seen in watch.poll(0)):
                self._gone.set()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._gone.wait(), READER_CHECK_S)

    def _write(self) -> None:
        while True:
            data, written = self._jobs.get()
            is_written = _write_all(self._fd, data)
            try:
                self._loop.call_soon_threadsafe(_settle, written, is_written)
            except RuntimeError:  # the loop has ended, and so will the process
                return


class StdinLines:
    """Lines of standard input, read in a thread that never holds up the end of the process."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._loop = asyncio.get_running_loop()
        self._lines: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._room = threading.Semaphore(MAX_WAITING)
        if hasattr(signal, "SIGTTIN"):
            # A background job that reads its terminal is stopped, unless it ignores this.
            signal.signal(signal.SIGTTIN, signal.SIG_IGN)
        if fd == 0 and sys.stdin is None:
            self._lines.put_nowait(None)
        else:
            threading.Thread(target=self._read, name="stdin", daemon=True).start()

    async def next(self) -> bytes | None:
        """The next line, over-long ones cut; None at the end."""
        line = await self._lines.get()
        self._room.release()
        return line

    def _read(self) -> None:
        held = b""
        while True:
            try:
                data = os.read(self._fd, _READ_BYTES)
            except OSError:
                data = b""
            *lines, held = (held + data).split(b"\n")
            held = held[: MAX_LINE_BYTES + 1]
            for line in lines:
                self._hand_over(line)
            if not data:
                self._hand_over(held)
                self._hand_over(None)
                return

    def _hand_over(self, line: bytes | None) -> None:
        self._room.acquire()
        with contextlib.suppress(RuntimeError):  # the loop has ended; so does the process
            self._loop.call_soon_threadsafe(self._lines.put_nowait, line)


def _joined(snapshot: "Snapshot") -> dict[str, Any]:
    local = next((p for p in snapshot.participants if p.is_local), None)
    return {
        "type": "joined",
        "room": snapshot.room,
        "identity": local.identity if local else "",
        "name": local.name if local else "",
        "server": snapshot.server,
    }


def _write_all(fd: int, data: bytes) -> bool:
    """Whether all of it could be written."""
    try:
        while data:
            data = data[os.write(fd, data) :]
    except OSError:
        return False
    return True


def _settle(written: asyncio.Future[bool], is_written: bool) -> None:
    if not written.done():
        written.set_result(is_written)
