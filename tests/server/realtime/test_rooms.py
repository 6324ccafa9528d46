"""What those who follow a room hear."""

from tests.server.harness import Person, Phone, ServedWorld, dm


async def following(world: ServedWorld, *people: Person, room: int) -> list[Phone]:
    phones = [await world.device(person) for person in people]
    for phone in phones:
        assert (await phone.ask("join-room", {"roomId": room}))["ok"] is True
    return phones


async def test_a_message_over_rest_reaches_those_who_follow(served: ServedWorld) -> None:
    ann, bob = await served.friends("ann", "bob")
    room = await dm(ann, bob)
    _, hers = await following(served, ann, bob, room=room)
    sent = await ann.ask("POST", "/messages", {"roomId": room, "content": "hi"}, status=201)
    heard = await hers.hears("new-message")
    assert heard == sent["message"]
    await ann.ask("PUT", f"/messages/{heard['id']}", {"content": "ho"})
    assert (await hers.hears("message-updated"))["isEdited"] is True
    await bob.ask("POST", f"/messages/{heard['id']}/reactions", {"emoji": "👍"})
    reacted = await hers.hears("message-reaction")
    assert (reacted["action"], reacted["reactions"][0]["count"]) == ("added", 1)
    await bob.ask("POST", f"/messages/read/{room}")
    assert (await hers.hears("messages-read"))["userId"] == bob.id
    await ann.ask("DELETE", f"/messages/{heard['id']}")
    assert await hers.hears("message-deleted") == {"id": heard["id"], "roomId": room}


async def test_a_message_over_the_socket_reaches_the_sender_too(served: ServedWorld) -> None:
    ann, bob = await served.friends("ann", "bob")
    room = await dm(ann, bob)
    mine, hers = await following(served, ann, bob, room=room)
    ack = await mine.ask("send-message", {"roomId": room, "content": "hi"})
    for phone in (mine, hers):
        assert (await phone.hears("new-message"))["id"] == ack["messageId"]


async def test_strangers_follow_nothing_and_hear_nothing(served: ServedWorld) -> None:
    ann, bob = await served.friends("ann", "bob")
    eve = await served.person("eve")
    room = await dm(ann, bob)
    spy = await served.device(eve)
    for event in ("join-room", "start-speaking", "stop-speaking", "leave-call", "restore-call"):
        assert (await spy.ask(event, {"roomId": room}))["ok"] is False
    assert (await spy.ask("send-message", {"roomId": room, "content": "x"}))["ok"] is False
    assert (await spy.ask("typing-start", {"roomId": room, "isTyping": True}))["ok"] is False
    await ann.ask("POST", "/messages", {"roomId": room, "content": "secret"}, status=201)
    assert await spy.heard_so_far("new-message") == []


async def test_typing_and_speaking(served: ServedWorld) -> None:
    ann, bob = await served.friends("ann", "bob")
    room = await dm(ann, bob)
    mine, hers = await following(served, ann, bob, room=room)
    await mine.ask("typing-start", {"roomId": room, "isTyping": True})
    assert await hers.hears("typing") == {"userId": ann.id, "roomId": room, "isTyping": True}
    await mine.ask("start-speaking", {"roomId": room})
    speaking = {"userId": ann.id, "roomId": room, "isSpeaking": True}
    assert await hers.hears("user-speaking") == speaking
    assert await mine.hears("user-speaking") == speaking
    assert await mine.heard_so_far("typing") == []


async def test_leaving_a_group_is_for_good_and_silences_every_device(served: ServedWorld) -> None:
    ann, bob = await served.friends("ann", "bob")
    body = {"type": "GROUP", "name": "Crew", "invitedFriends": [bob.id]}
    room = (await ann.ask("POST", "/rooms", body, status=201))["room"]["id"]
    await bob.ask("POST", f"/rooms/{room}/join")
    mine, hers, tablet = await following(served, ann, bob, bob, room=room)
    await hers.ask("leave-room", {"roomId": room})
    assert await mine.hears("user-left-room") == {"userId": bob.id, "roomId": room}
    await ann.ask("POST", "/messages", {"roomId": room, "content": "alone"}, status=201)
    assert await tablet.heard_so_far("new-message") == []
    await bob.ask("GET", f"/rooms/{room}", status=403)


async def test_leaving_a_dm_by_socket_keeps_it(served: ServedWorld) -> None:
    ann, bob = await served.friends("ann", "bob")
    room = await dm(ann, bob)
    (phone,) = await following(served, ann, room=room)
    await phone.ask("leave-room", {"roomId": room})
    await ann.ask("POST", "/messages", {"roomId": room, "content": "still here"}, status=201)


async def test_an_invitation_is_an_event(served: ServedWorld) -> None:
    ann, bob = await served.friends("ann", "bob")
    phone = await served.device(bob)
    body = {"type": "VOICE", "name": "Kitchen", "invitedFriends": [bob.id]}
    room = (await ann.ask("POST", "/rooms", body, status=201))["room"]["id"]
    asked = await phone.hears("room-invitation")
    assert asked == {"roomId": room, "name": "Kitchen", "type": "VOICE", "by": ann.id}


async def test_friendship_is_told(served: ServedWorld) -> None:
    ann, bob = await served.person("ann"), await served.person("bob")
    mine, hers = await served.device(ann), await served.device(bob)
    await ann.ask("POST", "/friends/add", {"friendId": bob.id}, status=201)
    request = await hers.hears("friend-request")
    assert request["from"]["id"] == ann.id
    await bob.ask("POST", "/friends/accept", {"friendshipId": request["friendshipId"]})
    assert (await mine.hears("friend-accepted"))["friend"]["id"] == bob.id
    await bob.ask("PUT", "/users/me", {"username": "robert"})
    news = await mine.hears("friend-profile-updated")
    assert (news["username"], news["avatarUrl"]) == ("robert", None)
    await bob.ask("DELETE", f"/friends/{ann.id}")
    assert (await mine.hears("friend-removed"))["userId"] == bob.id


async def test_signals_of_the_web_client_are_passed_on(served: ServedWorld) -> None:
    ann, bob = await served.friends("ann", "bob")
    mine, hers = await served.device(ann), await served.device(bob)
    offer = {"type": "offer", "sdp": "v=0"}
    await mine.ask("webrtc-offer", {"to": bob.id, "offer": offer})
    assert await hers.hears("webrtc-offer") == {"from": ann.id, "offer": offer}
    await bob.ask("POST", "/friends/block", {"userId": ann.id})
    assert (await mine.ask("ice-candidate", {"to": bob.id, "candidate": {}}))["ok"] is False
