"""Two `woxly serve` processes that are one server, on a real Redis and a real PostgreSQL."""

import asyncio
import http.server
import json
import secrets
import threading
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from tests.process.server.running import PASSWORD, Running, env_for, woxly
from tests.rig.stores import PostgresServer, RedisServer, find_postgres, find_redis
from tests.server.harness import LIVEKIT, Phone
from tests.server.livekit.test_webhook import signed

pytestmark = pytest.mark.skipif(
    find_redis() is None or find_postgres() is None,
    reason="redis-server and PostgreSQL are not installed (packages redis and postgresql)",
)

KEY: Final = LIVEKIT.api_key
SECRET: Final = LIVEKIT.api_secret.reveal()


class _LiveKit(http.server.BaseHTTPRequestHandler):
    """As much of LiveKit as is asked at the start: there are no rooms."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_given: Any) -> None: ...


@pytest.fixture(scope="module")
def livekit_url() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _LiveKit)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"ws://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        yield server


@dataclass
class Someone:
    """A user, and the devices they have."""

    id: int
    token: str


class Two:
    """The two processes, and those who use them."""

    def __init__(self, one: Running, other: Running) -> None:
        self.one, self.other = one, other
        self._phones: list[Phone] = []

    async def ask(
        self, at: Running, who: Someone | None, method: str, path: str, body: Any = None
    ) -> Any:
        headers = {} if who is None else {"Authorization": f"Bearer {who.token}"}
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{at.port}/api") as client:
            answer = await client.request(method, path, json=body, headers=headers, timeout=10)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    async def user(self, at: Running) -> Someone:
        name = f"u{secrets.token_hex(4)}"
        body = {"email": f"{name}@example.org", "username": name, "password": PASSWORD}
        made = await self.ask(at, None, "POST", "/auth/register", body)
        return Someone(made["user"]["id"], made["accessToken"])

    async def friends(self) -> tuple[Someone, Someone, int]:
        """Two friends who registered with different processes, and their DM."""
        ann, bob = await self.user(self.one), await self.user(self.other)
        await self.ask(self.one, ann, "POST", "/friends/add", {"friendId": bob.id})
        await self.ask(self.other, bob, "POST", "/friends/add", {"friendId": ann.id})
        body = {"type": "DM", "invitedFriends": [bob.id]}
        room = await self.ask(self.one, ann, "POST", "/rooms", body)
        return ann, bob, int(room["room"]["id"])

    async def webhook(self, body: bytes) -> list[int]:
        """Send the same one to both, twice, at the same moment; what they answer."""
        headers = {"Authorization": signed(body)}
        url = "http://127.0.0.1:{}/api/livekit/webhook"
        async with httpx.AsyncClient() as client:
            sent = [
                client.post(url.format(at.port), content=body, headers=headers, timeout=10)
                for at in (self.one, self.other) * 2
            ]
            return [answer.status_code for answer in await asyncio.gather(*sent)]

    async def device(self, at: Running, who: Someone) -> Phone:
        phone = Phone()
        await phone.connect(f"http://127.0.0.1:{at.port}", who.token)
        self._phones.append(phone)
        return phone

    async def aclose(self) -> None:
        for phone in self._phones:
            await phone.close()


def joined(room: int, who: Someone) -> bytes:
    """LiveKit's news that somebody is in the call of a room."""
    now = str(int(time.time()))
    stay = {"sid": "PA_one", "identity": str(who.id), "name": "somebody", "joinedAt": now}
    place = {"sid": "RM_one", "name": f"room-{room}", "creationTime": now}
    found = {"event": "participant_joined", "id": "EV_one", "createdAt": now}
    return json.dumps({**found, "room": place, "participant": stay}).encode()


def start_two(folder: Path, url: str, livekit_url: str, redis: RedisServer) -> list[Running]:
    """Both at the same moment, on an empty database."""
    keys = {"LIVEKIT_URL": livekit_url, "LIVEKIT_API_KEY": KEY, "LIVEKIT_API_SECRET": SECRET}
    shared = {"DATABASE_URL": url, "REDIS_URL": redis.url, **keys}

    def start(name: str) -> Running:
        own = {"WOXLY_SERVER_DATA": str(folder / name)}
        return Running(folder, module="tests.process.server.shared", **shared, **own)

    (folder / "one").mkdir(mode=0o700)
    (folder / "other").symlink_to("one")  # the same secrets
    with ThreadPoolExecutor() as pool:
        return list(pool.map(start, ["one", "other"]))


