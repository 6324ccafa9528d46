"""The line in which a chat message is written. Loaded when the chat is first opened."""

from typing import ClassVar, Final

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import TextArea

from woxly_tui._lib.text import clean_lines
from woxly_tui.control.messages import MAX_CHAT_BYTES

_NEW_LINE_KEYS: Final = ("ctrl+j", "shift+enter", "alt+enter")


class ChatInput(TextArea):
    """A text of a few lines: Enter sends it, page keys scroll the chat above."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave_input", "leave", show=False),
    ]
    DEFAULT_CSS: ClassVar[str] = """
    ChatInput {
        width: 1fr; height: auto; min-height: 1; max-height: 5;
        padding: 0 1 0 0; background: $surface; color: $foreground;
        scrollbar-size-vertical: 1;
    }
    ChatInput.-short { max-height: 3; }
    ChatInput .text-area--placeholder { color: $quiet; }
    ChatInput .text-area--cursor { background: $foreground; color: $background; }
    """

    class Submitted(Message):
        """Enter was pressed."""

    class PagePressed(Message):
        """A page key was pressed: 1 for back, -1 for forward."""

        def __init__(self, way: int) -> None:
            super().__init__()
            self.way = way

    class PasteRefused(Message):
        """What was pasted is too long for one message."""

        def __init__(self, size: int) -> None:
            super().__init__()
            self.size = size

    def __init__(self) -> None:
        super().__init__(
            id="chat-input",
            compact=True,
            soft_wrap=True,
            highlight_cursor_line=False,
            placeholder="Write to everyone here. Enter sends, Esc leaves.",
        )
        self.cursor_blink = False  # each blink is bytes on the line

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            self.post_message(self.Submitted())
        elif event.key in _NEW_LINE_KEYS:
            event.stop()
            event.prevent_default()
            self.insert("\n")
        else:
            await super()._on_key(event)

    async def _on_paste(self, event: events.Paste) -> None:
        """Take what is pasted as it is, line feeds included; too much of it not at all."""
        event.stop()
        event.prevent_default()
        text = clean_lines(event.text) if len(event.text) <= 4 * MAX_CHAT_BYTES else event.text
        size = len(text.encode(errors="replace"))
        if size + len(self.text.encode()) > MAX_CHAT_BYTES:
            self.post_message(self.PasteRefused(size))
        else:
            self.insert(text)

    def put_back(self, text: str) -> None:
        """Return what could not be sent, ahead of what was written since."""
        self.text = f"{text}\n{self.text}" if self.text else text
        self.move_cursor(self.document.end)

    def action_cursor_page_up(self) -> None:
        self.post_message(self.PagePressed(1))

    def action_cursor_page_down(self) -> None:
        self.post_message(self.PagePressed(-1))

    def action_leave_input(self) -> None:
        self.screen.set_focus(None)
