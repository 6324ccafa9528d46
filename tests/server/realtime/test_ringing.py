"""Two people, their devices, and a call between them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.server.harness import Person, Phone, ServedWorld, dm
from woxly_tui.server.realtime import missed
from woxly_tui.server.store import calls


@dataclass
class Pair:
    """Ann and Bob, friends with a DM, each with a device."""

    world: ServedWorld
    ann: Person
    bob: Person
    room: int
    ann_phone: Phone
    bob_phone: Phone

    async def ring(self) -> None:
        await self.ann_phone.emit("call-friend", {"friendId": self.bob.id, "roomId": self.room})
        await self.bob_phone.hears("incoming-call", **{"from": self.ann.id})

    async def talk(self) -> None:
        await self.ring()
        await self.bob_phone.emit("accept-call", {"from": self.ann.id})
        await self.ann_phone.hears("call-accepted")

    async def missed(self) -> list[str]:
        found = await self.bob.ask("GET", "/calls/missed")
        return [call["reason"] for call in found["missedCalls"]]


async def make_pair(world: ServedWorld) -> Pair:
    ann, bob = await world.friends("ann", "bob")
    return Pair(
        world, ann, bob, await dm(ann, bob), await world.device(ann), await world.device(bob)
    )


@pytest.fixture
async def pair(served: ServedWorld) -> Pair:
    return await make_pair(served)


@pytest.fixture
async def hasty(tmp_path: Path) -> AsyncIterator[Pair]:
    """The same, where nobody waits long."""
    world = await ServedWorld.start(tmp_path, ring_timeout_s=0.3, gone_after_s=0.1)
    yield await make_pair(world)
    await world.aclose()


async def test_a_ring_is_answered_and_both_know_the_room(pair: Pair) -> None:
    ack = await pair.ann_phone.ask("call-friend", {"friendId": pair.bob.id, "roomId": pair.room})
    assert ack == {"ok": True, "outcome": "ringing", "roomId": pair.room}
    rung = await pair.bob_phone.hears("incoming-call")
    assert rung == {"from": pair.ann.id, "roomId": pair.room}
    await pair.bob_phone.emit("accept-call", {"from": pair.ann.id})
    accepted = await pair.ann_phone.hears("call-accepted")
    assert accepted == {"from": pair.bob.id, "roomId": pair.room}
    joined = await pair.ann_phone.hears("user-joined-room")
    assert joined == {"userId": pair.bob.id, "roomId": pair.room}


async def test_a_ring_without_a_room_names_none(pair: Pair) -> None:
    await pair.ann_phone.emit("call-friend", {"friendId": pair.bob.id})
    assert await pair.bob_phone.hears("incoming-call") == {"from": pair.ann.id}
    await pair.bob_phone.emit("accept-call", {"from": pair.ann.id})
    assert await pair.ann_phone.hears("call-accepted") == {"from": pair.bob.id}


async def test_a_refused_ring_is_no_missed_call(pair: Pair) -> None:
    await pair.ring()
    await pair.bob_phone.emit("reject-call", {"from": pair.ann.id})
    refused = await pair.ann_phone.hears("call-rejected")
    assert refused == {"from": pair.bob.id, "roomId": pair.room, "reason": "rejected"}
    assert await pair.missed() == []


async def test_a_cancelled_ring_stops_and_is_missed(pair: Pair) -> None:
    await pair.ring()
    await pair.ann_phone.emit("cancel-call", {"to": pair.bob.id})
    cancelled = await pair.bob_phone.hears("call-cancelled")
    assert cancelled == {"from": pair.ann.id, "roomId": pair.room, "reason": "cancelled"}
    missed = await pair.bob_phone.hears("call-missed")
    assert missed["caller"]["id"] == pair.ann.id
    assert await pair.missed() == ["cancelled"]


async def test_end_call_cancels_a_ring_as_old_clients_do_it(pair: Pair) -> None:
    await pair.ring()
    await pair.ann_phone.emit("end-call", {"to": pair.bob.id})
    await pair.bob_phone.hears("call-cancelled", reason="cancelled")
    assert await pair.bob_phone.hears("call-ended") == {"from": pair.ann.id}


async def test_nobody_answers(hasty: Pair) -> None:
    await hasty.ring()
    timeout = await hasty.ann_phone.hears("call-timeout")
    assert timeout == {"from": hasty.bob.id, "roomId": hasty.room}
    await hasty.ann_phone.hears("call-rejected", reason="timeout")
    await hasty.bob_phone.hears("call-cancelled", reason="timeout")
    await hasty.bob_phone.hears("call-missed")
    assert await hasty.missed() == ["timeout"]
    late = await hasty.bob_phone.ask("accept-call", {"from": hasty.ann.id})
    assert late["ok"] is False


async def test_only_the_newest_missed_calls_are_kept(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "MAX_MISSED", 2)
    monkeypatch.setattr(missed, "PRUNE_EVERY", 1)
    for _ in range(3):
        await pair.ring()
        await pair.ann_phone.emit("cancel-call", {"to": pair.bob.id})
        await pair.bob_phone.hears("call-missed")
    async with pair.world.server.services.db.read() as db:
        assert await calls.unseen_count(db, pair.bob.id) == 2


async def test_missed_calls_are_unseen_until_seen(hasty: Pair) -> None:
    await hasty.ring()
    await hasty.bob_phone.hears("call-missed")
    found = await hasty.bob.ask("GET", "/calls/missed")
    assert (found["unseenCount"], found["missedCalls"][0]["seenAt"]) == (1, None)
    await hasty.bob.ask("POST", "/calls/missed/seen")
    assert (await hasty.bob.ask("GET", "/calls/missed"))["unseenCount"] == 0
    assert await hasty.ann.ask("GET", "/calls/missed") == {"missedCalls": [], "unseenCount": 0}


async def test_whoever_talks_is_busy(pair: Pair) -> None:
    eve = await pair.world.person("eve")
    phone = await pair.world.device(eve)
    await pair.talk()
    ack = await phone.ask("call-friend", {"friendId": pair.bob.id})
    assert ack["outcome"] == "busy"
    assert await phone.hears("call-busy") == {"from": pair.bob.id}
    await phone.hears("call-rejected", reason="busy")
    await pair.bob_phone.hears("call-missed")
    assert await pair.bob_phone.heard_so_far("incoming-call") == []
    assert await pair.missed() == ["busy"]


async def test_whoever_hung_up_can_be_rung_again(pair: Pair) -> None:
    await pair.talk()
    await pair.ann_phone.emit("leave-call", {"roomId": pair.room})
    await pair.bob_phone.hears("user-left-call", userId=pair.ann.id)
    await pair.bob_phone.emit("leave-call", {"roomId": pair.room})
    await pair.ann_phone.hears("user-left-call", userId=pair.bob.id)
    eve = await pair.world.person("eve")
    phone = await pair.world.device(eve)
    assert (await phone.ask("call-friend", {"friendId": pair.bob.id}))["outcome"] == "ringing"


async def test_end_call_ends_it_for_both(pair: Pair) -> None:
    await pair.talk()
    await pair.bob_phone.emit("end-call", {"to": pair.ann.id})
    assert await pair.ann_phone.hears("call-ended") == {"from": pair.bob.id}
    await pair.ann_phone.emit("check-active-call", {"friendId": pair.bob.id})
    assert await pair.ann_phone.hears("no-active-call") == {"friendId": pair.bob.id}


async def test_an_answer_silences_the_other_devices(pair: Pair) -> None:
    second = await pair.world.device(pair.bob)
    await pair.ring()
    await second.hears("incoming-call")
    await pair.bob_phone.ask("accept-call", {"from": pair.ann.id})
    await second.hears("call-answered-elsewhere", **{"from": pair.ann.id})
    await second.hears("call-cancelled", reason="answered-elsewhere")
    assert await pair.bob_phone.heard_so_far("call-cancelled") == []


async def test_a_refusal_silences_the_other_devices(pair: Pair) -> None:
    second = await pair.world.device(pair.bob)
    await pair.ring()
    await pair.bob_phone.ask("reject-call", {"from": pair.ann.id})
    await second.hears("call-cancelled", reason="rejected-elsewhere")


async def test_a_device_that_connects_while_it_rings_rings(pair: Pair) -> None:
    await pair.ring()
    late = await pair.world.device(pair.bob)
    assert (await late.hears("incoming-call"))["from"] == pair.ann.id


async def test_both_ring_each_other_and_are_in_a_call(pair: Pair) -> None:
    await pair.ring()
    ack = await pair.bob_phone.ask("call-friend", {"friendId": pair.ann.id, "roomId": pair.room})
    assert ack["outcome"] == "accepted"
    await pair.ann_phone.hears("call-accepted", **{"from": pair.bob.id})


async def test_a_group_call_to_whoever_rings_stands_beside_their_ring(pair: Pair) -> None:
    await pair.ring()
    body = {"name": "crew", "memberIds": [pair.ann.id]}
    made = await pair.bob.ask("POST", "/rooms/create-group", body, status=201)
    group = made["room"]["id"]
    await pair.ann_phone.hears("incoming-call", roomId=group, **{"from": pair.bob.id})
    assert await pair.ann_phone.heard_so_far("call-accepted") == []
    assert await pair.bob_phone.heard_so_far("call-accepted") == []
    ack = await pair.ann_phone.ask("accept-call", {"from": pair.bob.id})
    assert ack["roomId"] == group
    await pair.bob_phone.hears("call-accepted", roomId=group, **{"from": pair.ann.id})
    await pair.bob_phone.hears("call-cancelled", roomId=pair.room, **{"from": pair.ann.id})
    assert await pair.missed() == []


async def test_whoever_a_group_rings_may_ring_its_maker(pair: Pair) -> None:
    body = {"name": "crew", "memberIds": [pair.bob.id]}
    made = await pair.ann.ask("POST", "/rooms/create-group", body, status=201)
    await pair.bob_phone.hears("incoming-call", roomId=made["room"]["id"])
    ring = {"friendId": pair.ann.id, "roomId": pair.room}
    assert (await pair.bob_phone.ask("call-friend", ring))["outcome"] == "ringing"
    await pair.ann_phone.hears("incoming-call", roomId=pair.room, **{"from": pair.bob.id})


async def test_a_caller_who_is_gone_rings_no_longer(hasty: Pair) -> None:
    world, ann, bob = hasty.world, hasty.ann, hasty.bob
    world.server.services.ringer._ring_timeout_s = 30
    await hasty.ring()
    await hasty.ann_phone.close()
    await hasty.bob_phone.hears("call-cancelled", reason="caller-gone")
    again = await world.device(ann)
    await again.emit("check-active-call", {"friendId": bob.id})
    await again.hears("no-active-call")


async def test_a_call_ends_with_the_last_device(hasty: Pair) -> None:
    await hasty.talk()
    await hasty.ann_phone.close()
    await hasty.bob_phone.hears("user-left-call", userId=hasty.ann.id)


async def test_ringing_grants_no_membership_and_takes_none(pair: Pair) -> None:
    eve, mallory = await pair.world.person("eve"), await pair.world.person("mal")
    phone = await pair.world.device(eve)
    refused = await phone.ask("call-friend", {"friendId": pair.bob.id, "roomId": pair.room})
    assert refused["ok"] is False
    assert (await phone.hears("error"))["event"] == "call-friend"
    await eve.ask("GET", f"/rooms/{pair.room}", status=403)
    away = await pair.ann_phone.ask("call-friend", {"friendId": mallory.id, "roomId": pair.room})
    assert away["ok"] is False
    await pair.ring()
    await pair.bob.ask("POST", "/messages", {"roomId": pair.room, "content": "hi"}, status=201)


async def test_a_blocked_user_cannot_ring(pair: Pair) -> None:
    await pair.bob.ask("POST", "/friends/block", {"userId": pair.ann.id})
    refused = await pair.ann_phone.ask("call-friend", {"friendId": pair.bob.id})
    assert refused["ok"] is False
    assert await pair.bob_phone.heard_so_far("incoming-call") == []


async def test_a_block_ends_the_ring_that_goes_on(pair: Pair) -> None:
    await pair.ring()
    await pair.bob.ask("POST", "/friends/block", {"userId": pair.ann.id})
    await pair.ann_phone.hears("call-rejected", **{"from": pair.bob.id})
    await pair.bob_phone.hears("call-cancelled", **{"from": pair.ann.id})
    assert await pair.missed() == []


async def test_whoever_left_the_room_can_still_leave_its_call(pair: Pair) -> None:
    body = {"name": "Crew", "memberIds": [pair.bob.id]}
    made = await pair.ann.ask("POST", "/rooms/create-group", body, status=201)
    room = {"roomId": made["room"]["id"]}
    await pair.bob_phone.hears("incoming-call", **room)
    await pair.bob_phone.ask("accept-call", {"from": pair.ann.id})
    await pair.bob_phone.ask("leave-room", room)  # as web clients do that open another chat
    assert (await pair.bob_phone.ask("leave-call", room))["ok"]
    await pair.ann_phone.hears("user-left-call", userId=pair.bob.id)
    assert not (await pair.bob_phone.ask("leave-call", room))["ok"]
    eve_phone = await pair.world.device(await pair.world.person("eve"))
    rung = await eve_phone.ask("call-friend", {"friendId": pair.bob.id})
    assert rung["outcome"] == "ringing"


async def test_nobody_rings_themselves(pair: Pair) -> None:
    assert (await pair.ann_phone.ask("call-friend", {"friendId": pair.ann.id}))["ok"] is False


async def test_a_group_rings_all_its_members(pair: Pair) -> None:
    eve = await pair.world.person("eve")
    phone = await pair.world.device(eve)
    body = {"name": "Crew", "memberIds": [pair.bob.id, eve.id, eve.id, pair.ann.id]}
    made = await pair.ann.ask("POST", "/rooms/create-group", body, status=201)
    room = made["room"]["id"]
    for one in (pair.bob_phone, phone):
        assert await one.hears("incoming-call") == {"from": pair.ann.id, "roomId": room}
        assert (await one.ask("accept-call", {"from": pair.ann.id}))["roomId"] == room
    live = await pair.ann.ask("GET", f"/rooms/{room}")
    assert len(live["room"]["members"]) == 3


async def test_whoever_takes_another_call_leaves_the_first(pair: Pair) -> None:
    eve = await pair.world.person("eve")
    phone = await pair.world.device(eve)
    await pair.talk()
    await pair.bob_phone.ask("call-friend", {"friendId": eve.id})
    await phone.ask("accept-call", {"from": pair.bob.id})
    await pair.ann_phone.hears("user-left-call", userId=pair.bob.id)


async def test_a_call_that_goes_on_is_found_and_restored(pair: Pair) -> None:
    await pair.talk()
    await pair.ann_phone.emit("check-active-call", {"friendId": pair.bob.id})
    found = await pair.ann_phone.hears("active-call-found")
    assert (found["friendId"], found["roomId"]) == (pair.bob.id, pair.room)
    again = await pair.world.device(pair.ann)
    await again.emit("restore-call", {"roomId": pair.room})
    restored = await again.hears("call-restored")
    assert restored == {"friendId": pair.bob.id, "roomId": pair.room}


async def test_rings_are_limited(tmp_path: Path) -> None:
    world = await ServedWorld.start(tmp_path, has_rate_limits=True)
    try:
        pair = await make_pair(world)
        answers = [
            await pair.ann_phone.ask("call-friend", {"friendId": pair.bob.id}) for _ in range(9)
        ]
        assert [answer["ok"] for answer in answers] == [True] * 8 + [False]
        assert answers[-1]["retryAfter"] > 0
    finally:
        await world.aclose()