@pytest.fixture
async def two(
    tmp_path: Path, redis: RedisServer, postgres: PostgresServer, livekit_url: str
) -> AsyncIterator[Two]:
    url = postgres.database(f"d{secrets.token_hex(4)}")
    one, other = await asyncio.to_thread(start_two, tmp_path, url, livekit_url, redis)
    with one, other:
        world = Two(one, other)
        yield world
        await world.aclose()


async def test_users_of_different_processes_are_on_one_server(two: Two) -> None:
    ann, bob, room = await two.friends()
    hers = await two.device(two.one, ann)
    his = await two.device(two.other, bob)
    await hers.hears("friend-status-changed", userId=bob.id, status="online")

    assert (await hers.ask("call-friend", {"friendId": bob.id, "roomId": room}))[
        "outcome"
    ] == "ringing"
    await his.hears("incoming-call", roomId=room, **{"from": ann.id})
    late = await two.device(two.one, bob)  # his other device is elsewhere, and rings, too
    await late.hears("incoming-call", **{"from": ann.id})
    assert (await his.ask("accept-call", {"from": ann.id}))["outcome"] == "accepted"
    await hers.hears("call-accepted", roomId=room, **{"from": bob.id})
    await late.hears("call-cancelled", reason="answered-elsewhere")

    carol = await two.user(two.other)
    assert (await (await two.device(two.other, carol)).ask("call-friend", {"friendId": ann.id}))[
        "outcome"
    ] == "busy"

    # Accepting let both devices follow the room, wherever they are.
    await two.ask(two.other, bob, "POST", "/messages", {"roomId": room, "content": "heard?"})
    await hers.hears("new-message", content="heard?")
    await hers.hears("call-missed")

    assert await two.webhook(joined(room, bob)) == [200] * 4
    live = await his.hears("room-live", roomId=room)
    assert [one["userId"] for one in live["participants"]] == [bob.id]

    await his.ask("end-call", {"to": ann.id})
    await hers.hears("call-ended", **{"from": bob.id})
    assert (await hers.ask("check-active-call", {"friendId": bob.id}))["ok"]
    await hers.hears("no-active-call", friendId=bob.id)

    await his.close()
    assert (await two.ask(two.one, ann, "GET", "/friends"))["friends"][0]["status"] == "online"
    await late.close()
    await hers.hears("friend-status-changed", userId=bob.id, status="offline")


async def test_rings_time_out_and_are_limited_over_both(two: Two) -> None:
    ann, bob, room = await two.friends()
    hers, elsewhere = await two.device(two.one, ann), await two.device(two.other, ann)
    his = await two.device(two.other, bob)
    for number in range(8):  # as many as one may ring another in a minute
        device = (hers, elsewhere)[number % 2]
        answer = await device.ask("call-friend", {"friendId": bob.id, "roomId": room})
        assert answer.get("outcome") == "ringing", answer
        await his.hears("incoming-call")
        if number < 7:
            await device.ask("cancel-call", {"to": bob.id})
            await his.hears("call-cancelled", reason="cancelled")
    refused = await hers.ask("call-friend", {"friendId": bob.id, "roomId": room})
    assert (refused["ok"], refused["retryAfter"] > 0) == (False, True)
    await hers.hears("call-timeout")
    await elsewhere.hears("call-timeout")
    await his.hears("call-cancelled", reason="timeout")
    for _ in range(100):  # they are written together, a moment after the end
        missed = await two.ask(two.one, bob, "GET", "/calls/missed")
        if missed["unseenCount"] == 8:
            break
        await asyncio.sleep(0.05)
    assert missed["unseenCount"] == 8


