"""Calls as users make them, on `woxly serve`."""

from tests.lobby.conftest import Trio
from woxly_tui.call.ringing.view import Outcome, RingPhase
from woxly_tui.control import lobby as ask
from woxly_tui.control.messages import SendChat
from woxly_tui.social.model import LinkState, Presence
from woxly_tui.tui.lobby_words import call_words
from woxly_tui.types import RoomKind


async def test_a_friend_is_rung_answers_and_hangs_up(trio: Trio) -> None:
    ann, bob = trio.ann, trio.bob
    await ann.talk(bob)
    assert ann.call.room == bob.state.me.name  # type: ignore[union-attr]
    await bob.do(ask.HangUp())
    await trio.stage.settled(ann, bob)
    assert (ann.outcome, bob.outcome) == (Outcome.PEER_LEFT, Outcome.HUNG_UP)
    assert [call.with_whom for call in ann.calls] == [bob.state.me.name]  # type: ignore[union-attr]


async def test_a_ring_opens_no_microphone_and_enters_no_room(trio: Trio) -> None:
    await trio.ann.ring(trio.bob)
    assert trio.ann.phase is RingPhase.OUTGOING
    assert trio.stage.sfu.everybody == []
    assert not trio.ann.links
    assert not trio.bob.links


async def test_a_ring_is_declined_with_a_message(trio: Trio) -> None:
    await trio.ann.ring(trio.bob)
    await trio.bob.do(ask.RejectRing(trio.ann.user, "in an hour?"))
    await trio.ann.until(lambda: trio.ann.outcome is Outcome.DECLINED)
    await trio.ann.until(lambda: any(room.last_text == "in an hour?" for room in trio.ann.rooms))
    await trio.stage.settled(trio.ann, trio.bob)
    assert [call_words(call) for call in trio.ann.calls] == ["declined"]
    assert [call_words(call) for call in trio.bob.calls] == ["you declined"]
    await trio.ann.crash()
    await trio.ann.go_online()
    await trio.ann.until(lambda: [call_words(call) for call in trio.ann.calls] == ["declined"])


async def test_whoever_talks_is_busy_to_others(trio: Trio) -> None:
    await trio.ann.talk(trio.bob)
    await trio.cy.do(ask.CallFriend(trio.bob.user))
    await trio.cy.until(lambda: trio.cy.outcome is Outcome.BUSY)
    assert trio.ann.talks_with(trio.bob)


async def test_a_second_ring_while_dialling_is_refused_in_words(trio: Trio) -> None:
    await trio.ann.ring(trio.bob)
    assert "in a call already" in await trio.ann.refused(ask.CallFriend(trio.cy.user))


async def test_somebody_is_added_and_the_call_becomes_a_group(trio: Trio) -> None:
    ann, bob, cy = trio.ann, trio.bob, trio.cy
    await ann.talk(bob)
    await ann.do(ask.AddToCall(cy.user))
    await bob.until(lambda: ann.user in bob.callers)
    await cy.until(lambda: ann.user in cy.callers)
    assert cy.state.rings.incoming[0].kind is RoomKind.GROUP
    await cy.do(ask.AcceptRing(ann.user))
    await bob.do(ask.AcceptRing(ann.user))
    for one, others in ((ann, (bob, cy)), (bob, (ann, cy)), (cy, (ann, bob))):
        await one.until(lambda one=one, others=others: one.talks_with(*others))  # type: ignore[misc]
    await ann.do(ask.HangUp())
    await bob.until(lambda: bob.talks_with(cy))
    await bob.do(ask.HangUp())
    await cy.do(ask.HangUp())
    await trio.stage.settled(ann, bob, cy)


