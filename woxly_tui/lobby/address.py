"""The address of a Woxly server, as people type it: origin, origin/ or origin/api."""

import re
from typing import Final
from urllib.parse import urlsplit

from woxly_tui.config.urls import is_loopback
from woxly_tui.errors import UsageError

_EXAMPLE: Final = "give one such as https://woxly.example"


def parse_origin(raw: str) -> str:
    """Scheme, host and port of a server, without a slash at the end.

    Raises:
        UsageError: It cannot be one, or whoever is on the way could read the password.
    """
    text = raw.strip()
    if not text or re.search(r"[\s\x00-\x1f\x7f]", text):
        raise UsageError("the server address is empty, or holds a space", _EXAMPLE)
    if "://" not in text:
        raise UsageError("the server address has no scheme", f"did you mean https://{text[:60]} ?")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"the server address cannot be read: {error}", _EXAMPLE) from None
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host:
        raise UsageError("the server address must begin with https://, and name a host", _EXAMPLE)
    if parts.username is not None or parts.query or parts.fragment:
        raise UsageError("the server address holds more than scheme, host and port", _EXAMPLE)
    if parts.path.rstrip("/") not in ("", "/api"):
        raise UsageError("the server address goes on after the host", "leave that part out")
    if parts.scheme == "http" and not is_loopback(host):
        raise UsageError(
            f"http://{host} is not encrypted: whoever is on the way reads your password",
            "use https://; a server on this machine may have http://127.0.0.1:PORT",
        )
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + ("" if port is None else f":{port}")
