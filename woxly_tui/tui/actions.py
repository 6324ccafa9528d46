"""The one registry of actions: key bindings, footer, help, palette and README come from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from textual.binding import Binding


class Group(StrEnum):
    """Headings of the help screen and of README's table."""

    LOBBY = "Lobby"
    CALL = "Call"
    PEOPLE = "People"
    CHAT = "Chat"
    MESSAGES = "Messages"
    VIEW = "View"
    LEAVING = "Leaving"


@dataclass(frozen=True, slots=True)
class Action:
    """Something the user can do."""

    name: str
    """Method of the app is `action_<name>`."""
    keys: tuple[str, ...]
    """Textual's key names; the first is the one shown in the footer."""
    label: str
    """One or two words for footer and palette."""
    help: str
    """A sentence for help, palette and README."""
    group: Group
    always_keys: tuple[str, ...] = ()
    """Keys that act even while a text input or a dialog has the focus."""
    footer: int = 0
    """Place in the footer: 1 is dropped last as it gets narrow, 0 is never shown."""
    in_palette: bool = True
    is_held: bool = False
    """Its keys are no bindings: the app takes them first, since their release counts too."""
    owner: str = "app"
    """Whose action it is: the app's, or that of the `screen` shown."""

    @property
    def is_call_only(self) -> bool:
        """Whether it is nothing without a call."""
        return self.group in (Group.CALL, Group.PEOPLE, Group.CHAT)

    @property
    def target(self) -> str:
        """The action as Textual runs it."""
        return f"{self.owner}.{self.name}"

    @property
    def all_keys(self) -> tuple[str, ...]:
        return self.keys + self.always_keys


ACTIONS: Final = (
    Action("mute", ("m",), "mute", "Mute or open your microphone", Group.CALL, ("f2",), 2),
    Action(
        "deafen",
        ("d",),
        "deafen",
        "Hear and send nothing, or go back to how it was",
        Group.CALL,
        ("f3",),
        2,
    ),
    Action(
        "talk",
        ("space",),
        "push to talk",
        "Push-to-talk: hold it, or tap it, as the bar says",
        Group.CALL,
        ("f4",),
        is_held=True,
    ),
    Action(
        "rejoin",
        ("r",),
        "rejoin",
        "Try again now, or join again after the call ended",
        Group.CALL,
        (),
        3,
    ),
    Action(
        "sound",
        ("s",),
        "sound",
        "Microphone and speaker by ear, volumes and cleaning",
        Group.CALL,
        footer=6,
    ),
    Action(
        "record",
        ("R",),
        "record",
        "Record the call, which everybody is told; again, end that",
        Group.CALL,
    ),
    Action("people", ("p",), "people", "Choose a person with ↑ and ↓; again, let go", Group.PEOPLE),
    Action(
        "details",
        ("i",),
        "details",
        "How the chosen person's sound, or yours, travels",
        Group.PEOPLE,
    ),
    Action(
        "volume(10)",
        ("plus_sign",),
        "louder",
        "Play the chosen, or only, other person louder",
        Group.PEOPLE,
    ),
    Action("volume(-10)", ("minus",), "softer", "Play that person softer", Group.PEOPLE),
    Action(
        "silence",
        ("x",),
        "silence",
        "Silence that person for yourself, or hear them again",
        Group.PEOPLE,
    ),
    Action(
        "normal_volume",
        ("equals_sign", "0"),
        "normal volume",
        "Play that person at 100 %",
        Group.PEOPLE,
    ),
    Action("chat", ("c",), "chat", "Open the chat and write; or close it", Group.CHAT, footer=3),
    Action(
        "chat('write')",
        ("enter",),
        "write",
        "Write in the chat; Enter sends, Ctrl-J begins a new line",
        Group.CHAT,
    ),
    Action(
        "chat('close')",
        ("escape",),
        "close chat",
        "Leave the line you write in; pressed again, close the chat",
        Group.CHAT,
        in_palette=False,
    ),
    Action(
        "lobby",
        ("l",),
        "lobby",
        "To the lobby and back to the call, where there is a lobby",
        Group.VIEW,
    ),
    Action(
        "incoming",
        ("w",),
        "who rings",
        "Show again who rings, after Esc has put that aside",
        Group.VIEW,
    ),
    Action("help", ("question_mark",), "keys", "Show all keys", Group.VIEW, ("f1",), 4),
    Action("palette", (), "commands", "Find any command by name", Group.VIEW, ("ctrl+p",), 5),
    Action("theme", ("t",), "theme", "Switch between dark and light", Group.VIEW, (), 6),
    Action("scroll('up')", ("up", "k"), "up", "One row up", Group.VIEW, in_palette=False),
    Action("scroll('down')", ("down", "j"), "down", "One row down", Group.VIEW, in_palette=False),
    Action(
        "scroll('page_up')",
        ("pageup",),
        "page up",
        "One page up; in the chat if it is open",
        Group.VIEW,
    ),
    Action(
        "scroll('page_down')",
        ("pagedown",),
        "page down",
        "One page down; in the chat if it is open",
        Group.VIEW,
    ),
    Action("scroll('home')", ("home",), "top", "To the first row, your own", Group.VIEW),
    Action("scroll('end')", ("end",), "bottom", "To the last row", Group.VIEW),
    Action("redraw", (), "redraw", "Draw the whole screen again", Group.VIEW, ("ctrl+l",)),
    Action(
        "detach",
        (),
        "detach",
        "Close the screen and stay in the call",
        Group.LEAVING,
        ("ctrl+z",),
        7,
    ),
    Action(
        "leave",
        ("q",),
        "leave",
        "Leave the call; asks first when others are there",
        Group.LEAVING,
        ("ctrl+q",),
        1,
    ),
    Action(
        "interrupt",
        (),
        "leave now",
        "Leave the call; pressed twice, at once whatever happens",
        Group.LEAVING,
        ("ctrl+c",),
    ),
)
"""In the order help and README show them."""

