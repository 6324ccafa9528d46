"""The event channel to a Woxly server: kept up for ever, with every sign-in token fresh.

token ──► connect ──► probe until the server answers ──► ONLINE ──► news, sends, heartbeats
             ▲                                                            │
             └────────────── wait, longer each time, with jitter ◄── lost ┘
"""

import asyncio
import logging
import random
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from woxly_tui._lib.aio import TaskOwner
from woxly_tui._lib.clock import Clock, SystemClock
from woxly_tui._lib.text import clean_name
from woxly_tui.errors import ServerUnreachable, SignInNeeded, WoxlyError
from woxly_tui.lobby.causes import cause_of
from woxly_tui.lobby.link import Link, Receipt, Token
from woxly_tui.social.model import LinkState
from woxly_tui.types import Seconds, UserId
from woxly_tui.wire.events import ClientEvent, ServerEvent

if TYPE_CHECKING:
    import socketio

ACK_LIMIT_S: Final = 4.0
"""Longest wait for an acknowledgement, and for the answer to a heartbeat."""

CONNECT_LIMIT_S: Final = 10.0
"""Longest attempt to connect, the probe left out."""

TCP_LIMIT_S: Final = 3.0
"""Longest wait for a server to take a connection: a link that heals is found soon."""

PROBE_EVERY_S: Final = 0.5
"""The public server hears nothing for up to this long after it let us in."""

PROBE_LIMIT_S: Final = 8.0
"""A server that answers nothing for as long knows nothing of us."""

ACK_AFTER_S: Final = 0.3
"""How much later than its answer an acknowledgement of the probe may come."""

BEAT_EVERY_S: Final = 10.0
"""How often a silent server is asked whether it is still there; Socket.IO itself takes 85 s."""

URGENT_BEAT_S: Final = 3.0
"""The same while a ring or a call goes on."""

FIRST_WAIT_S: Final = 0.3
LONGEST_WAIT_S: Final = 15.0
URGENT_WAIT_S: Final = 2.0
"""Longest wait while a ring or a call goes on: both sides agree again soon after the link heals."""

_GROWTH: Final = 1.8
_JITTER: Final = 0.3
"""Share of a wait that chance takes away: not everybody returns at once to a restarted server."""

_MAX_EVENT_CHARS: Final = 64

_log = logging.getLogger(__name__)


