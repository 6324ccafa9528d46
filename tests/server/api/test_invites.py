"""Invites: made, listed, withdrawn and redeemed; and everything that must not work."""

import asyncio
from typing import Any, Final

import jwt
import pytest
from sqlalchemy import select, update

from tests.server.harness import LIVEKIT, Person, World, dm
from woxly_tui.server.db.models import Guest, Invite, User
from woxly_tui.server.store import invites
from woxly_tui.server.times import now_ms

EN: Final = {"Accept-Language": "en"}


async def voice_room(owner: Person, *others: Person, name: str = "standup") -> int:
    body = {"type": "VOICE", "name": name, "invitedFriends": [other.id for other in others]}
    room_id = int((await owner.ask("POST", "/rooms", body, status=201))["room"]["id"])
    for other in others:
        await other.ask("POST", f"/rooms/{room_id}/join")
    return room_id


async def make(person: Person, room_id: int, **body: Any) -> dict[str, Any]:
    answer = await person.ask("POST", f"/rooms/{room_id}/invites", body, status=201)
    invite: dict[str, Any] = answer["invite"]
    return invite


async def redeem(
    world: World, code: str, name: object = "Zoe", status: int | None = 200, **headers: str
) -> dict[str, Any]:
    answer = await world.http.post(
        f"/api/invites/{code}/redeem", json={"name": name}, headers=EN | headers
    )
    assert status in (None, answer.status_code), answer.text
    return {**answer.json(), "status": answer.status_code}


async def renew(world: World, token: str, status: int = 200) -> dict[str, Any]:
    answer = await world.http.post(
        "/api/guests/livekit-token", headers={"Authorization": f"Bearer {token}"} | EN
    )
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def set_invite(world: World, **values: Any) -> None:
    async with world.server.services.db.write() as db:
        await db.execute(update(Invite).values(**values))


# --- what works --------------------------------------------------------------------------


async def test_a_guest_gets_a_name_and_a_token_for_that_room_only(
    world: World, ann: Person
) -> None:
    room_id = await voice_room(ann)
    invite = await make(ann, room_id)
    assert len(invite["code"]) == invites.CODE_CHARS
    assert invite["url"] == f"http://woxly.test/j/{invite['code']}"
    assert (invite["maxUses"], invite["uses"]) == (invites.DEFAULT_USES, 0)
    guest = await redeem(world, invite["code"], "  Zoe\x1b[31m \u202e  of  the\nhill ")
    claims = jwt.decode(guest["token"], LIVEKIT.api_secret.reveal(), algorithms=["HS256"])
    assert guest["name"] == claims["name"] == "Zoe[31m of the hill"
    assert guest["identity"] == claims["sub"]
    assert claims["sub"].startswith("guest-")
    assert claims["exp"] - claims["nbf"] <= 11 * 60 + 1
    assert claims["video"] == {
        "roomJoin": True,
        "room": f"room-{room_id}",
        "canPublish": True,
        "canSubscribe": True,
        "canPublishData": True,
        "canUpdateOwnMetadata": True,
        "canPublishSources": ["microphone"],
    }
    assert (guest["roomName"], guest["room"]) == (f"room-{room_id}", "standup")


async def test_only_hashes_are_kept(world: World, ann: Person) -> None:
    invite = await make(ann, await voice_room(ann))
    guest = await redeem(world, invite["code"])
    async with world.server.services.db.read() as db:
        (row,) = await db.scalars(select(Invite))
        (kept,) = await db.scalars(select(Guest))
    assert invite["code"] not in str(vars(row))
    assert guest["guestToken"] not in str(vars(kept))


async def test_a_guest_joins_again_without_another_use(world: World, ann: Person) -> None:
    room_id = await voice_room(ann)
    invite = await make(ann, room_id, maxUses=1)
    guest = await redeem(world, invite["code"])
    again = await renew(world, guest["guestToken"])
    assert (again["identity"], again["name"]) == (guest["identity"], guest["name"])
    (listed,) = (await ann.ask("GET", f"/rooms/{room_id}/invites"))["invites"]
    assert listed["uses"] == 1
    assert "code" not in listed
    assert "url" not in listed


