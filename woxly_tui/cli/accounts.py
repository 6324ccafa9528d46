"""`woxly accounts` and `woxly account use`: which accounts there are, and which one is used."""

import argparse
import sys
from typing import Any


def add_parser(subparsers: Any) -> None:
    """Add `accounts` and `account` to the command line."""
    listing = subparsers.add_parser(
        "accounts",
        help="your accounts on Woxly servers",
        description="List your accounts; the one in use has a star.",
        allow_abbrev=False,
    )
    listing.set_defaults(run=run_accounts)
    account = subparsers.add_parser(
        "account",
        help="use another one of your accounts",
        description="Use another one of your accounts, from now on. `--account` of a command is "
        "for that command only.",
        allow_abbrev=False,
    )
    account.add_argument("act", choices=("use",), help="what to do with it")
    account.add_argument("which", metavar="ACCOUNT", help="as `woxly accounts` lists it")
    account.set_defaults(run=run_account)


def add_account_flag(parser: argparse.ArgumentParser) -> None:
    """The flag that names one of several accounts."""
    parser.add_argument(
        "--account",
        "--server",
        dest="account",
        default="",
        metavar="ACCOUNT",
        help="of several accounts, which one: NAME@HOST, a Woxly id, or a server's address",
    )


def run_accounts(_: argparse.Namespace) -> int:
    """List accounts, one a line.

    Raises:
        WoxlyError: The list cannot be read.
    """
    from woxly_tui.lobby.accounts import AccountStore

    known = AccountStore.own().load()
    for index, one in enumerate(known):
        where = "  keyring" if one.is_in_keyring else ""
        sys.stdout.write(f"{'*' if index == 0 else ' '} {one.shown}{where}\n")
    if not known:
        sys.stdout.write("no accounts here yet; `woxly login https://HOST` signs in\n")
    return 0


def run_account(args: argparse.Namespace) -> int:
    """Use an account from now on.

    Raises:
        UsageError: None is called so, or several are.
    """
    from woxly_tui.lobby.accounts import AccountStore, matching

    store = AccountStore.own()
    account = matching(store.load(), args.which)
    store.use(account)
    sys.stdout.write(f"{account.shown} is used from now on\n")
    return 0
