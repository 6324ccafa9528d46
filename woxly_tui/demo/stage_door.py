"""How the processes of the bots are told what to do, and to end."""

import asyncio
import contextlib
import os
import signal
import threading


def read_line() -> bytes:
    """One line from standard input, and not a byte more: the watcher reads the rest."""
    line = bytearray()
    while not line.endswith(b"\n") and (byte := os.read(0, 1)):
        line += byte
    return bytes(line)


def until_sent_home() -> asyncio.Event:
    """Set once standard input ends, or SIGTERM comes."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows
            loop.add_signal_handler(number, ended.set)
    _watch_stdin(loop, ended)
    return ended


def _watch_stdin(loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> None:
    """In a thread of its own: block until standard input ends, whoever held it."""

    def watch() -> None:
        while os.read(0, 4096):
            pass
        with contextlib.suppress(RuntimeError):  # the loop is closed already
            loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=watch, daemon=True).start()