async def test_a_look_says_who_invites_and_uses_nothing_up(world: World, ann: Person) -> None:
    invite = await make(ann, await voice_room(ann), maxUses=1)
    for _ in range(3):
        shown = (await world.http.get(f"/api/invites/{invite['code']}")).json()
    assert (shown["room"], shown["invitedBy"]) == ("standup", ann.username)
    assert shown["peopleInside"] == 0
    await redeem(world, invite["code"])


async def test_a_guest_cannot_go_by_the_name_of_a_member(world: World, ann: Person) -> None:
    invite = await make(ann, await voice_room(ann))
    guest = await redeem(world, invite["code"], ann.username.upper())
    assert guest["name"] == f"{ann.username.upper()} (guest)"


async def test_the_room_s_owner_withdraws_what_a_member_made(world: World) -> None:
    ann, bob, eve = await world.friends("ann", "bob", "eve")
    room_id = await voice_room(ann, bob, eve)
    invite = await make(bob, room_id)
    path = f"/rooms/{room_id}/invites/{invite['id']}"
    await eve.ask("DELETE", path, status=403)
    await ann.ask("DELETE", path)
    await ann.ask("DELETE", path)
    await redeem(world, invite["code"], status=404)
    assert (await ann.ask("GET", f"/rooms/{room_id}/invites"))["invites"] == []


# --- codes of no use ---------------------------------------------------------------------


async def spoil(world: World, how: str, ann: Person, room_id: int, invite: dict[str, Any]) -> str:
    """Make a code one of no use; returns it."""
    code = str(invite["code"])
    match how:
        case "expired":
            await set_invite(world, expires_at=now_ms() - 1)
        case "used up":
            await set_invite(world, uses=invite["maxUses"])
        case "withdrawn":
            await ann.ask("DELETE", f"/rooms/{room_id}/invites/{invite['id']}")
        case "its maker left":
            await ann.ask("POST", f"/rooms/{room_id}/leave")
        case "its maker is banned":
            async with world.server.services.db.write() as db:
                await db.execute(update(User).values(banned_at=now_ms()))
        case "upper case":
            return code.upper()
        case "cut off":
            return code[:-1]
        case _:
            return how
    return code


SPOILT: Final = (
    "expired",
    "used up",
    "withdrawn",
    "its maker left",
    "its maker is banned",
    "upper case",
    "cut off",
    "x",
    "a" * 27,
    "' OR 1=1 --",
    "%00",
    "%2e%2e%2fsecrets.json",
    "\u0430" * 27,
    "%ff%fe",
    "1",
)


@pytest.mark.parametrize("how", SPOILT)
async def test_every_code_of_no_use_gets_the_same_answer(
    world: World, ann: Person, how: str
) -> None:
    room_id = await voice_room(ann)
    code = await spoil(world, how, ann, room_id, await make(ann, room_id))
    looked = await world.http.get(f"/api/invites/{code}", headers=EN)
    used = await world.http.post(f"/api/invites/{code}/redeem", json={"name": "Zoe"}, headers=EN)
    page = await world.http.get(f"/j/{code}", headers={"Accept": "application/json"} | EN)
    if how == "%2e%2e%2fsecrets.json":  # more than one part of a path is another route
        assert {looked.status_code, used.status_code, page.status_code} == {404}
        return
    said = {"error": "The invitation is not valid: it has expired, is used up or was withdrawn"}
    for answer in (looked, used, page):
        assert (answer.status_code, answer.json()) == (404, said)


async def test_a_guest_of_an_ended_invite_gets_no_more_tokens(world: World, ann: Person) -> None:
    room_id = await voice_room(ann)
    invite = await make(ann, room_id)
    guest = await redeem(world, invite["code"])
    await ann.ask("DELETE", f"/rooms/{room_id}/invites/{invite['id']}")
    await renew(world, guest["guestToken"], 404)
    await renew(world, "x" * 43, 404)
    await renew(world, ann.access, 404)


