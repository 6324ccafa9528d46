"""One account online: its link, its book, and what is asked of its server.

Loads httpx: import it only once somebody goes online, and not in the event loop.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Final

from woxly_tui._lib.aio import TaskOwner
from woxly_tui._lib.clock import Clock
from woxly_tui.engine import ring_wire
from woxly_tui.engine.lobby_memory import LobbyMemory
from woxly_tui.engine.session_board import SessionBoard
from woxly_tui.errors import (
    SignInNeeded,
    WoxlyError,
)
from woxly_tui.lobby import happenings, loading, messages, reading, rooms
from woxly_tui.lobby.accounts import Account, AccountStore
from woxly_tui.lobby.book import (
    TYPING_FOR,
    Book,
    Part,
    with_page,
    with_rooms,
    with_typists,
    without_thread,
)
from woxly_tui.lobby.link import Link, Receipt
from woxly_tui.lobby.rest import RestClient, SignedIn
from woxly_tui.lobby.socket import LobbySocket
from woxly_tui.social.model import LinkState, Person, RoomMessage
from woxly_tui.types import MessageId, RoomId, Seconds, UserId
from woxly_tui.wire.events import ClientEvent, ServerEvent

RETRY_S: Final = 5.0
"""Wait before what could not be loaded is asked for again."""

POLL_S: Final = 30.0
"""How often a server that tells little is asked: of invitations the public one says nothing."""

POLL_TALKATIVE_S: Final = 300.0

MAX_FOLLOWED: Final = 300
"""Rooms whose messages are followed: those used last."""

MAX_OWN: Final = 256

_log = logging.getLogger(__name__)


class LobbySession:
    """One account's link to its server. Use from one event loop.

    Args:
        account: Who.
        store: Where new tokens go.
        clock: Where the time comes from.
        on_link: Called when the connection changes.
        on_call_news: Told of each event about rings and calls.
        on_book: Called when the book has changed.
        on_message: Told of each message that comes, ours included.
    """

    def __init__(
        self,
        account: Account,
        store: AccountStore,
        clock: Clock,
        *,
        on_link: Callable[[Link], None],
        on_call_news: Callable[[str, dict[str, Any]], None],
        on_book: Callable[[], None],
        on_message: Callable[[RoomMessage], None],
    ) -> None:
        self._rest = RestClient(account.origin)
        self.me: Final = SignedIn(self._rest, account, store)
        self._clock = clock
        self._on_link = on_link
        self._on_call_news = on_call_news
        self._on_book = on_book
        self._on_message = on_message
        self._tasks = TaskOwner("lobby session")
        self.socket: Final = LobbySocket(
            account.origin,
            UserId(account.user_id),
            self.me.token,
            on_news=self._hear,
            on_link=self._on_socket,
            clock=clock,
        )
        self.board: Final = SessionBoard(self)
        self.book = Book(UserId(account.user_id), account.origin)
        self._memory = LobbyMemory(account, store, clock, lambda: self.book)
        self.known_at: Seconds | None = None
        """Wall clock: when the book was last true."""
        self._stale: set[Part] = set()
        self._is_loading = False
        self._followed: set[RoomId] = set()
        self._strangers: dict[UserId, Person] = {}
        self.own_messages: Final[dict[RoomId, MessageId]] = {}
        """The newest one of ours that came back in each room."""

    @property
    def person(self) -> Person:
        """Ourselves."""
        account = self.me.account
        return Person(UserId(account.user_id), account.username, account.woxly_id)

    def who(self, user: UserId) -> Person:
        """Somebody, as far as they are known; of a stranger that rings it is asked who that is."""
        known = self.book.person(user)
        return self._strangers.get(user, known) if not known.woxly_id else known

    async def learn(self, user: UserId) -> None:
        """Ask who a stranger is."""
        if self.who(user).woxly_id:
            return
        try:
            answer = await self.me.ask("GET", f"/users/{user}")
        except WoxlyError as error:
            _log.info("nobody says who rings: %s", type(error).__name__)
            return
        if (person := reading.person(reading.thing(answer.body, "user"))) is not None:
            self._strangers[user] = person
            if len(self._strangers) > MAX_OWN:
                del self._strangers[next(iter(self._strangers))]
            self._on_book()

    @property
    def acks(self) -> bool:
        """Whether the server acknowledges what it is sent: `woxly serve` does."""
        return self.socket.acks

    @property
    def is_online(self) -> bool:
        """Whether the server hears us."""
        return self.socket.link.state is LinkState.ONLINE

    def start(self) -> None:
        """Begin to connect; what was shown last is there meanwhile."""
        self._tasks.start(self._recall(), name="recall")
        self.socket.start()
        self._tasks.start(self._poll(), name="poll")

    async def aclose(self) -> None:
        """Part from the server."""
        await self._tasks.aclose()
        await self._memory.aclose()
        await self.socket.aclose()
        await self._rest.aclose()

    async def _recall(self) -> None:
        book = await self._memory.recall()
        if book is not None and self.known_at is None:
            self.book = replace(book, presence=self.book.presence)
            self._on_book()

    # The link

    def _on_socket(self, link: Link) -> None:
        if link.state is LinkState.ONLINE:
            self._followed.clear()
            self.want(loading.EVERYTHING)
        self._on_link(link)

    def _hear(self, event: str, payload: dict[str, Any]) -> None:
        self.board.note_kind(event, payload)
        if ring_wire.is_about_calls(event):
            self._on_call_news(event, payload)
            return
        now = self._clock.monotonic()
        applied = happenings.apply(self.book, event, payload, now)
        self.change(lambda _: applied.book)
        self.want(applied.stale)
        if self._is_loading:
            # The answer on its way may be older than this, and undo it.
            self._stale |= happenings.told_by(event)
        if event == ServerEvent.TYPING:
            loop = asyncio.get_running_loop()
            loop.call_later(TYPING_FOR + 0.1, self.change, self._without_silent)
        if applied.stale_thread is not None:
            self._tasks.start(self.reload(applied.stale_thread), name="reload")
        if event == ServerEvent.NEW_MESSAGE:
            self._note_message(payload)

    def _note_message(self, payload: dict[str, Any]) -> None:
        message = reading.message(payload, self.book.origin)
        if message is None:
            return
        if message.sender.user == self.book.me:
            self.own_messages.pop(message.room, None)
            self.own_messages[message.room] = message.message
            if len(self.own_messages) > MAX_OWN:
                del self.own_messages[next(iter(self.own_messages))]
        self._on_message(message)

    def _without_silent(self, book: Book) -> Book:
        return with_typists(book, self._clock.monotonic())

    # The book

    def change(self, change: Callable[[Book], Book]) -> None:
        """Make a change to what is known."""
        book = change(self.book)
        if self.is_online and self.known_at is not None:
            self.known_at = self._clock.wall()
        if book != self.book:
            self.book = book
            self._memory.note()
            self._follow()
            self._on_book()

    def want(self, parts: Iterable[Part]) -> None:
        """Ask for these parts again, soon."""
        self._stale.update(parts)
        if self._stale and not self._is_loading:
            self._is_loading = True
            self._tasks.start(self._load(), name="load")

    async def _load(self) -> None:
        try:
            while self._stale:
                parts, self._stale = self._stale, set()
                # One after the other: of what changes meanwhile, the newest answer counts.
                loaded = await loading.load(self.me, parts)
                is_first = self.known_at is None
                if loaded.error is None:
                    self.known_at = self._clock.wall()
                self.change(loaded.into)
                if is_first and self.known_at is not None:
                    self._on_book()  # that there is nobody yet is news, too
                self._stale |= loaded.failed
                if loaded.failed:
                    await asyncio.sleep(RETRY_S)
        except SignInNeeded as error:
            self._on_link(Link(LinkState.SIGNED_OUT, error.message, error.remedy))
        finally:
            self._is_loading = False

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(POLL_TALKATIVE_S if self.acks else POLL_S)
            if self.is_online:
                self.want((Part.FRIENDS, Part.REQUESTS, Part.ROOMS))

    def _follow(self) -> None:
        """Hear what is said in our rooms: each connection asks for that anew."""
        if not self.is_online:
            return
        listed = [one.room for one in self.book.rooms[:MAX_FOLLOWED] if not one.is_invited]
        if new := [room for room in listed if room not in self._followed]:
            self._followed.update(new)
            self._tasks.start(self._follow_all(new), name="follow")

    async def _follow_all(self, new: list[RoomId]) -> None:
        await asyncio.gather(*(self.follow(room) for room in new))
        # What was said between the list and now has been told to nobody here.
        try:
            listed = await rooms.rooms_of(self.me)
        except WoxlyError as error:
            _log.info("rooms could not be listed: %s", type(error).__name__)
            return
        self.change(lambda book: with_rooms(book, listed))
        for room in new:
            if room in self.book.threads:
                await self.reload(room)

    async def follow(self, room: RoomId) -> None:
        """Hear what is said in a room."""
        await self.say((ClientEvent.JOIN_ROOM, {"roomId": room}))

    async def reload(self, room: RoomId) -> None:
        """The newest messages of a room anew."""
        try:
            page = await messages.page_of(self.me, room)
        except WoxlyError as error:
            _log.info("messages could not be loaded: %s", type(error).__name__)
            return
        self.change(lambda book: with_page(without_thread(book, room), page))

    async def say(self, saying: ring_wire.Saying) -> Receipt:
        """Send an event."""
        return await self.socket.send(*saying)

    def forget_thread(self, room: RoomId) -> None:
        """Keep the messages of a room no more."""
        self.change(lambda book: without_thread(book, room))

    def mark(self, presence: Any) -> None:
        """Note our own presence."""
        self.change(lambda book: replace(book, presence=presence))
