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
    from woxly_tui.cli.verb import order, print_state

    down = args.key == "down"
    return print_state(order(args, {"type": "set_ptt", "is_down": down, "at_ns": STARTED_NS}))
