import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.rig.public_server import PublicServer, Quirks
from woxly_tui.errors import SignInNeeded
from woxly_tui.lobby.link import Link
from woxly_tui.lobby.socket import LobbySocket
from woxly_tui.social.model import LinkState
from woxly_tui.types import UserId
from woxly_tui.wire.events import ClientEvent


@pytest.fixture
async def server() -> AsyncIterator[PublicServer]:
    async with PublicServer() as server:
        yield server


class Phone:
    """A socket, and all that it told."""

    def __init__(self, server: PublicServer, name: str = "annie") -> None:
        self.user = server.user(name)
        self.server = server
        self.links: list[Link] = []
        self.news: list[tuple[str, dict[str, Any]]] = []
        self.refused: list[str] = []
        self.tokens: list[str] = []
        self.is_signed_out = False
        self._changed = asyncio.Event()
        self.socket = LobbySocket(
            server.url,
            UserId(self.user.id),
            self._token,
            on_news=self._on_news,
            on_link=self._on_link,
            chance=lambda: 0.0,
        )

    async def _token(self, refused: str) -> str:
        if self.is_signed_out:
            raise SignInNeeded("the sign-in is over", "`woxly login` signs in again")
        self.refused.append(refused)
        return self.tokens.pop(0) if self.tokens else self.server.state.access_token(self.user.id)

    def _on_news(self, event: str, payload: dict[str, Any]) -> None:
        self.news.append((event, payload))
        self._changed.set()

    def _on_link(self, link: Link) -> None:
        self.links.append(link)
        self._changed.set()

    async def until(self, state: LinkState) -> None:
        async with asyncio.timeout(10):
            while not self.links or self.links[-1].state is not state:
                self._changed.clear()
                await self._changed.wait()

    async def hears(self, event: str) -> dict[str, Any]:
        async with asyncio.timeout(10):
            while not (found := [data for name, data in self.news if name == event]):
                self._changed.clear()
                await self._changed.wait()
        return found[-1]


@pytest.fixture
async def phone(server: PublicServer) -> AsyncIterator[Phone]:
    phone = Phone(server)
    phone.socket.start()
    yield phone
    await phone.socket.aclose()


async def test_it_is_online_once_the_server_hears(server: PublicServer, phone: Phone) -> None:
    await phone.until(LinkState.ONLINE)
    receipt = await phone.socket.send(ClientEvent.TYPING_START, {"roomId": 1, "isTyping": True})
    assert receipt.is_sent
    await server.hears("typing-start")
    assert not phone.socket.acks
    assert receipt.ack is None


async def test_what_is_sent_while_it_is_not_is_not_sent(server: PublicServer) -> None:
    phone = Phone(server)
    receipt = await phone.socket.send(ClientEvent.TYPING_START, {"roomId": 1, "isTyping": True})
    assert not receipt.is_sent


async def test_a_server_that_acknowledges_is_recognised() -> None:
    async with PublicServer(Quirks(has_no_acks=False)) as server:
        phone = Phone(server)
        phone.socket.start()
        await phone.until(LinkState.ONLINE)
        assert phone.socket.acks
        receipt = await phone.socket.send(ClientEvent.CHECK_ACTIVE_CALL, {"friendId": 5})
        assert receipt.is_sent
        assert receipt.ack is not None
        await phone.socket.aclose()


async def test_a_refused_token_is_replaced_once(server: PublicServer) -> None:
    phone = Phone(server)
    phone.tokens = ["stale"]
    phone.socket.start()
    await phone.until(LinkState.ONLINE)
    assert phone.refused == ["", "stale"]
    await phone.socket.aclose()


async def test_without_a_sign_in_it_says_so_and_stops(server: PublicServer) -> None:
    phone = Phone(server)
    phone.is_signed_out = True
    phone.socket.start()
    await phone.until(LinkState.SIGNED_OUT)
    assert phone.links[-1].detail == "the sign-in is over"
    await phone.socket.aclose()


async def test_it_comes_back_with_a_fresh_token(server: PublicServer, phone: Phone) -> None:
    await phone.until(LinkState.ONLINE)
    await server.stop()
    await phone.until(LinkState.OFFLINE)
    assert phone.links[-1].retry_at is not None
    assert not (await phone.socket.send(ClientEvent.LEAVE_CALL, {"roomId": 1})).is_sent
    await server.start()
    phone.socket.hurry()
    await phone.until(LinkState.ONLINE)
    assert len(phone.refused) >= 2


async def test_news_come_in_their_order_and_malformed_ones_do_not(
    server: PublicServer, phone: Phone
) -> None:
    await phone.until(LinkState.ONLINE)
    await server.push(phone.user, "incoming-call", "nobody")  # type: ignore[arg-type]
    for number in range(5):
        await server.push(phone.user, "typing", {"number": number})
    await server.push(phone.user, "call-ended", {"from": 2})
    await phone.hears("call-ended")
    assert [data["number"] for name, data in phone.news if name == "typing"] == [0, 1, 2, 3, 4]
    assert all(name != "incoming-call" for name, _ in phone.news)


async def test_a_server_that_is_none_is_told_in_words() -> None:
    async with PublicServer() as server:
        phone = Phone(server)
        await server.stop()
        phone.socket.start()
        await phone.until(LinkState.OFFLINE)
        assert "cannot be reached" in phone.links[-1].detail
        await phone.socket.aclose()
