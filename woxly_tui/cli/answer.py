"""`woxly answer` and `woxly reject`."""

import argparse
from typing import TYPE_CHECKING, Any, Final

from woxly_tui.errors import ExitCode, NoCall, NoEngine

if TYPE_CHECKING:
    from woxly_tui.cli.lobby_link import LobbyLink
    from woxly_tui.plain.rings import Ringer

TALK_WITHIN_S: Final = 3.0
"""How long it may take until the engine is in the call."""


def add_parser(subparsers: Any) -> None:
    """Add `answer` and `reject` to the command line."""
    from woxly_tui.cli.verb import add_verb

    answer = add_verb(
        subparsers,
        "answer",
        "answer whoever rings you",
        "Answer whoever rings you; a call you are in is left.",
    )
    answer.set_defaults(run=run_answer)
    reject = add_verb(subparsers, "reject", "refuse whoever rings you")
    reject.add_argument("-m", "--message", metavar="TEXT", default="", help="and write to them")
    reject.set_defaults(run=run_reject)
    for parser in (answer, reject):
        parser.add_argument("name", metavar="NAME", nargs="?", default="", help="of several, whom")


def run_answer(args: argparse.Namespace) -> int:
    """Answer.

    Raises:
        NoCall: Nobody rings.
    """
    from woxly_tui.cli.lobby_link import say

    with _lobby(args) as lobby:
        ringer = _ringer(lobby, args.name)
        if lobby.call_room:
            say(f"leaving {lobby.call_room}")
        lobby.ask({"type": "accept_ring", "caller": ringer.user})
        lobby.until(lambda: lobby.rings.phase == "talking", TALK_WITHIN_S)
        say(f"in a call with {ringer.name}")
    return ExitCode.OK


def run_reject(args: argparse.Namespace) -> int:
    """Refuse.

    Raises:
        NoCall: Nobody rings.
    """
    from woxly_tui.cli.lobby_link import say

    with _lobby(args) as lobby:
        ringer = _ringer(lobby, args.name)
        command = {"type": "reject_ring", "caller": ringer.user, "message": args.message}
        lobby.ask(command)
        say(f"declined {ringer.name}")
    return ExitCode.OK


def _lobby(args: argparse.Namespace) -> "LobbyLink":
    from woxly_tui.cli.lobby_link import LobbyLink

    try:
        return LobbyLink(args)
    except NoEngine:
        raise _nobody() from None


def _nobody() -> NoCall:
    return NoCall("nobody rings", "`woxly calls` lists whom you missed")


def _ringer(lobby: "LobbyLink", name: str) -> "Ringer":
    from woxly_tui.cli.lobby_link import Callee, pick

    lobby.ask({"type": "get_snapshot"})
    incoming = lobby.rings.incoming
    if not incoming:
        raise _nobody()
    if not name and len(incoming) == 1:
        return incoming[0]
    known = [Callee(one.user, one.name) for one in incoming]
    if not name:
        from woxly_tui.errors import UsageError

        names = ", ".join(one.name for one in incoming)
        raise UsageError(f"several ring: {names}", "say whom you mean")
    user = pick(name, known).id
    return next(one for one in incoming if one.user == user)
