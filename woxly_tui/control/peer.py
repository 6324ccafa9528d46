"""Who is at the other end of a unix socket."""

import os
import socket
import struct
from typing import Final

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
