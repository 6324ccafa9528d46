"""One account online at the public server, with all its oddities: section 6 of the contract."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.rig.public_server import PASSWORD, PublicServer, Quirks, Staged, User
from woxly_tui._lib.clock import SystemClock
from woxly_tui.engine.lobby_session import LobbySession
from woxly_tui.errors import SignInNeeded
from woxly_tui.lobby import history, messages, rooms
from woxly_tui.lobby.accounts import Account, AccountStore
from woxly_tui.lobby.link import Link
from woxly_tui.lobby.rest import RestClient, SignedIn, sign_in
from woxly_tui.social.model import LinkState, Presence
from woxly_tui.types import RoomId, RoomKind
from woxly_tui.wire.events import ClientEvent


class Home:
    """One account with a session; waits for what becomes so."""

    def __init__(self, account: Account, store: AccountStore) -> None:
        self.store = store
        self.news: list[tuple[str, dict[str, Any]]] = []
        self.links: list[Link] = []
        self._changed = asyncio.Event()
        self.session = LobbySession(
            account,
            store,
            SystemClock(),
            on_link=self._on_link,
            on_call_news=self._on_call_news,
            on_book=self._changed.set,
            on_message=lambda _: self._changed.set(),
        )

    def _on_link(self, link: Link) -> None:
        self.links.append(link)
        self._changed.set()

    def _on_call_news(self, event: str, payload: dict[str, Any]) -> None:
        self.news.append((event, payload))
        self._changed.set()

    async def until(self, is_so: Callable[[], object]) -> None:
        async with asyncio.timeout(15):
            while not is_so():
                self._changed.clear()
                await self._changed.wait()

    async def online(self) -> None:
        self.session.start()
        await self.until(lambda: self.session.is_online and self.session.known_at is not None)


@pytest.fixture
async def server() -> AsyncIterator[PublicServer]:
    async with PublicServer() as made:
        yield made


@pytest.fixture(autouse=True)
def _own_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WOXLY_PROFILE", str(tmp_path))


async def account_of(server: PublicServer, user: User) -> Account:
    async with RestClient(server.url) as rest:
        return await sign_in(rest, user.email, PASSWORD)


async def at_home(server: PublicServer, user: User) -> Home:
    store = AccountStore.own()
    account = await account_of(server, user)
    store.put(account)
    return Home(account, store)


async def test_it_is_online_only_once_it_is_heard_and_knows_everything(
    server: PublicServer,
) -> None:
    ann, bob = server.user("annie"), server.user("bobby")
    server.befriend(ann, bob)
    home = await at_home(server, ann)
    dm = server.room("DM", ann, bob)
    await home.online()
    assert server.socket.ready  # the probe was answered, so nothing we send now is lost
    await server.hears("join-room")
    book = home.session.book
    assert [one.person.name for one in book.friends] == ["bobby"]
    assert [(one.room, one.live) for one in book.rooms] == [(dm.id, None)]
    assert not home.session.acks
    assert (await history.missed_of(home.session.me), book.calls) == (None, ())
    await home.session.aclose()


async def test_presence_that_comes_twice_changes_the_book_once(server: PublicServer) -> None:
    ann, bob = server.user("annie"), server.user("bobby")
    server.befriend(ann, bob)
    home = await at_home(server, ann)
    await home.online()
    web = await server.web_peer(bob)
    await home.until(lambda: home.session.book.friends[0].presence is Presence.ONLINE)
    await web.aclose()
    await home.until(lambda: home.session.book.friends[0].presence is Presence.OFFLINE)
    await home.session.aclose()


async def test_a_dm_that_a_ring_locked_us_out_of_is_healed(server: PublicServer) -> None:
    ann, bob = server.user("annie"), server.user("bobby")
    server.befriend(ann, bob)
    dm = server.room("DM", bob, ann)
    web = await server.web_peer(bob)
    await web.ring(ann, dm.id)
    await server.until(lambda: dm.members[ann.id].status == "pending")
    home = await at_home(server, ann)
    await home.online()
    assert dm.members[ann.id].status == "accepted"
    assert not home.session.book.rooms[0].is_invited
    page = await messages.page_of(home.session.me, RoomId(dm.id))
    assert page.messages == ()
    await home.session.aclose()


async def test_invitations_to_groups_are_not_accepted_by_looking(server: PublicServer) -> None:
    ann, bob = server.user("annie"), server.user("bobby")
    group = server.room("GROUP", bob, ann, name="team")
    left = server.room("VOICE", bob, ann, name="old")
    left.members[ann.id].left_at = "2026-01-01T00:00:00.000Z"
    home = await at_home(server, ann)
    await home.online()
    listed = home.session.book.rooms
    assert [(one.kind, one.is_invited) for one in listed] == [(RoomKind.GROUP, True)]
    assert group.members[ann.id].status == "pending"
    await rooms.join(home.session.me, RoomId(group.id))
    assert group.members[ann.id].status == "accepted"
    await home.session.aclose()


async def test_names_that_are_the_same_are_two_people_and_harmless(server: PublicServer) -> None:
    ann = server.user("annie")
    for _ in range(2):
        server.befriend(ann, server.user("bo\x1b[2Jb\u202ey"))
    home = await at_home(server, ann)
    await home.online()
    people = [one.person for one in home.session.book.friends]
    assert [one.name for one in people] == ["bo[2Jby", "bo[2Jby"]
    assert people[0].user != people[1].user
    await home.session.aclose()


async def test_html_errors_and_failures_cost_a_part_and_are_asked_again(
    server: PublicServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("woxly_tui.engine.lobby_session.RETRY_S", 0.05)
    ann, bob = server.user("annie"), server.user("bobby")
    server.befriend(ann, bob)
    server.room("DM", ann, bob)
    home = await at_home(server, ann)
    server.stage(Staged(502, path="/rooms"))
    server.stage(Staged(500, '{"error": "Ошибка"}', "application/json", path="/friends"))
    await home.online()
    await home.until(lambda: home.session.book.rooms and home.session.book.friends)
    await home.session.aclose()


async def test_a_token_about_to_end_is_renewed_before_the_socket_connects_again(
    server: PublicServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = server.user("annie")
    home = await at_home(server, ann)
    await home.online()
    asked = len(server.rest.asked)
    monkeypatch.setattr("woxly_tui.lobby.tokens.MARGIN", server.quirks.access_s + 60)
    await server.socket.drop(ann.id)
    await home.until(lambda: home.links[-1].state is not LinkState.ONLINE)
    await home.until(lambda: home.session.is_online)
    assert ("POST", "/api/auth/refresh") in server.rest.asked[asked:]
    kept = home.store.find()
    assert kept is not None
    assert kept.access_token == home.session.me.account.access_token
    await home.session.aclose()


async def test_a_dead_refresh_token_is_said_once_and_stops_nothing_else() -> None:
    async with PublicServer(Quirks(access_s=-10.0, refresh_s=-5.0)) as server:
        home = await at_home(server, server.user("annie"))
        home.session.start()
        await home.until(lambda: home.links and home.links[-1].state is LinkState.SIGNED_OUT)
        assert "is over" in home.links[-1].detail
        assert "woxly login" in home.links[-1].remedy
        with pytest.raises(SignInNeeded):
            await home.session.me.ask("GET", "/rooms")
        await home.session.aclose()


async def test_a_server_that_restarts_is_found_again_and_nothing_is_forgotten(
    server: PublicServer,
) -> None:
    ann, bob = server.user("annie"), server.user("bobby")
    server.befriend(ann, bob)
    home = await at_home(server, ann)
    await home.online()
    await server.stop()
    await home.until(lambda: home.links[-1].state is not LinkState.ONLINE)
    assert len(home.session.book.friends) == 1
    await server.start()
    home.session.socket.hurry()
    await home.until(lambda: home.session.is_online)
    await home.session.aclose()


async def test_without_the_server_the_lobby_opens_with_what_it_showed_last(
    server: PublicServer,
) -> None:
    ann, bob = server.user("annie"), server.user("bobby")
    server.befriend(ann, bob)
    home = await at_home(server, ann)
    await home.online()
    await home.until(lambda: home.session.book.friends)
    await home.session.aclose()
    await server.stop()
    again = Home(home.session.me.account, home.store)
    again.session.start()
    await again.until(lambda: again.session.book.friends)
    assert again.session.book.as_of is not None
    assert not again.session.is_online
    await again.session.aclose()


async def test_the_web_peer_is_told_apart_by_its_offer(server: PublicServer) -> None:
    ann, bob = server.user("annie"), server.user("bobby")
    server.befriend(ann, bob)
    home = await at_home(server, ann)
    await home.online()
    web = await server.web_peer(bob)
    await home.session.say((ClientEvent.CALL_FRIEND, {"friendId": bob.id}))
    await web.answer()
    await home.until(lambda: "webrtc-offer" in dict(home.news))
    assert dict(home.news)["call-accepted"] == {"from": bob.id}
    await home.session.aclose()


async def test_only_payloads_that_cannot_end_the_server_are_sent(server: PublicServer) -> None:
    ann, bob = server.user("annie"), server.user("bobby")
    server.befriend(ann, bob)
    server.room("DM", ann, bob)
    home = await at_home(server, ann)
    await home.online()
    await server.hears("join-room")
    assert not server.state.is_dead
    for user, event, payload in server.socket.heard:
        assert isinstance(payload, dict), (user, event)
        ids = [value for key, value in payload.items() if key.endswith("Id")]
        assert all(type(value) is int for value in ids)
    await home.session.aclose()


async def test_a_second_sign_in_elsewhere_needs_no_new_one_here(server: PublicServer) -> None:
    ann = server.user("annie")
    home = await at_home(server, ann)
    await home.online()
    other = await account_of(server, ann)
    async with RestClient(server.url) as rest:
        store = AccountStore(home.store.path.with_name("other.json"))
        await SignedIn(rest, other, store).ask("GET", "/rooms")
    await home.session.me.ask("GET", "/rooms")
    await home.session.aclose()
