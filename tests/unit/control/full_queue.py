"""An engine whose queue of front ends is full: the next one waits for its place in it."""

import socket
from pathlib import Path

from woxly_tui import __version__
from woxly_tui.control import frames

LIMIT_S = 5.0


class FullQueue:
    """A socket that takes nobody until it is told to, and then greets everybody."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(path))
        self._listening.listen(1)
        self._listening.settimeout(LIMIT_S)
        self._crowd: list[socket.socket] = []
        self._taken: list[socket.socket] = []
        while self._is_room():
            pass

    def _is_room(self) -> bool:
        self._crowd.append(socket.socket(socket.AF_UNIX))
        self._crowd[-1].setblocking(False)
        try:
            self._crowd[-1].connect(str(self.path))
        except BlockingIOError:
            return False
        return True

    def open(self) -> None:
        """Take those who wait, and one more."""
        welcome = frames.Welcome(frames.PROTOCOL, __version__, 1, "")
        for _ in self._crowd:
            self._taken.append(self._listening.accept()[0])
            self._taken[-1].sendall(frames.ENGINE_FRAMES.encode(welcome))

    def close(self) -> None:
        for one in (self._listening, *self._crowd, *self._taken):
            one.close()
