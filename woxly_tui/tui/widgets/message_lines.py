"""The messages of a room on the screen: drawn, chosen by key or mouse, their links clickable."""

from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip

from woxly_tui.tui.actions import screen_bindings
from woxly_tui.tui.lobby_actions import MESSAGE_ACTIONS
from woxly_tui.tui.message_log import MessageLog, MessageRow
from woxly_tui.tui.text import fit
from woxly_tui.tui.widgets.columns import ChatColumns
from woxly_tui.tui.widgets.said_lines import WHEEL_ROWS, SaidLines, link_at


class MessageLines(SaidLines, can_focus=True):
    """Rows of messages, the newest at the bottom. While it has the focus, one is chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [*screen_bindings(MESSAGE_ACTIONS)]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"messagelines--{name}"
        for name in ("name", "own", "text", "time", "link", "quiet", "reply", "file", "day", "mark")
    }
    DEFAULT_CSS = """
    MessageLines { height: 1fr; }
    MessageLines .messagelines--name { color: $secondary; }
    MessageLines .messagelines--own { color: $accent; }
    MessageLines .messagelines--text { color: $foreground; }
    MessageLines .messagelines--time { color: $quiet; }
    MessageLines .messagelines--link { color: $foreground; text-style: underline; }
    MessageLines .messagelines--quiet { color: $quiet; }
    MessageLines .messagelines--reply { color: $quiet; }
    MessageLines .messagelines--file { color: $success; }
    MessageLines .messagelines--day { color: $quiet; }
    MessageLines .messagelines--mark { color: $accent; text-style: bold; }
    """

    class Moved(Message):
        """Another part is shown, or another message chosen."""

    class Asked(Message):
        """Something is to be done with the chosen message."""

        def __init__(self, verb: str) -> None:
            super().__init__()
            self.verb = verb
            """As in the registry of actions."""

    def __init__(self, log: MessageLog) -> None:
        super().__init__(id="message-lines")
        self._log = log

    def follow(self, log: MessageLog) -> MessageLog:
        """Draw another log from now on; returns it."""
        self._log = log
        self.redraw()
        return log

    # Drawing

    def _rows(self, width: int, height: int) -> list[MessageRow | None]:
        rows = self._log.visible(ChatColumns.of_room(width).text, height)
        return [None] * (height - len(rows)) + rows

    def lines(self, width: int, height: int) -> list[Strip]:
        columns = ChatColumns.of_room(width)
        if not self._log.messages:
            said = "Nothing was said yet." if self._log.is_loaded else "Loading…"
            return self.said_nothing(said, columns, width, height)
        chosen = self._log.chosen if self.has_focus else None
        choice = chosen.message if chosen is not None else None
        return [self._strip(row, columns, choice) for row in self._rows(width, height)]

    def _strip(self, row: MessageRow | None, columns: ChatColumns, choice: int | None) -> Strip:
        if row is None:
            return Strip([])
        mark = "  ▸" if choice is not None and row.message == choice else ""
        marker = Segment(fit(mark, columns.marker), self.part("mark"))
        return self.strip_of(row, columns, marker, row.kind)

    def on_focus(self) -> None:
        self.redraw()

    def on_blur(self) -> None:
        self.redraw()

    # Keys

    def action_choose(self, steps: int) -> None:
        if not self._log.choose(steps, self.size.height) and steps > 0:
            self.post_message(self.Asked("write"))
        self._show_move()

    def action_page(self, way: int) -> None:
        self.scroll_log(way * max(1, self.size.height - 1))

    def action_verb(self, verb: str) -> None:
        self.post_message(self.Asked(verb))

    def scroll_log(self, rows: int) -> None:
        """So many rows back, or forward where negative."""
        self._log.scroll(rows, self.size.height)
        self._show_move()

    def _show_move(self) -> None:
        self.redraw()
        self.post_message(self.Moved())

    # The mouse

    def on_click(self, event: events.Click) -> None:
        rows = self._rows(*self.size)
        row = rows[event.y] if 0 <= event.y < len(rows) else None
        if event.button != 1 or row is None:
            return
        if target := link_at(row, ChatColumns.of_room(self.size.width), event.x):
            self.post_message(self.LinkClicked(target))
            return
        self._log.choose_row(row.message)
        self._show_move()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.scroll_log(WHEEL_ROWS)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.scroll_log(-WHEEL_ROWS)
