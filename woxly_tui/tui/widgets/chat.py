"""The chat under the roster: what was said, and a line to write in.

ChatMessage ──hear──► ChatLog ──► ChatLines            Enter ──► say ──► engine
                         └──► unread (key bar)                  └── not sent: back into the line
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from rich.segment import Segment
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Static

from woxly_tui._lib.text import clean_lines, is_too_long
from woxly_tui.call.snapshot import ChatMessage, EndReason
from woxly_tui.control.messages import MAX_CHAT_BYTES
from woxly_tui.tui.bridge import CallView
from woxly_tui.tui.chat_log import ChatLog, ChatRow
from woxly_tui.tui.widgets.chat_head import ChatHead
from woxly_tui.tui.widgets.columns import ChatColumns
from woxly_tui.tui.widgets.links import open_link
from woxly_tui.tui.widgets.said_lines import WHEEL_ROWS, SaidLines, link_at
from woxly_tui.tui.words import chat_problem, full_stop

if TYPE_CHECKING:
    from woxly_tui.tui.widgets.chat_input import ChatInput

Say: TypeAlias = Callable[[str, Callable[[str], None]], None]
"""Sends a text, and is told why it was not sent, or "" when it was."""


class ChatLines(SaidLines):
    """The last rows of the log, or those it is scrolled back to."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"chatlines--{name}" for name in ("name", "own", "text", "time", "link", "quiet")
    }
    DEFAULT_CSS = """
    ChatLines { height: 1fr; }
    ChatLines .chatlines--name { color: $secondary; }
    ChatLines .chatlines--own { color: $accent; }
    ChatLines .chatlines--text { color: $foreground; }
    ChatLines .chatlines--time { color: $quiet; }
    ChatLines .chatlines--link { color: $foreground; text-style: underline; }
    ChatLines .chatlines--quiet { color: $quiet; }
    """

    class Wheeled(Message):
        """The mouse wheel turned: rows to go back, or forward where negative."""

        def __init__(self, rows: int) -> None:
            super().__init__()
            self.rows = rows

    def __init__(self, log: ChatLog) -> None:
        super().__init__(id="chat-lines")
        self._log = log

    def _rows(self, width: int, height: int) -> list[ChatRow | None]:
        rows = self._log.visible(ChatColumns.for_width(width).text, height)
        return [None] * (height - len(rows)) + rows

    def lines(self, width: int, height: int) -> list[Strip]:
        columns = ChatColumns.for_width(width)
        if not len(self._log):
            return self.said_nothing("Nothing was said yet.", columns, width, height)
        marker = Segment(" " * columns.marker, self.base)
        return [self.strip_of(row, columns, marker) for row in self._rows(width, height)]

    def target_at(self, x: int, y: int) -> str | None:
        """Where the link at this cell leads."""
        row = self._rows(*self.size)[y] if 0 <= y < self.size.height else None
        return None if row is None else link_at(row, ChatColumns.for_width(self.size.width), x)

    def on_click(self, event: events.Click) -> None:
        if event.button == 1 and (target := self.target_at(event.x, event.y)):
            self.post_message(self.LinkClicked(target))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.post_message(self.Wheeled(WHEEL_ROWS))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.post_message(self.Wheeled(-WHEEL_ROWS))


