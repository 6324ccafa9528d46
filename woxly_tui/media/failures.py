"""What the SDK's words and numbers about a failed or lost connection mean."""

import base64
import binascii
import json
import re
import time
from collections.abc import Mapping
from typing import Final

from livekit import rtc

from woxly_tui.media.messages import ConnectFailure, DisconnectCause

MAX_DETAIL_CHARS: Final = 200

_TOKEN: Final = re.compile(r"eyJ[\w-]*(\.[\w-]*){0,2}")

_WORDS: Final[tuple[tuple[str, ConnectFailure], ...]] = (
    (r"token is expired|token has expired", ConnectFailure.TOKEN_EXPIRED),
    (r"invalid api key", ConnectFailure.TOKEN_KEY_UNKNOWN),
    (r"permissions? denied|\b403 ", ConnectFailure.TOKEN_NOT_ALLOWED),
    (r"no room name|identity cannot be empty", ConnectFailure.TOKEN_INVALID),
    (r"\b401 |invalid (authorization )?token", ConnectFailure.TOKEN_INVALID),
    (r"invalidcontenttype|certificate|unknownissuer|corrupt message|tls", ConnectFailure.TLS),
    (r"wait_pc_connection|peer ?connection", ConnectFailure.MEDIA_BLOCKED),
    (r"client error: [2-5]\d\d |http|websocket protocol", ConnectFailure.NOT_LIVEKIT),
    (
        r"connection refused|lookup address|unreachable|no route|reset by peer"
        r"|timed? ?out|os error|server error: 5\d\d",
        ConnectFailure.UNREACHABLE,
    ),
)
"""Tried in this order on the whole message: the SDK wraps the server's words in its own."""

_CAUSES: Final[Mapping[int, DisconnectCause]] = {
    rtc.DisconnectReason.CLIENT_INITIATED: DisconnectCause.CLIENT_INITIATED,
    rtc.DisconnectReason.DUPLICATE_IDENTITY: DisconnectCause.DUPLICATE_IDENTITY,
    rtc.DisconnectReason.SERVER_SHUTDOWN: DisconnectCause.SERVER_SHUTDOWN,
    rtc.DisconnectReason.PARTICIPANT_REMOVED: DisconnectCause.PARTICIPANT_REMOVED,
    rtc.DisconnectReason.ROOM_DELETED: DisconnectCause.ROOM_DELETED,
    rtc.DisconnectReason.ROOM_CLOSED: DisconnectCause.ROOM_DELETED,
    rtc.DisconnectReason.JOIN_FAILURE: DisconnectCause.JOIN_FAILURE,
}


def classify_connect_error(message: str, token: str) -> tuple[ConnectFailure, str]:
    """Why a connection attempt failed, from the SDK's message.

    Returns:
        The kind of failure, and the message as one safe line: no token, no control characters.
    """
    failure = ConnectFailure.OTHER
    for pattern, meaning in _WORDS:
        if re.search(pattern, message, re.IGNORECASE):
            failure = meaning
            break
    if failure is ConnectFailure.TOKEN_INVALID and _is_expired(token):
        failure = ConnectFailure.TOKEN_EXPIRED
    return failure, safe_detail(message, token)


def disconnect_cause(reason: int) -> DisconnectCause:
    """What a LiveKit DisconnectReason means to us."""
    return _CAUSES.get(reason, DisconnectCause.OTHER)


def safe_detail(message: str, token: str = "") -> str:
    """A foreign message as one short printable line without tokens."""
    if token:
        message = message.replace(token, "<token>")
    line = " ".join(_TOKEN.sub("<token>", message).split())
    line = "".join(char for char in line if char.isprintable())
    return line if len(line) <= MAX_DETAIL_CHARS else line[: MAX_DETAIL_CHARS - 1] + "…"


def _is_expired(token: str) -> bool:
    """Whether a token, unverified, says of itself that it is past its time."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return float(claims["exp"]) < time.time()
    except (IndexError, KeyError, TypeError, ValueError, binascii.Error):
        return False
