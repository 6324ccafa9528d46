"""A terminal at the end of a slow link: reads so many bytes a second, and answers in its turn."""

import os
import select
import time
from collections.abc import Callable
from typing import Final

from tests.tui.pseudo_terminal import Terminal

_QUESTION: Final = b"\x1b[6n"
_ANSWER: Final = b"\x1b[12;40R"
_TICK_S: Final = 0.05


class SlowLink:
    """What stands between a program on a pseudo-terminal and whoever looks at it.

    Args:
        terminal: The program.
        bytes_per_s: What gets through.
        answers: Whether the terminal says where its cursor is when asked.
    """

    def __init__(self, terminal: Terminal, bytes_per_s: int, *, answers: bool = True) -> None:
        self._terminal = terminal
        self.bytes_per_s = bytes_per_s
        self._answers = answers
        self._tail = b""
        self.seen = b""

    def run(self, seconds: float, until: Callable[[bytes], bool] = lambda _: False) -> bool:
        """Let the link work for a time, or until what was seen pleases; whether it did."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            begun = time.monotonic()
            if select.select([self._terminal.fd], [], [], _TICK_S)[0]:
                chunk = max(1, round(self.bytes_per_s * _TICK_S))
                self._take(os.read(self._terminal.fd, chunk))
                if until(self.seen):
                    return True
            time.sleep(max(0.0, begun + _TICK_S - time.monotonic()))
        return False

    def _take(self, data: bytes) -> None:
        self.seen += data
        text = self._tail + data
        if self._answers:
            for _ in range(text.count(_QUESTION)):
                self._terminal.press(_ANSWER)
        self._tail = text[-(len(_QUESTION) - 1) :] if not text.endswith(_QUESTION) else b""

    def queued_ahead(self, key: bytes, answer: bytes, seconds: float = 120) -> int:
        """Press a key; returns how many bytes came before the answer to it."""
        start = len(self.seen)
        self._terminal.press(key)
        assert self.run(seconds, lambda seen: answer in seen[start:]), "the key was never answered"
        return self.seen.index(answer, start) - start