async def test_a_guest_session_ends_by_itself(world: World, ann: Person) -> None:
    invite = await make(ann, await voice_room(ann), expiresIn=invites.MAX_EXPIRY_S)
    guest = await redeem(world, invite["code"])
    async with world.server.services.db.write() as db:
        (row,) = await db.scalars(select(Guest))
        assert row.expires_at - row.created_at == invites.GUEST_TTL_MS
        row.expires_at = now_ms() - 1
    await renew(world, guest["guestToken"], 404)


async def test_of_many_who_want_the_last_use_one_gets_it(world: World, ann: Person) -> None:
    invite = await make(ann, await voice_room(ann), maxUses=3)
    found = await asyncio.gather(
        *(redeem(world, invite["code"], f"guest {i}", None) for i in range(20))
    )
    assert sorted(one["status"] for one in found) == [200] * 3 + [404] * 17
    assert len({one["identity"] for one in found if "identity" in one}) == 3
    async with world.server.services.db.read() as db:
        assert await db.scalar(select(Invite.uses)) == 3


async def test_guests_are_nobody_to_the_rest_of_the_server(world: World, ann: Person) -> None:
    room_id = await voice_room(ann)
    guest = await redeem(world, (await make(ann, room_id))["code"])
    for token in (guest["guestToken"], guest["token"]):
        headers = {"Authorization": f"Bearer {token}"}
        for path in ("/api/users/me", "/api/rooms", f"/api/rooms/{room_id}"):
            assert (await world.http.get(path, headers=headers)).status_code == 401
        answer = await world.http.post(f"/api/rooms/{room_id}/livekit-token", headers=headers)
        assert answer.status_code == 401


# --- hostile input -----------------------------------------------------------------------

BAD_MAKES: Final[tuple[object, ...]] = (
    {"maxUses": 0},
    {"maxUses": -1},
    {"maxUses": invites.MAX_USES + 1},
    {"maxUses": "5"},
    {"maxUses": 1.5},
    {"maxUses": True},
    {"maxUses": 10**30},
    {"expiresIn": 0},
    {"expiresIn": invites.MAX_EXPIRY_S + 1},
    {"expiresIn": "1 day"},
    {"expiresIn": [60]},
    {"expiresIn": None},
    [],
    "text",
    7,
)


@pytest.mark.parametrize("body", BAD_MAKES, ids=str)
async def test_an_invite_is_made_of_sane_numbers(ann: Person, body: object) -> None:
    room_id = await voice_room(ann)
    answer = await ann.ask("POST", f"/rooms/{room_id}/invites", body, status=400)
    assert set(answer) == {"error"}
    assert (await ann.ask("GET", f"/rooms/{room_id}/invites"))["invites"] == []


BAD_NAMES: Final[tuple[object, ...]] = (
    None,
    "",
    "   ",
    "\u200b\u202e",
    7,
    True,
    ["Zoe"],
    {"a": 1},
    "x" * 1001,
    "a\x00b",
)


@pytest.mark.parametrize("name", BAD_NAMES, ids=repr)
async def test_a_bad_name_uses_nothing_up(world: World, ann: Person, name: object) -> None:
    room_id = await voice_room(ann)
    invite = await make(ann, room_id)
    answer = await redeem(world, invite["code"], name, 400)
    assert set(answer) == {"error", "status"}
    assert (await ann.ask("GET", f"/rooms/{room_id}/invites"))["invites"][0]["uses"] == 0


