"""`woxly friends` and `woxly rooms`: the lists of a Woxly server, and what changes them."""

import argparse
import sys
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from woxly_tui.lobby.rest import SignedIn

ACTS: Final = ("add", "accept", "decline", "remove", "block")


def add_parser(subparsers: Any) -> None:
    """Add `friends` and `rooms` to the command line."""
    from woxly_tui.cli.accounts import add_account_flag

    friends = subparsers.add_parser(
        "friends",
        help="your friends on a Woxly server, and who asks to be one",
        description="List friends and requests; or add, accept, decline, remove or block somebody.",
        allow_abbrev=False,
    )
    friends.add_argument("act", nargs="?", choices=ACTS, help="what to do with somebody")
    friends.add_argument("who", nargs="?", metavar="NAME", help="a name, or a Woxly id as WX1234")
    rooms = subparsers.add_parser(
        "rooms",
        help="your rooms on a Woxly server",
        description="List rooms, with what is unread.",
        allow_abbrev=False,
    )
    for parser, run in ((friends, run_friends), (rooms, run_rooms)):
        add_account_flag(parser)
        parser.set_defaults(run=run)


def run_friends(args: argparse.Namespace) -> int:
    """List friends, or change who is one.

    Raises:
        WoxlyError: It cannot be done, in the server's words.
    """
    from woxly_tui.errors import UsageError
    from woxly_tui.lobby import people

    act, who = args.act, args.who
    if act is None:
        return _with_account(args, people.friend_lines)
    if not who:
        raise UsageError(f"{act} whom?", f"`woxly friends {act} NAME`")
    return _with_account(args, lambda me: people.act_on(me, act, who))


def run_rooms(args: argparse.Namespace) -> int:
    """List rooms.

    Raises:
        WoxlyError: They cannot be had.
    """
    from woxly_tui.lobby import people

    return _with_account(args, people.room_lines)


def _with_account(
    args: argparse.Namespace, what: "Callable[[SignedIn], Awaitable[list[str]]]"
) -> int:
    import asyncio

    from woxly_tui.lobby.accounts import AccountStore, signed_in
    from woxly_tui.lobby.rest import RestClient, SignedIn

    store = AccountStore.own()
    account = signed_in(store, args.account)

    async def ask() -> list[str]:
        async with RestClient(account.origin) as rest:
            return await what(SignedIn(rest, account, store))

    sys.stdout.write("".join(f"{line}\n" for line in asyncio.run(ask())))
    return 0
