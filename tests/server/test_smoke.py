from tests.server.harness import World, dm


async def test_smoke(world: World) -> None:
    ann, bob = await world.friends("ann", "bob")
    room = await dm(ann, bob)
    print(await ann.ask("GET", "/users/me"))
    print(await ann.ask("GET", "/friends"))
    print(await ann.ask("GET", "/rooms"))
    print(await ann.ask("POST", "/messages", {"roomId": room, "content": "hi"}, status=201))
    print(await bob.ask("GET", "/messages", roomId=room))
    print(await bob.ask("GET", "/rooms"))
    print(await ann.ask("POST", f"/rooms/{room}/livekit-token", {}))
    print(await ann.ask("GET", "/health", status=503))
    print((await world.http.get("/docs")).text[:300])
    print((await world.http.get("/api/nothing")).text[:300])
    print(await ann.ask("GET", "/users/abc", status=400))
    print(await ann.ask("POST", "/friends/add", {"friendId": "5"}, status=400))
