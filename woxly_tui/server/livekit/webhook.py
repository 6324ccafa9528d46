"""What LiveKit tells us by webhook: believed only when signed, body and all.

The Authorization header is a JWT signed with the API secret; its claim `sha256` is the hash
of the body (docs.livekit.io, "Webhooks & events"). The body is protobuf's JSON.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any, Final, Self

from woxly_tui.server.settings import LivekitSettings

LEEWAY_S: Final = 60
"""How far LiveKit's clock may differ from ours."""


_MAX_SECONDS: Final = 10**11
"""Times after the year 5000 are nonsense, and some of them no calendar has."""


class UnbelievableWebhook(Exception):
    """Not signed by our LiveKit server, or not for this body."""


@dataclass(frozen=True, slots=True)
class Stay:
    """Somebody's stay in a room, as an event has it."""

    sid: str
    identity: str
    name: str
    joined_ms: int

    @classmethod
    def of(cls, sid: str, identity: str, name: str, joined_ms: int) -> Self:
        """One that databases can store: whoever is in a call may name themselves anything."""
        return cls(_stored(sid, 64), _stored(identity, 128), _stored(name, 128), joined_ms)


@dataclass(frozen=True, slots=True)
class Happening:
    """One event: what happened, in which room, to whom, when."""

    id: str
    event: str
    room: str
    room_sid: str
    room_began_ms: int
    at_ms: int
    stay: Stay | None


def read_webhook(livekit: LivekitSettings, authorization: str, body: bytes) -> Happening:
    """The event in a webhook.

    Raises:
        UnbelievableWebhook: The signature does not fit the body, or the body is no event.
    """
    import jwt

    token = authorization.removeprefix("Bearer ").strip()
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            livekit.api_secret.reveal(),
            algorithms=["HS256"],
            issuer=livekit.api_key,
            leeway=LEEWAY_S,
            options={"require": ["exp", "iss"]},
        )
    except (jwt.PyJWTError, ValueError):
        raise UnbelievableWebhook("not signed with the API secret") from None
    hashed = base64.b64encode(hashlib.sha256(body).digest()).decode("ascii")
    if not hmac.compare_digest(str(claims.get("sha256", "")).encode(), hashed.encode()):
        raise UnbelievableWebhook("signed for another body")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise UnbelievableWebhook("not JSON") from None
    if not isinstance(found, dict):
        raise UnbelievableWebhook("not an event")
    return _happening(found, hashed)


def _happening(found: dict[str, Any], hashed: str) -> Happening:
    room = _object(found, "room")
    at_ms = _number(found, "createdAt") * 1000
    stay = None
    if who := _object(found, "participant"):
        stay = Stay.of(
            sid=str(who.get("sid", "")),
            identity=str(who.get("identity", "")),
            name=str(who.get("name", "")),
            joined_ms=_number(who, "joinedAt") * 1000 or at_ms,
        )
    return Happening(
        id=_stored(str(found.get("id") or hashed), 64),
        event=str(found.get("event", "")),
        room=str(room.get("name", "")),
        room_sid=_stored(str(room.get("sid", "")), 64),
        room_began_ms=_number(room, "creationTime") * 1000 or at_ms,
        at_ms=at_ms,
        stay=stay,
    )


def _stored(text: str, max_chars: int) -> str:
    """A text without what PostgreSQL refuses (a zero) and what is no character by itself."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")[:max_chars]


def _object(found: dict[str, Any], name: str) -> dict[str, Any]:
    value = found.get(name)
    return value if isinstance(value, dict) else {}


def _number(found: dict[str, Any], name: str) -> int:
    """Protobuf's JSON writes 64-bit numbers as text."""
    value = found.get(name)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
        value = int(value)
    return value if type(value) is int and 0 <= value < _MAX_SECONDS else 0
