"""The actions of the lobby and of the messages of a room, as those of the call."""

from typing import Final

from woxly_tui.tui.actions import ACTIONS, Action, Group


def _lobby(
    name: str,
    keys: tuple[str, ...],
    label: str,
    help: str,  # noqa: A002 - the field's name
    *,
    footer: int = 0,
    in_palette: bool = True,
) -> Action:
    return Action(
        name, keys, label, help, Group.LOBBY, (), footer, in_palette=in_palette, owner="screen"
    )


def _message(name: str, keys: tuple[str, ...], label: str, help: str) -> Action:  # noqa: A002 - as above
    return Action(name, keys, label, help, Group.MESSAGES, in_palette=False, owner="focused")


LOBBY_ACTIONS: Final = (
    _lobby(
        "open",
        ("enter",),
        "open",
        "Ring the friend chosen, open the room, accept who asks, call back",
        footer=2,
    ),
    _lobby(
        "call", ("c",), "call", "Ring the friend chosen, or join the call of the room", footer=3
    ),
    _lobby(
        "messages", ("m",), "messages", "The messages with that friend, or of the room", footer=4
    ),
    _lobby("find", ("slash",), "find", "Find anything in the lobby as you type", footer=5),
    _lobby(
        "add",
        ("a",),
        "add",
        "Accept who asks; on anything else, look for people to add",
        footer=6,
    ),
    _lobby(
        "remove",
        ("x",),
        "remove",
        "Decline who asks, remove the friend, or leave the room; asks first",
    ),
    _lobby("block", ("b",), "block", "Block that person; asks first"),
    _lobby("note", ("n",), "note", "Write a note beside a friend's name"),
    _lobby("mark", ("space",), "mark", "Mark a friend for a group call, or no more"),
    _lobby("group", ("g",), "group call", "Call all who are marked, as a group"),
    _lobby("new_room", ("v",), "new room", "Make a voice room for all who are marked"),
    _lobby("status", ("s",), "status", "What friends see of you; busy and more", footer=8),
    _lobby("account", ("o",), "account", "Be another one of your accounts"),
    _lobby("refresh", ("r",), "refresh", "Ask the server for everything again"),
    _lobby("section(1)", ("tab",), "next list", "To the next list: friends, rooms, calls"),
    _lobby("section(-1)", ("shift+tab",), "list before", "To the list before", in_palette=False),
    _lobby(
        "back",
        ("escape",),
        "back",
        "Close the messages, show everything again, let go of the marks",
        in_palette=False,
    ),
)
"""In the order help and README show them."""

MESSAGE_ACTIONS: Final = (
    _message("choose(-1)", ("up", "k"), "message above", "Choose the message above"),
    _message("choose(1)", ("down", "j"), "message below", "Choose the message below"),
    _message("page(1)", ("pageup",), "older", "One page back; older ones are loaded"),
    _message("page(-1)", ("pagedown",), "newer", "One page on"),
    _message("verb('unfold')", ("enter",), "unfold", "All lines of a long message, or a few"),
    _message("verb('reply')", ("r",), "reply", "Answer that message"),
    _message(
        "verb('react')", ("plus_sign", "v"), "react", "Put an emoji under it, or take yours away"
    ),
    _message("verb('edit')", ("e",), "edit", "Change what you wrote"),
    _message("verb('delete')", ("x",), "delete", "Take back what you wrote; asks first"),
    _message("verb('save')", ("s",), "save", "Save its file or voice message"),
    _message("verb('write')", ("tab", "w"), "write", "Write in the room"),
)
"""While a message is chosen: Tab or ↑ goes there from an empty line."""


def lobby_footer() -> list[Action]:
    """What the footer of the lobby shows, the most important first."""
    common = [action for action in ACTIONS if action.name in ("help", "leave")]
    return sorted(
        (action for action in (*LOBBY_ACTIONS, *common) if action.footer),
        key=lambda action: action.footer,
    )


def palette_actions(*, of_lobby: bool) -> list[Action]:
    """What can be found by name on the screen shown."""
    shown = [*LOBBY_ACTIONS, *(a for a in ACTIONS if not a.is_call_only)] if of_lobby else ACTIONS
    return [action for action in shown if action.in_palette]


def help_actions(*, of_lobby: bool) -> tuple[Action, ...]:
    """What the help of the screen shown explains."""
    if not of_lobby:
        return ACTIONS
    return (*LOBBY_ACTIONS, *MESSAGE_ACTIONS, *(a for a in ACTIONS if not a.is_call_only))


def message_footer(*, is_writing: bool) -> list[tuple[Action, str]]:
    """What the footer shows while a message is written, or while one is chosen."""
    back = next(action for action in LOBBY_ACTIONS if action.name == "back")
    if is_writing:
        return [(MESSAGE_ACTIONS[0], "choose a message"), (back, "other keys")]
    write = MESSAGE_ACTIONS[-1]
    kept = [action for action in MESSAGE_ACTIONS[5:-1] if action.label != "unfold"]
    return [(write, write.label), *((action, action.label) for action in kept)]


def call_only() -> frozenset[str]:
    """Methods of the app that are nothing without a call, by what follows `action_`."""
    return frozenset(a.name.partition("(")[0] for a in ACTIONS if a.is_call_only)