async def test_a_long_name_is_cut(world: World, ann: Person) -> None:
    invite = await make(ann, await voice_room(ann))
    assert len((await redeem(world, invite["code"], "é" * 900))["name"]) == 64


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"name":"\xff"}', b"x" * 200_000]
)
async def test_a_broken_body_is_refused(world: World, ann: Person, body: bytes) -> None:
    invite = await make(ann, await voice_room(ann))
    answer = await world.http.post(
        f"/api/invites/{invite['code']}/redeem",
        content=body,
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code in (400, 413)
    assert set(answer.json()) == {"error"}


async def test_strangers_learn_nothing_of_a_room_s_invites(world: World) -> None:
    ann, bob, eve = await world.friends("ann", "bob", "eve")
    room_id = await voice_room(ann)
    other_id = await voice_room(eve)
    invite = await make(ann, room_id)
    path = f"/rooms/{room_id}/invites"
    await bob.ask("GET", path, status=403)
    await bob.ask("POST", path, {}, status=403)
    await bob.ask("DELETE", f"{path}/{invite['id']}", status=403)
    await eve.ask("DELETE", f"/rooms/{other_id}/invites/{invite['id']}", status=404)
    await ann.ask("GET", "/rooms/999/invites", status=404)
    await ann.ask("GET", "/rooms/x/invites", status=400)
    await ann.ask("DELETE", f"{path}/999", status=404)
    await ann.ask("DELETE", f"{path}/-1", status=400)
    assert (await world.http.get(f"/api{path}")).status_code == 401
    await redeem(world, invite["code"])


async def test_who_is_only_asked_to_join_invites_nobody(world: World) -> None:
    ann, bob = await world.friends("ann", "bob")
    body = {"type": "VOICE", "name": "x", "invitedFriends": [bob.id]}
    room_id = (await ann.ask("POST", "/rooms", body, status=201))["room"]["id"]
    await bob.ask("POST", f"/rooms/{room_id}/invites", {}, status=403)


async def test_a_dm_has_a_guest_too_and_its_maker_s_name(world: World) -> None:
    ann, bob = await world.friends("ann", "bob")
    invite = await make(ann, await dm(ann, bob))
    shown = (await world.http.get(f"/api/invites/{invite['code']}")).json()
    assert (shown["room"], shown["invitedBy"]) == ("", ann.username)


async def test_a_room_has_so_many_invites_and_no_more(
    ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("woxly_tui.server.api.invites.MAX_OPEN", 2)
    room_id = await voice_room(ann)
    first = await make(ann, room_id)
    await make(ann, room_id)
    await ann.ask("POST", f"/rooms/{room_id}/invites", {}, status=409)
    await ann.ask("DELETE", f"/rooms/{room_id}/invites/{first['id']}")
    await make(ann, room_id)


async def test_guessing_is_slowed_down(tmp_path: Any) -> None:
    world = await World.start(tmp_path, has_rate_limits=True)
    try:
        answers = [await world.http.get(f"/api/invites/{i:027}") for i in range(70)]
        assert answers[0].status_code == 404
        assert answers[-1].status_code == 429
        assert int(answers[-1].headers["Retry-After"]) > 0
        assert (await redeem(world, "x" * 27, "Zoe", 429))["error"]
        assert (await world.http.get("/j/" + "x" * 27)).status_code == 429
    finally:
        await world.aclose()


async def test_without_livekit_no_use_is_lost(tmp_path: Any) -> None:
    world = await World.start(tmp_path, livekit=None)
    try:
        ann = await world.person("ann")
        room_id = await voice_room(ann)
        invite = await make(ann, room_id)
        await redeem(world, invite["code"], status=500)
        assert (await ann.ask("GET", f"/rooms/{room_id}/invites"))["invites"][0]["uses"] == 0
    finally:
        await world.aclose()


async def test_invites_of_long_ago_are_forgotten(world: World, ann: Person) -> None:
    room_id = await voice_room(ann)
    invite = await make(ann, room_id)
    await redeem(world, invite["code"])
    await set_invite(world, expires_at=now_ms() - 25 * 3600 * 1000)
    async with world.server.services.db.write() as db:
        await invites.forget(db)
    async with world.server.services.db.read() as db:
        assert list(await db.scalars(select(Invite))) == []
        assert list(await db.scalars(select(Guest))) == []


async def test_every_answer_is_described(world: World) -> None:
    paths = (await world.http.get("/openapi.json")).json()["paths"]
    assert "/api/rooms/{room_id}/invites" in paths
    assert "/api/guests/livekit-token" in paths
    assert (await world.http.get("/docs")).status_code == 200
