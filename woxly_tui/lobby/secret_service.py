"""The Secret Service over D-Bus, as GNOME, KDE and KeePassXC have it. Blocking, with a deadline.

Secrets go over the user's own bus in a "plain" session: it is a socket that only they can open.
"""

import contextlib
from collections.abc import Iterator
from typing import Any, Final

from woxly_tui._lib.session_bus import BusFailed, BusTalk, talk
from woxly_tui.lobby.vault import ANSWER_LIMIT_S, Entry, VaultClosed

_NAME: Final = "org.freedesktop.secrets"
_PATH: Final = "/org/freedesktop/secrets"
_SERVICE: Final = "org.freedesktop.Secret.Service"
_COLLECTION: Final = "org.freedesktop.Secret.Collection"
_ITEM: Final = "org.freedesktop.Secret.Item"
_NOTHING: Final = "/"
"""The path that stands for none."""


class SecretService:
    """The default keyring. Never asks the user to unlock it.

    Args:
        bus: As of `_lib.session_bus`.
        limit_s: Longest wait of one call, all in all.
    """

    def __init__(self, bus: str, limit_s: float = ANSWER_LIMIT_S) -> None:
        self._bus = bus
        self._limit_s = limit_s

    def get(self, entry: Entry) -> str | None:
        with self._talk() as bus:
            found = _find(bus, entry)
            if found is None:
                return None
            (secret,) = bus.call(found, _ITEM, "GetSecret", "o", _session(bus))
            return bytes(secret[2]).decode("utf-8")

    def put(self, entry: Entry, secret: str) -> None:
        with self._talk() as bus:
            (collection,) = bus.call(_PATH, _SERVICE, "ReadAlias", "s", "default")
            if collection == _NOTHING:
                raise VaultClosed("no keyring is set up")
            if not _unlocks(bus, collection):
                raise VaultClosed("the keyring is locked")
            properties = {
                f"{_ITEM}.Label": ("s", entry.label),
                f"{_ITEM}.Attributes": ("a{ss}", _attributes(entry)),
            }
            value = (_session(bus), b"", secret.encode("utf-8"), "text/plain")
            signature = "a{sv}(oayays)b"
            made, _prompt = bus.call(
                collection, _COLLECTION, "CreateItem", signature, properties, value, True
            )
            if made == _NOTHING:
                raise VaultClosed("the keyring asks before it keeps anything")

    def remove(self, entry: Entry) -> None:
        with self._talk() as bus:
            found = _find(bus, entry)
            if found is not None:
                bus.call(found, _ITEM, "Delete")

    @contextlib.contextmanager
    def _talk(self) -> Iterator[BusTalk]:
        try:
            with talk(self._bus, _NAME, self._limit_s) as bus:
                yield bus
        except BusFailed as error:
            raise VaultClosed(f"no keyring: {error}") from error


def _find(bus: BusTalk, entry: Entry) -> str | None:
    """The item of an entry.

    Raises:
        VaultClosed: It is locked away.
    """
    found: Any = bus.call(_PATH, _SERVICE, "SearchItems", "a{ss}", _attributes(entry))
    unlocked, locked = found
    if unlocked:
        return str(unlocked[0])
    if locked and not _unlocks(bus, str(locked[0])):
        raise VaultClosed("the keyring is locked")
    return str(locked[0]) if locked else None


def _unlocks(bus: BusTalk, path: str) -> bool:
    """Whether it opens without asking anybody."""
    opened, _prompt = bus.call(_PATH, _SERVICE, "Unlock", "ao", [path])
    return path in opened


def _session(bus: BusTalk) -> str:
    _, session = bus.call(_PATH, _SERVICE, "OpenSession", "sv", "plain", ("s", ""))
    return str(session)


def _attributes(entry: Entry) -> dict[str, str]:
    return {"application": "woxly", "account": entry.key}
