"""What `woxly doctor` asks about the account in use; the sign-in is tried as any command does."""

from typing import TYPE_CHECKING

from woxly_tui.errors import SignInNeeded, WoxlyError

if TYPE_CHECKING:
    from woxly_tui.doctor.subject import AccountSubject
    from woxly_tui.lobby.accounts import Account, AccountStore


def account_subject() -> "AccountSubject | WoxlyError | None":
    """Whoever is signed in here; an error where that cannot be told, None for nobody."""
    from woxly_tui.doctor.subject import AccountSubject
    from woxly_tui.lobby.accounts import AccountStore

    store = AccountStore.own()
    try:
        known = store.load()
        is_damaged = not known and store.path.is_file() and not _is_empty(store)
    except (WoxlyError, OSError) as error:
        return error if isinstance(error, WoxlyError) else WoxlyError(f"{store.path}: {error}")
    if is_damaged:
        remedy = "`woxly login https://HOST` signs in again"
        return WoxlyError(f"{store.path} is damaged: nobody is signed in", remedy)
    if not known:
        return None
    account = known[0]
    private = (account.username, account.woxly_id, account.host, account.host.partition(":")[0])
    return AccountSubject(account.origin, lambda: _sign_in_trouble(store, account), private)


def _is_empty(store: "AccountStore") -> bool:
    return store.path.read_bytes().strip() in (b"", b'{"accounts": []}', b'{\n "accounts": []\n}')


def _sign_in_trouble(store: "AccountStore", account: "Account") -> WoxlyError | None:
    """What the server has against the sign-in; None where it takes it. Blocks."""
    import asyncio

    from woxly_tui.lobby.rest import RestClient, SignedIn

    async def ask() -> None:
        if (known := store.get(account)) is None:
            raise SignInNeeded("the sign-in is gone meanwhile", f"`woxly login {account.origin}`")
        async with RestClient(account.origin) as rest:
            await SignedIn(rest, known, store).ask("GET", "/friends/requests")

    try:
        asyncio.run(ask())
    except WoxlyError as error:
        return error
    return None
