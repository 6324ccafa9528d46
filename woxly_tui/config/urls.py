"""The address of a LiveKit server, as people type it."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit, urlunsplit

from woxly_tui.errors import UsageError

_SCHEMES: Final = {"ws": "ws", "wss": "wss", "http": "ws", "https": "wss"}

_DEFAULT_PORT: Final = 7880
"""Where livekit-server listens unless told otherwise."""


@dataclass(frozen=True, slots=True)
class ServerUrl:
    """A checked address."""

    url: str
    """ws:// or wss://, with the path if the server lives behind one."""
    label: str
    """Host and port, for people."""
    is_exposed: bool
    """Unencrypted, and to another machine: whoever is on the way reads the token."""


def parse_server_url(raw: str, where: str) -> ServerUrl:
    """Check an address; http and https become ws and wss.

    Args:
        raw: What was typed.
        where: What to call it in a message: `--url`, `LIVEKIT_URL`, `config.toml:3`.

    Raises:
        UsageError: It cannot be the address of a LiveKit server.
    """
    text = raw.strip()
    if not text:
        raise UsageError(f"the server URL from {where} is empty", "give one such as wss://host")
    if re.search(r"[\s\x00-\x1f\x7f]", text):
        raise UsageError(f"the server URL from {where} holds a space or a control character")
    if "://" not in text:
        raise UsageError(
            f"the server URL from {where} has no scheme: {_shown(text)}",
            f"did you mean {_guess(text)} ?",
        )
    prefix = text.partition("://")[0]
    scheme = _SCHEMES.get(prefix.lower())
    if scheme is None:
        raise UsageError(
            f"the server URL from {where} starts with {_shown(prefix)}://, "
            "which is not how LiveKit is reached",
            "use wss:// for a server with TLS, ws:// for one without",
        )
    parts, port = _split(text, where)
    _refuse_extras(parts, where)
    host = parts.hostname or ""
    netloc = (f"[{host}]" if ":" in host else host) + (f":{port}" if port is not None else "")
    url = urlunsplit((scheme, netloc, parts.path.rstrip("/"), "", ""))
    return ServerUrl(url, netloc, is_exposed=scheme == "ws" and not is_loopback(host))


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _split(text: str, where: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        why = "its port is not a number from 1 to 65535" if "ort" in str(error) else str(error)
        raise UsageError(f"the server URL from {where} cannot be read: {why}") from None
    if not parts.hostname:
        raise UsageError(
            f"the server URL from {where} names no host", "give one such as wss://host"
        )
    if port == 0:
        raise UsageError(f"the server URL from {where} has port 0, where nothing can listen")
    return parts, port


def _refuse_extras(parts: SplitResult, where: str) -> None:
    if parts.username is not None or parts.password is not None:
        raise UsageError(
            f"the server URL from {where} holds a user name or password",
            "leave it out, and give --api-key with --api-secret, or --token",
        )
    if parts.query or parts.fragment:
        raise UsageError(
            f"the server URL from {where} goes on after a ? or #", "leave that part out"
        )
    if parts.hostname == "cloud.livekit.io":
        raise UsageError(
            f"the server URL from {where} is LiveKit Cloud's web page",
            "the project's settings page there shows its URL: wss://PROJECT.livekit.cloud",
        )


def _guess(text: str) -> str:
    """The URL that was probably meant by `host:port` or `host`."""
    if text.count(":") > 1 and not text.startswith("["):
        text = f"[{text}]"
    host, _, port = text.partition("/")[0].rpartition(":")
    host = (host if port.isdigit() else text.partition("/")[0]).strip("[]")
    if host.endswith(".livekit.cloud"):
        return f"wss://{text}"
    is_plain = port == str(_DEFAULT_PORT) or is_loopback(host) or _is_address(host)
    return f"{'ws' if is_plain else 'wss'}://{_shown(text)}"


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _shown(text: str) -> str:
    """Short, and without what may be a password."""
    text = text.rpartition("@")[2]
    return text if len(text) <= 60 else text[:59] + "…"
