"""LiveKit access tokens: minted from key and secret, and read to know what one allows.

A token is a JWT (HS256): `iss` the API key, `sub` the identity, `video` the grants.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from woxly_tui.errors import TokenError
from woxly_tui.types import Identity, RoomName, Seconds

DEFAULT_TTL_S: Final = 6 * 3600
"""How long a minted token lets somebody join; a call that runs is not cut when it ends."""

SERVER_LEEWAY: Final = Seconds(60.0)
"""How far past its end a server still takes a token, to forgive clocks that differ."""

_NOT_BEFORE_SLACK_S: Final = 60
"""How far the server's clock may run behind ours; the server forgives as much again."""

_MAKE_ONE: Final = "ask for a new one, or make one with `woxly token ROOM --name NAME`"


@dataclass(frozen=True, slots=True)
class TokenClaims:
    """What a token says. Nothing here is verified: only the server knows the secret."""

    room: RoomName
    identity: Identity
    name: str
    """For display, as its maker wrote it: not cleaned. Empty where there is none."""
    expires_at: Seconds | None
    """Wall-clock time after which the server refuses it; None: never."""
    not_before: Seconds | None
    """Wall-clock time before which the server refuses it; None: valid at once."""
    api_key: str
    """The key whose secret signed it."""


class TokenMinter:
    """Makes tokens with one key and secret; what is the same in each is made once.

    Raises:
        TokenError: Key or secret is empty.
    """

    def __init__(self, api_key: str, api_secret: str) -> None:
        _check_filled({"API key": api_key, "API secret": api_secret})
        self._api_key = api_key
        # Not PyJWT, whose care for other people's tokens takes longer than the rest of a join.
        self._mac = hmac.new(api_secret.encode(), digestmod=hashlib.sha256)
        self._head = _segment({"alg": "HS256", "typ": "JWT"}) + b"."

    def mint(
        self, room: RoomName, identity: Identity, name: str, ttl_s: int = DEFAULT_TTL_S
    ) -> str:
        """A token that lets `identity` join `room`, talk, listen, and show its own state.

        Raises:
            TokenError: Room or identity is empty.
        """
        _check_filled({"room": room, "identity": identity})
        now = int(time.time())
        claims = {
            "iss": self._api_key,
            "sub": identity,
            "name": name,
            "nbf": now - _NOT_BEFORE_SLACK_S,
            "exp": now + ttl_s,
            "video": {
                "roomJoin": True,
                "room": room,
                "canPublish": True,
                "canSubscribe": True,
                "canPublishData": True,
                "canUpdateOwnMetadata": True,
                "canPublishSources": ["microphone"],
            },
        }
        signed = self._head + _segment(claims)
        mac = self._mac.copy()
        mac.update(signed)
        return (signed + b"." + _base64url(mac.digest())).decode("ascii")


def mint_token(
    *,
    api_key: str,
    api_secret: str,
    room: RoomName,
    identity: Identity,
    name: str,
    ttl_s: int = DEFAULT_TTL_S,
) -> str:
    """One token; see `TokenMinter.mint`.

    Raises:
        TokenError: Key, secret, room or identity is empty.
    """
    return TokenMinter(api_key, api_secret).mint(room, identity, name, ttl_s)


def _check_filled(parts: Mapping[str, str]) -> None:
    if missing := [what for what, value in parts.items() if not value]:
        raise TokenError(f"a token cannot be made with an empty {missing[0]}")


def _segment(value: object) -> bytes:
    return _base64url(json.dumps(value, separators=(",", ":")).encode())


def _base64url(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def read_token(token: str) -> TokenClaims:
    """What a token says, without verifying it; it may have expired.

    Raises:
        TokenError: It is no LiveKit token, or one that cannot join any room.
    """
    claims = _decode(token.strip())
    grants = claims.get("video")
    if not isinstance(grants, Mapping):
        raise TokenError("the token is a JWT, but not one for LiveKit: it has no grants", _MAKE_ONE)
    if grants.get("roomJoin") is not True:
        raise TokenError("the token does not allow joining a room (no roomJoin grant)", _MAKE_ONE)
    room, identity = grants.get("room"), claims.get("sub")
    if not (isinstance(room, str) and room):
        raise TokenError("the token names no room", _MAKE_ONE)
    if not (isinstance(identity, str) and identity):
        raise TokenError("the token names no identity (no `sub` claim)", _MAKE_ONE)
    name, key = claims.get("name"), claims.get("iss")
    return TokenClaims(
        room=RoomName(room),
        identity=Identity(identity),
        name=name if isinstance(name, str) else "",
        expires_at=_instant(claims, "exp"),
        not_before=_instant(claims, "nbf"),
        api_key=key if isinstance(key, str) else "",
    )


def _decode(token: str) -> Mapping[str, Any]:
    import jwt

    if not token:
        raise TokenError("the token is empty", _MAKE_ONE)
    try:
        claims: Mapping[str, Any] = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError:
        parts = token.count(".") + 1
        why = "it was damaged on its way" if parts == 3 else f"it has {parts} part(s) instead of 3"
        raise TokenError(f"the token is malformed: {why}", _MAKE_ONE) from None
    return claims


def _instant(claims: Mapping[str, Any], claim: str) -> Seconds | None:
    value = claims.get(claim)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenError(f"the token is malformed: its `{claim}` is not a time", _MAKE_ONE)
    return Seconds(float(value))
