"""Joining by an invitation: https://HOST/j/CODE becomes a guest with a LiveKit token."""

import json
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from woxly_tui._lib.text import clean_name
from woxly_tui.config.urls import is_loopback, parse_server_url
from woxly_tui.errors import ServerUnreachable, TokenError, UsageError, WoxlyError
from woxly_tui.types import Identity, RoomName

if TYPE_CHECKING:
    import httpx

_CONNECT_WITHIN_S: Final = 5.0
_ANSWER_WITHIN_S: Final = 15.0
_MAX_ANSWER_BYTES: Final = 100_000
_MAX_REDIRECTS: Final = 3

_LINK: Final = re.compile(r"https?://", re.IGNORECASE)
_CODE: Final = re.compile(r"[A-Za-z0-9_-]{1,200}", re.ASCII)

_NEW_LINK: Final = "ask whoever sent the link for a new one"


@dataclass(frozen=True, slots=True)
class InviteLink:
    """An invitation as it was typed."""

    server: str
    """Address of the Woxly server, with the path it lives under."""
    label: str
    """Host and port, for people."""
    code: str = field(repr=False)
    is_exposed: bool
    """Unencrypted, and to another machine: whoever is on the way can use it, too."""


@dataclass(frozen=True, slots=True)
class GuestPass:
    """What lets a guest into one room."""

    url: str
    """WebSocket URL of the LiveKit server."""
    token: str = field(repr=False)
    room: RoomName
    """For people: what the room is called."""
    identity: Identity
    name: str
    server: str
    """The Woxly server that gives further tokens: an InviteLink's, after any redirect."""
    guest_token: str = field(repr=False)
    """What it gives them for."""


def is_link(text: str) -> bool:
    """Whether somebody typed a web address where a room may stand."""
    return _LINK.match(text.strip()) is not None


def parse_link(raw: str) -> InviteLink:
    """Check an invitation.

    Raises:
        UsageError: It is no invitation, or a damaged one.
    """
    text = raw.strip().rstrip(".,;:!?)>\"'")  # what sentences leave behind
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise UsageError("the link cannot be read", _NEW_LINK) from None
    before, found, code = parts.path.rstrip("/").rpartition("/j/")
    if not found or not parts.hostname:
        raise UsageError(
            "that address is no invitation",
            "an invitation looks like https://HOST/j/CODE; a LiveKit server goes after --url",
        )
    if not _CODE.fullmatch(code) or parts.query or parts.username is not None:
        raise UsageError("the link is damaged", f"copy all of it, or {_NEW_LINK}")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    label = host if port is None else f"{host}:{port}"
    scheme = parts.scheme.lower()
    return InviteLink(
        server=f"{scheme}://{label}{before}",
        label=label,
        code=code,
        is_exposed=scheme == "http" and not is_loopback(parts.hostname),
    )


async def redeem(link: InviteLink, name: str) -> GuestPass:
    """Use an invitation once.

    Raises:
        TokenError: It has expired, is used up, or was withdrawn.
        UsageError: The server does not take the name.
        ServerUnreachable: No Woxly server answers at the address.
    """
    path = f"/api/invites/{link.code}/redeem"
    return await _ask(link.server, path, {"name": name}, {})


async def renew(server: str, guest_token: str) -> GuestPass:
    """A fresh token for a guest.

    Raises:
        TokenError: The invitation has ended meanwhile.
        ServerUnreachable: The Woxly server does not answer; another try may succeed.
    """
    headers = {"Authorization": f"Bearer {guest_token}"}
    return await _ask(server, "/api/guests/livekit-token", None, headers)


async def _ask(
    server: str, path: str, body: Mapping[str, str] | None, headers: Mapping[str, str]
) -> GuestPass:
    import httpx

    url = server + path
    label = urlsplit(server).netloc
    timeout = httpx.Timeout(_ANSWER_WITHIN_S, connect=_CONNECT_WITHIN_S)
    try:
        async with httpx.AsyncClient(
            timeout=timeout, follow_redirects=True, max_redirects=_MAX_REDIRECTS
        ) as client:
            request = client.build_request(
                "POST", url, json=body, headers={"Accept-Language": "en", **headers}
            )
            answer = await client.send(request, stream=True)
            try:
                text = await _read(answer, label)
            finally:
                await answer.aclose()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _unreachable(error, server, label) from error
    return _understood(answer, text, server, path, label)


async def _read(answer: "httpx.Response", label: str) -> bytes:
    text = bytearray()
    async for chunk in answer.aiter_bytes():
        text += chunk
        if len(text) > _MAX_ANSWER_BYTES:
            raise _no_woxly(label, "its answer does not end")
    return bytes(text)


