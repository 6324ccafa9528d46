"""The Socket.IO server: who may connect, and the way from an event to its handler.

Events of one device are handled one after the other, as it sent them. The handlers are there
before any device is, so nothing sent right after connecting is lost.
"""

import asyncio
import json
import logging
from functools import partial
from typing import Any, Final

import socketio
from pydantic import ValidationError
from socketio.exceptions import ConnectionRefusedError as Refused

from woxly_tui._lib.aio import TaskOwner
from woxly_tui.server import limiter
from woxly_tui.server.api.users import settle_status
from woxly_tui.server.problems import Problem, say_invalid
from woxly_tui.server.realtime.handlers import HANDLERS, Handler
from woxly_tui.server.realtime.notifier import user_channel
from woxly_tui.server.realtime.presence import Device
from woxly_tui.server.services import Services, limit
from woxly_tui.server.texts import Language, Text, choose_language
from woxly_tui.server.tokens import InvalidToken
from woxly_tui.wire.events import Ack, ClientEvent, EventRefused, ServerEvent
from woxly_tui.wire.shape import dump

MAX_PAYLOAD_BYTES: Final = 1_000_000
PING_INTERVAL_S: Final = 25
PING_TIMEOUT_S: Final = 60
MAX_DEVICES: Final = 20
"""Sockets of one user; one more and the oldest goes."""

MAX_DIGITS: Final = 20

SIGN_IN_WITHIN_S: Final = 20.0
"""How long a socket may be open before it says whose it is; twice that at most."""

_CLOSE_WITHIN_S: Final = 1.0

_log = logging.getLogger(__name__)


def make_socket_server(origins: tuple[str, ...], manager: Any = None) -> socketio.AsyncServer:
    """A Socket.IO server as other Woxly servers configure theirs.

    Args:
        origins: Web pages that may connect; programs, which send no Origin, always may.
        manager: Carries events between several processes.
    """
    return socketio.AsyncServer(
        async_mode="asgi",
        async_handlers=False,
        client_manager=manager,
        cors_allowed_origins=partial(_is_allowed, frozenset(origins)),
        ping_interval=PING_INTERVAL_S,
        ping_timeout=PING_TIMEOUT_S,
        max_http_buffer_size=MAX_PAYLOAD_BYTES,
        json=_LenientJson,
    )


def _is_allowed(origins: frozenset[str], origin: str | None, environ: dict[str, Any]) -> bool:
    """Pages of the server itself may connect, those it was told of, and programs."""
    if origin is None:
        return True
    return origin in origins or origin.partition("://")[2] == environ.get("HTTP_HOST")


class _LenientJson:
    """JSON whose numbers are never too long to be read: they are no ids, and are answered so."""

    @staticmethod
    def dumps(value: Any, **options: Any) -> str:
        return json.dumps(value, **options)

    @staticmethod
    def loads(text: str, **options: Any) -> Any:
        return json.loads(text, **{**options, "parse_int": _read_int})


def _read_int(digits: str) -> int | float:
    return int(digits) if len(digits) < MAX_DIGITS else float("inf")


def attach(server: socketio.AsyncServer, core: Services) -> None:
    """Let a Socket.IO server serve."""
    entrance = _Entrance(server, core)
    server.on("connect", entrance.on_connect)
    server.on("disconnect", entrance.on_disconnect)
    for event, handler in HANDLERS.items():
        server.on(event.value, _Door(core, event, handler).on_event)


class Doorkeeper:
    """Closes sockets that nobody signed in on. Use from one event loop."""

    def __init__(self, server: socketio.AsyncServer, within_s: float = SIGN_IN_WITHIN_S) -> None:
        self._server = server
        self._within_s = within_s
        self._tasks = TaskOwner("doorkeeper")

    def start(self) -> None:
        """Begin to look."""
        self._tasks.start(self._run(), name="look")

    async def aclose(self) -> None:
        """Stop."""
        await self._tasks.aclose()

    async def _run(self) -> None:
        strangers: set[str] = set()
        while True:
            await asyncio.sleep(self._within_s)
            unknown = set(self._unknown())
            for eio_sid in strangers & unknown:
                await self._close(eio_sid)
            strangers = unknown

    async def _close(self, eio_sid: str) -> None:
        found = self._server.eio.sockets.get(eio_sid)
        try:
            async with asyncio.timeout(_CLOSE_WITHIN_S):  # a client that reads nothing
                await self._server.eio.disconnect(eio_sid)
        except TimeoutError:
            pass
        except Exception:  # noqa: BLE001 - the other ones are to go all the same
            _log.exception("an idle socket could not be closed")
        if found is not None:
            found.queue.put_nowait(None)  # its writer closes the connection then

    def _unknown(self) -> list[str]:
        sid_of = self._server.manager.sid_from_eio_sid
        return [sid for sid in self._server.eio.sockets if sid_of(sid, "/") is None]


