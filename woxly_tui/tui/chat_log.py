"""What was said, laid out in rows of a given width. No widget, no clock of its own.

ChatMessage ──add──► ChatLog ──visible(height)──► the rows to draw, newest at the bottom
"""

import time
from collections import deque
from dataclasses import dataclass
from typing import Final

from rich.cells import split_graphemes

from woxly_tui.call.snapshot import ChatMessage
from woxly_tui.tui.links import Link, find_links
from woxly_tui.tui.text import LEFT_TO_RIGHT_MARK, plain, steady
from woxly_tui.types import Seconds

MAX_MESSAGES: Final = 200

MAX_ROWS: Final = 5000
"""Rows that can be scrolled through; of what is older, nothing is laid out."""


@dataclass(frozen=True, slots=True)
class ChatRow:
    """One row: a piece of a line of a message. Name and time stand on its first one only."""

    text: str
    links: tuple[Link, ...] = ()
    """Indices are those of `text`; a target that goes over two rows is whole in both."""
    name: str = ""
    time: str = ""
    is_local: bool = False


class ChatLog:
    """The messages of a call, which of them were seen, and how far it is scrolled back."""

    def __init__(self) -> None:
        self._messages: deque[ChatMessage] = deque(maxlen=MAX_MESSAGES)
        self._rows: dict[tuple[int, Seconds], list[ChatRow]] = {}
        self._width = 0
        self._last: tuple[int, Seconds] = (0, Seconds(0.0))
        self.unread = 0
        """Messages of others that came while nobody looked."""
        self.scrolled = 0
        """Rows hidden below the bottom of the view; 0 follows what is said."""
        self.unseen = 0
        """Messages that came below the bottom of the view."""

    def __len__(self) -> int:
        return len(self._messages)

    def add(self, message: ChatMessage, *, is_looked_at: bool) -> bool:
        """Take a message.

        Args:
            message: As it came from the engine.
            is_looked_at: Whether the log is on the screen.

        Returns:
            False where it is known already, as after attaching again.
        """
        number, at = self._last
        # A fresh engine counts from 1 again, later.
        if message.number <= number and message.sent_at <= at:
            return False
        self._last = _key(message)
        if len(self._messages) == MAX_MESSAGES:
            self._rows.pop(_key(self._messages[0]), None)
        self._messages.append(message)
        if message.is_local:
            self.to_end()
        elif not is_looked_at:
            self.unread += 1
        elif self.scrolled:
            self.unseen += 1
        if self.scrolled and self._width:
            self.scrolled += len(self._rows_of(message))
        return True

    def clear(self) -> None:
        """Another call."""
        self._messages.clear()
        self._rows.clear()
        self.unread = 0
        self.to_end()

    def to_end(self) -> None:
        """Follow what is said."""
        self.scrolled = self.unseen = 0

    def scroll(self, rows: int, height: int) -> bool:
        """Go back by so many rows, or forward by a negative number; returns whether it moved."""
        before = self.scrolled
        wanted = max(0, self.scrolled + rows)
        if rows > 0:
            wanted = min(wanted, max(0, self._count(wanted + height) - height))
        self.scrolled = wanted
        if not wanted:
            self.unseen = 0
        return wanted != before

    def _count(self, limit: int) -> int:
        """How many rows there are, counting no further than needed."""
        count = 0
        for message in reversed(self._messages):
            count += len(self._rows_of(message))
            if count >= min(limit, MAX_ROWS):
                return min(count, MAX_ROWS)
        return count

    def visible(self, width: int, height: int) -> list[ChatRow]:
        """The rows of the view, at most `height` of them, each in at most `width` cells."""
        if width != self._width:
            self._rows.clear()
            self._width = width
        rows: list[ChatRow] = []
        for message in reversed(self._messages):
            rows = self._rows_of(message) + rows
            if len(rows) >= self.scrolled + height:
                break
        end = max(0, len(rows) - self.scrolled)
        return rows[max(0, end - height) : end]

    def _rows_of(self, message: ChatMessage) -> list[ChatRow]:
        key = _key(message)
        if key not in self._rows:
            self._rows[key] = _laid_out(message, self._width)
        return self._rows[key]


def _key(message: ChatMessage) -> tuple[int, Seconds]:
    # Another engine may have given the same number to another message.
    return message.number, message.sent_at


def _laid_out(message: ChatMessage, width: int) -> list[ChatRow]:
    pieces: list[tuple[str, tuple[Link, ...]]] = []
    for line in message.text.split("\n"):
        pieces += wrap_line(harmless(line), width)
    first, *rest = pieces
    at = time.strftime("%H:%M", time.localtime(message.sent_at))
    name = "you" if message.is_local else steady(plain(message.name)) or "?"
    return [
        ChatRow(*first, name, at, message.is_local),
        *(ChatRow(*piece, is_local=message.is_local) for piece in rest),
    ]


def harmless(line: str) -> str:
    """A line that the engine has cleaned; it may be another engine than we were made for."""
    kept = "".join(c for c in line if c.isprintable() or c in "\u200c\u200d")
    return steady(kept)


def wrap_line(line: str, width: int) -> list[tuple[str, tuple[Link, ...]]]:
    """A line as pieces of at most `width` cells, broken at spaces where there are some."""
    links = find_links(line)
    pieces: list[tuple[str, tuple[Link, ...]]] = []
    start = used = 0
    space: int | None = None
    graphemes = split_graphemes(line)[0]
    index = 0
    while index < len(graphemes):
        begin, end, cells = graphemes[index]
        if used + cells > width and begin > start:
            stop = begin if space is None or line[begin] == " " else space
            pieces.append(_piece(line, start, stop, links))
            # The space at which a line is broken belongs to neither part.
            start = stop + 1 if line[stop : stop + 1] == " " else stop
            while index < len(graphemes) and graphemes[index][0] > start:
                index -= 1
            while index < len(graphemes) and graphemes[index][0] < start:
                index += 1
            used, space = 0, None
            continue
        if line[begin:end] == " " and line[start:begin].strip():
            space = begin
        used += cells
        index += 1
    pieces.append(_piece(line, start, len(line), links))
    return pieces


def _piece(line: str, start: int, end: int, links: list[Link]) -> tuple[str, tuple[Link, ...]]:
    inside = tuple(
        Link(max(link.start, start) - start, min(link.end, end) - start, link.target)
        for link in links
        if link.start < end and link.end > start
    )
    piece = line[start:end]
    if line.endswith(LEFT_TO_RIGHT_MARK) and not piece.endswith(LEFT_TO_RIGHT_MARK):
        piece += LEFT_TO_RIGHT_MARK
    return piece, inside
