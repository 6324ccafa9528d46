"""What happens at the same time: on `woxly serve`, and over links that break in every state.

Server and terminals must agree within AGREE_WITHIN_S of a healed link.
"""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from tests.lobby.conftest import Trio
from tests.lobby.stage import AGREE_WITHIN_S, Terminal
from woxly_tui.call.ringing.view import Outcome, RingPhase
from woxly_tui.control import lobby as ask
from woxly_tui.control.messages import Rejoin
from woxly_tui.social.model import LinkState


async def agree(trio: Trio, *people: Terminal) -> None:
    """The server's book says of each one what their terminal says."""
    book = trio.world.server.services.ringer.book

    async def differs() -> str:
        for one in people:
            entry = await book.entry_of(one.user)
            room = None if entry is None else entry.room_id
            ours = one.state.rings.room if one.phase is RingPhase.TALKING else None
            if room != ours:
                return f"{one.name}: the server has {room}, the terminal {ours}"
            rung = sorted(ring.caller for ring in await book.rings_to(one.user))
            if rung != sorted(one.callers):
                return f"{one.name}: the server rings them by {rung}, they see {one.callers}"
        return ""

    loop = asyncio.get_running_loop()
    until = loop.time() + AGREE_WITHIN_S
    while said := await differs():
        assert loop.time() < until, said
        await asyncio.sleep(0.02)


async def cut(trio: Trio, one: Terminal) -> None:
    """Break somebody's link, until they know."""
    await trio.links[one.name].cut()
    await one.until(lambda: one.state.link is not LinkState.ONLINE)


async def heal(trio: Trio, one: Terminal) -> None:
    """Let it come back; the wait of AGREE_WITHIN_S begins."""
    await trio.links[one.name].heal()
    await one.until(lambda: one.state.link is LinkState.ONLINE, AGREE_WITHIN_S)


async def test_both_ring_each_other_at_once_and_are_in_one_call(trio: Trio) -> None:
    ann, bob = trio.ann, trio.bob
    await asyncio.gather(ann.do(ask.CallFriend(bob.user)), bob.do(ask.CallFriend(ann.user)))
    await ann.until(lambda: ann.talks_with(bob))
    await bob.until(lambda: bob.talks_with(ann))
    await agree(trio, ann, bob)


async def test_a_ring_is_cancelled_and_answered_at_once(trio: Trio) -> None:
    ann, bob = trio.ann, trio.bob
    await ann.ring(bob)
    await asyncio.gather(ann.do(ask.HangUp()), bob.client.send(ask.AcceptRing(ann.user)))
    await trio.stage.settled(ann, bob)
    await agree(trio, ann, bob)


async def test_answered_on_another_device(trio: Trio) -> None:
    ann, bob = trio.ann, trio.bob
    account = bob.store.find()
    assert account is not None
    twin = Terminal("twin", account, trio.stage)
    trio.stage.terminals["twin"] = twin
    await twin.go_online()
    await ann.ring(bob)
    await twin.until(lambda: ann.user in twin.callers)
    await twin.do(ask.AcceptRing(ann.user))
    await bob.until(lambda: not bob.callers)
    assert bob.outcome is Outcome.ANSWERED_ELSEWHERE
    assert not bob.is_in_media
    await ann.until(lambda: ann.talks_with(twin))


async def test_a_caller_who_vanishes_rings_no_more(trio: Trio) -> None:
    ann, bob = trio.ann, trio.bob
    await ann.ring(bob)
    await cut(trio, ann)
    await bob.until(lambda: not bob.callers, 20.0)
    assert bob.outcome in (Outcome.CALLER_GONE, Outcome.TIMEOUT)
    await heal(trio, ann)
    await trio.stage.settled(ann, bob)
    await agree(trio, ann, bob)


async def test_a_call_goes_on_without_the_server(trio: Trio) -> None:
    ann, bob = trio.ann, trio.bob
    await ann.talk(bob)
    await cut(trio, ann)
    assert ann.talks_with(bob)
    await heal(trio, ann)
    await agree(trio, ann, bob)
    assert ann.talks_with(bob)


