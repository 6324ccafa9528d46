"""A front end's end of the socket for commands that must be quick, or only listen.

It blocks, and commands, replies and updates are plain JSON values as `frames` and `messages`
describe them: loading those, or asyncio, takes longer than all that a key press has.
"""

import json
import os
import socket
import time
from collections.abc import Iterator, Mapping
from os import PathLike
from typing import Any, Final, Self

from woxly_tui import __version__
from woxly_tui.control.peer import is_own, no_answer
from woxly_tui.control.protocol import MAX_ENGINE_LINE_BYTES, PROTOCOL
from woxly_tui.errors import EngineLost, NoEngine, ProtocolError

ANSWER_LIMIT_S: Final = 5.0
"""Longest wait for an answer; the engine itself answers within two seconds."""

ENDING_LIMIT_S: Final = 1.0
"""How long an engine that ended may still seem to listen."""

QUEUE_EVERY_S: Final = 0.01
"""How often to try again where the engine's queue is full."""

_READ_BYTES: Final = 65536


class DirectLink:
    """A connection to an engine. Close it, or use it in `with`.

    Args:
        path: The engine's socket.
        call_file: The file that tells of a call an engine died in, if there may be one.

    Raises:
        NoEngine: Nobody listens there.
        EngineLost: It refuses us, or does not answer.
        ProtocolError: It speaks another protocol.
    """

    def __init__(
        self, path: str | PathLike[str], call_file: str | PathLike[str] | None = None
    ) -> None:
        until = time.monotonic() + ENDING_LIMIT_S
        while True:
            self._held = bytearray()
            self._socket = _connected(path, call_file)
            try:
                self._welcome = self._greeted()
            except NoEngine:
                self._socket.close()
                if time.monotonic() > until:
                    raise
                time.sleep(0.01)
            except BaseException:
                self._socket.close()
                raise
            else:
                break
        self._request = 0
        self._snapshot: dict[str, Any] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the engine; the call goes on."""
        self._socket.close()

    @property
    def lost_room(self) -> str:
        """The room of a call that an engine before this one died in."""
        return str(self._welcome.get("lost_room", ""))

    @property
    def pid(self) -> int:
        """Process of the engine."""
        return int(self._welcome["pid"])

    @property
    def version(self) -> str:
        """Of the engine, for people."""
        return str(self._welcome.get("version", "?"))

    def ask(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """Send one command, and wait for the reply.

        Raises:
            EngineLost: The engine has gone, refuses us, or does not answer in time.
            ProtocolError: What it says cannot be understood.
        """
        self._request += 1
        self._send({"type": "request", "id": self._request, "command": command})
        limit = time.monotonic() + ANSWER_LIMIT_S
        while True:
            frame = self._read(limit)
            if frame["type"] == "response" and frame.get("id") == self._request:
                reply: dict[str, Any] = frame["reply"]
                return reply

    def updates(self, idle_s: float) -> Iterator[dict[str, Any] | None]:
        """The state now and the chat so far, then every change; ends when the engine does.

        Args:
            idle_s: After as long without news, None is given, to look at other things.

        Raises:
            EngineLost: The engine refuses us.
            ProtocolError: What it says cannot be understood.
        """
        self._send({"type": "attach", "is_compact": True})
        while True:
            self._socket.settimeout(idle_s)
            try:
                frame = self._read(None)
            except TimeoutError:
                yield None
            except _Closed:
                return
            else:
                if (update := self._update(frame)) is not None:
                    yield update

    def _update(self, frame: dict[str, Any]) -> dict[str, Any] | None:
        if frame["type"] == "snapshot_changed":
            self._snapshot = self._snapshot | frame["fields"] | {"type": "snapshot"}
            return self._snapshot
        if frame["type"] != "changed":
            return None
        update: dict[str, Any] = frame["update"]
        if update["type"] == "snapshot":
            self._snapshot = update
        return update

    def _greeted(self) -> dict[str, Any]:
        self._send({"type": "hello", "protocol": PROTOCOL, "version": __version__})
        try:
            welcome = self._read(time.monotonic() + ANSWER_LIMIT_S)
        except _Closed:
            raise NoEngine("the engine is just ending", "try again") from None
        if welcome["type"] != "welcome" or welcome.get("protocol") != PROTOCOL:
            from woxly_tui.control.frames import read_welcome

            read_welcome(json.dumps(welcome).encode(), __version__)
            raise ProtocolError("what listens there is no engine of woxly")
        return welcome

    def _send(self, frame: Mapping[str, Any]) -> None:
        line = json.dumps(frame, separators=(",", ":")).encode("ascii") + b"\n"
        self._socket.settimeout(ANSWER_LIMIT_S)
        try:
            self._socket.sendall(line)
        except TimeoutError:
            raise no_answer(self._socket) from None
        except OSError:
            return  # what it said before it hung up is still to be read

    def _read(self, limit: float | None) -> dict[str, Any]:
        line = self._read_line(limit)
        try:
            frame = json.loads(line)
            kind = frame["type"]
        except (ValueError, TypeError, LookupError, RecursionError):
            raise ProtocolError("what listens there is no engine of woxly") from None
        if kind == "refused":
            raise EngineLost(str(frame.get("message", "")), str(frame.get("remedy", "")))
        return frame  # type: ignore[no-any-return]  # a JSON object: it has a type

    def _read_line(self, limit: float | None) -> bytes:
        looked_at = 0
        while (end := self._held.find(b"\n", looked_at)) < 0:
            looked_at = len(self._held)
            if limit is not None:
                self._socket.settimeout(max(limit - time.monotonic(), 0.001))
            try:
                data = self._socket.recv(_READ_BYTES)
            except TimeoutError:
                if limit is None:
                    raise
                raise no_answer(self._socket) from None
            except OSError:
                data = b""
            if not data or looked_at > MAX_ENGINE_LINE_BYTES:
                raise _Closed("the engine is gone", "`woxly status` shows whether there is a call")
            self._held += data
        line = bytes(self._held[:end])
        del self._held[: end + 1]
        return line


class _Closed(EngineLost):
    """The connection has ended."""


def _connected(path: str | PathLike[str], call_file: str | PathLike[str] | None) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(ANSWER_LIMIT_S)
        _queue(connection, path)
        if not is_own(connection):
            raise EngineLost(f"what listens at {path} is of another user")
    except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError):
        connection.close()
        raise _no_engine(call_file) from None
    except TimeoutError:
        connection.close()
        raise no_answer() from None
    except OSError as error:
        connection.close()
        raise EngineLost(f"cannot connect to {path} ({error.strerror or error})") from error
    except EngineLost:
        connection.close()
        raise
    return connection


def _queue(connection: socket.socket, path: str | PathLike[str]) -> None:
    """Connect, and wait for a place where the engine has as many to greet as it can hold."""
    until = time.monotonic() + ANSWER_LIMIT_S
    while True:
        try:
            return connection.connect(os.fspath(path))
        except BlockingIOError:
            if time.monotonic() > until:
                raise TimeoutError from None
            time.sleep(QUEUE_EVERY_S)


def _no_engine(call_file: str | PathLike[str] | None) -> NoEngine:
    if call_file is not None and os.access(call_file, os.R_OK):
        from pathlib import Path

        from woxly_tui.control.call_file import lost_room

        if room := lost_room(Path(call_file)):
            return NoEngine(
                f"the engine died in a call in {room}",
                "`woxly rejoin` returns to it",
                lost_room=room,
            )
    return NoEngine("no call", "`woxly join ROOM` joins one")
