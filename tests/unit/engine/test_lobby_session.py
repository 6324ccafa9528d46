"""What an account knows of its server while answers and events overtake each other."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from woxly_tui._lib.clock import SystemClock
from woxly_tui.engine.lobby_session import LobbySession
from woxly_tui.lobby import loading
from woxly_tui.lobby.accounts import Account, AccountStore
from woxly_tui.lobby.book import Book, Part
from woxly_tui.lobby.loading import Loaded
from woxly_tui.lobby.rest import SignedIn
from woxly_tui.social.model import Friend, Person, Presence
from woxly_tui.types import UserId
from woxly_tui.wire.events import ServerEvent

BOB = Person(UserId(2), "bob", "WX2")
ANN = Account("http://one.example", 1, "ann", "WX1", "a", "r")


class Server:
    """Answers when the test lets it, with what held when it was asked."""

    def __init__(self) -> None:
        self.bob = Presence.OFFLINE
        self.asked: list[frozenset[Part]] = []
        self.go_on = asyncio.Event()

    async def load(self, _: SignedIn, parts: Iterable[Part] = loading.EVERYTHING) -> Loaded:
        self.asked.append(frozenset(parts))
        found = (Friend(BOB, self.bob),)
        await self.go_on.wait()

        def into(book: Book) -> Book:
            return replace(book, friends=found)

        return Loaded((into,))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    made = Server()
    monkeypatch.setattr(loading, "load", made.load)
    return made


async def test_an_answer_that_an_event_overtook_is_asked_for_again(
    server: Server, tmp_path: Path
) -> None:
    changed = asyncio.Event()
    session = LobbySession(
        ANN,
        AccountStore(tmp_path / "accounts.json"),
        SystemClock(),
        on_link=lambda _: None,
        on_call_news=lambda _event, _payload: None,
        on_book=changed.set,
        on_message=lambda _: None,
    )
    session.want(loading.EVERYTHING)
    await asyncio.sleep(0)
    server.bob = Presence.ONLINE
    session._hear(ServerEvent.FRIEND_STATUS_CHANGED, {"userId": 2, "status": "online"})
    server.go_on.set()
    async with asyncio.timeout(5):
        while [friend.presence for friend in session.book.friends] != [Presence.ONLINE]:
            changed.clear()
            await changed.wait()
    assert server.asked == [loading.EVERYTHING, {Part.FRIENDS, Part.REQUESTS}]
    await session.aclose()
