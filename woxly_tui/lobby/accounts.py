"""Who is signed in where: a file that only its owner can read, and the tokens in it or, where the
desktop has one, in its keyring.
"""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from woxly_tui._lib.env import profile_folder
from woxly_tui._lib.text import clean_name
from woxly_tui.errors import SignInNeeded, UsageError, WoxlyError
from woxly_tui.lobby.vault import Entry, NoVault, Vault, VaultClosed, desktop_vault

_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW

_SIGN_IN: Final = "`woxly login https://HOST` signs in"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody on one server, and what proves it. What else a server tells of them is not kept."""

    origin: str
    user_id: int
    username: str
    woxly_id: str
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    is_in_keyring: bool = False
    """The tokens are there; here they are empty until `AccountStore.find` gets them."""

    @property
    def host(self) -> str:
        """Host and port of the server, for people."""
        return self.origin.partition("://")[2]

    @property
    def name(self) -> str:
        """Who that is where, for people and for `--account`."""
        return f"{self.username}@{self.host}"

    @property
    def shown(self) -> str:
        """The same with the id, which no other account on the server has."""
        return f"{self.name} ({self.woxly_id})" if self.woxly_id else self.name

    def is_same(self, other: "Account") -> bool:
        """Whether both are one, whatever their tokens; names are not unique on a server."""
        return (self.origin, self.user_id) == (other.origin, other.user_id)

    def is_called(self, which: str) -> bool:
        """Whether somebody means this one."""
        word = which.strip().casefold().removesuffix("/").removesuffix("/api")
        names = (self.origin, self.host, self.name, self.shown, self.username, self.woxly_id)
        return word in [name.casefold() for name in names if name]


def accounts_path() -> Path:
    """Where accounts are kept."""
    import platformdirs

    if (profile := profile_folder()) is not None:
        return profile / "accounts.json"
    return platformdirs.user_data_path("woxly", appauthor=False) / "accounts.json"


class AccountStore:
    """The accounts of this user, the one in use first. Blocks on the disk and on the keyring.

    Args:
        path: The file; created with mode 0600.
        vault: Where tokens are kept if it takes them; the file otherwise.
    """

    def __init__(self, path: Path, vault: Vault | None = None) -> None:
        self.path: Final = path
        self._vault = vault or NoVault("")

    @classmethod
    def own(cls) -> "AccountStore":
        """That of the user, with the desktop's keyring."""
        is_own = profile_folder() is None
        return cls(accounts_path(), desktop_vault() if is_own else NoVault("it is for a while"))

    def load(self) -> list[Account]:
        """All accounts, of which those in the keyring have no tokens; what cannot be read counts
        as none.

        Raises:
            WoxlyError: Others can read the file.
        """
        try:
            if self.path.stat().st_mode & 0o077:
                raise WoxlyError(f"{self.path} can be read by others", f"`chmod 600 {self.path}`")
            raw = json.loads(self.path.read_bytes())
        except (FileNotFoundError, ValueError, RecursionError):
            return []
        except OSError as error:
            raise WoxlyError(f"{self.path} cannot be read ({error.strerror})") from error
        found = raw.get("accounts") if isinstance(raw, dict) else None
        return [*_accounts(found)] if isinstance(found, list) else []

    def find(self, which: str = "") -> Account | None:
        """An account with its tokens: by name, id, host or address, or the one in use.

        Raises:
            UsageError: None is called so, or several are.
            SignInNeeded: Its tokens are in the keyring, which does not give them.
        """
        known = self.load()
        return self._opened(matching(known, which)) if known or which else None

    def get(self, account: Account) -> Account | None:
        """The same account as it is kept now, with its tokens.

        Raises:
            SignInNeeded: As of `find`.
        """
        known = next((one for one in self.load() if one.is_same(account)), None)
        return None if known is None else self._opened(known)

    def _opened(self, account: Account) -> Account:
        if not account.is_in_keyring:
            return account
        again = f"`woxly login {account.origin}` signs in again"
        try:
            tokens = _tokens(self._vault.get(_entry(account)))
        except VaultClosed as error:
            raise SignInNeeded(
                f"the sign-in of {account.name} cannot be had: {error}", f"unlock it, or {again}"
            ) from None
        if tokens is None:
            raise SignInNeeded(f"the sign-in of {account.name} is not in the keyring", again)
        return replace(account, access_token=tokens[0], refresh_token=tokens[1])

    def put(self, account: Account) -> str:
        """Keep an account, and use it; in place of itself only, as one may have several.

        Returns:
            Why the tokens are in the file; empty where they are in the keyring.
        """
        rest = [one for one in self.load() if not one.is_same(account)]
        kept, why = self._filed(account)
        self._write([kept, *rest])
        return why

    def use(self, account: Account) -> None:
        """Make one the first."""
        known = self.load()
        first = [one for one in known if one.is_same(account)]
        self._write([*first, *(one for one in known if not one.is_same(account))])

    def renew(self, account: Account, access_token: str, refresh_token: str) -> Account:
        """Keep new tokens, unless the account was signed out meanwhile."""
        fresh = replace(account, access_token=access_token, refresh_token=refresh_token)
        known = self.load()
        kept = next((one for one in known if one.is_same(account)), None)
        if kept is None:
            return fresh
        if kept.is_in_keyring:
            filed, _why = self._filed(fresh)
        else:
            filed = replace(fresh, is_in_keyring=False)
        if filed != kept:
            self._write([filed if one is kept else one for one in known])
        return fresh

    def reserve(self, account: Account) -> None:
        """Make sure that new tokens of an account can be kept.

        Raises:
            WoxlyError: They cannot, as on a full disk.
        """
        if not account.is_in_keyring:
            self._write(self.load())

    def _filed(self, account: Account) -> tuple[Account, str]:
        """The account as it goes into the file."""
        secret = json.dumps({"a": account.access_token, "r": account.refresh_token})
        try:
            self._vault.put(_entry(account), secret)
        except VaultClosed as error:
            return replace(account, is_in_keyring=False), str(error)
        return replace(account, access_token="", refresh_token="", is_in_keyring=True), ""

    def lock(self) -> int:
        """Wait until no other process renews tokens; blocks. Close the descriptor to let go.

        A refresh token used twice counts as stolen, and ends the sign-in.
        """
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path = self.path.with_suffix(".lock")
            lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise WoxlyError(f"{self.path} cannot be locked ({error.strerror})") from error
        fcntl.flock(lock, fcntl.LOCK_EX)
        return lock

    def remove(self, account: Account) -> None:
        """Forget an account, and its tokens wherever they are."""
        with contextlib.suppress(VaultClosed):  # what stays in there runs out by itself
            self._vault.remove(_entry(account))
        self._write([one for one in self.load() if not one.is_same(account)])

    def _write(self, accounts: list[Account]) -> None:
        text = json.dumps({"accounts": [asdict(one) for one in accounts]}, indent=1)
        fresh = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(fresh, _FLAGS, 0o600), "w", encoding="utf-8") as file:
                file.write(text)
            fresh.replace(self.path)
        except OSError as error:
            with contextlib.suppress(OSError):
                fresh.unlink()
            raise WoxlyError(f"{self.path} cannot be written ({error.strerror})") from error


