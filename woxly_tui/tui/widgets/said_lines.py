"""Rows of what people said, their links clickable: the part that every chat draws alike."""

from typing import Final, Protocol

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.message import Message
from textual.strip import Strip

from woxly_tui.tui.links import Link
from woxly_tui.tui.terminal import takes_hyperlinks
from woxly_tui.tui.text import clip, fit
from woxly_tui.tui.widgets.columns import ChatColumns
from woxly_tui.tui.widgets.line_view import LineView

WHEEL_ROWS: Final = 3
"""Rows that one step of a mouse wheel moves."""


class SaidRow(Protocol):
    """One row: a piece of a line of a message. Name and time stand on its first one only."""

    @property
    def text(self) -> str: ...

    @property
    def links(self) -> tuple[Link, ...]: ...

    @property
    def name(self) -> str: ...

    @property
    def time(self) -> str: ...

    @property
    def is_local(self) -> bool: ...


class SaidLines(LineView):
    """Draws rows with the parts name, own, time, link, quiet and mark, and the kind of a text."""

    class LinkClicked(Message):
        """An address was clicked."""

        def __init__(self, target: str) -> None:
            super().__init__()
            self.target = target

    def __init__(self, *, id: str) -> None:  # noqa: A002 - as Textual calls it
        super().__init__(id=id)
        self._links_reach_terminal = takes_hyperlinks()

    def said_nothing(self, said: str, columns: ChatColumns, width: int, height: int) -> list[Strip]:
        """One quiet line at the bottom, where there is no row."""
        blank = [Strip([])] * max(0, height - 1)
        text = clip(" " * columns.marker + said, width)
        return [*blank, Strip([Segment(text, self.part("quiet"))])]

    def strip_of(
        self, row: SaidRow | None, columns: ChatColumns, marker: Segment, kind: str = "text"
    ) -> Strip:
        """A row in its columns; nothing for None."""
        if row is None:
            return Strip([])
        base = self.base
        text = self._text(row, kind)
        used = sum(segment.cell_length for segment in text)
        return Strip(
            [
                marker,
                Segment(fit(row.name, columns.name), self.part("own" if row.is_local else "name")),
                Segment(" " * columns.gap, base),
                *text,
                Segment(" " * (columns.text - used + columns.gap), base),
                Segment(row.time if columns.time else "", self.part("time")),
            ]
        )

    def _text(self, row: SaidRow, kind: str) -> list[Segment]:
        style = self.part(kind)
        segments = []
        at = 0
        for link in row.links:
            segments.append(Segment(row.text[at : link.start], style))
            look = self.part("link")
            if self._links_reach_terminal:
                look += Style(link=link.target)
            segments.append(Segment(row.text[link.start : link.end], look))
            at = link.end
        segments.append(Segment(row.text[at:], style))
        return [segment for segment in segments if segment.text]


def link_at(row: SaidRow, columns: ChatColumns, x: int) -> str | None:
    """Where the link in that cell of a row leads."""
    at = x - columns.text_x
    for link in row.links:
        start, end = (cell_len(row.text[:index]) for index in (link.start, link.end))
        if start <= at < end:
            return link.target
    return None
