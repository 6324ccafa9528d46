"""The question before leaving people who are still there."""

from enum import StrEnum
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from woxly_tui.tui.actions import dialog_bindings
from woxly_tui.tui.text import clip, plain, steady


class Answer(StrEnum):
    """What the user wants, by the button that says so."""

    LEAVE = "leave"
    DETACH = "detach"
    STAY = "stay"


class LeaveScreen(ModalScreen[Answer]):
    """Ends with what the user wants.

    Args:
        room: Name of the room.
        others: How many others are there.
        can_detach: Whether the call can go on without this screen.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *dialog_bindings(),
        Binding("q,y,enter", "answer('leave')", "leave", show=False),
        Binding("escape,n", "answer('stay')", "stay", show=False),
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

    def __init__(self, room: str, others: int, *, can_detach: bool) -> None:
        super().__init__()
        self._can_detach = can_detach
        self._room = clip(steady(plain(room)), 32) or "the call"
        self._others = others

    def compose(self) -> ComposeResult:
        people = "One other is" if self._others == 1 else f"{self._others} others are"
        yield Vertical(
            Static(Content(f"Leave {self._room}?"), id="question"),
            Static(Content(f"{people} still here."), id="others"),
            Horizontal(
                Button(Content("Esc Stay"), id="stay"),
                *([Button(Content("Ctrl-Z Detach"), id="detach")] if self._can_detach else []),
                Button(Content("q Leave"), id="leave"),
                id="buttons",
            ),
            id="dialog",
        )

    def on_mount(self) -> None:
        self.query_one("#leave").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.dismiss(Answer(event.button.id or Answer.STAY))

    def action_answer(self, answer: str) -> None:
        self.dismiss(Answer(answer))
