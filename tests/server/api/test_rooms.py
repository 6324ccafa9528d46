"""Rooms and messages over REST."""

import asyncio
from typing import Any

import jwt
import pytest

from tests.server.harness import LIVEKIT, Person, World, dm


async def group(owner: Person, *invited: Person, kind: str = "GROUP") -> int:
    body = {"type": kind, "name": "Crew", "invitedFriends": [one.id for one in invited]}
    return int((await owner.ask("POST", "/rooms", body, status=201))["room"]["id"])


async def say(person: Person, room: int, content: str = "hi") -> Any:
    body = {"roomId": room, "content": content}
    return (await person.ask("POST", "/messages", body, status=201))["message"]


async def test_there_is_one_dm_of_two_people(ann: Person, bob: Person) -> None:
    body = {"type": "DM", "invitedFriends": [bob.id]}
    made = await ann.ask("POST", "/rooms", body, status=201)
    assert made["room"]["name"] == ""
    assert {m["status"] for m in made["room"]["members"]} == {"accepted"}
    back = await bob.ask("POST", "/rooms", {"type": "DM", "invitedFriends": [ann.id]}, status=200)
    assert back["room"]["id"] == made["room"]["id"]


@pytest.mark.parametrize(
    ("path", "change", "said"),
    [
        ("/messages", {"content": "x" * 2001}, "String must contain at most 2000 character(s)"),
        ("/messages", {"roomId": 0}, "Number must be greater than or equal to 1"),
        ("/messages", {"roomId": 2**40}, "Number must be less than or equal to 2147483647"),
        ("/rooms", {"invitedFriends": [1] * 101}, "Array must contain at most 100 element(s)"),
        ("/messages/1/reactions", {"emoji": ""}, "String must contain at least 1 character(s)"),
    ],
)
async def test_what_is_said_of_too_much(
    ann: Person, path: str, change: dict[str, Any], said: str
) -> None:
    body = {"roomId": 1, "content": "hi", "type": "text" if path == "/messages" else "GROUP"}
    assert await ann.ask("POST", path, body | change, status=400) == {"error": said}


async def test_two_who_open_it_at_once_get_the_same(ann: Person, bob: Person) -> None:
    rooms = await asyncio.gather(*(dm(*pair) for pair in ((ann, bob), (bob, ann)) * 3))
    assert len(set(rooms)) == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"type": "DM", "invitedFriends": []}, 400),
        ({"type": "DM", "invitedFriends": [1, 2, 3]}, 400),
        ({"type": "GROUP", "invitedFriends": [99_999]}, 404),
        ({"type": "PARTY"}, 400),
        ({"type": "GROUP", "name": "x" * 101}, 400),
    ],
)
async def test_rooms_that_are_not_made(ann: Person, body: Any, status: int) -> None:
    await ann.ask("POST", "/rooms", body, status=status)
    assert (await ann.ask("GET", "/rooms"))["rooms"] == []


async def test_invited_members_are_pending_until_they_join(ann: Person, bob: Person) -> None:
    room = await group(ann, bob)
    assert await bob.ask("GET", f"/rooms/{room}", status=403) == {"error": "Нет доступа к комнате"}
    assert len((await bob.ask("GET", "/rooms"))["rooms"]) == 1
    joined = await bob.ask("POST", f"/rooms/{room}/join")
    assert {m["userId"] for m in joined["room"]["members"]} == {ann.id, bob.id}


async def test_leaving_and_coming_back_lists_the_room_again(ann: Person, bob: Person) -> None:
    room = await group(ann, bob)
    await bob.ask("POST", f"/rooms/{room}/join")
    await bob.ask("POST", f"/rooms/{room}/leave")
    assert (await bob.ask("GET", "/rooms"))["rooms"] == []
    await bob.ask("POST", f"/rooms/{room}/livekit-token", {}, status=403)
    await bob.ask("POST", f"/rooms/{room}/join")
    assert len((await bob.ask("GET", "/rooms"))["rooms"]) == 1
    assert await bob.ask("POST", "/rooms/99999/leave") == {"message": "Вы вышли из комнаты"}


