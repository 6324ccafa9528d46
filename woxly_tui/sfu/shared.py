"""A livekit-server that other machines reach: the one `woxly serve` runs for friends."""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from woxly_tui.config.urls import is_loopback
from woxly_tui.sfu.server import LOOPBACK, Endpoint, free_port, loopback_config

HTTP_PORT: Final = 7880
TCP_PORT: Final = 7881
UDP_PORT: Final = 7882
"""LiveKit's usual ports, which firewalls are opened for."""

MAX_PARTICIPANTS: Final = 200


@dataclass(frozen=True, slots=True)
class SharedEndpoint(Endpoint):
    """Where such a server is: one port for signals, one each for sound over UDP and TCP."""

    tcp_port: int = TCP_PORT


def shared_endpoints(api_key: str, api_secret: str, host: str) -> Callable[[], Endpoint]:
    """Endpoints with the usual ports, and with free ones where those are taken."""

    def make() -> Endpoint:
        return SharedEndpoint(
            http_port=_usual(HTTP_PORT, socket.SOCK_STREAM, host),
            udp_port=_usual(UDP_PORT, socket.SOCK_DGRAM, host),
            tcp_port=_usual(TCP_PORT, socket.SOCK_STREAM, host),
            api_key=api_key,
            api_secret=api_secret,
        )

    return make


def shared_config(host: str, webhook_url: str) -> Callable[[Endpoint], dict[str, Any]]:
    """The configuration for a host: that of loopback stays on loopback.

    Args:
        host: The address to listen on, `0.0.0.0` for all.
        webhook_url: Where the server tells who came and went.
    """

    def make(endpoint: Endpoint) -> dict[str, Any]:
        config = loopback_config(endpoint)
        config["webhook"] = {"api_key": endpoint.api_key, "urls": [webhook_url]}
        config["room"]["max_participants"] = MAX_PARTICIPANTS
        if is_loopback(host):
            return config
        is_everywhere = host in ("0.0.0.0", "::")  # noqa: S104 - asked for by the user
        config["bind_addresses"] = [""] if is_everywhere else [host, LOOPBACK]
        config["rtc"] = {
            "udp_port": endpoint.udp_port,
            "tcp_port": endpoint.tcp_port if isinstance(endpoint, SharedEndpoint) else 0,
            "use_external_ip": False,
            "enable_loopback_candidate": True,
        }
        return config

    return make


def _usual(port: int, kind: socket.SocketKind, host: str) -> int:
    address = LOOPBACK if is_loopback(host) else ""
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind is socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return free_port(kind)
    return port
