"""How other machines may reach this one."""

import ipaddress
import socket
from typing import Final

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
