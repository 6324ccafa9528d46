"""`woxly record`: the call as files, one for each person and one of all; everybody is told."""

import argparse
import os
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from woxly_tui.plain.view import CallView


def add_parser(subparsers: Any) -> None:
    """Add `record` to the command line."""
    from woxly_tui.cli.verb import add_verb

    parser = add_verb(
        subparsers,
        "record",
        "record the call; everybody is told",
        "Record the call: a file for each person and one of all, equally long. Everybody in the "
        "call is told before it begins, and sees who records. It ends with the call.",
    )
    parser.add_argument("act", choices=("on", "off", "status"), metavar="on|off|status")
    parser.add_argument(
        "--format", choices=("wav", "flac"), default="wav", help="wav (the default) or flac"
    )
    parser.add_argument(
        "--to",
        metavar="DIR",
        default="",
        help="where its folder is made; without it, in `recordings` of woxly's data",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Begin, end, or tell.

    Raises:
        NoCall: There is none.
        WoxlyError: It cannot be recorded, with the cause.
    """
    from woxly_tui.cli.verb import order
    from woxly_tui.plain.lines import recording_line

    command: dict[str, Any] = {"type": "get_snapshot"}
    if args.act != "status":
        command = {"type": "set_recording", "on": args.act == "on", "format": args.format}
        command["directory"] = _absolute(args.to)
    call: CallView = order(args, command)
    sys.stdout.write(f"{recording_line(call, time.time())}\n")
    return 0


def _absolute(path: str) -> str:
    """The engine stands in another folder than who types; pathlib takes too long to load."""
    return os.path.abspath(os.path.expanduser(path)) if path else ""  # noqa: PTH100, PTH111
