"""Calls over a server that speaks as the public one does, bugs included."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.lobby.stage import Stage, Terminal
from tests.rig.public_server import PASSWORD, LiveKit, PublicServer, User
from woxly_tui.call.ringing.view import Outcome, RingPhase
from woxly_tui.control import lobby as ask
from woxly_tui.control.messages import SendChat
from woxly_tui.types import RoomKind

KEY = LiveKit("ws://127.0.0.1:9", "devkey", "a secret of at least thirty-two characters")


@dataclass
class Abroad:
    """Two of us, and somebody at a web page, on the public server."""

    server: PublicServer
    stage: Stage
    ann: Terminal
    bob: Terminal
    web: User


@pytest.fixture
async def abroad(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Abroad]:
    async with PublicServer(livekit=KEY) as server:
        users = [server.user(name) for name in ("annie", "bobby", "weber")]
        for first, second in ((0, 1), (0, 2), (1, 2)):
            server.befriend(users[first], users[second])
        stage = Stage(server.url, tmp_path, monkeypatch)
        ann = await stage.terminal("ann", users[0].email, PASSWORD)
        bob = await stage.terminal("bob", users[1].email, PASSWORD)
        for one in (ann, bob):
            await one.go_online()
        yield Abroad(server, stage, ann, bob, users[2])
        await stage.aclose()


async def test_two_terminals_ring_talk_and_hang_up(abroad: Abroad) -> None:
    ann, bob = abroad.ann, abroad.bob
    await ann.talk(bob)
    await ann.do(ask.HangUp())
    await abroad.stage.settled(ann, bob)
    assert bob.outcome is Outcome.PEER_LEFT
    await abroad.server.hears("reject-call")  # which clears the stale entries
    await bob.do(ask.SearchPeople("annie"))
    await bob.until(lambda: bob.found)
    await bob.talk(ann)
    assert abroad.server.state.calls.keys() >= {ann.user, bob.user}


async def test_whoever_hangs_up_is_called_back_in_the_same_instant(abroad: Abroad) -> None:
    ann, bob = abroad.ann, abroad.bob
    await ann.talk(bob)
    await bob.do(ask.HangUp())
    await ann.until(lambda: ann.outcome is Outcome.PEER_LEFT)
    await ann.do(ask.CallFriend(bob.user))
    await bob.until(lambda: ann.user in bob.callers)
    await abroad.server.hears("reject-call")
    await asyncio.sleep(0.3)  # what is on its way
    assert ann.phase is RingPhase.OUTGOING
    await bob.do(ask.AcceptRing(ann.user))
    await ann.until(lambda: ann.talks_with(bob))
    await ann.do(ask.HangUp())
    await abroad.stage.settled(ann, bob)


async def test_a_cancelled_ring_is_told_by_the_word_the_server_has(abroad: Abroad) -> None:
    ann, bob = abroad.ann, abroad.bob
    await ann.ring(bob)
    await ann.do(ask.HangUp())
    await bob.until(lambda: not bob.callers)
    assert bob.outcome is Outcome.CANCELLED
    await asyncio.sleep(0)
    assert not abroad.server.state.calls


async def test_a_declined_ring_leaves_nobody_locked_out(abroad: Abroad) -> None:
    ann, bob = abroad.ann, abroad.bob
    await ann.ring(bob)
    room = ann.state.rings.room
    assert room is not None
    await bob.do(ask.RejectRing(ann.user))
    await ann.until(lambda: ann.outcome is Outcome.DECLINED)
    await abroad.server.until(lambda: abroad.server.state.is_accepted(room, bob.user))


async def test_a_second_ring_while_talking_is_shown_and_leaves_on_answer(abroad: Abroad) -> None:
    ann, bob = abroad.ann, abroad.bob
    await ann.talk(bob)
    web = await abroad.server.web_peer(abroad.web)
    await web.ring(abroad.server.state.users[ann.user], None)
    await ann.until(lambda: abroad.web.id in ann.callers)
    assert ann.talks_with(bob)
    await ann.do(ask.AcceptRing(abroad.web.id))  # type: ignore[arg-type]
    await bob.until(lambda: bob.is_idle)
    assert ann.state.rings.peer == abroad.web.id


async def test_a_web_page_that_speaks_peer_to_peer_is_recognised(abroad: Abroad) -> None:
    ann = abroad.ann
    web = await abroad.server.web_peer(abroad.web)
    await ann.do(ask.CallFriend(abroad.web.id))  # type: ignore[arg-type]
    await web.answer()
    await ann.until(lambda: ann.phase is RingPhase.TALKING and ann.state.rings.is_web_only)
    await ann.do(ask.HangUp())
    await abroad.stage.settled(ann)


async def test_both_ring_each_other_at_once(abroad: Abroad) -> None:
    ann, bob = abroad.ann, abroad.bob
    await asyncio.gather(ann.do(ask.CallFriend(bob.user)), bob.do(ask.CallFriend(ann.user)))
    await ann.until(lambda: ann.talks_with(bob))
    await bob.until(lambda: bob.talks_with(ann))


async def test_a_group_is_rung_and_talks(abroad: Abroad) -> None:
    ann, bob = abroad.ann, abroad.bob
    await ann.do(ask.CallGroup((bob.user, abroad.web.id)))  # type: ignore[arg-type]
    await bob.until(lambda: ann.user in bob.callers)
    assert bob.state.rings.incoming[0].kind is RoomKind.GROUP
    await bob.do(ask.AcceptRing(ann.user))
    await ann.until(lambda: ann.talks_with(bob))


async def test_what_is_said_arrives_and_is_shown_once(abroad: Abroad) -> None:
    ann, bob = abroad.ann, abroad.bob
    await ann.talk(bob)
    await ann.do(SendChat("hello"))
    await bob.until(lambda: bob.chat)
    assert (len(bob.chat), len(ann.chat)) == (1, 1)


async def test_nobody_answers_and_the_caller_gives_up_by_itself(abroad: Abroad) -> None:
    ann = abroad.ann
    await ann.do(ask.CallFriend(abroad.web.id))  # type: ignore[arg-type]
    await abroad.server.hears("call-friend")
    assert ann.state.rings.ringing[0].outcome is None
    assert ann.engine._lobby.rings._machine.next_deadline() is not None
    await ann.do(ask.HangUp())


async def test_malformed_events_change_nothing(abroad: Abroad) -> None:
    user = abroad.server.state.users[abroad.ann.user]
    for payload in ({}, {"from": "x"}, {"from": -1, "roomId": []}, {"from": 1 << 40}):
        await abroad.server.push(user, "incoming-call", payload)
        await abroad.server.push(user, "call-accepted", payload)
    await abroad.server.push(user, "incoming-call", {"from": abroad.web.id})
    await abroad.ann.until(lambda: abroad.ann.callers == [abroad.web.id])
