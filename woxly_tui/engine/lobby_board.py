"""What front ends are told of the lobby: each topic whole, and only when it changed."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol

from woxly_tui.call.ringing.view import RingView
from woxly_tui.control import lobby as tell
from woxly_tui.control.messages import Update
from woxly_tui.lobby.link import Link
from woxly_tui.social.model import LinkState, Person, Presence, RoomMessage
from woxly_tui.types import RoomId

if TYPE_CHECKING:
    from woxly_tui.control.mailbox import Mailbox
    from woxly_tui.engine.lobby_session import LobbySession
    from woxly_tui.lobby.book import Book

MAX_SHOWN: Final = 200
"""Messages of a room that are told, the newest of those known."""


class RoomListener(Protocol):
    """Told of each message in the room of the call."""

    def __call__(self, message: RoomMessage, *, is_local: bool) -> None: ...


class LobbyBoard:
    """The last word on each topic.

    Args:
        put: Tells every front end.
        on_state: Told of each new state, too, whether there is a front end or not.
    """

    def __init__(
        self, put: Callable[[Update], None], on_state: Callable[[tell.LobbyState], None]
    ) -> None:
        self._put = put
        self._on_state = on_state
        self._state = tell.LobbyState()
        self._lists: dict[type, Update] = {}
        self._threads: dict[RoomId, tell.RoomMessages] = {}

    @property
    def state(self) -> tell.LobbyState | None:
        """The last state told; None where nobody went online."""
        return None if self._state == tell.LobbyState() else self._state

    def greet(self, mailbox: "Mailbox") -> None:
        """Put everything there is into a new mailbox; nothing where nobody went online."""
        if (state := self.state) is not None:
            mailbox.put(state)
        for update in (*self._lists.values(), *self._threads.values()):
            mailbox.put(update)

    def start_over(self) -> None:
        """Another account is shown: what was told of the one before holds no more."""
        empty: tuple[Update, ...] = (
            tell.FriendsListed(()),
            tell.RoomsListed(()),
            tell.CallsListed(()),
            *(tell.RoomMessages(room, ()) for room in self._threads),
        )
        self._lists.clear()
        self._threads.clear()
        for update in empty:
            self._put(update)

    def tell_again(self, room: RoomId) -> None:
        """Somebody opens a room whose messages are known; they may be news to them alone."""
        if (told := self._threads.get(room)) is not None:
            self._put(told)

    def show(
        self,
        link: Link,
        presence: Presence,
        rings: RingView,
        session: "LobbySession | None",
        *,
        is_calling: bool,
    ) -> None:
        """Tell what changed."""
        is_online = link.state is LinkState.ONLINE
        book = session.book if session is not None else None
        state = tell.LobbyState(
            link=link.state,
            account=session.me.account.name if session is not None else "",
            me=session.person if session is not None else None,
            presence=presence if is_online else Presence.OFFLINE,
            detail=": ".join(part for part in (link.detail, link.remedy) if part),
            retry_at=link.retry_at,
            as_of=(book.as_of or session.known_at) if session is not None and book else None,
            rings=rings,
            is_calling_anybody=is_calling,
            people=_meant(rings, session) if session is not None else (),
        )
        if self._is_news(state):
            self._state = state
            self._put(state)
            self._on_state(state)
        if book is not None and state.as_of is not None:
            self._show_lists(book)

    def _is_news(self, state: tell.LobbyState) -> bool:
        # That the lists are still true is no news; that they are not so any more is.
        was = self._state
        if state.as_of is None or was.as_of is None or state.link is not was.link:
            return state != was
        return replace(state, as_of=was.as_of) != was

    def _show_lists(self, book: "Book") -> None:
        lists: tuple[Update, ...] = (
            tell.FriendsListed(book.friends, book.requests),
            tell.RoomsListed(book.rooms),
            tell.CallsListed(book.calls),
        )
        for update in lists:
            if update != self._lists.get(type(update)):
                self._lists[type(update)] = update
                self._put(update)
        for room in [room for room in self._threads if room not in book.threads]:
            del self._threads[room]
        for room, thread in book.threads.items():
            shown = thread.messages[-MAX_SHOWN:]
            has_older = thread.has_older or len(shown) < len(thread.messages)
            told = tell.RoomMessages(room, shown, has_older, book.typing(room))
            if told != self._threads.get(room):
                self._threads[room] = told
                self._put(told)


def _meant(rings: RingView, session: "LobbySession") -> tuple[Person, ...]:
    users = [ring.caller for ring in rings.incoming]
    users += [rung.user for rung in rings.ringing]
    users += [user for user in (rings.peer, rings.ending and rings.ending.user) if user]
    return tuple(session.who(user) for user in dict.fromkeys(users))
