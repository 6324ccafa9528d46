"""`woxly mute` and `woxly deafen`: for keys, buttons and scripts."""

import argparse
from typing import Any, Final

_COMMANDS: Final = {
    "mute": ("set_mute", "toggle_mute", "mute or open your microphone"),
    "deafen": ("set_deafen", "toggle_deafen", "hear and send nothing, or go back to how it was"),
}


def add_parser(subparsers: Any) -> None:
    """Add `mute` and `deafen` to the command line."""
    from woxly_tui.cli.verb import SWITCH, add_verb

    for name, (_, _, help_text) in _COMMANDS.items():
        parser = add_verb(
            subparsers,
            name,
            help_text,
            f"{help_text.capitalize()}. Prints the state once the sound has confirmed it.",
        )
        parser.add_argument(
            "switch", nargs="?", choices=SWITCH, default="toggle", help="toggle if left out"
        )
        parser.set_defaults(run=run, verb=name)


def run(args: argparse.Namespace) -> int:
    """Set or flip it."""
    from woxly_tui.cli.verb import order, print_state

    setting, toggle, _ = _COMMANDS[args.verb]
    if args.switch == "toggle":
        return print_state(order(args, {"type": toggle}))
    return print_state(order(args, {"type": setting, "on": args.switch == "on"}))
