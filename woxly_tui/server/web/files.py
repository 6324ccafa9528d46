"""The page's own files, as they are answered."""

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

FOLDER: Final = Path(__file__).parent / "static"

_KINDS: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

_POLICY: Final = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "manifest-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
)
"""No name of anybody can become markup or script: the browser itself refuses."""


@dataclass(frozen=True, slots=True)
class WebFile:
    """Something to answer with."""

    kind: str
    body: bytes
    packed: bytes
    """The same, gzipped."""
    etag: str


def web_file(name: str, body: bytes) -> WebFile:
    """Bytes as a file to answer with."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    return WebFile(_KINDS[Path(name).suffix], body, gzip.compress(body, 9, mtime=0), etag)


def own_files() -> dict[str, WebFile]:
    """Every file of the page, by name; `gone.html` is the page of a link that is no good."""
    bodies = {
        path.name: path.read_bytes() for path in sorted(FOLDER.iterdir()) if path.suffix in _KINDS
    }
    bodies["gone.html"] = bodies["join.html"].replace(b'data-view="lobby"', b'data-view="gone"', 1)
    return {name: web_file(name, body) for name, body in bodies.items()}


def page_policy(livekit_url: str) -> str:
    """The page's Content-Security-Policy: itself, and the LiveKit server it connects to.

    Args:
        livekit_url: `ws://` or `wss://`; empty where there is none.
    """
    hosts = ["'self'"]
    if livekit_url:
        parts = urlsplit(livekit_url)
        web = "https" if parts.scheme == "wss" else "http"
        names = [parts.netloc]
        if (parts.hostname or "").endswith(".livekit.cloud"):
            names.append("*.livekit.cloud")  # the Cloud sends clients to the nearest region
        hosts += [f"{scheme}://{name}" for name in names for scheme in (parts.scheme, web)]
    return "; ".join([*_POLICY, f"connect-src {' '.join(hosts)}"])
