"""The whole server as one ASGI application."""

import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

import socketio
from argon2 import PasswordHasher
from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from woxly_tui import __version__
from woxly_tui.server.access import AccessLog
from woxly_tui.server.api import (
    auth,
    calls,
    docs_page,
    friends,
    guest_page,
    health,
    invites,
    live,
    livekit,
    messages,
    metrics,
    rooms,
    uploads,
    users,
)
from woxly_tui.server.api.users import change_status
from woxly_tui.server.body_limit import BodyLimit
from woxly_tui.server.db.database import Database, database_url
from woxly_tui.server.db.migrate import migrate
from woxly_tui.server.enforcer import Enforcer
from woxly_tui.server.guests import GuestKeeper
from woxly_tui.server.health import Health
from woxly_tui.server.keys import ServerKeys
from woxly_tui.server.limiter import Limiter
from woxly_tui.server.livekit.api import LivekitApi
from woxly_tui.server.livekit.live import BACK_WITHIN_S, Live, always
from woxly_tui.server.mail import Mailer
from woxly_tui.server.metrics import Metrics
from woxly_tui.server.passwords import Passwords
from woxly_tui.server.problems import install_handlers
from woxly_tui.server.realtime.book import Book, MemoryBook
from woxly_tui.server.realtime.notifier import Notifier
from woxly_tui.server.realtime.presence import MemoryPresence, Presence
from woxly_tui.server.realtime.ringer import GONE_AFTER_S, Ringer
from woxly_tui.server.realtime.socket import (
    SIGN_IN_WITHIN_S,
    Doorkeeper,
    attach,
    make_socket_server,
)
from woxly_tui.server.services import Services
from woxly_tui.server.sessions import Sessions
from woxly_tui.server.settings import LivekitSettings, ServerSettings
from woxly_tui.server.slashes import TrailingSlash
from woxly_tui.server.store.uploads import known
from woxly_tui.server.store.users import everybody_offline
from woxly_tui.server.tokens import Tokens
from woxly_tui.server.uploads import UploadFolder, UploadKeeper
from woxly_tui.server.web.client import ClientScript
from woxly_tui.server.web.files import own_files
from woxly_tui.wire.token import TokenMinter
from woxly_tui.wire.words import RING_TIMEOUT_S, UserStatus

if TYPE_CHECKING:
    from woxly_tui.server.cluster.cluster import Cluster

_ROUTERS: Final = (
    livekit.router,  # first, as the busiest: they are tried in turn
    auth.router,
    users.router,
    friends.router,
    rooms.router,
    live.router,
    messages.router,
    calls.router,
    invites.router,
    uploads.router,
    guest_page.router,
    health.router,
    metrics.router,
    docs_page.router,
)


