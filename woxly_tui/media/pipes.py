"""The worker's ends of the pipes to the engine.

stdin ──blocking thread──► event loop          EventWriter ──never blocks──► stdout
"""

import asyncio
import contextlib
import logging
import os
import signal
import threading
from collections import deque
from collections.abc import Callable
from typing import Final

from woxly_tui.media.messages import EVENTS, Heartbeat, LevelsMeasured, LinkMeasured, WorkerEvent

MAX_LINE_BYTES: Final = 1 << 20
"""Longest command; a token is a few hundred bytes."""

MAX_QUEUED: Final = 4096
"""Events kept for an engine that does not read; it holds the worker dead long before."""

_CHUNK_BYTES: Final = 1 << 16

_DROPPABLE: Final = (LevelsMeasured, Heartbeat, LinkMeasured)
"""Events of passing interest: dropped while the pipe is full."""

_log = logging.getLogger(__name__)


def exit_within(seconds: float) -> None:
    """End this process at the latest then, whatever blocks: loop, native code, the GIL.

    May be called from any thread, and again; the earlier deadline holds.
    """
    threading.Thread(target=_exit_after, args=(seconds,), daemon=True).start()
    if hasattr(signal, "setitimer"):
        left_s, _ = signal.getitimer(signal.ITIMER_REAL)
        # A little later than the thread: this one is the kernel's, and exits with an alarm.
        after_s = seconds + 0.05
        signal.setitimer(signal.ITIMER_REAL, min(left_s, after_s) if left_s else after_s)


def stay_alive(seconds: float) -> None:
    """Let the kernel end this process then, unless this is called again before.

    A process that holds the GIL for ever notices neither the end of a pipe nor a deadline.
    """
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _exit_after(seconds: float) -> None:
    threading.Event().wait(seconds)
    os._exit(0)


class CommandReader:
    """Reads lines from a pipe in a thread of its own, and hands them to the event loop.

    Args:
        fd: The pipe's read end; this object's from now on.
        on_line: Called in the loop for each line.
        on_end: Called in the loop when the writer is gone.
        end_grace_s: How long the process may live after that.
    """

    def __init__(
        self,
        fd: int,
        on_line: Callable[[bytes], None],
        on_end: Callable[[], None],
        end_grace_s: float,
    ) -> None:
        self._fd = fd
        self._on_line = on_line
        self._on_end = on_end
        self._end_grace_s = end_grace_s
        self._loop = asyncio.get_running_loop()

    def start(self) -> None:
        """Begin to read. Once, from the event loop."""
        threading.Thread(target=self._run, name="commands", daemon=True).start()

    def _run(self) -> None:
        pending = b""
        while chunk := self._read():
            *lines, pending = (pending + chunk).split(b"\n")
            for line in filter(None, lines):
                self._call(self._on_line, line)
            if len(pending) > MAX_LINE_BYTES:
                _log.error("a command of over %d bytes", MAX_LINE_BYTES)
                break
        exit_within(self._end_grace_s)
        self._call(self._on_end)

    def _read(self) -> bytes:
        try:
            return os.read(self._fd, _CHUNK_BYTES)
        except OSError:
            return b""

    def _call(self, callback: Callable[..., None], *args: bytes) -> None:
        with contextlib.suppress(RuntimeError):  # a closed loop: the process is about to end
            self._loop.call_soon_threadsafe(callback, *args)


class EventWriter:
    """Writes events without ever waiting for the reader. Use from one event loop.

    Args:
        fd: The pipe's write end; set to non-blocking.
        on_lost: Called once when the reader is gone, or so far behind that it might as well be.
    """

    def __init__(self, fd: int, on_lost: Callable[[], None]) -> None:
        os.set_blocking(fd, False)
        self._fd = fd
        self._on_lost = on_lost
        self._queue: deque[bytes] = deque()
        self._is_waiting = False
        self._is_lost = False
        self.dropped = 0
        """Events not written because the pipe was full."""

    def write(self, event: WorkerEvent) -> None:
        """Write an event now, or as soon as the reader makes room."""
        if self._is_lost:
            return
        if self._queue and isinstance(event, _DROPPABLE):
            self.dropped += 1
            return
        self._queue.append(EVENTS.encode(event))
        if len(self._queue) > MAX_QUEUED:
            self._lose("it reads nothing")
        elif not self._is_waiting:
            self._flush()

    def _flush(self) -> None:
        try:
            while self._queue:
                line = self._queue[0]
                written = os.write(self._fd, line)
                if written < len(line):
                    self._queue[0] = line[written:]
                else:
                    self._queue.popleft()
        except BlockingIOError:
            pass
        except OSError as error:
            self._lose(str(error))
            return
        self._wait(bool(self._queue))

    def _wait(self, on: bool) -> None:
        if on == self._is_waiting:
            return
        self._is_waiting = on
        loop = asyncio.get_running_loop()
        if on:
            loop.add_writer(self._fd, self._flush)
        else:
            loop.remove_writer(self._fd)

    def _lose(self, detail: str) -> None:
        _log.warning("the engine is lost: %s", detail)
        self._is_lost = True
        self._queue.clear()
        self._wait(on=False)
        self._on_lost()
