"""Access and refresh tokens: HS256 JWTs, each kind with a secret of its own."""

import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Final

from woxly_tui.server.keys import ServerKeys

ACCESS_TTL_S: Final = 15 * 60
REFRESH_TTL_S: Final = 7 * 86400

MAX_VERIFIED: Final = 10_000
"""Access tokens whose signature was found good and need not be looked at again."""


class InvalidToken(Exception):
    """Malformed, forged, expired, or of another kind."""


@dataclass(frozen=True, slots=True)
class AccessClaims:
    user_id: int
    session_id: str


@dataclass(frozen=True, slots=True)
class RefreshClaims:
    user_id: int
    session_id: str
    generation: int


class Tokens:
    """Signs and reads tokens. Whether the sign-in behind one still stands, `Sessions` knows."""

    def __init__(self, keys: ServerKeys) -> None:
        self._access_secret = keys.access_secret
        self._refresh_secret = keys.refresh_secret
        self._verified: OrderedDict[str, tuple[AccessClaims, int]] = OrderedDict()

    def access(self, user_id: int, session_id: str) -> str:
        """A token that is its user for 15 minutes."""
        claims = {"userId": user_id, "sid": session_id, "kind": "access"}
        return _sign(claims, self._access_secret, ACCESS_TTL_S)

    def refresh(self, user_id: int, session_id: str, generation: int) -> str:
        """A token that is good for one refresh within 7 days."""
        claims = {"userId": user_id, "sid": session_id, "gen": generation, "kind": "refresh"}
        return _sign(claims, self._refresh_secret, REFRESH_TTL_S)

    def read_access(self, token: str) -> AccessClaims:
        """What an access token says.

        Raises:
            InvalidToken: It is none of ours, or its time is over.
        """
        known = self._verified.get(token)
        if known is not None and known[1] > time.time():
            return known[0]
        claims = _read(token, self._access_secret, "access")
        found = AccessClaims(claims["userId"], claims["sid"])
        self._verified[token] = found, claims["exp"]
        if len(self._verified) > MAX_VERIFIED:
            self._verified.popitem(last=False)
        return found

    def read_refresh(self, token: str) -> RefreshClaims:
        """What a refresh token says.

        Raises:
            InvalidToken: It is none of ours, or its time is over.
        """
        claims = _read(token, self._refresh_secret, "refresh")
        generation = claims.get("gen")
        if type(generation) is not int:
            raise InvalidToken
        return RefreshClaims(claims["userId"], claims["sid"], generation)


def _sign(claims: dict[str, Any], secret: str, ttl_s: int) -> str:
    import jwt

    now = int(time.time())
    return jwt.encode({**claims, "iat": now, "exp": now + ttl_s}, secret, algorithm="HS256")


def _read(token: str, secret: str, kind: str) -> dict[str, Any]:
    import jwt

    try:
        claims: dict[str, Any] = jwt.decode(
            token, secret, algorithms=["HS256"], options={"require": ["exp", "iat"]}
        )
    except (jwt.PyJWTError, ValueError):
        raise InvalidToken from None
    is_ours = type(claims.get("userId")) is int and isinstance(claims.get("sid"), str)
    if not is_ours or claims.get("kind") != kind:
        raise InvalidToken
    return claims