async def test_members_add_others_but_not_to_a_dm(world: World, ann: Person, bob: Person) -> None:
    eve = await world.person("eve")
    room = await group(ann)
    await bob.ask("POST", f"/rooms/{room}/join", {"userId": eve.id}, status=403)
    await ann.ask("POST", f"/rooms/{room}/join", {"userId": bob.id})
    await bob.ask("POST", f"/rooms/{room}/join", {"userId": eve.id})
    people = await eve.ask("GET", f"/rooms/{room}/participants")
    assert [p["userId"] for p in people["participants"]] == [ann.id, bob.id, eve.id]
    private = await dm(ann, bob)
    await ann.ask("POST", f"/rooms/{private}/join", {"userId": eve.id}, status=403)


async def test_strangers_see_no_participants(world: World, ann: Person, bob: Person) -> None:
    room, eve = await dm(ann, bob), await world.person("eve")
    for path in (f"/rooms/{room}", f"/rooms/{room}/participants", f"/rooms/{room}/live"):
        await eve.ask("GET", path, status=403)
    await eve.ask("GET", f"/rooms/{room}/calls", status=403)


async def test_only_the_owner_renames(ann: Person, bob: Person) -> None:
    room = await group(ann, bob)
    await bob.ask("PUT", f"/rooms/{room}", {"name": "Mine"}, status=403)
    renamed = await ann.ask("PUT", f"/rooms/{room}", {"name": "Ours"})
    assert renamed["room"]["name"] == "Ours"


async def test_a_group_is_made_whole_or_not_at_all(ann: Person, bob: Person) -> None:
    body = {"name": "Crew", "memberIds": [bob.id, bob.id, 99_999]}
    await ann.ask("POST", "/rooms/create-group", body, status=404)
    assert (await ann.ask("GET", "/rooms"))["rooms"] == []
    empty = await ann.ask("POST", "/rooms/create-group", {"name": "x", "memberIds": []}, status=400)
    assert empty == {"error": "Нужен хотя бы один участник"}
    nameless = {"name": " ", "memberIds": [bob.id]}
    said = await ann.ask("POST", "/rooms/create-group", nameless, status=400)
    assert said == {"error": "Название комнаты обязательно"}


async def test_blocked_people_are_not_drawn_into_rooms(ann: Person, bob: Person) -> None:
    await bob.ask("POST", "/friends/block", {"userId": ann.id})
    body = {"type": "GROUP", "name": "x", "invitedFriends": [bob.id]}
    await ann.ask("POST", "/rooms", body, status=403)
    room = await group(ann)
    await ann.ask("POST", f"/rooms/{room}/join", {"userId": bob.id}, status=403)


async def test_the_token_opens_that_room_for_ten_minutes(ann: Person, bob: Person) -> None:
    room = await dm(ann, bob)
    answer = await ann.ask("POST", f"/rooms/{room}/livekit-token", {})
    assert answer["roomName"] == f"room-{room}"
    assert answer["url"] == "ws://woxly.test:7880"
    claims = jwt.decode(answer["token"], LIVEKIT.api_secret.reveal(), algorithms=["HS256"])
    assert (claims["iss"], claims["sub"], claims["name"]) == ("devkey", str(ann.id), ann.username)
    assert claims["exp"] - claims["nbf"] <= 11 * 60
    assert claims["video"] == {
        "roomJoin": True,
        "room": f"room-{room}",
        "canPublish": True,
        "canSubscribe": True,
        "canPublishData": True,
        "canUpdateOwnMetadata": True,
        "canPublishSources": ["microphone"],
    }


async def test_no_token_for_those_outside(world: World, ann: Person, bob: Person) -> None:
    room, eve = await dm(ann, bob), await world.person("eve")
    said = await eve.ask("POST", f"/rooms/{room}/livekit-token", {}, status=403)
    assert said == {"error": "Вы не являетесь участником этой комнаты"}
    assert await eve.ask("POST", "/rooms/99999/livekit-token", {}, status=403) == said


