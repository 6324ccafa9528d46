"""`woxly devices` and `woxly device`: the microphone and the speaker of the call."""

import argparse
import sys
from typing import Any


def add_parser(subparsers: Any) -> None:
    """Add `devices` and `device` to the command line."""
    from woxly_tui.cli.verb import add_verb
    from woxly_tui.plain.devices import KINDS

    listing = add_verb(subparsers, "devices", "the microphones and speakers there are")
    listing.set_defaults(run=run_list)
    parser = add_verb(
        subparsers,
        "device",
        "use another microphone or speaker",
        "Use another microphone or speaker, now and in later calls, whenever it is plugged in.",
    )
    parser.add_argument("kind", choices=tuple(KINDS), help="which of the two")
    parser.add_argument(
        "name",
        metavar="NAME",
        help="its name, or enough of its beginning; `default` follows the sound settings",
    )
    parser.set_defaults(run=run)


def run_list(args: argparse.Namespace) -> int:
    """Print them."""
    from woxly_tui.cli.verb import connect
    from woxly_tui.plain.devices import device_lines, xruns_line

    with connect(args) as link:
        snapshot = link.ask({"type": "get_snapshot"})["snapshot"]
    lines = device_lines(snapshot["devices"])
    if snapshot["xruns"] is not None:
        lines.append(xruns_line(snapshot["xruns"]))
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


def run(args: argparse.Namespace) -> int:
    """Choose one.

    Raises:
        UsageError: The name means none, or several.
        WoxlyError: The engine refuses.
    """
    from woxly_tui.cli.verb import connect
    from woxly_tui.errors import WoxlyError
    from woxly_tui.plain.devices import DEFAULT, KINDS, chosen_line, find_device

    kind = KINDS[args.kind]
    with connect(args) as link:
        found = link.ask({"type": "get_snapshot"})["snapshot"]["devices"]
        name = "" if args.name == DEFAULT else find_device(args.name, kind, found)
        reply = link.ask({"type": "select_device", "kind": kind, "name": name})
    if not reply["ok"]:
        raise WoxlyError(reply["error"], reply["remedy"])
    sys.stdout.write(chosen_line(kind, reply["snapshot"]["devices"]) + "\n")
    return 0