async def test_what_a_killed_process_left_is_cleared_up(two: Two) -> None:
    ann, bob, room = await two.friends()
    carol, dave, their_room = await two.friends()
    hers, his = await two.device(two.one, ann), await two.device(two.other, bob)
    carols = [await two.device(two.one, carol), await two.device(two.other, carol)]
    daves = await two.device(two.other, dave)
    await carols[0].ask("call-friend", {"friendId": dave.id, "roomId": their_room})
    await daves.ask("accept-call", {"from": carol.id})
    acknowledged = 0
    ended = asyncio.Event()

    async def write() -> None:
        nonlocal acknowledged
        try:
            for number in range(10_000):
                said = {"roomId": room, "content": f"message {number}"}
                await two.ask(two.one, ann, "POST", "/messages", said)
                acknowledged += 1
        except (httpx.HTTPError, AssertionError):
            ended.set()

    writing = asyncio.gather(write())
    await his.ask("join-room", {"roomId": room})
    await his.hears("new-message")
    await hers.ask("call-friend", {"friendId": bob.id, "roomId": room})
    await his.hears("incoming-call", **{"from": ann.id})
    two.one.process.kill()
    await asyncio.to_thread(two.one.process.wait, 20)

    # Ann had no other device: she is gone, and so is her ring. Carol goes on with hers.
    await his.hears("friend-status-changed", userId=ann.id, status="offline")
    await his.hears("call-cancelled", reason="caller-gone", **{"from": ann.id})
    assert (await carols[1].ask("check-active-call", {"friendId": dave.id}))["ok"]
    await carols[1].hears("active-call-found", friendId=dave.id)
    statuses = (await two.ask(two.other, dave, "GET", "/friends"))["friends"]
    assert [friend["status"] for friend in statuses] == ["online"]

    await ended.wait()
    await writing
    found = await two.ask(two.other, bob, "GET", f"/messages?roomId={room}&limit=10000")
    kept = [one["content"] for one in found["messages"]]
    assert kept[:acknowledged] == [f"message {number}" for number in range(acknowledged)]
    assert acknowledged > 0

    # And she comes back by the process that lives, and rings again.
    again = await two.device(two.other, ann)
    assert (await again.ask("call-friend", {"friendId": bob.id}))["outcome"] == "ringing"
    await his.hears("incoming-call", **{"from": ann.id})


async def test_redis_away_for_a_while_costs_no_process(
    tmp_path: Path, postgres: PostgresServer, livekit_url: str
) -> None:
    url = postgres.database(f"d{secrets.token_hex(4)}")
    with RedisServer() as own:
        one, other = await asyncio.to_thread(start_two, tmp_path, url, livekit_url, own)
        with one, other:
            two = Two(one, other)
            ann, bob, _ = await two.friends()
            hers, his = await two.device(one, ann), await two.device(other, bob)
            await hers.hears("friend-status-changed", userId=bob.id, status="online")
            own.stop()
            refused = await hers.ask("call-friend", {"friendId": bob.id})
            assert (refused["ok"], refused["retryAfter"]) == (False, 5)
            assert one.http.get("/health").json()["redis"] == "unreachable"
            own.start()
            async with asyncio.timeout(30):  # empty as it is, it is told who is here
                while True:
                    ack = await hers.ask("call-friend", {"friendId": bob.id})
                    if ack["ok"] and ack["outcome"] == "ringing":
                        break
                    await asyncio.sleep(0.2)
            await two.aclose()
        assert his is not None


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({}, "SQLite is for one"),
        ({"DATABASE_URL": "postgresql://x@127.0.0.1:9/x"}, "LiveKit server of its own"),
        (
            {
                "DATABASE_URL": "postgresql://x@127.0.0.1:9/x",
                "LIVEKIT_URL": "ws://127.0.0.1:9",
                "LIVEKIT_API_KEY": KEY,
                "LIVEKIT_API_SECRET": SECRET,
                "REDIS_URL": "http://x",
            },
            "REDIS_URL cannot be read",
        ),
    ],
)
def test_what_does_not_fit_together_is_said_with_what_to_do(
    tmp_path: Path, livekit_url: str, env: dict[str, str], said: str
) -> None:
    env = {"REDIS_URL": "redis://127.0.0.1:9/0", **env}
    if "LIVEKIT_URL" in env:
        env["LIVEKIT_URL"] = livekit_url
    done = woxly("serve", "--host", "127.0.0.1", env=env_for(tmp_path, **env))
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
