"""`woxly volume`: how loud one participant is played to you."""

import argparse
import sys
from typing import Any


def add_parser(subparsers: Any) -> None:
    """Add `volume` to the command line."""
    from woxly_tui.cli.verb import add_verb

    parser = add_verb(
        subparsers,
        "volume",
        "how loud one participant is played to you",
        "How loud one participant is played to you; without PERCENT, print it.",
    )
    parser.add_argument(
        "name",
        metavar="NAME",
        help="name or identity, or enough of its beginning; =ID is an identity and nothing else",
    )
    parser.add_argument("percent", metavar="PERCENT", nargs="?", help="0 to 200; 100 is as sent")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Set the volume, or print it.

    Raises:
        UsageError: The percentage is none, or the name means nobody, or several.
    """
    from woxly_tui.cli.verb import connect, order_on
    from woxly_tui.plain.people import find_person
    from woxly_tui.plain.percent import parse_percent

    percent = None if args.percent is None else parse_percent(args.percent)
    with connect(args) as link:
        call = order_on(link, {"type": "get_snapshot"})
        person = find_person(args.name, call.others)
        if percent is not None:
            wanted = {"type": "set_volume", "identity": person.identity, "percent": percent}
            call = order_on(link, wanted)
            person = next((p for p in call.others if p.identity == person.identity), person)
    sys.stdout.write(f"{person.name}: volume {person.volume_percent} %\n")
    return 0
