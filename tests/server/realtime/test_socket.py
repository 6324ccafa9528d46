"""Getting in, being counted, and events that are not what they should be."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import socketio
import websockets

from tests.server.harness import Person, ServedWorld
from woxly_tui.server.realtime.handlers import HANDLERS
from woxly_tui.wire.events import ClientEvent


async def refused_with(world: ServedWorld, auth: Any, **headers: str) -> str:
    client = socketio.AsyncClient(reconnection=False)
    said: list[Any] = []
    client.on("connect_error", said.append)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await client.connect(world.url, auth=auth, transports=["websocket"], headers=headers)
    return str(said[0]["message"])


async def test_no_token_or_a_bad_one_is_refused(served: ServedWorld) -> None:
    assert await refused_with(served, {}) == "Токен не предоставлен"
    assert await refused_with(served, {"token": 7}) == "Токен не предоставлен"
    assert await refused_with(served, {"token": "nonsense"}) == "Недействительный токен"
    english = {"Accept-Language": "en-GB,en;q=0.9"}
    assert await refused_with(served, {"token": "x"}, **english) == "The token is not valid"


async def test_a_refresh_token_opens_no_socket(served: ServedWorld) -> None:
    ann = await served.person("ann")
    assert await refused_with(served, {"token": ann.refresh}) == "Недействительный токен"


@pytest.mark.parametrize("transports", [["websocket"], ["polling", "websocket"]])
async def test_every_transport_works(served: ServedWorld, transports: list[str]) -> None:
    ann = await served.person("ann")
    phone = await served.device(ann, transports=transports)
    assert (await phone.ask("check-active-call", {"friendId": 99}))["ok"] is True


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:3000", 200),
        ("same", 200),
        ("https://evil.example", 400),
        ("null", 400),
        ("http://[", 400),
    ],
)
async def test_pages_of_strangers_open_no_socket(
    served: ServedWorld, origin: str, status: int
) -> None:
    headers = {"Origin": served.url if origin == "same" else origin}
    path = "/socket.io/?EIO=4&transport=polling"
    assert (await served.http.get(path, headers=headers)).status_code == status


async def test_polling_alone_works(served: ServedWorld) -> None:
    ann = await served.person("ann")
    path = "/socket.io/?EIO=4&transport=polling"
    sid = json.loads((await served.http.get(path)).text[1:])["sid"]
    path += f"&sid={sid}"
    for packet in (
        "40" + json.dumps({"token": ann.access}),
        '42["check-active-call",{"friendId":9}]',
    ):
        assert (await served.http.post(path, content=packet)).text.upper() == "OK"
    heard = ""
    async with asyncio.timeout(5):
        while "no-active-call" not in heard:
            heard += (await served.http.get(path)).text


async def test_an_event_sent_with_the_connect_packet_is_not_lost(served: ServedWorld) -> None:
    ann = await served.person("ann")
    url = served.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
    async with websockets.connect(url) as raw:
        await raw.recv()
        await raw.send("40" + json.dumps({"token": ann.access}))
        await raw.send('42["check-active-call",{"friendId":99}]')
        async with asyncio.timeout(5):
            while "no-active-call" not in str(await raw.recv()):
                pass


async def test_every_event_of_the_contract_has_a_handler() -> None:
    assert set(HANDLERS) == set(ClientEvent)


BAD_PAYLOADS: list[Any] = [
    None,
    "text",
    7,
    [],
    {},
    {"roomId": "1", "friendId": "1", "from": "1", "to": "1", "status": 1},
    {"roomId": None, "friendId": None, "from": None, "to": None, "status": None},
    {"roomId": -1, "friendId": 2**31, "from": 2**63, "to": 10**400, "status": "dead"},
    {"roomId": 1.5, "friendId": True, "from": [], "to": {}, "status": []},
    {"roomId": 1, "content": "x" * 2001},
    {"roomId": 1, "content": "nul\x00"},
    {"to": 1, "offer": "text", "answer": 1, "candidate": []},
    {"to": 1, "offer": {"a": "x" * 70_000}, "answer": {"a": {"b": {}}}, "candidate": 0},
]


async def test_bad_payloads_are_answered_and_cost_nothing(served: ServedWorld) -> None:
    ann = await served.person("ann")
    phone = await served.device(ann)
    for event in HANDLERS:
        refused = 0
        for payload in BAD_PAYLOADS:
            ack = await phone.ask(event.value, payload)
            if not ack["ok"]:
                refused += 1
                error = await phone.hears("error")
                assert error["event"] == event
                assert error["error"]
        assert refused >= len(BAD_PAYLOADS) - 3, event
    assert (await phone.ask("check-active-call", {"friendId": 99}))["ok"] is True


GARBAGE: list[str | bytes] = [
    "",
    "9",
    "4",
    "49",
    "42",
    "42nonsense",
    "42[",
    "42[]",
    "42[7]",
    "42[null]",
    "42[{}]",
    '42["call-friend"',
    '42["__proto__",{}]',
    "43999[1]",
    "40/other,",
    "45",
    '451-["x",{"_placeholder":true,"num":0}]',
    "42" + "[" * 5000,
    '42["call-friend",{"friendId":NaN}]',
    b"\x00\xff\xfe",
]


async def test_garbage_on_the_wire_harms_nobody_else(served: ServedWorld) -> None:
    ann, bob = await served.person("ann"), await served.person("bob")
    good = await served.device(bob)
    url = served.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
    for packet in GARBAGE:
        async with websockets.connect(url) as raw:
            await raw.recv()
            await raw.send("40" + json.dumps({"token": ann.access}))
            await raw.recv()
            await raw.send(packet)
        answer = await good.ask("check-active-call", {"friendId": 99})
        assert answer["ok"] is True, packet
    assert (await served.http.get("/docs")).status_code == 200


async def test_a_user_is_online_while_one_device_is(served: ServedWorld) -> None:
    ann, bob = await served.friends("ann", "bob")
    watcher = await served.device(bob)
    first = await served.device(ann)
    assert await watcher.hears("friend-status-changed") == {"userId": ann.id, "status": "online"}
    second = await served.device(ann)
    await first.close()
    assert await status_of(ann) == "online"
    await second.close()
    gone = await watcher.hears("friend-status-changed")
    assert gone == {"userId": ann.id, "status": "offline"}


async def status_of(person: Person) -> str:
    return str((await person.ask("GET", "/users/me"))["user"]["status"])


async def test_a_second_device_leaves_a_chosen_status_alone(served: ServedWorld) -> None:
    ann = await served.person("ann")
    phone = await served.device(ann)
    await phone.ask("status-change", {"status": "busy"})
    await served.device(ann)
    assert await status_of(ann) == "busy"


async def test_nobody_is_online_after_a_crash(served: ServedWorld) -> None:
    ann = await served.person("ann")
    await ann.ask("PUT", "/users/me/status", {"status": "away"})
    await served.server.start_clean()
    assert await status_of(ann) == "offline"


async def test_logging_out_cuts_that_device_off(served: ServedWorld) -> None:
    ann = await served.person("ann")
    phone = await served.device(ann)
    await ann.ask("POST", "/auth/logout")
    async with asyncio.timeout(5):
        await phone.client.wait()
    await ann.ask("GET", "/users/me", status=401)


async def test_too_many_devices_push_out_the_oldest(served: ServedWorld) -> None:
    ann = await served.person("ann")
    first = await served.device(ann)
    for _ in range(20):
        await served.device(ann)
    async with asyncio.timeout(5):
        await first.client.wait()


async def test_a_socket_that_nobody_signs_in_on_is_closed(tmp_path: Path) -> None:
    world = await ServedWorld.start(tmp_path, sign_in_within_s=0.05)
    try:
        phone = await world.device(await world.person("ann"))
        url = world.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
        async with websockets.connect(url) as raw, asyncio.timeout(5):
            assert [str(packet)[:1] async for packet in raw] == ["0", "1"]
        assert (await phone.ask("check-active-call", {"friendId": 99}))["ok"] is True
    finally:
        await world.aclose()


async def test_events_are_limited(served: ServedWorld) -> None:
    served.server.services.limiter._is_on = True
    ann = await served.person("ann")
    phone = await served.device(ann)
    for _ in range(601):
        await phone.emit("check-active-call", {"friendId": 99})
    assert (await phone.hears("error"))["retryAfter"] > 0
