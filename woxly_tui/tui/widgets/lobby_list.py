"""The list of the lobby: draws the rows in view and no others, however many there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from woxly_tui.tui.lobby_view import LobbyRow, RowKey
from woxly_tui.tui.text import clip, fit
from woxly_tui.tui.widgets.line_view import LineView

WHEEL_ROWS = 3
_KINDS = ("good", "away", "warning", "quiet", "talking", "accent")
_RIGHT_CELLS = 14
"""A heading's note may be longer than a row's time."""


@dataclass(frozen=True, slots=True)
class _Columns:
    """Widths in cells: marker, glyph, name, unread, word, detail, time."""

    name: int
    word: int
    detail: int
    unread: int = 5
    time: int = 7
    marker: int = 3
    glyph: int = 2

    @classmethod
    def for_width(cls, width: int) -> "_Columns":
        name = min(30, max(10, width // 3 - 4))
        free = width - 3 - 2 - name - 5 - 7
        word = min(max(0, free), 16)
        return cls(name, word, max(0, free - word))


class LobbyList(LineView):
    """Rows under headings, one of them chosen. The choice stays on its row while others move."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"lobbylist--{kind}" for kind in _KINDS),
        *(f"lobbylist--{name}" for name in ("heading", "name", "chosen", "unread", "detail")),
    }
    DEFAULT_CSS = """
    LobbyList { height: 1fr; }
    LobbyList .lobbylist--heading { color: $accent; text-style: bold; }
    LobbyList .lobbylist--name { color: $foreground; }
    LobbyList .lobbylist--chosen { color: $accent; text-style: bold; }
    LobbyList .lobbylist--unread { color: $accent; text-style: bold; }
    LobbyList .lobbylist--detail { color: $quiet; }
    LobbyList .lobbylist--good { color: $success; }
    LobbyList .lobbylist--talking { color: $success; text-style: bold; }
    LobbyList .lobbylist--away { color: $quiet; }
    LobbyList .lobbylist--quiet { color: $quiet; }
    LobbyList .lobbylist--warning { color: $warning; }
    LobbyList .lobbylist--accent { color: $accent; }
    """

    class Chosen(Message):
        """Another row is chosen."""

    class Opened(Message):
        """The chosen row was clicked once more."""

    def __init__(self) -> None:
        super().__init__(id="lobby-list")
        self._rows: Sequence[LobbyRow] = ()
        self._choice: RowKey | None = None
        self._at = 0
        self._top = 0

    @property
    def chosen(self) -> LobbyRow | None:
        """The row that keys are about."""
        if not 0 <= self._at < len(self._rows):
            return None
        row = self._rows[self._at]
        return row if row.item is not None else None

    def show(self, rows: Sequence[LobbyRow]) -> None:
        """Draw these; the choice stays where it was, or goes to the nearest row."""
        self._rows = rows
        place = next((at for at, row in enumerate(rows) if row.key == self._choice), None)
        if place is not None:
            shift = place - self._at
            # What stands above the choice may grow without moving what is looked at.
            self._top = max(0, self._top + shift)
            self._at = place
        else:
            self._at = self._nearest(min(self._at, len(rows) - 1), 1)
            self._note_choice()
        self._into_view()
        self.redraw()

    def move(self, steps: int) -> None:
        """Choose the row so many further down, or up where negative."""
        way = 1 if steps > 0 else -1
        for _ in range(abs(steps)):
            at = self._next(self._at, way)
            if at is None:
                if way < 0:
                    self._top = 0
                break
            self._at = at
        self._moved()

    def page(self, way: int) -> None:
        self.move(way * max(1, self.size.height - 2))

    def to_end(self, way: int) -> None:
        """Choose the first row, or the last one."""
        self._top = 0 if way < 0 else self._top
        self._at = self._nearest(0 if way < 0 else len(self._rows) - 1, -way)
        self._moved()

    def to_section(self, way: int) -> None:
        """Choose the first row of the next section, or of the one before."""
        starts = [at + 1 for at, row in enumerate(self._rows) if row.item is None]
        if not starts:
            return
        here = max((place for place, at in enumerate(starts) if at <= self._at), default=0)
        self._at = starts[(here + way) % len(starts)]
        self._top = max(0, self._at - 1)
        self._moved()

    def choose_named(self, beginning: str) -> None:
        """Choose the first row whose name begins so, or else the first one."""
        begins = beginning.casefold()
        items = [at for at, row in enumerate(self._rows) if row.item is not None]
        named = [at for at in items if self._rows[at].name.casefold().startswith(begins)]
        if items:
            self._at = (named or items)[0]
            self._top = 0
            self._moved()

    def _moved(self) -> None:
        self._note_choice()
        self._into_view()
        self.redraw()
        self.post_message(self.Chosen())

    def _note_choice(self) -> None:
        row = self.chosen
        self._choice = row.key if row is not None else None

    def _next(self, at: int, way: int) -> int | None:
        at += way
        while 0 <= at < len(self._rows):
            if self._rows[at].item is not None:
                return at
            at += way
        return None

    def _nearest(self, at: int, way: int) -> int:
        for place in (at, self._next(at, way), self._next(at, -way)):
            is_row = place is not None and 0 <= place < len(self._rows)
            if place is not None and is_row and self._rows[place].item is not None:
                return place
        return 0

    def _into_view(self) -> None:
        height = max(1, self.size.height)
        above = self._at - 1 if self._at and self._rows[self._at - 1 : self._at] else self._at
        is_first = 0 < self._at < len(self._rows) and self._rows[self._at - 1].item is None
        first = above if is_first else self._at
        self._top = min(self._top, first)
        if self._at >= self._top + height:
            self._top = self._at - height + 1
        self._top = max(0, min(self._top, len(self._rows) - height))

    # Drawing

    def on_resize(self) -> None:
        super().on_resize()
        self._into_view()
        self.refresh()

    def lines(self, width: int, height: int) -> list[Strip]:
        columns = _Columns.for_width(width)
        visible = range(self._top, min(len(self._rows), self._top + height))
        return [self._strip(self._rows[at], at == self._at, columns, width) for at in visible]

    def _strip(self, row: LobbyRow, is_chosen: bool, columns: _Columns, width: int) -> Strip:
        if row.item is None:
            return self._heading(row, width)
        base = self.base
        look = self.part(row.kind)
        unread = f"({min(row.unread, 99)})" if row.unread else ""
        marker = ("▸" if is_chosen else " ") + ("+" if row.is_marked else " ")
        return Strip(
            [
                Segment(f" {marker}", self.part("accent")),
                Segment(fit(row.glyph, columns.glyph), look),
                Segment(fit(row.name, columns.name), self.part("chosen" if is_chosen else "name")),
                Segment(f"{unread:^{columns.unread}}", self.part("unread")),
                Segment(fit(row.word, columns.word), look),
                Segment(fit(row.detail, columns.detail), self.part("detail")),
                Segment(clip(row.right, columns.time - 1).rjust(columns.time - 1), base),
                Segment(" ", base),
            ]
        )

    def _heading(self, row: LobbyRow, width: int) -> Strip:
        note = clip(row.right, _RIGHT_CELLS + 6)
        text = fit(f" {row.name}", max(0, width - len(note) - 1))
        quiet: Style = self.part("quiet")
        return Strip([Segment(text, self.part("heading")), Segment(f"{note} ", quiet)])

    # The mouse

    def on_click(self, event: events.Click) -> None:
        at = self._top + event.y
        if event.button != 1 or not 0 <= at < len(self._rows) or self._rows[at].item is None:
            return
        if at == self._at:
            self.post_message(self.Opened())
            return
        self._at = at
        self._moved()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._scroll(-WHEEL_ROWS)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._scroll(WHEEL_ROWS)

    def _scroll(self, rows: int) -> None:
        height = self.size.height
        self._top = max(0, min(self._top + rows, len(self._rows) - height))
        last = self._top + height - 1
        if not self._top <= self._at <= last:
            inside = min(max(self._at, self._top), last)
            self._at = self._nearest(inside, 1 if rows > 0 else -1)
            self._note_choice()
            self.post_message(self.Chosen())
        self.redraw()
