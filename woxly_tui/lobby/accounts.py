"""Who is signed in where: a file that only its owner can read."""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from woxly_tui.errors import WoxlyError

_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody on one server, and what proves it. What else a server tells of them is not kept."""

    origin: str
    user_id: int
    username: str
    woxly_id: str
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)

    @property
    def host(self) -> str:
        """Host and port of the server, for people."""
        return self.origin.partition("://")[2]


def accounts_path() -> Path:
    """Where accounts are kept."""
    import platformdirs

    return platformdirs.user_data_path("woxly", appauthor=False) / "accounts.json"


class AccountStore:
    """The accounts of this user, the one last signed in first.

    Args:
        path: The file; created with mode 0600.
    """

    def __init__(self, path: Path) -> None:
        self.path: Final = path

    def load(self) -> list[Account]:
        """All accounts; what cannot be read counts as none.

        Raises:
            WoxlyError: Others can read the file.
        """
        try:
            if self.path.stat().st_mode & 0o077:
                raise WoxlyError(f"{self.path} can be read by others", f"`chmod 600 {self.path}`")
            raw = json.loads(self.path.read_bytes())
        except (FileNotFoundError, ValueError):
            return []
        except OSError as error:
            raise WoxlyError(f"{self.path} cannot be read ({error.strerror})") from error
        found = raw.get("accounts") if isinstance(raw, dict) else None
        return [*_accounts(found)] if isinstance(found, list) else []

    def find(self, origin: str = "") -> Account | None:
        """The account on a server, or the one last signed in."""
        return next((one for one in self.load() if origin in ("", one.origin)), None)

    def put(self, account: Account) -> None:
        """Keep an account, first of all, in place of another one on its server."""
        rest = [one for one in self.load() if one.origin != account.origin]
        self._write([account, *rest])

    def renew(self, account: Account, access_token: str, refresh_token: str) -> Account:
        """Keep new tokens, unless the account was signed out or replaced meanwhile."""
        fresh = replace(account, access_token=access_token, refresh_token=refresh_token)
        known = self.load()
        if any(_is_same(one, account) for one in known):
            self._write([fresh if _is_same(one, account) else one for one in known])
        return fresh

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

    def remove(self, origin: str) -> None:
        """Forget the account on a server."""
        self._write([one for one in self.load() if one.origin != origin])

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


def _is_same(one: Account, other: Account) -> bool:
    return (one.origin, one.user_id) == (other.origin, other.user_id)


def _accounts(found: list[Any]) -> Iterator[Account]:
    for raw in found:
        with contextlib.suppress(TypeError):
            account = Account(**raw)
            texts = (account.origin, account.username, account.access_token)
            if all(isinstance(text, str) for text in texts) and type(account.user_id) is int:
                yield account
