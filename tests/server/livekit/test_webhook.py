"""LiveKit's webhooks: believed when signed, whatever order they come in."""

import base64
import hashlib
import json
import time
from typing import Any, Final

import jwt
import pytest

from tests.server.harness import LIVEKIT, Person, ServedWorld, World, dm
from woxly_tui.server.livekit.api import ParticipantSeen, RoomSeen

SECRET: Final = LIVEKIT.api_secret.reveal()
BEGAN: Final = int(time.time()) - 600


def signed(body: bytes, *, secret: str = SECRET, **claims: Any) -> str:
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    stated = {"iss": "devkey", "exp": int(time.time()) + 300, "sha256": digest, **claims}
    return jwt.encode(stated, secret, "HS256")


class LiveKit:
    """Sends webhooks about one room, as LiveKit does."""

    def __init__(self, world: World, room_id: int, sid: str = "RM_one") -> None:
        self._world = world
        self._room = {"sid": sid, "name": f"room-{room_id}", "creationTime": str(BEGAN)}

    async def tells(
        self, event: str, at: int, who: Person | str | None = None, **more: Any
    ) -> None:
        found: dict[str, Any] = {
            "event": event,
            "id": f"EV_{event}_{at}_{who.id if isinstance(who, Person) else who}",
            "createdAt": str(BEGAN + at),
            "room": self._room,
            **more,
        }
        if who is not None:
            identity = str(who.id) if isinstance(who, Person) else who
            found["participant"] = {
                "sid": f"PA_{identity}",
                "identity": identity,
                "name": "somebody",
                "joinedAt": str(BEGAN + at if event == "participant_joined" else BEGAN),
            }
        body = json.dumps(found).encode()
        answer = await self._world.http.post(
            "/api/livekit/webhook", content=body, headers={"Authorization": signed(body)}
        )
        assert answer.status_code == 200, answer.text


async def live(person: Person, room: int) -> list[int | None]:
    found = await person.ask("GET", f"/rooms/{room}/live")
    assert found["isLive"] is bool(found["participants"])
    return [one["userId"] for one in found["participants"]]


async def test_who_is_in_the_call_shows_before_joining(
    world: World, ann: Person, bob: Person
) -> None:
    room = await dm(ann, bob)
    livekit = LiveKit(world, room)
    assert await live(bob, room) == []
    await livekit.tells("room_started", 0)
    await livekit.tells("participant_joined", 1, ann)
    assert await live(bob, room) == [ann.id]
    await livekit.tells("participant_joined", 2, "guest-x")
    assert await live(bob, room) == [ann.id, None]
    await livekit.tells("participant_left", 60, ann)
    assert await live(bob, room) == [None]
    await livekit.tells("room_finished", 90)
    assert await live(bob, room) == []


async def test_a_call_is_kept_with_its_durations(world: World, ann: Person, bob: Person) -> None:
    room = await dm(ann, bob)
    livekit = LiveKit(world, room)
    await livekit.tells("participant_joined", 0, ann)
    await livekit.tells("participant_joined", 10, bob)
    await livekit.tells("participant_left", 70, ann)
    await livekit.tells("room_finished", 100)
    (call,) = (await bob.ask("GET", f"/rooms/{room}/calls"))["calls"]
    assert call["seconds"] == 100
    assert [(p["userId"], p["seconds"]) for p in call["participants"]] == [
        (ann.id, 70),
        (bob.id, 90),
    ]
    assert call["endedAt"] is not None


EVENTS: Final = (
    ("room_started", 0, False),
    ("participant_joined", 5, True),
    ("participant_left", 50, True),
    ("room_finished", 60, False),
)


@pytest.mark.parametrize("order", [(3, 2, 1, 0), (2, 1, 3, 0), (1, 3, 2, 0), (3, 1, 2, 0), (2, 3)])
async def test_any_order_ends_with_the_same_history(
    world: World, ann: Person, bob: Person, order: tuple[int, ...]
) -> None:
    room = await dm(ann, bob)
    livekit = LiveKit(world, room)
    for _ in range(2):  # and all of it twice
        for index in order:
            event, at, is_hers = EVENTS[index]
            await livekit.tells(event, at, ann if is_hers else None)
    assert await live(bob, room) == []
    (call,) = (await bob.ask("GET", f"/rooms/{room}/calls"))["calls"]
    assert call["seconds"] == 60
    (stay,) = call["participants"]
    assert stay["userId"] == ann.id
    assert stay["seconds"] in (45, 50)


async def test_rooms_of_others_are_none_of_ours(world: World, ann: Person, bob: Person) -> None:
    room = await dm(ann, bob)
    for name in ("lobby", "room-0", "room-99999", "room-1x", "room-" + "9" * 30):
        livekit = LiveKit(world, room)
        livekit._room["name"] = name
        await livekit.tells("participant_joined", 1, ann)
    assert await live(ann, room) == []


