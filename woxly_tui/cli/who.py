"""`woxly who`: the people in the call."""

import argparse
import json
import sys
from typing import Any


def add_parser(subparsers: Any) -> None:
    """Add `who` to the command line."""
    from woxly_tui.cli.verb import add_verb

    parser = add_verb(subparsers, "who", "the people in the call, a line each")
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="print a JSON array of objects")
    shape.add_argument("--names", action="store_true", help="print the others' names only")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print everybody, ourselves first.

    Raises:
        NoCall: There is none.
    """
    from woxly_tui.cli.verb import order
    from woxly_tui.plain.lines import person_line
    from woxly_tui.plain.news import person_values

    call = order(args, {"type": "get_snapshot"})
    if args.json:
        lines = [json.dumps([person_values(person) for person in call.people])]
    elif args.names:
        lines = [person.name for person in call.others]
    else:
        lines = [person_line(person) for person in call.people]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0