async def test_another_account_takes_the_place_of_one_and_nothing_of_it_stays(trio: Trio) -> None:
    ann, bob, cy = trio.ann, trio.bob, trio.cy
    await ann.ring(bob)
    await ann.do(ask.ListAccounts())
    await ann.until(lambda: len(ann.accounts) == 3)
    other = ann.accounts[2]
    assert "hang up first" not in await ann.refused(ask.UseAccount("nobody"))
    assert await ann.refused(ask.UseAccount(other)) == "A call or a ring goes on"
    await bob.do(ask.RejectRing(ann.user))
    await ann.until(lambda: ann.outcome is Outcome.DECLINED and bool(ann.calls))
    room = ann.state.rings.ending.room  # type: ignore[union-attr]
    assert room is not None
    await ann.do(ask.SendMessage(room, "a secret"))
    await ann.do(ask.OpenRoom(room))
    await ann.until(lambda: room in ann.threads)
    await ann.do(ask.SetPresence(Presence.DND))

    await ann.do(ask.UseAccount(other))
    await ann.until(lambda: ann.state.link is LinkState.ONLINE and ann.state.as_of is not None)
    assert ann.state.me is not None
    assert ann.state.me.user == cy.user
    assert (ann.state.presence, ann.outcome, ann.calls) == (Presence.ONLINE, None, ())
    assert ann.threads[room].messages == ()
    await ann.until(lambda: len(ann.friends) == 2)
    await bob.do(ask.CallFriend(cy.user))
    await ann.until(lambda: bob.user in ann.callers)
    await ann.do(ask.RejectRing(bob.user))
    await ann.until(lambda: ann.outcome is Outcome.DECLINED)
    assert ann.state.rings.ending.number == 2  # type: ignore[union-attr]
    await trio.stage.settled(ann, bob)


async def test_a_room_that_is_open_already_is_shown_to_whoever_opens_it_again(trio: Trio) -> None:
    ann = trio.ann
    await ann.ring(trio.bob)
    await ann.do(ask.HangUp())
    await ann.until(lambda: bool(ann.rooms))
    room = ann.rooms[0].room
    await ann.do(ask.SendMessage(room, "hello"))
    for _ in range(2):
        ann.threads.clear()
        await ann.do(ask.OpenRoom(room))
        await ann.until(lambda: room in ann.threads)
        assert [one.text for one in ann.threads[room].messages] == ["hello"]


async def test_do_not_disturb_outlives_the_engine(trio: Trio) -> None:
    ann, bob = trio.ann, trio.bob
    await ann.do(ask.SetPresence(Presence.DND))
    await ann.crash()
    await ann.go_online()
    assert ann.state.presence is Presence.DND
    assert [notice.text for notice in ann.notices] == [
        "You are still not to be disturbed: rings make no sound"
    ]
    await bob.until(lambda: Presence.BUSY in [one.presence for one in bob.friends])
    await ann.do(ask.SetPresence(Presence.ONLINE))
    await ann.crash()
    await ann.go_online()
    assert (ann.state.presence, ann.notices) == (Presence.ONLINE, [])


async def test_guests_of_a_call_see_what_members_write_and_nobody_sees_it_twice(
    trio: Trio,
) -> None:
    ann, bob = trio.ann, trio.bob
    await ann.talk(bob)
    room = ann.state.rings.room
    assert room is not None
    await ann.do(SendChat("before"))
    await bob.until(lambda: len(bob.chat) == 1)
    guest = trio.stage.sfu.guest(room, "guest-zoe")
    await ann.until(lambda: len(ann.call.others) == 2)
    assert [notice.text for notice in ann.notices] == [
        "user guest-zoe is a guest, and sees what members write while this call is on"
    ]
    await ann.do(SendChat("hello"))
    await bob.do(ask.SendMessage(room, "hi"))  # from the messages of the room
    for one in (ann, bob):
        await one.until(lambda one=one: len(one.chat) == 3)  # type: ignore[misc]
    guest.say("a guest speaks")
    await ann.until(lambda: len(ann.chat) == 4)
    names = [one.state.me.name for one in (ann, bob)]  # type: ignore[union-attr]
    written = [f"{names[0]}: before", f"{names[0]}: hello", f"{names[1]}: hi"]
    assert ann.chat == bob.chat == [*written, "user guest-zoe: a guest speaks"]
    assert guest.heard == [f"{ann.user}: hello", f"{bob.user}: hi"]
    guest.die()
    await ann.until(lambda: len(ann.call.others) == 1)
    await ann.do(SendChat("alone"))
    await bob.until(lambda: len(bob.chat) == 5)
    assert trio.stage.sfu.said == ["hello", "hi", "a guest speaks"]
    await ann.do(ask.HangUp())
    await trio.stage.settled(ann, bob)


async def test_a_message_to_another_room_stays_there(trio: Trio) -> None:
    ann, bob, cy = trio.ann, trio.bob, trio.cy
    await ann.ring(cy)
    await ann.do(ask.HangUp())
    await ann.until(lambda: any(one.peer == cy.user for one in ann.rooms))
    other = next(one.room for one in ann.rooms if one.peer == cy.user)
    await ann.talk(bob)
    room = ann.state.rings.room
    assert room is not None
    guest = trio.stage.sfu.guest(room, "guest-zoe")
    await ann.until(lambda: len(ann.call.others) == 2)
    await ann.do(ask.SendMessage(other, "not for zoe"))
    await ann.do(SendChat("for zoe"))
    await ann.until(lambda: len(ann.chat) == 1)
    assert guest.heard == [f"{ann.user}: for zoe"]
    guest.die()
    await ann.do(ask.HangUp())
    await trio.stage.settled(ann, bob)


