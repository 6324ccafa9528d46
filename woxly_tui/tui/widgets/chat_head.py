"""The line over a chat or over the messages of a room."""

from typing import ClassVar, Final

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from woxly_tui.tui.text import clip
from woxly_tui.tui.widgets.line_view import LineView, spread

_MARGIN: Final = 2


class ChatHead(LineView):
    """The line over a chat: what it is, and what is to be known about it."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "chathead--title",
        "chathead--rule",
        "chathead--note",
        "chathead--warning",
    }
    DEFAULT_CSS = """
    ChatHead .chathead--title { color: $quiet; }
    ChatHead .chathead--rule { color: $panel; }
    ChatHead .chathead--note { color: $quiet; }
    ChatHead .chathead--warning { color: $warning; }
    """

    def __init__(self) -> None:
        super().__init__(id="chat-head")
        self._title = "chat"
        self._note = ""
        self._is_warning = False

    @property
    def note(self) -> str:
        """What is said at the right end."""
        return self._note

    def retitle(self, title: str) -> None:
        """What stands at the left end; already harmless."""
        if title != self._title:
            self._title = title
            self.redraw()

    def say(self, note: str, *, is_warning: bool = False) -> None:
        """Show a note until the next one."""
        if (note, is_warning) != (self._note, self._is_warning):
            self._note, self._is_warning = note, is_warning
            self.redraw()

    def lines(self, width: int, height: int) -> list[Strip]:  # noqa: ARG002 - always one line
        rule = self.part("rule")
        name = clip(self._title, max(4, width // 2))
        note = clip(self._note, width - 2 * _MARGIN - 6 - cell_len(name))
        title = [(" " * _MARGIN, self.base), ("──", rule), (f" {name} ", self.part("title"))]
        right: list[tuple[str, Style]] = [("─" * _MARGIN, rule), (" " * _MARGIN, self.base)]
        if note:
            kind = "warning" if self._is_warning else "note"
            right = [(f" {note} ", self.part(kind)), *right]
        used = sum(cell_len(text) for text, _ in (*title, *right))
        return [spread([*title, ("─" * max(0, width - used), rule)], right, width, self.base)]
