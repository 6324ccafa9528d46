"""`woxly completions`: what a shell needs to complete the command line of woxly."""

import argparse
import sys
from typing import Any, Final

SHELLS: Final = ("bash", "zsh", "fish")

_DESCRIPTION: Final = """\
Print a script that completes commands, flags, and the names of the people in the call.

  bash  woxly completions bash > ~/.local/share/bash-completion/completions/woxly
  zsh   woxly completions zsh > "${fpath[1]}/_woxly"
  fish  woxly completions fish > ~/.config/fish/completions/woxly.fish
"""


def add_parser(subparsers: Any) -> None:
    """Add `completions` to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "completions",
        help="print a script that completes woxly's commands in your shell",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("shell", choices=SHELLS, help="the shell it is for")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the script, made from the command line as it is."""
    from woxly_tui.cli.command_line import described
    from woxly_tui.cli.main import build_parser
    from woxly_tui.cli.shell_scripts import script

    sys.stdout.write(script(args.shell, described(build_parser())))
    return 0
