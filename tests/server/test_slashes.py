"""Paths that end with a slash, as the tables of other Woxly servers write them."""

import pytest

from tests.server.harness import World


@pytest.mark.parametrize("path", ["/friends/", "/rooms/", "/users/me/", "/calls/missed/"])
async def test_a_slash_at_the_end_says_nothing(world: World, path: str) -> None:
    ann = await world.person("ann")
    await ann.ask("GET", path)


async def test_what_is_sent_to_a_path_with_a_slash_arrives(world: World) -> None:
    ann = await world.person("ann")
    made = await ann.ask("POST", "/rooms/", {"type": "VOICE", "name": "Den"}, status=201)
    room = made["room"]["id"]
    await ann.ask("POST", "/messages/", {"roomId": room, "content": "hi"}, status=201)
    found = await ann.ask("GET", f"/messages/?roomId={room}&limit=5")
    assert [one["content"] for one in found["messages"]] == ["hi"]


async def test_a_slash_makes_no_route(world: World) -> None:
    answer = await world.http.get("/api/nowhere/")
    assert answer.status_code == 404
    assert answer.json() == {"error": "Route not found", "path": "/", "method": "GET"}