_KEY_NAMES: Final = {
    "question_mark": "?",
    "plus_sign": "+",
    "minus": "-",
    "equals_sign": "=",
    "space": "Space",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "up": "↑",
    "down": "↓",
    "home": "Home",
    "end": "End",
    "escape": "Esc",
    "enter": "Enter",
    "tab": "Tab",
    "shift+tab": "Shift-Tab",
    "slash": "/",
}


def key_name(key: str) -> str:
    """A key as people call it: `ctrl+p` is `Ctrl-P`, `question_mark` is `?`."""
    if key in _KEY_NAMES:
        return _KEY_NAMES[key]
    if key.startswith("ctrl+"):
        return f"Ctrl-{key.removeprefix('ctrl+').upper()}"
    return key.upper() if len(key) > 1 else key


def bindings() -> list[Binding]:
    """All keys of the app."""
    return [
        Binding(key, action.name, action.label, show=False, priority=key in action.always_keys)
        for action in ACTIONS
        if not action.is_held
        for key in action.all_keys
    ]


def screen_bindings(actions: Sequence[Action]) -> list[Binding]:
    """Keys of one screen, or of one widget, which has these actions."""
    return [
        Binding(key, action.name, action.label, show=False)
        for action in actions
        for key in action.all_keys
    ]


def dialog_bindings() -> list[Binding]:
    """Keys that keep their meaning while a dialog without text input is open."""
    return [
        Binding(key, f"app.{action.name}", action.label, show=False)
        for action in ACTIONS
        if action.name in ("mute", "deafen", "theme")
        for key in action.keys
    ]


def footer_actions(*, with_rejoin: bool) -> list[Action]:
    """What the footer shows, the most important first."""
    shown = [a for a in ACTIONS if a.footer and (with_rejoin or a.name != "rejoin")]
    return sorted(shown, key=lambda action: action.footer)


def key_table_markdown(actions: Sequence[Action] = ACTIONS) -> str:
    """A table of keys for README."""
    rows = ["| Key | What it does |", "|---|---|"]
    for action in actions:
        keys = " ".join(f"`{key_name(key)}`" for key in action.all_keys)
        rows.append(f"| {keys} | {action.help} |")
    return "\n".join(rows) + "\n"