class _Entrance:
    """Lets devices in and out."""

    def __init__(self, server: socketio.AsyncServer, core: Services) -> None:
        self._server = server
        self._core = core

    async def on_connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        language = choose_language(environ.get("HTTP_ACCEPT_LANGUAGE"))
        token = auth.get("token") if isinstance(auth, dict) else None
        if not isinstance(token, str) or not token:
            raise Refused(Text.TOKEN_MISSING.say(language))
        try:
            claims = await self._core.sessions.check(token.removeprefix("Bearer "))
        except InvalidToken:
            raise Refused(Text.TOKEN_INVALID.say(language)) from None
        device = Device(sid, claims.user_id, claims.session_id, language)
        try:
            await self._let_in(device)
        except Exception:  # noqa: BLE001 - a boundary: the library would keep half a device
            _log.exception("a device could not be let in")
            await self._core.presence.remove(sid)
            raise Refused(Text.INTERNAL.say(language)) from None

    async def _let_in(self, device: Device) -> None:
        await self._server.enter_room(device.sid, user_channel(device.user_id))
        is_first = await self._core.presence.add(device)
        theirs = self._core.presence.devices_here(device.user_id)
        if len(theirs) > MAX_DEVICES:
            await self._server.disconnect(theirs[0].sid)
        if is_first:
            await settle_status(self._core, device.user_id)
        await self._core.ringer.device_came(device)

    async def on_disconnect(self, sid: str, *_reason: Any) -> None:
        found = await self._core.presence.remove(sid)
        if found is None:
            return
        device, was_last = found
        if was_last:
            await settle_status(self._core, device.user_id)


class _Door:
    """One event's way in: counted, checked, handled, acknowledged. Nothing gets past it."""

    def __init__(self, core: Services, event: ClientEvent, handler: Handler) -> None:
        self._core = core
        self._event = event
        self._handler = handler

    async def on_event(self, sid: str, *given: Any) -> dict[str, Any]:
        device = self._core.presence.here(sid)
        if device is None:  # cut off a moment ago
            return self._shown(Ack(ok=False))
        try:
            await limit(self._core, limiter.EVENT, device.user_id)
            payload = self._handler.form.model_validate(given[0] if given else None)
            ack = await self._handler.act(self._core, device, payload)
        except ValidationError as error:
            first: Any = error.errors(include_url=False)[0]
            ack = Ack(ok=False, error=_say_invalid(first, device.language))
        except Problem as problem:
            text = problem.text.say(device.language)
            ack = Ack(ok=False, error=text, retry_after=problem.retry_after)
        except Exception:  # noqa: BLE001 - the boundary: one bad event must not cost the socket
            _log.exception("%s failed", self._event.value)
            ack = Ack(ok=False, error=Text.INTERNAL.say(device.language))
        outcome = "done" if ack.ok else "refused"
        self._core.metrics.events.labels(self._event.value, outcome).inc()
        if not ack.ok:
            refusal = EventRefused(
                event=self._event.value, error=ack.error or "", retry_after=ack.retry_after
            )
            await self._core.notifier.to_device(sid, ServerEvent.ERROR, refusal)
        return self._shown(ack)

    def _shown(self, ack: Ack) -> dict[str, Any]:
        shown: dict[str, Any] = dump(ack)
        return shown


def _say_invalid(first: dict[str, Any], language: Language) -> str:
    field = ".".join(str(part) for part in first["loc"])
    said = say_invalid(first, language)
    return f"{field}: {said}" if field else said
