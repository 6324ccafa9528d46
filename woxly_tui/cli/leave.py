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
            raise no_call(before, link.lost_room)
        order_on(link, {"type": "leave"}, needs_call=False)
    sys.stdout.write(f"left {before.room}\n")
    return 0


def run_rejoin(args: argparse.Namespace) -> int:
    """Join again; prints the state, which is most often `connecting`.

    An engine is started only to return to a call that one died in.

    Raises:
        NoCall: There is none to return to.
    """
    from woxly_tui.cli.verb import order, print_state
    from woxly_tui.errors import NoEngine

    command = {"type": "rejoin"}
    try:
        return print_state(order(args, command))
    except NoEngine as error:
        if not error.lost_room or args.socket:
            raise
    start_engine(args)
    return print_state(order(args, command))


def start_engine(args: argparse.Namespace) -> None:
    """Start an engine as the settings say, unless one runs."""
    from woxly_tui.cli.engine_link import cue_options
    from woxly_tui.config import load_config
    from woxly_tui.control.launcher import LaunchOptions, ensure_engine
    from woxly_tui.control.paths import engine_paths

    config = load_config().config
    options = LaunchOptions(config.log.level, config.engine.stay_online, *cue_options(config.cues))
    ensure_engine(engine_paths(args.engine), options)
