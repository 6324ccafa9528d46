"""What routes and events work with, put together once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from woxly_tui.server.db.database import Database
from woxly_tui.server.enforcer import Enforcer
from woxly_tui.server.guests import GuestKeeper
from woxly_tui.server.health import Health
from woxly_tui.server.keys import ServerKeys
from woxly_tui.server.limiter import Limiter, Rate
from woxly_tui.server.livekit.api import LivekitApi
from woxly_tui.server.livekit.live import Live
from woxly_tui.server.mail import Mailer
from woxly_tui.server.metrics import Metrics
from woxly_tui.server.passwords import Passwords
from woxly_tui.server.problems import Problem
from woxly_tui.server.realtime.notifier import Notifier
from woxly_tui.server.realtime.presence import Presence
from woxly_tui.server.realtime.ringer import Ringer
from woxly_tui.server.sessions import Sessions
from woxly_tui.server.settings import LivekitSettings, ServerSettings
from woxly_tui.server.texts import Text
from woxly_tui.server.tokens import AccessClaims, InvalidToken
from woxly_tui.server.uploads import UploadFolder
from woxly_tui.server.web.client import ClientScript
from woxly_tui.server.web.files import WebFile
from woxly_tui.wire.token import TokenMinter


@dataclass(frozen=True, slots=True)
class Services:
    """The server's parts; all belong to one event loop."""

    settings: ServerSettings
    keys: ServerKeys
    db: Database
    passwords: Passwords
    sessions: Sessions
    limiter: Limiter
    mailer: Mailer
    notifier: Notifier
    presence: Presence
    ringer: Ringer
    livekit: LivekitSettings | None
    """None only where no call is possible, as in some tests."""
    minter: TokenMinter | None
    """Makes tokens for that server."""
    livekit_api: LivekitApi | None
    health: Health
    live: Live
    enforcer: Enforcer
    metrics: Metrics
    guests: GuestKeeper
    uploads: UploadFolder
    script: ClientScript
    """Started and stopped by whoever made it."""
    web_files: Mapping[str, WebFile]


async def _services(request: Request) -> Services:
    found: Services = request.app.state.services
    return found


Core = Annotated[Services, Depends(_services)]


def bearer(request: Request) -> str:
    """The access token of a request.

    Raises:
        Problem: 401, there is none.
    """
    header = request.headers.get("authorization", "")
    scheme, _, rest = header.partition(" ")
    token = rest.strip() if scheme.lower() == "bearer" else header.strip()
    if not token:
        raise Problem(401, Text.TOKEN_MISSING)
    return token


async def _signed_in(request: Request, core: Core) -> AccessClaims:
    try:
        return await core.sessions.check(bearer(request))
    except InvalidToken:
        raise Problem(401, Text.TOKEN_INVALID) from None


Me = Annotated[AccessClaims, Depends(_signed_in)]
"""Who sends the request; 401 where nobody does."""


def client_address(request: Request) -> str:
    """Where a request comes from; a whole IPv6 network of one home counts as one."""
    host = request.client.host if request.client else "?"
    return ":".join(host.split(":")[:4]) if host.count(":") > 2 else host


async def limit(core: Services, rate: Rate, key: object) -> None:
    """Count a request.

    Raises:
        Problem: 429, there were too many.
    """
    if (wait_s := await core.limiter.hit(rate, key)) is not None:
        raise Problem(429, Text.TOO_MANY, retry_after=wait_s)
