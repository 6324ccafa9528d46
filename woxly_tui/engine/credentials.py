"""Where the token for each attempt to join comes from."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeAlias

from woxly_tui._lib.clock import Clock, SystemClock
from woxly_tui.config import load_config
from woxly_tui.control.lobby import LobbyCall
from woxly_tui.control.messages import Join
from woxly_tui.errors import ConfigError, ServerUnreachable, TokenError
from woxly_tui.lobby.invites import GuestPass, renew
from woxly_tui.types import Identity, RoomName
from woxly_tui.wire.token import SERVER_LEEWAY, mint_token, read_token


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

    def keep(self, token: str) -> None:
        """The server handed out a newer token, for this room and identity."""


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

    def keep(self, token: str) -> None:
        """A freshly minted one is newer still."""


@dataclass(slots=True)
class StaticCredentials:
    """A token somebody gave us, read again each time in case it was replaced.

    Once it has expired, the newest one from the server takes its place.
    """

    url: str
    read_token: Callable[[], str]
    clock: Clock = field(default_factory=SystemClock)

    _newest: str = field(default="", init=False, repr=False)

    async def fetch(self) -> Credentials:
        given = self.read_token()
        token = given if self._late_s(given) < 0 or not self._newest else self._newest
        if (late_s := self._late_s(token)) >= 0:
            raise TokenError(
                f"The token expired {_span(int(late_s))} ago",
                "ask for a new one, or make one with `woxly token`; "
                "if it is new, check the clock of this machine",
            )
        return Credentials(self.url, token)

    def keep(self, token: str) -> None:
        self._newest = token

    def _late_s(self, token: str) -> float:
        return _late_s(token, self.clock)


def _late_s(token: str, clock: Clock) -> float:
    """How long servers have refused a token; negative while they take it."""
    expires_at = read_token(token).expires_at
    return -1.0 if expires_at is None else clock.wall() - expires_at - SERVER_LEEWAY


Renew: TypeAlias = Callable[[str, str], Awaitable[GuestPass]]
"""`lobby.invites.renew`, or what stands for it in a test."""


@dataclass(slots=True)
class GuestCredentials:
    """The token that came with an invitation, then a fresh one from the Woxly server each time.

    While that server does not answer, the newest token does, for as long as it lasts.
    """

    url: str
    token: str = field(repr=False)
    woxly_server: str
    guest_token: str = field(repr=False)
    clock: Clock = field(default_factory=SystemClock)
    renew: Renew = renew

    _is_used: bool = field(default=False, init=False)

    async def fetch(self) -> Credentials:
        is_good = _late_s(self.token, self.clock) < 0
        if self._is_used or not is_good:
            try:
                fresh = await self.renew(self.woxly_server, self.guest_token)
            except ServerUnreachable:
                if not is_good:
                    raise
            else:
                self.url, self.token = fresh.url, fresh.token
        self._is_used = True
        return Credentials(self.url, self.token)

    def keep(self, token: str) -> None:
        self.token = token


CredentialFactory: TypeAlias = Callable[[Join], CredentialSource]

AskMedia: TypeAlias = Callable[[LobbyCall], Awaitable[Credentials]]
"""Asks a Woxly server for a token; raises as `CredentialSource.fetch`."""


def credentials_for(join: Join) -> CredentialSource:
    """What a call asked for is joined with."""
    if join.guest_token:
        return GuestCredentials(join.url, join.token, join.woxly_server, join.guest_token)
    if not join.token:
        return MintedCredentials(
            url=join.url,
            api_key=join.api_key,
            api_secret=join.api_secret,
            room=join.room,
            identity=join.identity,
            name=join.name,
        )
    return StaticCredentials(join.url, lambda: _token_in(join.token_file) or join.token)


@dataclass(slots=True)
class LobbyCredentials:
    """A fresh token of the Woxly server each time; while it fails, the newest does if it lasts."""

    call: LobbyCall
    ask: AskMedia
    clock: Clock = field(default_factory=SystemClock)

    _newest: Credentials | None = field(default=None, init=False)

    async def fetch(self) -> Credentials:
        try:
            self._newest = await self.ask(self.call)
        except ServerUnreachable:
            if self._newest is None or _late_s(self._newest.token, self.clock) >= 0:
                raise
        return self._newest

    def keep(self, token: str) -> None:
        if self._newest is not None:
            self._newest = Credentials(self._newest.url, token)


def credentials_with(others: CredentialFactory, ask: AskMedia) -> CredentialFactory:
    """The same for the call of a room of a Woxly server, whose tokens are asked for there."""

    def make(join: Join) -> CredentialSource:
        return LobbyCredentials(join.lobby, ask) if join.lobby is not None else others(join)

    return make


def _token_in(config_file: str) -> str:
    """The token a configuration file holds now, in case it was given a new one meanwhile."""
    if not Path(config_file).is_file():
        return ""  # a pipe, say, that nothing comes from a second time
    try:
        return load_config(config_flag=config_file, environ={}).config.livekit.token.reveal()
    except ConfigError:
        return ""


def _span(seconds: int) -> str:
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'s' if count != 1 else ''}"
    return f"{seconds} seconds"
