"""`woxly login` and `woxly logout`."""

import argparse
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from woxly_tui.lobby.accounts import Account


def add_parser(subparsers: Any) -> None:
    """Add `login` and `logout` to the command line."""
    login = subparsers.add_parser(
        "login",
        help="sign in to a Woxly server, or register there",
        description="Sign in to a Woxly server, or register there. The password is asked for, or "
        "read from standard input where that is no terminal; it is never an argument.",
        allow_abbrev=False,
    )
    login.add_argument("server", metavar="URL", help="the server's address: https://HOST")
    login.add_argument("--email", metavar="ADDRESS", help="your e-mail address there")
    login.add_argument("--register", metavar="NAME", help="make an account of that name")
    login.add_argument("--code", metavar="CODE", default="", help="second factor, if you set one")
    login.set_defaults(run=run_login)
    logout = subparsers.add_parser(
        "logout",
        help="sign out of a Woxly server",
        description="Sign out, and forget the tokens.",
        allow_abbrev=False,
    )
    logout.add_argument("server", metavar="URL", nargs="?", help="of several servers, which one")
    logout.set_defaults(run=run_logout)


def run_login(args: argparse.Namespace) -> int:
    """Sign in; prints as whom.

    Raises:
        WoxlyError: The server does not let us in.
    """
    import asyncio

    from woxly_tui.lobby.accounts import AccountStore, accounts_path
    from woxly_tui.lobby.address import parse_origin

    origin = parse_origin(args.server)
    email = args.email or _line("e-mail address: ")
    password = _password(is_new=bool(args.register))
    account = asyncio.run(_sign_in(origin, email, password, args.register or "", args.code))
    AccountStore(accounts_path()).put(account)
    shown = f"{account.username} ({account.woxly_id})" if account.woxly_id else account.username
    sys.stdout.write(f"signed in to {account.host} as {shown}\n")
    return 0


async def _sign_in(origin: str, email: str, password: str, name: str, code: str) -> "Account":
    from woxly_tui.lobby.rest import RestClient, sign_in

    async with RestClient(origin) as rest:
        return await sign_in(rest, email, password, name, code=code)


def run_logout(args: argparse.Namespace) -> int:
    """Sign out here, and there where the server takes it.

    Raises:
        WoxlyError: Nobody is signed in.
    """
    import asyncio

    from woxly_tui.errors import UsageError
    from woxly_tui.lobby.accounts import AccountStore, accounts_path
    from woxly_tui.lobby.address import parse_origin

    store = AccountStore(accounts_path())
    account = store.find(parse_origin(args.server) if args.server else "")
    if account is None:
        raise UsageError("you are not signed in", "`woxly login https://HOST` signs in")
    store.remove(account.origin)
    is_told = asyncio.run(_sign_out(account))
    aside = "" if is_told else "; the server was not told, and its tokens run out by themselves"
    sys.stdout.write(f"signed out of {account.host}{aside}\n")
    return 0


async def _sign_out(account: "Account") -> bool:
    from woxly_tui.lobby.rest import RestClient, sign_out

    async with RestClient(account.origin) as rest:
        return await sign_out(account, rest)


def _line(prompt: str) -> str:
    if sys.stdin.isatty():
        sys.stderr.write(prompt)
        sys.stderr.flush()
    return sys.stdin.readline().strip()


def _password(*, is_new: bool) -> str:
    """The password, typed unseen, or a line of standard input.

    Raises:
        UsageError: It is empty, or typed in two ways.
    """
    from woxly_tui.errors import UsageError

    if not sys.stdin.isatty():
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        import getpass

        password = getpass.getpass("password: ")
        if is_new and password != getpass.getpass("the same again: "):
            raise UsageError("the two passwords differ", "try again")
    if not password:
        raise UsageError("no password given", "type it, or pipe it in: `pass show woxly | woxly …`")
    return password