_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a test puts in place of the usual."""

    hasher: PasswordHasher | None = None
    ring_timeout_s: float = RING_TIMEOUT_S
    gone_after_s: float = GONE_AFTER_S
    back_within_s: float = BACK_WITHIN_S
    script: ClientScript | None = None
    """livekit-client for the page of guests; None: they are told that there is none."""
    sign_in_within_s: float = SIGN_IN_WITHIN_S
    lease_s: float | None = None
    """How long a silent process of several is believed to live."""


class WoxlyServer:
    """The parts of a server and the application that serves them.

    Make it inside the event loop it is to run on; the application's lifespan starts and
    stops it.
    """

    def __init__(
        self, settings: ServerSettings, keys: ServerKeys, parts: Parts | None = None
    ) -> None:
        parts = parts or Parts()
        self._cluster = _cluster(settings, parts)
        manager = None if self._cluster is None else self._cluster.manager
        self.sockets: Final = make_socket_server(settings.origins, manager)
        self.services: Final = _services(settings, keys, parts, self.sockets, self._cluster)
        attach(self.sockets, self.services)
        self._upload_keeper = UploadKeeper(self.services.uploads, partial(known, self.services.db))
        self._doorkeeper = Doorkeeper(self.sockets, parts.sign_in_within_s)
        self.app: Final = self._api()
        inner = socketio.ASGIApp(self.sockets, other_asgi_app=self.app)
        self.asgi: Final[ASGIApp] = inner

    def _api(self) -> FastAPI:
        app = FastAPI(
            title="Woxly",
            version=__version__,
            description="Accounts, friends, rooms, ringing and LiveKit tokens.",
            docs_url=None,
            redoc_url=None,
            lifespan=self._lifespan,
            redirect_slashes=False,
        )
        app.state.services = self.services
        install_handlers(app)
        for router in _ROUTERS:
            app.include_router(router)
        app.add_middleware(BodyLimit)
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(self.services.settings.origins),
            allow_methods=["*"],
            allow_headers=["Authorization", "Content-Type"],
            expose_headers=["Retry-After"],
        )
        app.add_middleware(AccessLog, metrics=self.services.metrics)
        app.add_middleware(TrailingSlash)
        return app

    @contextlib.asynccontextmanager
    async def _lifespan(self, _app: FastAPI) -> AsyncIterator[None]:
        await self.start()
        try:
            yield
        finally:
            await self.aclose()

    async def start(self) -> None:
        """Bring the database to its form, and begin.

        Raises:
            ConfigError: The database, or Redis, cannot be used.
        """
        core = self.services
        await migrate(core.db)
        if self._cluster is None:
            await self.start_clean()
        else:
            await self._cluster.start(self.sockets, self._set_status)
        core.ringer.start()
        core.live.start()
        core.enforcer.start()
        core.guests.start()
        self._doorkeeper.start()
        self._upload_keeper.start()
        _log.info("started")

    async def start_clean(self) -> None:
        """Nobody is online yet: right where no other process has anybody."""
        async with self.services.db.write() as db:
            await everybody_offline(db)

    async def _set_status(self, user_id: int, status: UserStatus) -> None:
        await change_status(self.services, user_id, status)

    async def aclose(self) -> None:
        """Stop, in the reverse order."""
        core = self.services
        _log.info("stopping")
        await self._upload_keeper.aclose()
        await core.guests.aclose()
        await self._doorkeeper.aclose()
        await core.enforcer.aclose()
        await core.live.aclose()
        await core.ringer.aclose()
        if self._cluster is not None:
            await self._cluster.aclose()
        await core.mailer.aclose()
        if core.livekit_api is not None:
            await core.livekit_api.aclose()
        await core.db.aclose()


def _cluster(settings: ServerSettings, parts: Parts) -> "Cluster | None":
    if not settings.redis_url:
        return None
    from woxly_tui.server.cluster.cluster import Cluster
    from woxly_tui.server.cluster.presence import LEASE_S

    return Cluster(
        settings.redis_url,
        has_rate_limits=settings.has_rate_limits,
        lease_s=parts.lease_s or LEASE_S,
    )


def _minter(livekit: LivekitSettings) -> TokenMinter:
    return TokenMinter(livekit.api_key, livekit.api_secret.reveal())


def _services(
    settings: ServerSettings,
    keys: ServerKeys,
    parts: Parts,
    sockets: socketio.AsyncServer,
    cluster: "Cluster | None",
) -> Services:
    db = Database(database_url(settings.database))
    presence: Presence = MemoryPresence() if cluster is None else cluster.presence
    book: Book = MemoryBook() if cluster is None else cluster.book
    notifier = Notifier(sockets, presence)
    api = None if settings.livekit is None else LivekitApi(settings.livekit)
    ringer = Ringer(
        db,
        notifier,
        book,
        presence,
        ring_timeout_s=parts.ring_timeout_s,
        gone_after_s=parts.gone_after_s,
    )
    return Services(
        settings=settings,
        keys=keys,
        db=db,
        passwords=Passwords(parts.hasher),
        sessions=Sessions(db, Tokens(keys), takes_old_refresh=settings.takes_old_refresh),
        limiter=Limiter(is_on=settings.has_rate_limits) if cluster is None else cluster.limiter,
        mailer=Mailer(settings.mail),
        notifier=notifier,
        presence=presence,
        ringer=ringer,
        live=Live(
            db,
            notifier,
            ringer,
            api,
            back_within_s=parts.back_within_s,
            is_my_turn=always if cluster is None else cluster.is_my_turn,
        ),
        enforcer=Enforcer(db, notifier, api),
        metrics=Metrics(),
        guests=GuestKeeper(db, api),
        uploads=UploadFolder(settings.data_folder),
        script=parts.script or ClientScript(),
        web_files=own_files(),
        livekit=settings.livekit,
        minter=None if settings.livekit is None else _minter(settings.livekit),
        livekit_api=api,
        health=Health(db, api, None if cluster is None else cluster.link),
    )
