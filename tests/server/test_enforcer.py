"""Bans that another process decided."""

import asyncio

from tests.server.harness import ServedWorld, World, dm
from woxly_tui.server.admin import Admin
from woxly_tui.server.db.database import Database


async def test_a_banned_user_is_cut_off_and_stays_out(served: ServedWorld) -> None:
    core = served.server.services
    ann, bob = await served.friends("ann", "bob")
    phone = await served.device(ann)
    await Admin(core.settings, core.db).ban(ann.email, is_banned=True)
    await core.enforcer.look()
    async with asyncio.timeout(5):
        await phone.client.wait()
    await ann.ask("GET", "/users/me", status=401)
    assert (await bob.ask("GET", "/friends/search", q=ann.username))["users"] == []
    caller = await served.device(bob)
    assert (await caller.ask("call-friend", {"friendId": ann.id}))["ok"] is False


async def test_a_ban_shuts_out_at_once_whoever_decided_it(world: World) -> None:
    ann, bob = await world.friends("ann", "bob")
    room = await dm(ann, bob)
    token = f"/rooms/{room}/livekit-token"
    await ann.ask("POST", token, {})
    core = world.server.services
    another = Database(core.db.url)  # as `woxly serve admin` has one
    await Admin(core.settings, another).ban(str(ann.id), is_banned=True)
    await ann.ask("POST", token, {}, status=401)
    await ann.ask("GET", "/users/me", status=401)
    await bob.ask("POST", token, {})
    await another.aclose()


async def test_whoever_signs_out_gets_no_further_token(world: World) -> None:
    ann, bob = await world.friends("ann", "bob")
    room = await dm(ann, bob)
    await ann.ask("POST", f"/rooms/{room}/livekit-token", {})
    await ann.ask("POST", "/auth/logout", {"refreshToken": ann.refresh}, status=None)
    await ann.ask("POST", f"/rooms/{room}/livekit-token", {}, status=401)


async def test_an_administrator_sees_people_and_rooms_not_what_is_said(world: World) -> None:
    ann, bob = await world.friends("ann", "bob")
    body = {"type": "GROUP", "name": "Crew", "invitedFriends": [bob.id]}
    room = (await ann.ask("POST", "/rooms", body, status=201))["room"]["id"]
    await ann.ask("POST", "/messages", {"roomId": room, "content": "secret"}, status=201)
    admin = Admin(world.server.services.settings, world.server.services.db)
    assert [user.email for user in await admin.users("bob")] == [bob.email]
    (line,) = await admin.rooms()
    assert (line.members, line.messages) == (1, 1)
    assert "secret" not in repr(line)
    await admin.delete_room(room)
    await ann.ask("GET", f"/rooms/{room}", status=404)