async def test_a_voice_room_is_entered_without_a_ring(trio: Trio) -> None:
    ann, bob = trio.ann, trio.bob
    await ann.do(ask.CreateRoom("standup", RoomKind.VOICE, (bob.user,)))
    await ann.until(lambda: any(room.name == "standup" for room in ann.rooms))
    await bob.until(lambda: any(room.name == "standup" for room in bob.rooms))
    room = next(room.room for room in ann.rooms if room.name == "standup")
    await ann.do(ask.EnterRoom(room))
    await bob.do(ask.OpenRoom(room))  # which accepts the invitation
    await bob.do(ask.EnterRoom(room))
    await ann.until(lambda: ann.talks_with(bob))
    assert not bob.callers
    await ann.do(ask.HangUp())
    await bob.do(ask.HangUp())
    await trio.stage.settled(ann, bob)


async def test_chat_in_a_call_is_the_room_s_and_shown_once(trio: Trio) -> None:
    ann, bob = trio.ann, trio.bob
    await ann.talk(bob)
    room = ann.state.rings.room
    assert room is not None
    await bob.do(ask.OpenRoom(room))
    await ann.do(SendChat("can you hear me?"))
    await bob.until(lambda: bob.threads[room].messages)
    await bob.until(lambda: bob.chat)
    assert [said.text for said in bob.threads[room].messages] == ["can you hear me?"]
    assert len(bob.chat) == 1
    await ann.until(lambda: ann.chat)
    assert len(ann.chat) == 1


async def test_who_is_not_to_be_disturbed_is_rung_and_looks_busy(trio: Trio) -> None:
    await trio.bob.do(ask.SetPresence(Presence.DND))
    await trio.ann.until(
        lambda: any(
            one.person.user == trio.bob.user and one.presence is Presence.BUSY
            for one in trio.ann.friends
        )
    )
    await trio.ann.ring(trio.bob)
    assert trio.bob.state.presence is Presence.DND


async def test_people_are_found_and_befriended(trio: Trio) -> None:
    stranger = await trio.world.person("dora")
    await trio.ann.do(ask.SearchPeople("dora"))
    await trio.ann.until(lambda: trio.ann.found)
    assert trio.ann.found is not None
    (found,) = trio.ann.found.people
    assert found.user == stranger.id
    await trio.ann.do(ask.AddFriend(found.user))
    await stranger.ask("POST", "/friends/add", {"friendId": trio.ann.user})
    await trio.ann.until(lambda: any(one.person.user == found.user for one in trio.ann.friends))
    await trio.ann.do(ask.RemoveFriend(found.user))
    await trio.ann.until(lambda: all(one.person.user != found.user for one in trio.ann.friends))


async def test_a_message_is_answered_changed_liked_and_taken_back(trio: Trio) -> None:
    ann, bob = trio.ann, trio.bob
    await ann.talk(bob)
    room = ann.state.rings.room
    assert room is not None
    await ann.do(ask.OpenRoom(room))
    await bob.do(ask.OpenRoom(room))
    await ann.do(ask.SendMessage(room, "tea?"))
    await bob.until(lambda: bob.threads[room].messages)
    first = bob.threads[room].messages[0].message
    await bob.do(ask.SendMessage(room, "yes", first))
    await bob.do(ask.React(room, first, "👍"))
    await ann.do(ask.EditMessage(room, first, "coffee?"))
    await bob.until(lambda: bob.threads[room].messages[0].text == "coffee?")
    await ann.until(lambda: len(ann.threads[room].messages) == 2)
    await ann.until(lambda: ann.threads[room].messages[0].reactions)
    assert ann.threads[room].messages[1].reply_to == first
    await bob.do(ask.SetTyping(room, on=True))
    await ann.until(lambda: ann.threads[room].typing)
    await ann.do(ask.DeleteMessage(room, first))
    await bob.until(
        lambda: all(m.is_deleted or m.message != first for m in bob.threads[room].messages)
    )
    await bob.do(ask.MarkRead(room))
