"""`woxly ptt`: push-to-talk from a key of the desktop, pressed and released."""

import argparse
from typing import Any


def add_parser(subparsers: Any) -> None:
    """Add `ptt` to the command line."""
    from woxly_tui.cli.verb import add_verb

    parser = add_verb(
        subparsers,
        "ptt",
        "the push-to-talk key went down or up",
        "The push-to-talk key went down or up. Two of these may overtake each other: the "
        "instant at which each was started decides.",
    )
    parser.add_argument("key", choices=("down", "up"), help="what happened to it")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Tell the engine, with the instant at which this process began."""
    from woxly_tui.cli import STARTED_NS
    from woxly_tui.cli.verb import forwarded_engine, order, print_state

    # An engine on another machine has another clock, and takes such presses as they come.
    is_far = bool(args.socket or (not args.engine and forwarded_engine()))
    command = {
        "type": "set_ptt",
        "is_down": args.key == "down",
        "at_ns": 0 if is_far else STARTED_NS,
    }
    return print_state(order(args, command))
