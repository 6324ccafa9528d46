"""How other machines may reach this one."""

import contextlib
import ipaddress
import socket
from pathlib import Path
from typing import Final

from woxly_tui.config.urls import is_loopback
from woxly_tui.server.settings import DEFAULT_PORT, ServerSettings

_NOWHERE: Final = (("192.0.2.1", socket.AF_INET), ("2001:db8::1", socket.AF_INET6))
"""Addresses that are nobody's: asking for the way there sends nothing."""


def lan_addresses() -> list[str]:
    """Addresses of this machine that are not loopback, the likeliest first."""
    found = [address for target, family in _NOWHERE if (address := _source_for(target, family))]
    try:
        for *_rest, where in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET):
            found.append(str(where[0]))
    except OSError:
        pass
    return [address for address in dict.fromkeys(found) if _is_of_use(address)]


def _source_for(target: str, family: socket.AddressFamily) -> str | None:
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((target, 9))
        except OSError:
            return None
        return str(probe.getsockname()[0])


def _is_of_use(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    return not (address.is_loopback or address.is_link_local or address.is_unspecified)


def at(host: str, port: int, scheme: str = "http") -> str:
    """A URL."""
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def friends_address(settings: ServerSettings, port: int) -> str:
    """What friends type, as well as it can be known."""
    if settings.public_url:
        return settings.public_url
    if settings.host not in ("0.0.0.0", "::"):  # noqa: S104 - compared
        return at("localhost" if is_loopback(settings.host) else settings.host, port)
    found = lan_addresses()
    return at(found[0] if found else "localhost", port)


def note_address(settings: ServerSettings, port: int) -> None:
    """Write down where this server is found, for `woxly serve invite`."""
    with contextlib.suppress(OSError):  # it will guess
        _note(settings).write_text(friends_address(settings, port) + "\n", "utf-8")


def noted_address(settings: ServerSettings) -> str:
    """Where the server of a data folder is, or was, found; else where it would be."""
    if not settings.public_url:
        with contextlib.suppress(OSError, UnicodeDecodeError):
            if noted := _note(settings).read_text("utf-8").strip():
                return noted
    return friends_address(settings, settings.port or DEFAULT_PORT)


def _note(settings: ServerSettings) -> Path:
    return settings.data_folder / "address"
