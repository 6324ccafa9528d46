"""`woxly who`: the people in the call."""

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from woxly_tui.plain.view import CallView


def add_parser(subparsers: Any) -> None:
    """Add `who` to the command line."""
    from woxly_tui.cli.verb import add_verb

    parser = add_verb(subparsers, "who", "the people in the call, a line each")
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="print a JSON array of objects")
    shape.add_argument("--names", action="store_true", help="print the others' names only")
    parser.add_argument(
        "--details",
        action="store_true",
        help="measure for a second: loss, jitter, round trip, what is made up, codec, bitrate",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print everybody, ourselves first.

    Raises:
        NoCall: There is none.
    """
    from woxly_tui.plain.lines import detail_line, person_line
    from woxly_tui.plain.news import person_values

    call, details = _asked(args)
    if args.json:
        people = [person_values(one) for one in call.people]
        if args.details:
            people = [one | {"details": details.get(one["identity"])} for one in people]
        lines = [json.dumps(people)]
    elif args.names:
        lines = [person.name for person in call.others]
    else:
        lines = [person_line(person) for person in call.people]
        if args.details:
            lines = [detail_line(p, details.get(p.identity, {})) for p in call.people]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


def _asked(args: argparse.Namespace) -> "tuple[CallView, dict[str, dict[str, Any]]]":
    """The call, and what was measured of each by identity."""
    from woxly_tui.cli.verb import connect, order_on, read_reply

    with connect(args) as link:
        if not args.details:
            return order_on(link, {"type": "get_snapshot"}), {}
        reply = link.ask({"type": "get_details"})
        call = read_reply(reply, link.lost_room)
    found = {one.pop("identity"): one for one in reply["details"]}
    return call, found