def _understood(
    answer: "httpx.Response", text: bytes, server: str, path: str, label: str
) -> GuestPass:
    came_from = str(answer.url)
    if server.startswith("https:") and not came_from.startswith("https:"):
        raise _no_woxly(label, "it leads away from https")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        kind = answer.headers.get("content-type", "").partition(";")[0]
        what = "a web page" if kind == "text/html" else "something that is not JSON"
        raise _no_woxly(label, f"it answers with {what} ({answer.status_code})") from None
    if not isinstance(found, dict):
        raise _no_woxly(label, "it answers with JSON of another kind")
    if answer.status_code != 200:
        raise _refused(answer, found, label)
    # Where a redirect led is where the next token comes from.
    return _pass_in(found, came_from.removesuffix(path), label)


def _pass_in(found: Mapping[str, Any], server: str, label: str) -> GuestPass:
    names = ("token", "url", "roomName", "room", "identity", "name", "guestToken")
    values = [found.get(name) for name in names]
    if not all(isinstance(value, str) for value in values):
        raise _no_woxly(label, "its answer lacks what a guest needs")
    token, url, room_name, room, identity, name, guest_token = map(str, values)
    try:
        livekit = parse_server_url(url, f"the server at {label}").url
    except UsageError as error:
        raise ServerUnreachable(
            f"the server {label} names a LiveKit server that cannot be one: {error.message}",
            "whoever runs it must set LIVEKIT_PUBLIC_URL",
        ) from None
    return GuestPass(
        url=livekit,
        token=token,
        room=RoomName(clean_name(room, "") or clean_name(room_name, "call")),
        identity=Identity(identity),
        name=clean_name(name, ""),
        server=server,
        guest_token=guest_token,
    )


def _refused(answer: "httpx.Response", found: Mapping[str, Any], label: str) -> WoxlyError:
    said = clean_name(str(found.get("error", "")), "it does not say why")
    match answer.status_code:
        case 404 if found.get("error") == "Route not found":
            return ServerUnreachable(
                f"the Woxly server at {label} knows no invitations", "it is an older one"
            )
        case 401 | 404 | 410:
            return TokenError(
                "the invitation is not valid: it has expired, is used up or was withdrawn",
                _NEW_LINK,
            )
        case 429:
            wait = clean_name(answer.headers.get("retry-after", ""), "60")
            return ServerUnreachable(
                f"the server {label} was asked too often from your network",
                f"try again in {wait} seconds",
            )
        case 400 | 422:
            return UsageError(f"the server {label} refuses: {said}", "give another --name")
        case status:
            return ServerUnreachable(
                f"the Woxly server at {label} failed ({status}): {said}", "try again later"
            )


def _no_woxly(label: str, why: str) -> ServerUnreachable:
    return ServerUnreachable(
        f"no Woxly server is at {label}: {why}", f"check the link, or {_NEW_LINK}"
    )


def _unreachable(error: Exception, server: str, label: str) -> ServerUnreachable:
    import httpx

    if (trouble := _tls_trouble(error)) is not None:
        return _tls_failed(trouble, label)
    if isinstance(error, httpx.TooManyRedirects):
        return _no_woxly(label, "it leads in circles")
    if isinstance(error, httpx.TimeoutException):
        why = "it does not answer in time"
    elif isinstance(error, httpx.ConnectError):
        why = _connect_trouble(str(error))
    else:  # cut off, or not HTTP at all
        why = "what answers there speaks no HTTP" if server.startswith("http:") else "it hung up"
        why += f" ({type(error).__name__})"
    return ServerUnreachable(
        f"the Woxly server at {label} cannot be reached: {why}",
        "check the link and your network; the server may be switched off",
    )


def _connect_trouble(said: str) -> str:
    if not said or said.startswith("All connection attempts failed"):
        return "nothing answers there"
    return clean_name(re.sub(r"^\[Errno -?\d+\] ", "", said))


def _tls_trouble(error: BaseException) -> ssl.SSLError | None:
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLError):
            return seen
        seen = seen.__cause__ or seen.__context__
    return None


def _tls_failed(error: ssl.SSLError, label: str) -> ServerUnreachable:
    if isinstance(error, ssl.SSLCertVerificationError):
        why = clean_name(error.verify_message, "it is not trusted")
        return ServerUnreachable(
            f"the certificate of {label} is not good: {why}",
            "check the name in the link; a certificate authority of your own "
            "goes into SSL_CERT_FILE",
        )
    why = clean_name(error.reason or "", "handshake failed")
    return ServerUnreachable(
        f"the server {label} speaks no TLS that fits ({why})",
        "perhaps the link begins with http:// in truth, or the port is another",
    )
