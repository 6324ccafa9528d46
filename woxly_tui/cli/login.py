"""`woxly login` and `woxly logout`."""

import argparse
import sys
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from woxly_tui.lobby.accounts import Account, AccountStore

TRIES: Final = 3
"""How often a password is asked for at a terminal."""

CLOCKS_DIFFER_S: Final = 300.0
"""From here on the user hears that their clock, or the server's, is wrong."""


def add_parser(subparsers: Any) -> None:
    """Add `login` and `logout` to the command line."""
    login = subparsers.add_parser(
        "login",
        help="sign in to a Woxly server, or register there",
        description="Sign in to a Woxly server, or register there; as often as you have accounts. "
        "The password is asked for, or read from standard input where that is no terminal; it is "
        "never an argument.",
        allow_abbrev=False,
    )
    login.add_argument(
        "server", metavar="URL", nargs="?", help="https://HOST; without, that of the last account"
    )
    login.add_argument("--email", metavar="ADDRESS", help="your e-mail address there")
    login.add_argument("--register", metavar="NAME", help="make an account of that name")
    login.add_argument("--code", metavar="CODE", default="", help="second factor, if you set one")
    login.set_defaults(run=run_login)
    logout = subparsers.add_parser(
        "logout",
        help="sign out of a Woxly server",
        description="Sign out, and forget the tokens; of the account in use, unless another one "
        "is named.",
        allow_abbrev=False,
    )
    logout.add_argument("which", metavar="ACCOUNT", nargs="?", help="as `woxly accounts` lists it")
    logout.add_argument("--all", action="store_true", help="of every account")
    logout.add_argument("--everywhere", action="store_true", help="on your other devices, too")
    logout.set_defaults(run=run_logout)


def run_login(args: argparse.Namespace) -> int:
    """Sign in; prints as whom, and where the tokens are kept.

    Raises:
        WoxlyError: The server does not let us in.
    """
    from woxly_tui.lobby.accounts import AccountStore

    store = AccountStore.own()
    origin = _origin(args.server, store)
    is_asked = sys.stdin.isatty() and not (args.email or args.register)
    name = args.register or (_line("a name, for a new account (else Enter): ") if is_asked else "")
    email = args.email or _line("e-mail address: ")
    account = _signed_in(origin, email, name, args.code)
    why = store.put(account)
    shown = f"{account.username} ({account.woxly_id})" if account.woxly_id else account.username
    sys.stdout.write(f"signed in to {account.host} as {shown}\n")
    where = f"in {store.path}, which only you can read ({why})" if why else "in your keyring"
    sys.stdout.write(f"the sign-in is kept {where}\n")
    return 0


def _origin(typed: str | None, store: "AccountStore") -> str:
    from woxly_tui.errors import UsageError
    from woxly_tui.lobby.address import parse_origin

    if typed:
        return parse_origin(typed)
    known = store.load()
    if not known:
        raise UsageError("which server?", "`woxly login https://HOST`")
    return known[0].origin


def _signed_in(origin: str, email: str, name: str, code: str) -> "Account":
    """Sign in; at a terminal what was mistyped is asked for again.

    Raises:
        WoxlyError: The server does not let us in.
    """
    import asyncio

    from woxly_tui.errors import LobbyRefused, WoxlyError

    for left in reversed(range(TRIES)):
        password = _password(is_new=bool(name))
        try:
            return asyncio.run(_sign_in(origin, email, password, name, code))
        except LobbyRefused as error:
            if not (left and sys.stdin.isatty()):
                raise
            sys.stderr.write(f"woxly: {error}\n")
            if "two-factor" in error.message.lower():
                code = _line("code of your second factor: ")
    raise WoxlyError("no password was right")


async def _sign_in(origin: str, email: str, password: str, name: str, code: str) -> "Account":
    from woxly_tui.lobby.rest import RestClient, sign_in

    async with RestClient(origin) as rest:
        account = await sign_in(rest, email, password, name, code=code)
        if abs(rest.ahead_s) > CLOCKS_DIFFER_S:
            sys.stderr.write(f"woxly: {_clock_note(rest.ahead_s, account.host)}\n")
        return account


def _clock_note(ahead_s: float, host: str) -> str:
    hours = abs(ahead_s) / 3600
    span = f"{hours:.0f} hours" if hours >= 2 else f"{abs(ahead_s) / 60:.0f} minutes"
    way = "behind" if ahead_s > 0 else "ahead of"
    return (
        f"the clock of this machine is {span} {way} that of {host}: times will look wrong, and "
        "calls may be refused; set it right"
    )


def run_logout(args: argparse.Namespace) -> int:
    """Sign out here, and there where the server takes it.

    Raises:
        WoxlyError: Nobody is signed in, or nobody of that name.
    """
    from woxly_tui.errors import UsageError
    from woxly_tui.lobby.accounts import AccountStore, matching

    if args.all and args.which:
        raise UsageError("either --all, or one account")
    store = AccountStore.own()
    known = store.load()
    if not known:
        raise UsageError("you are not signed in", "`woxly login https://HOST` signs in")
    for one in known if args.all else [matching(known, args.which or "")]:
        said = _sign_out(store, one, everywhere=args.everywhere)
        sys.stdout.write(f"signed out of {one.name if len(known) > 1 else one.host}{said}\n")
    return 0


def _sign_out(store: "AccountStore", listed: "Account", *, everywhere: bool) -> str:
    """Forget an account, then tell the server; what to add about that."""
    import asyncio

    from woxly_tui.errors import ServerUnreachable, SignInNeeded
    from woxly_tui.lobby.cache import LobbyCache, cache_folder
    from woxly_tui.lobby.rest import RestClient, SignedIn, sign_out
    from woxly_tui.types import UserId

    try:
        account = store.get(listed)
    except SignInNeeded:
        account = None
    store.remove(listed)
    LobbyCache(cache_folder(), listed.origin, UserId(listed.user_id)).forget()
    if account is None:
        return "; its tokens cannot be had, so the server was not told"
    found = account

    async def tell() -> bool:
        async with RestClient(found.origin) as rest:
            return await sign_out(SignedIn(rest, found, store), everywhere=everywhere)

    try:
        is_told = asyncio.run(tell())
    except ServerUnreachable:
        return "; the server cannot be reached, and its tokens run out by themselves"
    if is_told:
        return " on every device" if everywhere else ""
    if everywhere:
        return "; the server cannot sign other devices out: they stay so for up to 7 days"
    return "; the server was not told, and its tokens run out by themselves"


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
