"""The Secret Service over D-Bus, as GNOME, KDE and KeePassXC have it. Blocking, with a deadline.

Secrets go over the user's own bus in a "plain" session: it is a socket that only they can open.
"""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from woxly_tui.lobby.vault import ANSWER_LIMIT_S, Entry, VaultClosed

if TYPE_CHECKING:
    from jeepney import DBusAddress

_SERVICE: Final = "org.freedesktop.secrets"
_PATH: Final = "/org/freedesktop/secrets"
_ROOT: Final = "org.freedesktop.Secret"
_NOTHING: Final = "/"
"""The path that stands for none."""


def session_bus() -> str | None:
    """Address of the user's bus; None where there is none."""
    address = os.environ.get("DBUS_SESSION_BUS_ADDRESS", "")
    if address:
        return address
    path = Path(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}") / "bus"
    return f"unix:path={path}" if path.is_socket() else None


class SecretService:
    """The default keyring. Never asks the user to unlock it.

    Args:
        bus: As of `session_bus`.
        limit_s: Longest wait of one call, all in all.
    """

    def __init__(self, bus: str, limit_s: float = ANSWER_LIMIT_S) -> None:
        self._bus = bus
        self._limit_s = limit_s

    def get(self, entry: Entry) -> str | None:
        with self._talk() as talk:
            found = talk.find(entry)
            return None if found is None else talk.secret_of(found)

    def put(self, entry: Entry, secret: str) -> None:
        with self._talk() as talk:
            talk.keep(entry, secret)

    def remove(self, entry: Entry) -> None:
        with self._talk() as talk:
            found = talk.find(entry)
            if found is not None:
                talk.call(talk.at(found, "Item"), "Delete")

    @contextlib.contextmanager
    def _talk(self) -> "Iterator[_Talk]":
        """A connection of its own, and every failure of it as VaultClosed."""
        from jeepney import DBusErrorResponse
        from jeepney.io.blocking import DBusConnection, open_dbus_connection

        connection: DBusConnection | None = None
        try:
            connection = open_dbus_connection(self._bus, auth_timeout=self._limit_s)
            yield _Talk(connection, time.monotonic() + self._limit_s)
        except TimeoutError:
            raise VaultClosed("the keyring does not answer") from None
        except DBusErrorResponse as error:
            why = "there is none" if "Unknown" in error.name else error.name.rpartition(".")[2]
            raise VaultClosed(f"the keyring cannot be used ({why})") from None
        except VaultClosed:
            raise
        except Exception as error:
            # A broken bus shows as anything from ConnectionError to an unpacking error.
            why = type(error).__name__
            raise VaultClosed(f"the desktop's bus cannot be used ({why})") from error
        finally:
            if connection is not None:
                with contextlib.suppress(OSError):
                    connection.close()


class _Talk:
    """Calls on one connection, until the deadline."""

    def __init__(self, connection: Any, ends_at: float) -> None:
        self._connection = connection
        self._ends_at = ends_at
        self._session: str | None = None

    @staticmethod
    def at(path: str, interface: str) -> "DBusAddress":
        """An object of the service."""
        from jeepney import DBusAddress

        return DBusAddress(path, bus_name=_SERVICE, interface=f"{_ROOT}.{interface}")

    def call(self, where: Any, method: str, signature: str = "", *body: Any) -> tuple[Any, ...]:
        """Call, and wait for the answer.

        Raises:
            TimeoutError: The deadline is over.
        """
        from jeepney import new_method_call
        from jeepney.wrappers import unwrap_msg

        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError
        message = new_method_call(where, method, signature or None, body)
        answer: tuple[Any, ...] = unwrap_msg(
            self._connection.send_and_get_reply(message, timeout=left)
        )
        return answer

    def find(self, entry: Entry) -> str | None:
        """The item of an entry.

        Raises:
            VaultClosed: It is locked away.
        """
        attributes = _attributes(entry)
        service = self.at(_PATH, "Service")
        unlocked, locked = self.call(service, "SearchItems", "a{ss}", attributes)
        if unlocked:
            return str(unlocked[0])
        if locked and not self._unlocks(str(locked[0])):
            raise VaultClosed("the keyring is locked")
        return str(locked[0]) if locked else None

    def _unlocks(self, path: str) -> bool:
        """Whether it opens without asking anybody."""
        opened, _prompt = self.call(self.at(_PATH, "Service"), "Unlock", "ao", [path])
        return path in opened

    def secret_of(self, item: str) -> str:
        """What an item keeps."""
        (secret,) = self.call(self.at(item, "Item"), "GetSecret", "o", self._open())
        return bytes(secret[2]).decode("utf-8")

    def _open(self) -> str:
        if self._session is None:
            service = self.at(_PATH, "Service")
            _, session = self.call(service, "OpenSession", "sv", "plain", ("s", ""))
            self._session = str(session)
        return self._session

    def keep(self, entry: Entry, secret: str) -> None:
        """Make an item, or replace it.

        Raises:
            VaultClosed: There is no keyring, or it is locked.
        """
        service = self.at(_PATH, "Service")
        (collection,) = self.call(service, "ReadAlias", "s", "default")
        if collection == _NOTHING:
            raise VaultClosed("no keyring is set up")
        if not self._unlocks(collection):
            raise VaultClosed("the keyring is locked")
        properties = {
            f"{_ROOT}.Item.Label": ("s", entry.label),
            f"{_ROOT}.Item.Attributes": ("a{ss}", _attributes(entry)),
        }
        value = (self._open(), b"", secret.encode("utf-8"), "text/plain")
        where = self.at(collection, "Collection")
        made, _prompt = self.call(where, "CreateItem", "a{sv}(oayays)b", properties, value, True)
        if made == _NOTHING:
            raise VaultClosed("the keyring asks before it keeps anything")


def _attributes(entry: Entry) -> dict[str, str]:
    return {"application": "woxly", "account": entry.key}
