"""The question before leaving people who are still there."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from woxly_tui.tui.actions import dialog_bindings
from woxly_tui.tui.text import clip, plain, steady


class LeaveScreen(ModalScreen[bool]):
    """Ends with True when the user wants to leave.

    Args:
        room: Name of the room.
        others: How many others are there.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *dialog_bindings(),
        Binding("q,y,enter", "answer(True)", "leave", show=False),
        Binding("escape,n", "answer(False)", "stay", show=False),
        Binding("left,right,h,l", "app.focus_next", show=False),
    ]
    CSS: ClassVar[str] = """
    LeaveScreen { align: center middle; background: $background 70%; }
    LeaveScreen #dialog {
        width: 48; max-width: 100%; height: auto; padding: 1 2; background: $panel;
    }
    LeaveScreen #question { text-style: bold; }
    LeaveScreen #others { color: $quiet; margin-bottom: 1; }
    LeaveScreen #buttons { height: 1; align-horizontal: right; }
    LeaveScreen Button {
        height: 1; min-width: 10; border: none; margin-left: 2; padding: 0 1;
        background: $surface; color: $foreground; text-style: none;
    }
    LeaveScreen Button:focus { background: $accent; color: $background; text-style: bold; }
    """

    def __init__(self, room: str, others: int) -> None:
        super().__init__()
        self._room = clip(steady(plain(room)), 32) or "the call"
        self._others = others

    def compose(self) -> ComposeResult:
        people = "One other is" if self._others == 1 else f"{self._others} others are"
        yield Vertical(
            Static(Content(f"Leave {self._room}?"), id="question"),
            Static(Content(f"{people} still here."), id="others"),
            Horizontal(
                Button(Content("Esc Stay"), id="stay"),
                Button(Content("q Leave"), id="leave"),
                id="buttons",
            ),
            id="dialog",
        )

    def on_mount(self) -> None:
        self.query_one("#leave").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "leave")

    def action_answer(self, is_leaving: bool) -> None:
        self.dismiss(is_leaving)
