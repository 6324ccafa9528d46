"""What the commands share that ask a running engine for one thing and print what came of it."""

import argparse
import contextlib
import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from woxly_tui.errors import NoCall, WoxlyError

if TYPE_CHECKING:
    from woxly_tui.control.direct import DirectLink
    from woxly_tui.plain.view import CallView

SWITCH: Final = ("on", "off", "toggle")

FORWARDED: Final = ".woxly/laptop.sock"
"""Where ssh puts the engine's socket of the machine the user sits at, below the home directory."""


def add_verb(
    subparsers: Any, name: str, help_text: str, description: str = ""
) -> argparse.ArgumentParser:
    """A command with the flags that say which engine is meant."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        name,
        help=help_text,
        description=description or f"{help_text[0].upper()}{help_text[1:]}.",
        allow_abbrev=False,
    )
    add_engine_flags(parser)
    return parser


def add_engine_flags(parser: argparse.ArgumentParser) -> None:
    """The flags that say which engine is meant."""
    parser.add_argument("--engine", metavar="NAME", default="", help="name of the engine to ask")
    parser.add_argument("--socket", metavar="PATH", help="its socket, where it is elsewhere")


def connect(args: argparse.Namespace) -> "DirectLink":
    """A connection to the engine that the flags mean; never starts one.

    As for `woxly attach`, that is the one forwarded by ssh where there is one that answers.

    Raises:
        NoEngine: None runs.
    """
    from woxly_tui.control.direct import DirectLink

    if args.socket:
        return DirectLink(args.socket)
    if not args.engine and (far := forwarded_engine()):
        from woxly_tui.errors import EngineLost, NoEngine

        with contextlib.suppress(NoEngine, EngineLost):
            return DirectLink(far)
    from woxly_tui.control.where import engine_files

    files = engine_files(args.engine)
    return DirectLink(files.socket, files.call)


def forwarded_engine() -> str:
    """The socket that `_lib.forwarded` finds, without loading it where there is none."""
    path = f"{os.environ.get('HOME', '')}/{FORWARDED}"
    if not os.access(path, os.F_OK):
        return ""
    from woxly_tui._lib.forwarded import ENGINE, forwarded_socket

    return str(forwarded_socket(ENGINE) or "")


def order(
    args: argparse.Namespace, command: Mapping[str, Any], *, needs_call: bool = True
) -> "CallView":
    """Have a command carried out, and return the state it led to.

    Raises:
        NoCall: There is none, and none came of the command.
        WoxlyError: The engine refuses, in its own words.
    """
    with connect(args) as link:
        return order_on(link, command, needs_call=needs_call)


def order_on(
    link: "DirectLink", command: Mapping[str, Any], *, needs_call: bool = True
) -> "CallView":
    """As `order`, on an open connection."""
    return read_reply(link.ask(command), link.lost_room, needs_call=needs_call)


def read_reply(reply: Mapping[str, Any], lost_room: str, *, needs_call: bool = True) -> "CallView":
    """The state in a reply; raises as `order` does."""
    from woxly_tui.plain.view import call_view

    call = call_view(reply["snapshot"], reply.get("lobby"))
    if needs_call and not call.has_call:
        raise no_call(call, lost_room)
    if not reply["ok"]:
        raise WoxlyError(reply["error"], reply["remedy"])
    return call


def no_call(call: "CallView", lost_room: str) -> NoCall:
    """There is no call, and why."""
    from woxly_tui.plain.lines import state_line

    if lost_room:
        return NoCall(*lost_call(lost_room))
    again = "`woxly rejoin` returns to it" if call.room else "`woxly join ROOM` begins one"
    return NoCall(state_line(call), again)


def lost_call(room: str) -> tuple[str, str]:
    """What to say of a call that an engine died in, and the remedy."""
    from woxly_tui.plain.text import harmless

    return f"the engine died in a call in {harmless(room)}", "`woxly rejoin` returns to it"


def print_state(call: "CallView") -> int:
    """Print the state in one plain line."""
    from woxly_tui.plain.lines import state_line

    sys.stdout.write(state_line(call) + "\n")
    return 0