@pytest.mark.parametrize(
    ("change", "body"),
    [
        ({"secret": "another secret of at least thirty-two characters"}, b"{}"),
        ({"sha256": "wrong"}, b"{}"),
        ({"iss": "other"}, b"{}"),
        ({"exp": 1}, b"{}"),
        ({}, b"[]"),
        ({}, b"nonsense"),
        ({}, b"\xff"),
    ],
)
async def test_what_is_not_signed_for_its_body_is_refused(
    world: World, change: dict[str, Any], body: bytes
) -> None:
    headers = {"Authorization": signed(body, **change)}
    answer = await world.http.post("/api/livekit/webhook", content=body, headers=headers)
    assert answer.status_code == 401


async def test_a_signature_of_another_body_is_refused(world: World) -> None:
    headers = {"Authorization": signed(b'{"event":"a"}')}
    answer = await world.http.post(
        "/api/livekit/webhook", content=b'{"event":"b"}', headers=headers
    )
    assert answer.status_code == 401
    assert (await world.http.post("/api/livekit/webhook", content=b"{}")).status_code == 401


class FakeApi:
    """LiveKit's own list."""

    def __init__(self) -> None:
        self.seen: dict[RoomSeen, list[ParticipantSeen]] = {}

    async def rooms(self) -> list[RoomSeen]:
        return list(self.seen)

    async def participants(self, room: str) -> list[ParticipantSeen]:
        return next(found for seen, found in self.seen.items() if seen.name == room)


ODD_NAME: Final = "a\x00\ud800" + "b" * 200


async def test_an_odd_name_is_made_one_that_can_be_stored(
    world: World, ann: Person, bob: Person
) -> None:
    room = await dm(ann, bob)
    who = {"sid": "PA_odd", "identity": str(ann.id), "name": ODD_NAME, "joinedAt": "9" * 14}
    await LiveKit(world, room).tells("participant_joined", 1, participant=who)
    api: Any = FakeApi()
    api.seen = {
        RoomSeen(f"room-{room}", "RM_one", BEGAN, 2): [
            ParticipantSeen("PA_odd", str(ann.id), ODD_NAME, BEGAN),
            ParticipantSeen("PA_too", "guest-1", ODD_NAME, BEGAN),
        ]
    }
    await world.server.services.live.reconcile(api)
    found = await bob.ask("GET", f"/rooms/{room}/live")
    assert [one["name"] for one in found["participants"]] == ["a?" + "b" * 126] * 2


async def test_the_list_is_believed_where_webhooks_were_lost(
    world: World, ann: Person, bob: Person
) -> None:
    room = await dm(ann, bob)
    api: Any = FakeApi()
    room_seen = RoomSeen(f"room-{room}", "RM_one", BEGAN, 1)
    api.seen = {
        room_seen: [ParticipantSeen("PA_x", str(ann.id), "ann", BEGAN)],
        RoomSeen("room-99999", "RM_two", BEGAN, 1): [],
        RoomSeen("lobby", "RM_three", BEGAN, 1): [],
    }
    reconcile = world.server.services.live.reconcile
    await reconcile(api)
    assert await live(bob, room) == [ann.id]
    api.seen = {room_seen: [ParticipantSeen("PA_y", str(bob.id), "bob", BEGAN + 9)]}
    await reconcile(api)
    assert await live(bob, room) == [bob.id]
    api.seen = {}
    await reconcile(api)
    assert await live(bob, room) == []
    (call,) = (await bob.ask("GET", f"/rooms/{room}/calls"))["calls"]
    assert call["endedAt"] is not None


async def test_members_are_told_who_is_in_the_call(served: ServedWorld) -> None:
    ann, bob = await served.friends("ann", "bob")
    room = await dm(ann, bob)
    phone = await served.device(bob)
    livekit = LiveKit(served, room)
    await livekit.tells("participant_joined", 1, ann)
    told = await phone.hears("room-live", isLive=True)
    assert [one["userId"] for one in told["participants"]] == [ann.id]
    await livekit.tells("room_finished", 9)
    assert (await phone.hears("room-live", isLive=False))["participants"] == []


async def test_leaving_livekit_ends_the_call(served: ServedWorld) -> None:
    served.server.services.live._back_within_s = 0.05
    ann, bob = await served.friends("ann", "bob")
    room = await dm(ann, bob)
    mine, hers = await served.device(ann), await served.device(bob)
    await mine.ask("call-friend", {"friendId": bob.id, "roomId": room})
    await hers.ask("accept-call", {"from": ann.id})
    livekit = LiveKit(served, room)
    await livekit.tells("participant_joined", 1, ann)
    await livekit.tells("participant_joined", 2, bob)
    await livekit.tells("participant_left", 60, ann)
    assert await hers.hears("user-left-call") == {"userId": ann.id, "roomId": room}
    await livekit.tells("room_finished", 90)
    await mine.hears("user-left-call", userId=bob.id)
    await mine.emit("check-active-call", {"friendId": bob.id})
    await mine.hears("no-active-call")