async def test_a_frozen_link_is_noticed_and_replaced(trio: Trio) -> None:
    ann, bob = trio.ann, trio.bob
    await ann.talk(bob)
    trio.links["ann"].freeze()
    await ann.until(lambda: ann.state.link is not LinkState.ONLINE, 12.0)
    trio.links["ann"].thaw()
    await ann.until(lambda: ann.state.link is LinkState.ONLINE, AGREE_WITHIN_S)
    await agree(trio, ann, bob)


Act = Callable[[Trio], Awaitable[object]]

WHILE_CUT: dict[str, Act] = {
    "nothing": lambda _: asyncio.sleep(0),
    "the caller hangs up": lambda trio: trio.ann.do(ask.HangUp()),
    "the callee answers": lambda trio: trio.bob.client.send(ask.AcceptRing(trio.ann.user)),
    "the callee declines": lambda trio: trio.bob.client.send(ask.RejectRing(trio.ann.user)),
    "the callee hangs up": lambda trio: trio.bob.do(ask.HangUp()),
}


@pytest.mark.parametrize("whose", ["ann", "bob"])
@pytest.mark.parametrize("what", WHILE_CUT)
async def test_a_ring_over_a_link_that_breaks(trio: Trio, whose: str, what: str) -> None:
    ann, bob = trio.ann, trio.bob
    await ann.ring(bob)
    broken = trio.stage.terminals[whose]
    await cut(trio, broken)
    await WHILE_CUT[what](trio)
    await heal(trio, broken)
    await agree(trio, ann, bob)


@pytest.mark.parametrize("whose", ["ann", "bob"])
@pytest.mark.parametrize("what", ["nothing", "the caller hangs up", "the callee hangs up"])
async def test_a_call_over_a_link_that_breaks(trio: Trio, whose: str, what: str) -> None:
    ann, bob = trio.ann, trio.bob
    await ann.talk(bob)
    broken = trio.stage.terminals[whose]
    await cut(trio, broken)
    await WHILE_CUT[what](trio)
    await heal(trio, broken)
    await agree(trio, ann, bob)
    if what == "nothing":
        assert ann.talks_with(bob)
    else:
        await trio.stage.settled(ann, bob, within_s=12.0)


async def test_an_engine_that_is_killed_in_a_call_comes_back_to_it(trio: Trio) -> None:
    ann, bob = trio.ann, trio.bob
    await ann.talk(bob)
    await ann.crash()
    assert ann.engine.lost_room
    await ann.do(Rejoin())
    await ann.until(lambda: ann.talks_with(bob))
    await bob.until(lambda: bob.talks_with(ann))
    await agree(trio, ann, bob)


async def test_an_engine_that_is_killed_while_ringing_rings_no_more(trio: Trio) -> None:
    ann, bob = trio.ann, trio.bob
    await ann.ring(bob)
    await ann.crash()
    await ann.go_online()
    await bob.until(lambda: not bob.callers, 25.0)
    await trio.stage.settled(ann, bob)


async def test_an_engine_that_is_killed_while_rung_is_rung_again(trio: Trio) -> None:
    ann, bob = trio.ann, trio.bob
    await ann.ring(bob)
    await bob.crash()
    await bob.go_online()
    await bob.until(lambda: ann.user in bob.callers, AGREE_WITHIN_S)
    await bob.do(ask.AcceptRing(ann.user))
    await ann.until(lambda: ann.talks_with(bob))


async def test_the_same_user_in_two_places_does_not_fight(trio: Trio) -> None:
    ann, bob = trio.ann, trio.bob
    await ann.talk(bob)
    account = ann.store.find()
    assert account is not None
    room = ann.state.rings.room
    assert room is not None
    twin = Terminal("twin", account, trio.stage)
    trio.stage.terminals["twin"] = twin
    await twin.go_online()
    await twin.do(ask.EnterRoom(room))
    await ann.until(lambda: ann.outcome is Outcome.JOINED_ELSEWHERE)
    await bob.until(lambda: bob.talks_with(twin))
    await agree(trio, bob)