async def test_pages_count_from_the_newest_and_read_oldest_first(ann: Person, bob: Person) -> None:
    room = await dm(ann, bob)
    for number in range(5):
        await say(ann, room, str(number))
    page = await bob.ask("GET", "/messages", roomId=room, limit=2, offset=1)
    assert [m["content"] for m in page["messages"]] == ["2", "3"]
    await bob.ask("GET", "/messages", status=400)
    await bob.ask("GET", "/messages", roomId=99_999, status=404)


async def test_unread_counts_and_the_last_message(ann: Person, bob: Person) -> None:
    room, other = await dm(ann, bob), await group(bob)
    await say(ann, room, "one")
    await say(ann, room, "two")
    first, second = (await bob.ask("GET", "/rooms"))["rooms"]
    assert (first["id"], second["id"]) == (room, other)
    assert (first["unreadCount"], first["lastMessage"]["content"]) == (2, "two")
    await bob.ask("POST", f"/messages/read/{room}")
    assert (await bob.ask("GET", "/rooms"))["rooms"][0]["unreadCount"] == 0
    assert (await ann.ask("GET", "/rooms"))["rooms"][0]["unreadCount"] == 0


async def test_replies_edits_and_deletions(ann: Person, bob: Person) -> None:
    room = await dm(ann, bob)
    first = await say(ann, room, "question")
    body = {"roomId": room, "content": "answer", "replyToId": first["id"]}
    reply = (await bob.ask("POST", "/messages/reply", body, status=201))["message"]
    assert reply["replyTo"]["content"] == "question"
    await bob.ask("PUT", f"/messages/{first['id']}", {"content": "x"}, status=403)
    await bob.ask("DELETE", f"/messages/{first['id']}", status=403)
    edited = await ann.ask("PUT", f"/messages/{first['id']}", {"content": "better"})
    assert (edited["message"]["isEdited"], edited["message"]["content"]) == (True, "better")
    await ann.ask("DELETE", f"/messages/{first['id']}")
    page = (await bob.ask("GET", "/messages", roomId=room))["messages"]
    assert [m["content"] for m in page] == ["answer"]
    assert page[0]["replyTo"]["content"] == ""
    await ann.ask("PUT", f"/messages/{first['id']}", {"content": "x"}, status=404)


async def test_reactions_toggle(ann: Person, bob: Person) -> None:
    room = await dm(ann, bob)
    message = await say(ann, room)
    path = f"/messages/{message['id']}/reactions"
    assert await bob.ask("POST", path, {"emoji": "👍"}) == {"action": "added", "emoji": "👍"}
    found = await ann.ask("GET", path)
    who = [{"id": bob.id, "username": bob.username}]
    assert found == {"reactions": [{"emoji": "👍", "count": 1, "users": who}]}
    assert (await bob.ask("POST", path, {"emoji": "👍"}))["action"] == "removed"
    assert await ann.ask("GET", path) == {"reactions": []}


async def test_what_is_said_stays_in_the_room(world: World, ann: Person, bob: Person) -> None:
    room, eve = await dm(ann, bob), await world.person("eve")
    mine = await group(eve)
    message = await say(ann, room, "secret")
    await eve.ask("GET", "/messages", roomId=room, status=403)
    await eve.ask("POST", "/messages", {"roomId": room, "content": "x"}, status=403)
    await eve.ask("POST", f"/messages/read/{room}", status=403)
    for method, path, body in (
        ("PUT", "", {"content": "x"}),
        ("DELETE", "", None),
        ("POST", "/reactions", {"emoji": "x"}),
        ("GET", "/reactions", None),
    ):
        await eve.ask(method, f"/messages/{message['id']}{path}", body, status=404)
    quote = {"roomId": mine, "content": "x", "replyToId": message["id"]}
    await eve.ask("POST", "/messages/reply", quote, status=404)
