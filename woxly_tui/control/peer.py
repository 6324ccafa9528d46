"""Who is at the other end of a unix socket."""

import os
import socket
import struct
from typing import Final

from woxly_tui.errors import EngineLost

ENGINE_MODULE: Final = b"woxly_tui.engine.process"
"""On the command line of an engine."""

_UCRED: Final = "iII"
"""Linux, unix(7): process, user and group id."""

_XUCRED: Final = "Ii"
"""macOS, unix(4): version and user id; groups follow."""

_LOCAL_PEERCRED: Final = 1
_SOL_LOCAL: Final = 0


def peer_uid(connection: socket.socket) -> int | None:
    """User id of the process that made the connection; None where the system cannot tell."""
    try:
        if hasattr(socket, "SO_PEERCRED"):
            size = struct.calcsize(_UCRED)
            raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
            return int(struct.unpack(_UCRED, raw)[1])
        raw = connection.getsockopt(_SOL_LOCAL, _LOCAL_PEERCRED, 76)
        return int(struct.unpack_from(_XUCRED, raw)[1])
    except (OSError, struct.error):
        return None


def is_own(connection: socket.socket) -> bool:
    """Whether this very user is at the other end; not even root passes for another."""
    return peer_uid(connection) == os.getuid()


def engine_pid(connection: socket.socket) -> int | None:
    """The engine that listens there; None where that cannot be told, or something else does, as
    the ssh that forwards the socket."""
    if not hasattr(socket, "SO_PEERCRED"):
        return None
    try:
        size = struct.calcsize(_UCRED)
        raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
        pid = int(struct.unpack(_UCRED, raw)[0])
        with open(f"/proc/{pid}/cmdline", "rb") as file:  # noqa: PTH123 - pathlib takes longer
            return pid if ENGINE_MODULE in file.read(4096) else None
    except (OSError, struct.error):
        return None


def no_answer(connection: socket.socket | None = None) -> EngineLost:
    """The engine listens, and says nothing: which one to end.

    Args:
        connection: Where that is known.
    """
    pid = engine_pid(connection) if connection is not None else None
    how = f"end it with `kill -9 {pid}`" if pid is not None else "end it"
    return EngineLost("the engine does not answer", f"{how}, and try again")
