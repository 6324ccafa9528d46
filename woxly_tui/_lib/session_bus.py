"""Calls over the user's D-Bus session. Blocking, with a deadline that holds whatever happens."""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final


class BusFailed(Exception):
    """The bus, or who should answer on it, does not; the text says why, for people."""


def session_bus() -> str | None:
    """Address of the user's bus; None where there is none."""
    address = os.environ.get("DBUS_SESSION_BUS_ADDRESS", "")
    if address:
        return address
    path = Path(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}") / "bus"
    return f"unix:path={path}" if path.is_socket() else None


class BusTalk:
    """Calls to one service on one connection, until the deadline.

    Args:
        connection: Of jeepney.
        service: The bus name.
        ends_at: Monotonic time.
    """

    def __init__(self, connection: Any, service: str, ends_at: float) -> None:
        self._connection = connection
        self._service: Final = service
        self._ends_at = ends_at

    def call(
        self, path: str, interface: str, method: str, signature: str = "", *body: Any
    ) -> tuple[Any, ...]:
        """Call, and wait for the answer.

        Raises:
            TimeoutError: The deadline is over.
        """
        from jeepney import DBusAddress, new_method_call
        from jeepney.wrappers import unwrap_msg

        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError
        where = DBusAddress(path, bus_name=self._service, interface=interface)
        message = new_method_call(where, method, signature or None, body)
        answer: tuple[Any, ...] = unwrap_msg(
            self._connection.send_and_get_reply(message, timeout=left)
        )
        return answer


@contextlib.contextmanager
def talk(bus: str, service: str, limit_s: float) -> Iterator[BusTalk]:
    """A connection of its own.

    Args:
        bus: As of `session_bus`.
        service: The bus name of who is called; started by the bus where it can be.
        limit_s: For everything until the end of the context.

    Raises:
        BusFailed: Whatever goes wrong with the bus inside the context.
    """
    from jeepney import DBusErrorResponse
    from jeepney.io.blocking import DBusConnection, open_dbus_connection

    connection: DBusConnection | None = None
    ends_at = time.monotonic() + limit_s
    try:
        connection = open_dbus_connection(bus, auth_timeout=limit_s)
        yield BusTalk(connection, service, ends_at)
    except TimeoutError:
        raise BusFailed("it does not answer") from None
    except DBusErrorResponse as error:
        why = "there is none" if "Unknown" in error.name else error.name.rpartition(".")[2]
        raise BusFailed(why) from None
    except (OSError, ValueError, TypeError, KeyError, EOFError, RuntimeError) as error:
        # A broken bus shows as anything from ConnectionError to an unpacking error.
        raise BusFailed(f"the desktop's bus cannot be used ({type(error).__name__})") from error
    finally:
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.close()
