"""Where the token for each attempt to join comes from."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

from woxly_tui._lib.clock import Clock, SystemClock
from woxly_tui.errors import TokenError
from woxly_tui.types import Identity, RoomName, Seconds
from woxly_tui.wire.token import mint_token, read_token

SERVER_LEEWAY: Final = Seconds(60.0)
"""How far past its end a server still takes a token, to forgive clocks that differ."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What one attempt to join needs."""

    url: str
    """WebSocket URL of the LiveKit server."""
    token: str = field(repr=False)


class CredentialSource(Protocol):
    """Asked before every attempt, the first included."""

    async def fetch(self) -> Credentials:
        """A URL and a token that is fresh, or at least not known to be expired.

        Raises:
            TokenError, CredentialsMissing: Only the user can change this.
            ServerUnreachable: Another attempt may succeed.
        """


@dataclass(frozen=True, slots=True)
class MintedCredentials:
    """A fresh token each time, from key and secret; the identity stays the same."""

    url: str
    api_key: str
    api_secret: str = field(repr=False)
    room: RoomName
    identity: Identity
    name: str

    async def fetch(self) -> Credentials:
        token = mint_token(
            api_key=self.api_key,
            api_secret=self.api_secret,
            room=self.room,
            identity=self.identity,
            name=self.name,
        )
        return Credentials(self.url, token)


@dataclass(frozen=True, slots=True)
class StaticCredentials:
    """A token somebody gave us, read again each time in case it was replaced."""

    url: str
    read_token: Callable[[], str]
    clock: Clock = field(default_factory=SystemClock)

    async def fetch(self) -> Credentials:
        token = self.read_token()
        expires_at = read_token(token).expires_at
        if expires_at is not None and expires_at + SERVER_LEEWAY <= self.clock.wall():
            late_s = int(self.clock.wall() - expires_at)
            raise TokenError(
                f"the token expired {_span(late_s)} ago",
                "ask for a new one, or make one with `woxly token`; "
                "if it is new, check the clock of this machine",
            )
        return Credentials(self.url, token)


def _span(seconds: int) -> str:
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'s' if count != 1 else ''}"
    return f"{seconds} seconds"
