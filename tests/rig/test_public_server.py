"""The scripted public server has the oddities that the contract tells of, and each can be off."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import socketio
from socketio.exceptions import ConnectionError as NotConnected

from tests.rig.public_server import PASSWORD, PublicServer, Quirks, Staged, User


@pytest.fixture
async def server() -> AsyncIterator[PublicServer]:
    async with PublicServer() as made:
        yield made


async def ask(
    server: PublicServer, user: User, method: str, path: str, body: dict[str, Any] | None = None
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {server.state.access_token(user.id)}"}
    async with httpx.AsyncClient(base_url=f"{server.url}/api", headers=headers) as http:
        return await http.request(method, path, json=body)


class Device:
    def __init__(self) -> None:
        self.client = socketio.AsyncClient(reconnection=False)
        self.heard: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
        self.client.on("*", self._on_event)

    async def _on_event(self, event: str, data: Any = None) -> None:
        self.heard.put_nowait((event, data))

    async def hears(self, event: str) -> Any:
        async with asyncio.timeout(5):
            while True:
                name, data = await self.heard.get()
                if name == event:
                    return data


async def device(server: PublicServer, user: User, *, is_ready: bool = True) -> Device:
    made = Device()
    await made.client.connect(server.url, auth={"token": server.state.access_token(user.id)})
    sid = made.client.get_sid()
    if is_ready:
        await server.until(lambda: sid in server.socket.ready)
    return made


async def test_early_events_are_lost_and_nothing_is_acknowledged(server: PublicServer) -> None:
    ann = server.user("annie")
    early = await device(server, ann, is_ready=False)
    await early.client.emit("check-active-call", {"friendId": 1})
    await server.until(lambda: server.socket.lost)
    assert server.heard("check-active-call") == []
    await server.until(lambda: server.socket.ready)
    await early.client.emit("check-active-call", {"friendId": 9})
    assert await early.hears("no-active-call") == {"friendId": 9}
    with pytest.raises(socketio.exceptions.TimeoutError):
        await early.client.call("check-active-call", {"friendId": 9}, timeout=0.2)
    await early.client.disconnect()


async def test_switches_turn_oddities_off() -> None:
    async with PublicServer(Quirks(loses_early_events=False, has_no_acks=False)) as server:
        ann = server.user("annie")
        one = await device(server, ann)
        answer = await one.client.call("check-active-call", {"friendId": 9}, timeout=5)
        assert answer == {"ok": True}
        await one.client.disconnect()


async def test_a_ring_makes_the_callee_pending_and_nobody_is_ever_busy(
    server: PublicServer,
) -> None:
    ann, bob, eve = (server.user(name) for name in ("annie", "bobby", "evelyn"))
    room = server.room("DM", ann, bob)
    phone, caller, third = [await device(server, one) for one in (bob, ann, eve)]
    await caller.client.emit("call-friend", {"friendId": bob.id, "roomId": room.id})
    assert await phone.hears("incoming-call") == {"from": ann.id, "roomId": room.id}
    assert room.members[bob.id].status == "pending"
    refused = await ask(server, bob, "GET", f"/messages?roomId={room.id}")
    assert (refused.status_code, refused.json()["error"]) == (403, "Нет доступа к комнате")
    await third.client.emit("call-friend", {"friendId": bob.id})
    assert await phone.hears("incoming-call") == {"from": eve.id}
    await phone.client.emit("accept-call", {"from": ann.id})
    assert await caller.hears("call-accepted") == {
        "from": bob.id
    }  # a later ring overwrote the room
    for one in (phone, caller, third):
        await one.client.disconnect()


async def test_presence_comes_twice_and_ends_with_the_first_device(server: PublicServer) -> None:
    ann, bob = server.user("annie"), server.user("bobby")
    server.befriend(ann, bob)
    watching = await device(server, ann)
    first, second = await device(server, bob), await device(server, bob)
    statuses = [await watching.hears("friend-status-changed") for _ in range(4)]
    assert [one["status"] for one in statuses] == ["online"] * 4
    await first.client.disconnect()
    assert (await watching.hears("friend-status-changed"))["status"] == "offline"
    for one in (second, watching):
        await one.client.disconnect()


async def test_a_bad_payload_ends_the_server_for_everybody(server: PublicServer) -> None:
    one = await device(server, server.user("annie"))
    await one.client.emit("join-room", {"roomId": "7"})
    await server.until(lambda: server.state.is_dead)


async def test_errors_are_sometimes_html_and_unknown_ids_500(server: PublicServer) -> None:
    ann = server.user("annie")
    assert (await ask(server, ann, "GET", "/users/x")).status_code == 500
    missing = await ask(server, ann, "GET", "/calls/missed")
    assert (missing.status_code, missing.json()["error"]) == (404, "Route not found")
    async with httpx.AsyncClient() as http:
        broken = await http.post(f"{server.url}/api/auth/login", content=b"{")
        assert (broken.status_code, broken.headers["content-type"][:9]) == (400, "text/html")
        page = await http.get(f"{server.url}/uploads/x")
        assert page.status_code == 404
    server.stage(Staged(502, path="/rooms"))
    assert (await ask(server, ann, "GET", "/friends")).status_code == 200
    assert (await ask(server, ann, "GET", "/rooms")).status_code == 502


async def test_login_leaks_and_refresh_gives_no_new_refresh_token(server: PublicServer) -> None:
    ann = server.user("annie")
    body = {"email": ann.email, "password": PASSWORD}
    async with httpx.AsyncClient(base_url=f"{server.url}/api") as http:
        made = (await http.post("/auth/login", json=body)).json()
        assert "twoFactorSecret" in made["user"]
        again = await http.post("/auth/refresh", json={"refreshToken": made["refreshToken"]})
        assert set(again.json()) == {"accessToken"}
        assert (await http.post("/auth/logout", json={})).status_code == 404


async def test_the_stock_web_peer_gives_itself_away(server: PublicServer) -> None:
    ann, bob = server.user("annie"), server.user("bobby")
    web, phone = await server.web_peer(bob), await device(server, ann)
    await phone.client.emit("call-friend", {"friendId": bob.id})
    await web.answer()
    assert (await phone.hears("call-accepted"))["from"] == bob.id
    assert (await phone.hears("webrtc-offer"))["from"] == bob.id
    await phone.client.disconnect()


async def test_only_a_signed_in_socket_gets_in_and_a_stopped_server_comes_back(
    server: PublicServer,
) -> None:
    with pytest.raises(NotConnected):
        await Device().client.connect(server.url, auth={"token": "x"})
    url = server.url
    await server.stop()
    with pytest.raises(httpx.ConnectError):
        await ask(server, server.user("annie"), "GET", "/rooms")
    await server.start()
    assert server.url == url