class ChatPane(Vertical):
    """Closed at first; what comes meanwhile is counted.

    Args:
        say: Sends a message.
    """

    DEFAULT_CSS: ClassVar[str] = """
    ChatPane { height: 1fr; min-height: 2; max-height: 26; }
    ChatPane.-closed { display: none; }
    ChatPane.-tiny ChatHead { display: none; }
    ChatPane #chat-line { height: auto; background: $surface; margin: 0 2; }
    ChatPane #chat-prompt { width: 2; color: $quiet; background: $surface; }
    ChatPane.-writing #chat-prompt { color: $accent; }
    """

    def __init__(self, say: Say) -> None:
        super().__init__(id="chat", classes="-closed")
        self._say = say
        self._log = ChatLog()
        self._view = CallView()
        self._place = ("", "")
        self._head = ChatHead()
        self._lines = ChatLines(self._log)
        self._line = Horizontal(Static("›", id="chat-prompt", markup=False), id="chat-line")
        self._input: ChatInput | None = None
        self._on_the_way = 0
        self._warned_of = ""

    def compose(self) -> ComposeResult:
        yield self._head
        yield self._lines
        yield self._line

    # State

    @property
    def is_open(self) -> bool:
        return not self.has_class("-closed")

    @property
    def is_writing(self) -> bool:
        """Whether keys go into the line."""
        return self._input is not None and self._input.has_focus

    @property
    def unread(self) -> int:
        """Messages that came while it was closed."""
        return self._log.unread

    @property
    def draft(self) -> str:
        """What is written and not sent."""
        return self._input.text if self._input is not None else ""

    def show(self, view: CallView) -> None:
        """Take the state of the call; another call has another chat."""
        self._view = view
        ending, place = view.snapshot.ending, (view.snapshot.server, view.snapshot.room)
        is_left = ending is not None and ending.reason is EndReason.LEFT
        is_elsewhere = bool(place[1]) and place != self._place
        if is_left or is_elsewhere:
            self._log.clear()
            self._lines.redraw()
        if is_elsewhere:
            self._place = place

    def hear(self, message: ChatMessage) -> None:
        """Take a message of somebody, or one of ours that was sent."""
        if self._log.add(message, is_looked_at=self.is_open) and self.is_open:
            self._lines.redraw()
            self._note()

    # Opening and closing

    async def open(self) -> None:
        """Show the chat, and write in it."""
        self.remove_class("-closed")
        self._log.unread = 0
        if self._input is None:
            from woxly_tui.tui.widgets.chat_input import ChatInput

            self._input = ChatInput()
            await self._line.mount(self._input)
        self._input.focus()
        self._lines.redraw()

    def close(self) -> None:
        """Hide the chat; what is written in it stays."""
        if self.is_writing:
            self.screen.set_focus(None)
        self._log.to_end()
        self.add_class("-closed")

    def scroll_page(self, way: int) -> None:
        """One page back, or forward where negative."""
        self.scroll_rows(way * max(1, self._lines.size.height - 1))

    def scroll_rows(self, rows: int) -> None:
        """So many rows back, or forward where negative."""
        if self._log.scroll(rows, self._lines.size.height):
            self._lines.redraw()
            self._note()

    @on(ChatLines.Wheeled)
    def _on_wheeled(self, event: ChatLines.Wheeled) -> None:
        self.scroll_rows(event.rows)

    def on_chat_input_page_pressed(self, event: "ChatInput.PagePressed") -> None:
        """A page key while writing."""
        self.scroll_page(event.way)

    @on(ChatLines.LinkClicked)
    def _on_link_clicked(self, event: ChatLines.LinkClicked) -> None:
        open_link(self, event.target)

    # Writing

    def on_descendant_focus(self) -> None:
        """Keys go into the line."""
        self.add_class("-writing")

    def on_descendant_blur(self) -> None:
        """Keys are commands again."""
        self.remove_class("-writing")

    def on_chat_input_paste_refused(self, event: "ChatInput.PasteRefused") -> None:
        """What was pasted does not fit."""
        size = f"{event.size} bytes, a message has at most {MAX_CHAT_BYTES}"
        self._warn(f"Not pasted, too long: {size}")

    def on_text_area_changed(self) -> None:
        """Something was written: what was said about what stood there is settled."""
        if self.draft != self._warned_of:
            self._note()

    def on_chat_input_submitted(self) -> None:
        """Send what is written, unless it is known that it cannot be."""
        text = clean_lines(self.draft)
        if self._input is None or not text:
            return
        problem = chat_problem(self._view.snapshot, is_engine_gone=self._view.is_engine_gone)
        if is_too_long(text):
            problem = f"too long: {len(text.encode())} bytes of at most {MAX_CHAT_BYTES}"
        if problem:
            self._warn(f"Not sent, {problem}")
            return
        self._input.text = ""
        self._on_the_way += 1
        self._log.to_end()
        self._note()
        self._say(text, lambda error: self._on_answer(text, error))

    def _on_answer(self, text: str, error: str) -> None:
        self._on_the_way -= 1
        if not error or self._input is None:
            self._note()
            return
        self._input.put_back(text)
        if self.is_open:
            self._warn(full_stop(error))
        else:
            self.notify(full_stop(error), severity="warning", markup=False)

    def _warn(self, note: str) -> None:
        self._warned_of = self.draft
        self._head.say(note, is_warning=True)

    def _note(self) -> None:
        if self._log.scrolled:
            more = f", {self._log.unseen} new" if self._log.unseen else ""
            self._head.say(f"scrolled back{more}")
        else:
            self._head.say("sending…" if self._on_the_way else "")
