"""All keys, and what the signs on the screen mean."""

from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from woxly_tui.tui.actions import dialog_bindings, key_name
from woxly_tui.tui.lobby_actions import help_actions

_LOBBY_SIGNS: Final = (
    ("●", "a friend who is online, or a room with a call in it"),
    ("◌ × ○", "away; busy or do not disturb; offline"),
    ("(3)", "so many messages nobody has read here"),
    ("+", "marked for a group call"),
    ("! < >", "a missed call, one to you, one of yours"),
)
_SIGNS: Final = (
    ("▸", "your own row; a click on it mutes"),
    ("● ○ ×", "speaking, listening, muted"),
    ("⊘ ∅ ◌", "deafened, no microphone, still connecting"),
    ("●●●○", "connection: four dots are best"),
    ("█▌  ╎", "level and its recent peak, -60 to 0 dBFS"),
)


class HelpScreen(ModalScreen[None]):
    """Made from the registry of actions.

    Args:
        of_lobby: Show the keys of the lobby; or else those of the call.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *dialog_bindings(),
        Binding("escape,question_mark,q,enter", "close", "close", show=False),
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("pageup", "move(-8)", show=False),
        Binding("pagedown,space", "move(8)", show=False),
    ]
    CSS: ClassVar[str] = """
    HelpScreen { align: center middle; background: $background 70%; }
    HelpScreen #help {
        width: 76; max-width: 100%; height: auto; max-height: 100%;
        padding: 1 2; background: $panel; scrollbar-size-vertical: 1;
        scrollbar-background: $panel; scrollbar-background-hover: $panel;
    }
    HelpScreen Horizontal { height: auto; }
    HelpScreen .heading { color: $accent; text-style: bold; margin-top: 1; }
    HelpScreen .heading:first-of-type { margin-top: 0; }
    HelpScreen .key { width: 13; text-style: bold; }
    HelpScreen .meaning { width: 1fr; }
    HelpScreen #closing { color: $quiet; margin-top: 1; }
    """

    def __init__(self, *, of_lobby: bool = False) -> None:
        super().__init__()
        self._actions = help_actions(of_lobby=of_lobby)
        self._signs = _LOBBY_SIGNS if of_lobby else _SIGNS

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help", can_focus=False):
            for group in dict.fromkeys(action.group for action in self._actions):
                yield Static(Content(str(group)), classes="heading")
                for action in self._actions:
                    if action.group is group:
                        keys = "  ".join(key_name(key) for key in action.all_keys)
                        yield _row(keys, action.help)
            yield Static(Content("Signs"), classes="heading")
            for sign, meaning in self._signs:
                yield _row(sign, meaning)
            yield Static(Content("Esc closes this."), id="closing")

    def action_close(self) -> None:
        self.dismiss(None)

    def action_move(self, rows: int) -> None:
        self.query_one("#help").scroll_relative(y=rows, animate=False)


def _row(left: str, right: str) -> Horizontal:
    return Horizontal(
        Static(Content(left), classes="key"), Static(Content(right), classes="meaning")
    )