def signed_in(store: AccountStore, which: str = "") -> Account:
    """An account that must be there; as of `AccountStore.find`.

    Raises:
        SignInNeeded: Nobody is signed in, or the keyring does not give the tokens.
        UsageError: None is called so, or several are.
    """
    account = store.find(which)
    if account is None:
        raise SignInNeeded("you are not signed in", _SIGN_IN)
    return account


def matching(known: list[Account], which: str) -> Account:
    """The account that is meant; the first one where none is named.

    Raises:
        UsageError: None is called so, or several are.
    """
    if not known:
        raise UsageError("you are not signed in", _SIGN_IN)
    if not which:
        return known[0]
    asked, fits = clean_name(which), [one for one in known if one.is_called(which)]
    if len(fits) == 1:
        return fits[0]
    listed = ", ".join(one.shown for one in (fits or known)[:8])
    if fits:
        raise UsageError(
            f"the name {asked} may be several: {listed}", "give the whole name, or the id"
        )
    raise UsageError(f"no account is called {asked}", f"there is {listed}")


def _entry(account: Account) -> Entry:
    return Entry(f"{account.origin}#{account.user_id}", f"woxly: {account.name}")


def _tokens(secret: str | None) -> tuple[str, str] | None:
    try:
        found = json.loads(secret or "")
        return str(found["a"]), str(found["r"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _accounts(found: list[Any]) -> Iterator[Account]:
    for raw in found:
        with contextlib.suppress(TypeError):
            account = Account(**raw)
            texts = (account.origin, account.username, account.access_token, account.refresh_token)
            is_sound = all(isinstance(text, str) for text in (*texts, account.woxly_id))
            if is_sound and type(account.user_id) is int:
                yield replace(account, is_in_keyring=account.is_in_keyring is True)
