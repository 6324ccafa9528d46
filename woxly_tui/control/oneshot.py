"""One command, one answer, over a plain blocking socket: for the verbs, which must be quick."""

import socket
import time
from pathlib import Path
from typing import Final, Self

from woxly_tui import __version__
from woxly_tui.control import frames
from woxly_tui.control.messages import COMMANDS, UPDATES, Command, Reply
from woxly_tui.control.paths import EnginePaths
from woxly_tui.control.peer import is_own
from woxly_tui.errors import EngineLost, NoEngine, ProtocolError

ANSWER_LIMIT_S: Final = 5.0
"""Longest wait for an answer; the engine itself answers within two seconds."""

ENDING_LIMIT_S: Final = 1.0
"""How long an engine that ended may still seem to listen."""

_READ_BYTES: Final = 65536
_MAX_LINE_BYTES: Final = 1 << 22


def ask(command: Command, paths: EnginePaths) -> Reply:
    """Ask the engine that runs for one thing.

    Raises:
        NoEngine: None runs.
        EngineLost: It refuses us, or does not answer.
        ProtocolError: It speaks another protocol.
    """
    with EngineSocket(paths.socket, paths.call) as engine:
        return engine.ask(command)


class EngineSocket:
    """A connection to an engine, as blocking as it is simple.

    Args:
        path: The engine's socket.
        call_file: The file that tells of a call an engine died in, if there may be one.

    Raises:
        NoEngine, EngineLost, ProtocolError: As of `ask`.
    """

    def __init__(self, path: Path, call_file: Path | None = None) -> None:
        self._path = path
        self._held = b""
        self._asked = 0
        until = time.monotonic() + ENDING_LIMIT_S
        while True:
            self._deadline = time.monotonic() + ANSWER_LIMIT_S
            self._socket = _connected(path, call_file)
            try:
                self.welcome = self._greeted()
            except NoEngine:
                self._socket.close()
                if time.monotonic() > until:
                    raise
                time.sleep(0.01)
            except BaseException:
                self._socket.close()
                raise
            else:
                return

    def _greeted(self) -> frames.Welcome:
        hello = frames.Hello(frames.PROTOCOL, __version__)
        self._send(frames.FRONT_END_FRAMES.encode(hello))
        return frames.read_welcome(self._line(), __version__)

    def ask(self, command: Command) -> Reply:
        """Ask for one thing, and wait for the state that resulted."""
        self._deadline = time.monotonic() + ANSWER_LIMIT_S
        self._asked += 1
        request = frames.Request(self._asked, COMMANDS.to_dict(command))
        self._send(frames.FRONT_END_FRAMES.encode(request))
        while True:
            frame = frames.ENGINE_FRAMES.decode(self._line())
            if isinstance(frame, frames.Refused):
                raise ProtocolError(frame.message, frame.remedy)
            if isinstance(frame, frames.Response) and frame.id == self._asked:
                reply = UPDATES.from_dict(frame.reply)
                if isinstance(reply, Reply):
                    return reply
                raise ProtocolError("the engine's answer is no reply")

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _send(self, line: bytes) -> None:
        try:
            self._socket.settimeout(ANSWER_LIMIT_S)
            self._socket.sendall(line)
        except TimeoutError:
            raise _silent() from None
        except OSError:
            raise _ending() from None

    def _line(self) -> bytes:
        while b"\n" not in self._held:
            self._socket.settimeout(max(self._deadline - time.monotonic(), 0.001))
            try:
                data = self._socket.recv(_READ_BYTES)
            except TimeoutError:
                raise _silent() from None
            except OSError:
                data = b""
            if not data or len(self._held) > _MAX_LINE_BYTES:
                raise _ending()
            self._held += data
        line, _, self._held = self._held.partition(b"\n")
        return line


def _connected(path: Path, call_file: Path | None) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(ANSWER_LIMIT_S)
        connection.connect(str(path))
        if not is_own(connection):
            raise EngineLost(f"what listens at {path} is of another user")
    except (FileNotFoundError, ConnectionRefusedError):
        connection.close()
        raise no_engine(call_file) from None
    except TimeoutError:
        connection.close()
        raise _silent() from None
    except OSError as error:
        connection.close()
        raise EngineLost(f"cannot connect to {path} ({error.strerror or error})") from error
    except EngineLost:
        connection.close()
        raise
    return connection


def no_engine(call_file: Path | None) -> NoEngine:
    """What to say where no engine runs: whether one died in a call."""
    from woxly_tui.control.call_file import lost_room

    room = lost_room(call_file) if call_file is not None else ""
    if room:
        return NoEngine(
            f"the engine died in a call in {room}", "`woxly rejoin` returns to it", lost_room=room
        )
    return NoEngine("no call", "`woxly join ROOM` joins one")


def _silent() -> EngineLost:
    return EngineLost("the engine does not answer", "end it, and try again")


def _ending() -> NoEngine:
    return NoEngine("the engine is just ending", "try again")
