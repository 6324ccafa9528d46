"""`woxly leave` and `woxly rejoin`."""

import argparse
import sys
from typing import Any


def add_parser(subparsers: Any) -> None:
    """Add `leave` and `rejoin` to the command line."""
    from woxly_tui.cli.verb import add_verb

    add_verb(subparsers, "leave", "leave the call").set_defaults(run=run_leave)
    add_verb(
        subparsers, "rejoin", "join the same room again, or try again now to reconnect"
    ).set_defaults(run=run_rejoin)


def run_leave(args: argparse.Namespace) -> int:
    """Leave, for all front ends.

    Raises:
        NoCall: There is none.
    """
    from woxly_tui.cli.verb import connect, no_call, order_on

    with connect(args) as link:
        before = order_on(link, {"type": "get_snapshot"}, needs_call=False)
        if not before.has_call:
            raise no_call(before)
        order_on(link, {"type": "leave"}, needs_call=False)
    sys.stdout.write(f"left {before.room}\n")
    return 0


def run_rejoin(args: argparse.Namespace) -> int:
    """Join again; prints the state, which is most often `connecting`."""
    from woxly_tui.cli.verb import order, print_state

    return print_state(order(args, {"type": "rejoin"}))
