"""A front end's end of the socket for commands that must be quick, or only listen.

It blocks, and commands, replies and updates are plain JSON values as `frames` and `messages`
describe them: loading those, or asyncio, takes longer than all that a key press has.
"""

import contextlib
import json
import os
import socket
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from woxly_tui import __version__
from woxly_tui.control.protocol import PROTOCOL
from woxly_tui.errors import EngineGone, NoEngine, ProtocolError, WoxlyError

ANSWER_LIMIT_S: Final = 5.0
"""Longest wait for an answer; an engine gives one within about a second."""

MAX_ANSWER_BYTES: Final = 16 * 1024 * 1024
"""Longest line read; a call with a thousand people takes half a megabyte."""

_READ_BYTES: Final = 65536

_REMEDY: Final = "`woxly status` shows whether there is a call"

_STRANGER: Final = "what answers on the socket is not woxly"


class DirectLink:
    """A connection to an engine. Close it, or use it in `with`.

    Args:
        path: The engine's socket.
        is_ours: Refuse a socket in a folder of somebody else. False where the user named it.

    Raises:
        NoEngine: Nobody listens there.
        WoxlyError: It cannot be used.
    """

    def __init__(self, path: Path, *, is_ours: bool = True) -> None:
        self._held = bytearray()
        self._request = 0
        self._welcome: dict[str, Any] = {}
        if is_ours and (problem := _owner_problem(path)):
            raise problem
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.settimeout(ANSWER_LIMIT_S)
            self._socket.connect(str(path))
        except OSError as error:
            self._socket.close()
            raise _failure(path, error) from error
        self._hello = _line({"type": "hello", "protocol": PROTOCOL, "version": __version__})

    def __enter__(self) -> "DirectLink":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the engine; the call goes on."""
        self._socket.close()

    @property
    def lost_room(self) -> str:
        """The room of a call that an engine died in; known once anything was received."""
        return str(self._welcome.get("lost_room", ""))

    @property
    def pid(self) -> int:
        """Process of the engine; known once anything was received."""
        return int(self._welcome.get("pid", 0))

    def ask(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """Send one command, and wait for the reply.

        Raises:
            ProtocolError: The engine refuses us, has gone, or does not answer in time.
        """
        self._request += 1
        self._send({"type": "request", "id": self._request, "command": command})
        limit = time.monotonic() + ANSWER_LIMIT_S
        while True:
            self._socket.settimeout(max(limit - time.monotonic(), 0.001))
            try:
                frame = self._read()
            except TimeoutError:
                raise ProtocolError("the engine does not answer", _REMEDY) from None
            if frame["type"] == "response" and frame.get("id") == self._request:
                reply: dict[str, Any] = frame["reply"]
                return reply

    def updates(self, idle_s: float) -> Iterator[dict[str, Any] | None]:
        """The state now and the chat so far, then every change; ends when the engine does.

        Args:
            idle_s: After as long without news, None is given, to look at other things.

        Raises:
            ProtocolError: The engine refuses us.
        """
        self._send({"type": "attach"})
        while True:
            self._socket.settimeout(idle_s)
            try:
                frame = self._read()
            except TimeoutError:
                yield None
            except EngineGone:
                return
            else:
                if frame["type"] == "changed":
                    yield frame["update"]

    def _send(self, frame: Mapping[str, Any]) -> None:
        hello, self._hello = self._hello, b""
        with contextlib.suppress(OSError):  # what it said before it hung up is still to be read
            self._socket.sendall(hello + _line(frame))

    def _read(self) -> dict[str, Any]:
        line = self._read_line()
        try:
            frame = json.loads(line)
            kind = frame["type"]
        except (ValueError, TypeError, LookupError, RecursionError):
            raise ProtocolError(_STRANGER) from None
        if kind == "refused":
            raise ProtocolError(str(frame.get("message", "")), str(frame.get("remedy", "")))
        if kind == "welcome":
            self._welcome = frame
        return frame  # type: ignore[no-any-return]  # a JSON object: it has a type

    def _read_line(self) -> bytes:
        looked_at = 0
        while (end := self._held.find(b"\n", looked_at)) < 0:
            looked_at = len(self._held)
            try:
                data = self._socket.recv(_READ_BYTES)
            except ConnectionError:
                data = b""
            if not data:
                raise EngineGone("the engine has ended", _REMEDY)
            self._held += data
            if len(self._held) > MAX_ANSWER_BYTES:
                raise ProtocolError(_STRANGER)
        line = bytes(self._held[:end])
        del self._held[: end + 1]
        return line


def _line(values: Mapping[str, Any]) -> bytes:
    return json.dumps(values, separators=(",", ":")).encode("ascii") + b"\n"


def _owner_problem(path: Path) -> WoxlyError | None:
    try:
        owner = os.stat(path.parent).st_uid  # noqa: PTH116 - a Path makes the same call slower
    except OSError:
        return None
    if owner == os.getuid():
        return None
    return WoxlyError(f"{path.parent} belongs to somebody else", "set WOXLY_RUNTIME_DIR")


def _failure(path: Path, error: OSError) -> WoxlyError:
    if isinstance(error, FileNotFoundError | ConnectionRefusedError | NotADirectoryError):
        return NoEngine("no call", "`woxly join ROOM` begins one")
    cause = (error.strerror or str(error)).lower()
    return WoxlyError(f"the engine at {path} cannot be reached ({cause})")
