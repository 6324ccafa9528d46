"""What `woxly serve` says once it is ready: addresses, and what will not work yet."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from woxly_tui.server.settings import ServerSettings
    from woxly_tui.sfu.server import Endpoint


def greeting(settings: "ServerSettings", port: int, own: "Endpoint | None") -> str:
    """What `woxly serve` says once it is ready.

    Args:
        settings: With the LiveKit server that is used.
        port: That of this server.
        own: Where our own LiveKit server is; None where it is somebody else's.
    """
    from woxly_tui.config.urls import is_loopback
    from woxly_tui.server.addresses import at, lan_addresses

    here = at("localhost" if settings.host in ("0.0.0.0", "::") else settings.host, port)  # noqa: S104 - compared
    lines = [f"woxly serve is ready\n  here          {here}"]
    if settings.public_url:
        lines.append(f"  for friends   {settings.public_url}")
    elif is_loopback(settings.host):
        lines.append("  for friends   nothing: it listens on this machine only (see --host)")
    else:
        everywhere = settings.host in ("0.0.0.0", "::")  # noqa: S104 - compared
        found = lan_addresses() if everywhere else [settings.host]
        lines += [f"  for friends   {at(address, port)}  on the same network" for address in found]
    lines.append(f"  API           {here}/docs")
    lines.append(f"  kept in       {settings.data_folder}")
    lines += _livekit_lines(settings, is_own=own is not None)
    lines += [f"  ! {line}" for line in _warnings(settings, own)]
    lines.append("  Ctrl-C stops it")
    return "\n".join(lines) + "\n"


def _livekit_lines(settings: "ServerSettings", *, is_own: bool) -> list[str]:
    livekit = settings.livekit
    if livekit is None:
        return []
    if not is_own:
        return [f"  LiveKit       {livekit.api_url} (yours)"]
    return [f"  LiveKit       its own, port {livekit.port}"]


def _warnings(settings: "ServerSettings", own: "Endpoint | None") -> list[str]:
    """What will not work as it stands, each with the remedy."""
    from woxly_tui.config.urls import is_loopback
    from woxly_tui.sfu.shared import TCP_PORT, SharedEndpoint

    if is_loopback(settings.host) and not settings.public_url:
        return []
    found = []
    if not settings.public_url.startswith("https:"):
        found.append(
            "without TLS, browsers elsewhere get no microphone and passwords can be read on the "
            "way: put Caddy before it and give --public-url https://NAME (docs/self-hosting.md)"
        )
    if own is not None:
        tcp_port = own.tcp_port if isinstance(own, SharedEndpoint) else TCP_PORT
        found.append(
            f"friends beyond this network need TCP {own.http_port}, {tcp_port} and "
            f"UDP {own.udp_port} forwarded here, TURN where UDP is blocked, and behind a router a "
            "LiveKit server that knows its public address (docs/self-hosting.md)"
        )
    if settings.livekit is not None and settings.public_url.startswith("https:"):
        url = settings.livekit.public_url
        if not url.startswith("wss:"):
            found.append("clients of an https server need LiveKit over wss: set LIVEKIT_PUBLIC_URL")
    return found
