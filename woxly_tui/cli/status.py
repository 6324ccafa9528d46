"""`woxly status`: the state of the call, for people, scripts and status bars."""

import argparse
import json
import sys
import time
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from woxly_tui.plain.view import CallView


class StatusCode(IntEnum):
    """What `woxly status -q` ends with; documented in README."""

    LIVE = 0
    MUTED = 1
    NO_CALL = 2
    DEAFENED = 3
    CONNECTING = 4
    NO_MIC = 5
    UNKNOWN = 6


_CODES: Final = {
    "live": StatusCode.LIVE,
    "muted": StatusCode.MUTED,
    "deafened": StatusCode.DEAFENED,
    "connecting": StatusCode.CONNECTING,
    "reconnecting": StatusCode.CONNECTING,
    "no mic": StatusCode.NO_MIC,
    "no call": StatusCode.NO_CALL,
}


def add_parser(subparsers: Any) -> None:
    """Add `status` to the command line."""
    from woxly_tui.cli.verb import add_verb

    parser = add_verb(subparsers, "status", "the state of the call")
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="print every field as a JSON object")
    shape.add_argument(
        "--format", metavar="TEXT", help="print TEXT with fields filled in, as '{state} {count}'"
    )
    parser.add_argument(
        "-q", "--quiet", action="store_true", help="print nothing; the exit code tells the state"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the state; the exit code says whether there is a call, and with -q which state."""
    from woxly_tui.errors import ExitCode, UsageError, WoxlyError
    from woxly_tui.plain.view import CallView

    if args.format is not None:
        _formatted(args.format, CallView())  # a mistake in it shows in any state
    try:
        call = _ask(args)
    except UsageError:
        raise
    except WoxlyError as error:
        if not args.quiet:
            raise
        sys.stderr.write(f"woxly: {error}\n")
        return StatusCode.UNKNOWN
    if args.quiet:
        return _CODES[call.state]
    sys.stdout.write(_shown(args, call) + "\n")
    return ExitCode.OK if call.has_call else ExitCode.NO_CALL


def _ask(args: argparse.Namespace) -> "CallView":
    from woxly_tui.cli.verb import connect, lost_call, order_on
    from woxly_tui.errors import NoEngine
    from woxly_tui.plain.view import CallView

    call = CallView()
    try:
        with connect(args) as link:
            lost_room = link.lost_room
            call = order_on(link, {"type": "get_snapshot"}, needs_call=False)
    except NoEngine as error:
        lost_room = error.lost_room
    if not lost_room or call.has_call:
        return call
    return CallView(trouble=lost_call(lost_room)[0], ending="lost")


def _shown(args: argparse.Namespace, call: "CallView") -> str:
    from woxly_tui.plain.fields import values
    from woxly_tui.plain.lines import state_line

    if args.json:
        return json.dumps(values(call, time.time()))
    if args.format is not None:
        return _formatted(args.format, call)
    return state_line(call, time.time())


def _formatted(template: str, call: "CallView") -> str:
    from woxly_tui.plain.fields import formatted

    return formatted(template, call, time.time())