class LobbySocket:
    """One account's connection. Use from one event loop; nothing here ever raises to a caller.

    Args:
        origin: The server.
        me: Whose account.
        token: See Token.
        on_news: Called with the name and the payload of each event, in their order.
        on_link: Called when the connection changes; ONLINE once the server hears us.
        clock: Where the time comes from.
        chance: Returns a number in [0, 1), for the jitter of waits.
    """

    def __init__(
        self,
        origin: str,
        me: UserId,
        token: Token,
        *,
        on_news: Callable[[str, dict[str, Any]], None],
        on_link: Callable[[Link], None],
        clock: Clock | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._origin = origin
        self._me = me
        self._token = token
        self._on_news = on_news
        self._on_link = on_link
        self._clock = clock or SystemClock()
        self._chance = chance
        self._tasks = TaskOwner("lobby socket")
        self._client: socketio.AsyncClient | None = None
        self._is_online = False
        self._refusal = ""
        self._gone = asyncio.Event()
        self._answered = asyncio.Event()
        self._hurry = asyncio.Event()
        self._asked: set[asyncio.Future[Any]] = set()
        self._heard_at = 0.0
        self.link = Link(LinkState.OFFLINE)
        self.acks = False
        """Whether the server says what became of what it is sent: `woxly serve` does."""
        self.is_urgent = False
        """A ring or a call goes on: try again sooner."""

    def start(self) -> None:
        """Begin to connect."""
        self._tasks.start(self._run(), name="run")

    async def aclose(self) -> None:
        """Part from the server; within a second or so."""
        await self._tasks.aclose()
        await self._part()

    def hurry(self) -> None:
        """Do not wait for the next attempt; a connection that stands is tried."""
        self._hurry.set()

    async def send(self, event: ClientEvent, payload: dict[str, Any]) -> Receipt:
        """Send an event, and wait for its acknowledgement where the server gives any.

        Of several that are started one after the other, each is sent before the next.
        """
        client = self._client
        if client is None or not self._is_online:
            return Receipt(is_sent=False)
        answer: asyncio.Future[Any] | None = None
        try:
            async with asyncio.timeout(ACK_LIMIT_S):
                if not self.acks:
                    await client.emit(event.value, payload)
                    return Receipt(is_sent=self._is_online)
                answer = await self._ask(client, event, payload)
                await asyncio.wait([answer])
        except TimeoutError:
            self._hurry.set()
        except Exception as error:  # noqa: BLE001 - whatever the library raises: it is not sent
            _log.info("%s was not sent: %s", event.value, type(error).__name__)
        if answer is None or not answer.done() or answer.cancelled():
            return Receipt(is_sent=False)
        found = answer.result()
        return Receipt(is_sent=True, ack=found if isinstance(found, dict) else {})

    async def _ask(
        self, client: "socketio.AsyncClient", event: ClientEvent, payload: dict[str, Any]
    ) -> "asyncio.Future[Any]":
        """Send an event; what comes back will be in the future, which ends with the link."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._asked.add(answer)
        answer.add_done_callback(self._asked.discard)

        def take(*told: Any) -> None:
            if not answer.done():
                answer.set_result(told[0] if told else None)

        await client.emit(event.value, payload, callback=take)
        return answer

    def _on_gone(self, gone: asyncio.Event) -> None:
        gone.set()
        if gone is self._gone:
            for answer in list(self._asked):
                answer.cancel()

    # The connection

    async def _run(self) -> None:
        failures = 0
        while True:
            self._tell(Link(LinkState.CONNECTING, self.link.detail, self.link.remedy))
            try:
                await self._connect()
            except SignInNeeded as error:
                self._tell(Link(LinkState.SIGNED_OUT, error.message, error.remedy))
                await self._part()
                return
            except WoxlyError as error:
                await self._part()
                failures += 1
                await self._wait(failures, error)
                continue
            failures = 0
            self._is_online = True
            self._tell(Link(LinkState.ONLINE))
            await self._keep()
            self._is_online = False
            await self._part()
            await self._wait(1, ServerUnreachable("the link to the server broke"))

    async def _wait(self, failures: int, error: WoxlyError) -> None:
        longest = URGENT_WAIT_S if self.is_urgent else LONGEST_WAIT_S
        wait = min(longest, FIRST_WAIT_S * _GROWTH ** min(failures - 1, 16))
        wait *= 1 - _JITTER * self._chance()
        retry_at = Seconds(self._clock.wall() + wait)
        self._tell(Link(LinkState.OFFLINE, error.message, error.remedy, retry_at))
        self._hurry.clear()
        try:
            await asyncio.wait_for(self._hurry.wait(), wait)
        except TimeoutError:
            pass
        finally:
            self._hurry.clear()

    def _tell(self, link: Link) -> None:
        if link != self.link:
            _log.info("link to the Woxly server: %s", link.state.value)
            self.link = link
            self._on_link(link)

    async def _connect(self) -> None:
        """Connect, with another token where the first is refused, and wait until we are heard.

        Raises:
            WoxlyError: It failed.
        """
        token = await self._token("")
        if not await self._opened(token):
            token = await self._token(token)
            if not await self._opened(token):
                raise ServerUnreachable(
                    f"the server lets us in no more ({self._refusal})", "`woxly login` signs in"
                )
        await self._probe()

    async def _opened(self, token: str) -> bool:
        """Open a connection; False where the server refuses the token.

        Raises:
            ServerUnreachable: There is none to be had.
        """
        # Loading takes a second on a busy machine, in which nobody's keys may wait.
        await asyncio.to_thread(_load_library)
        import socketio

        client = await self._fresh_client()
        self._refusal = ""
        failures: list[Exception] = []
        # A websocket is there in one step; a proxy that knows none gets the long way.
        for transports in (["websocket"], ["polling", "websocket"]):
            try:
                async with asyncio.timeout(CONNECT_LIMIT_S):
                    await client.connect(
                        self._origin,
                        auth={"token": token},
                        headers={"Accept-Language": "en"},
                        transports=transports,
                        wait_timeout=CONNECT_LIMIT_S - 1,
                    )
                self._heard_at = asyncio.get_running_loop().time()
                return True
            except (TimeoutError, socketio.exceptions.ConnectionError) as error:
                if self._refusal:
                    return False
                failures.append(error)
                client = await self._fresh_client()
            except Exception as error:  # noqa: BLE001 - the library raises whatever a server says
                _log.info("connecting failed: %s", type(error).__name__)
                failures.append(error)
                client = await self._fresh_client()
        why = clean_name(cause_of(*failures), "no answer")
        raise ServerUnreachable(
            f"the server {self._origin.partition('://')[2]} cannot be reached ({why})",
            "woxly tries again by itself",
        )

    async def _fresh_client(self) -> "socketio.AsyncClient":
        await self._part()
        import aiohttp
        import socketio

        timeout = aiohttp.ClientTimeout(total=None, sock_connect=TCP_LIMIT_S)
        client = socketio.AsyncClient(
            reconnection=False,
            handle_sigint=False,
            request_timeout=CONNECT_LIMIT_S,
            http_session=lambda: aiohttp.ClientSession(timeout=timeout, trust_env=True),
        )
        self._gone, self._answered = asyncio.Event(), asyncio.Event()
        self.acks = False
        gone = self._gone
        client.on("disconnect", lambda *_: self._on_gone(gone))
        client.on("connect_error", self._on_refused)
        client.on("*", lambda event, *data: self._hear(client, event, data))
        self._client = client
        return client

    async def _part(self) -> None:
        client, self._client = self._client, None
        self._is_online = False
        self._on_gone(self._gone)
        if client is None:
            return
        try:
            async with asyncio.timeout(1.0):
                await client.disconnect()
        except Exception as error:  # noqa: BLE001 - it is given up anyway
            _log.debug("parting failed: %s", type(error).__name__)
        session = client.eio.http
        if session is not None and not session.closed:
            await session.close()

    def _on_refused(self, told: Any = None, *_: Any) -> None:
        message = told.get("message") if isinstance(told, dict) else None
        if isinstance(message, str):
            self._refusal = clean_name(message, "refused")

    async def _probe(self) -> None:
        """Ask until there is an answer: what is sent before is lost on the public server.

        Raises:
            ServerUnreachable: None came.
        """
        client, loop = self._client, asyncio.get_running_loop()
        assert client is not None  # noqa: S101 - it was just opened
        until = loop.time() + PROBE_LIMIT_S
        asked = ClientEvent.CHECK_ACTIVE_CALL
        while loop.time() < until and not self._gone.is_set():
            try:
                answer = await self._ask(client, asked, {"friendId": self._me})
                answer.add_done_callback(partial(self._note_ack, client))
                await asyncio.wait_for(self._answered.wait(), PROBE_EVERY_S)
            except TimeoutError:
                continue
            except Exception as error:  # noqa: BLE001 - whatever the library raises: it is gone
                _log.info("the probe failed: %s", type(error).__name__)
                break
            await asyncio.wait([answer], timeout=ACK_AFTER_S)
            return
        raise ServerUnreachable(
            "the server let us in, and hears nothing we say", "woxly tries again by itself"
        )

    def _note_ack(self, client: "socketio.AsyncClient", answer: "asyncio.Future[Any]") -> None:
        if client is self._client and not answer.cancelled():
            self.acks = True
            self._answered.set()

    async def _keep(self) -> None:
        """Until the connection is lost, or dead."""
        loop = asyncio.get_running_loop()
        while not self._gone.is_set():
            every = URGENT_BEAT_S if self.is_urgent else BEAT_EVERY_S
            waits = [
                self._tasks.start(self._gone.wait(), name="gone"),
                self._tasks.start(self._hurry.wait(), name="hurry"),
            ]
            try:
                await asyncio.wait(waits, timeout=every, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for wait in waits:
                    wait.cancel()
            is_doubted = self._hurry.is_set() or loop.time() - self._heard_at >= every / 2
            self._hurry.clear()
            if is_doubted and not self._gone.is_set() and not await self._beats():
                _log.info("the server answers no more")
                return

    async def _beats(self) -> bool:
        self._answered.clear()
        client = self._client
        if client is None:
            return False
        try:
            async with asyncio.timeout(ACK_LIMIT_S):
                await client.emit(ClientEvent.CHECK_ACTIVE_CALL.value, {"friendId": self._me})
                await self._answered.wait()
        except Exception as error:  # noqa: BLE001 - however it fails: the server is gone
            _log.debug("no heartbeat: %s", type(error).__name__)
            return False
        return True

    def _hear(self, client: "socketio.AsyncClient", event: Any, data: tuple[Any, ...]) -> None:
        if client is not self._client or not isinstance(event, str):
            return
        self._heard_at = asyncio.get_running_loop().time()
        payload = data[0] if data else None
        if not isinstance(payload, dict):
            _log.info("a malformed event was passed over: %s", clean_name(event[:_MAX_EVENT_CHARS]))
            return
        is_answer = event in (ServerEvent.NO_ACTIVE_CALL, ServerEvent.ACTIVE_CALL_FOUND)
        if is_answer and payload.get("friendId") == self._me:
            self._answered.set()
            return
        try:
            self._on_news(event, payload)
        except Exception:  # noqa: BLE001 - the boundary: one bad event must not cost the link
            _log.exception("an event could not be taken")


def _load_library() -> None:
    import aiohttp  # noqa: F401
    import socketio  # noqa: F401
