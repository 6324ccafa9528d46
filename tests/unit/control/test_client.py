"""What every EngineClient does, in the process or over a socket: one suite for both."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.unit.control.full_queue import FullQueue
from tests.unit.control.served import PATIENCE_S, serving
from tests.unit.engine.fakes import Bench
from woxly_tui.call.snapshot import CallPhase, Levels, MicState, Snapshot, StateWord
from woxly_tui.control.client import EngineClient
from woxly_tui.control.messages import (
    GetSnapshot,
    Join,
    Leave,
    Rejoin,
    SetDeafen,
    SetMute,
    SetPtt,
    StartPlay,
    ToggleMute,
    Update,
)
from woxly_tui.control.socket_client import SocketEngineClient
from woxly_tui.media import messages as media
from woxly_tui.types import Dbfs, Identity, RoomName

Connect = Callable[[], Awaitable[EngineClient]]


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture(params=["local", "socket"])
async def connect(request: pytest.FixtureRequest, bench: Bench) -> AsyncIterator[Connect]:
    """Makes another front end's client of one engine."""
    made: list[EngineClient] = []
    async with serving(bench) as served:

        async def one() -> EngineClient:
            if request.param == "local":
                made.append(bench.engine.client())
            else:
                made.append(await SocketEngineClient.connect(served.path, levels_hz=50))
            return made[-1]

        yield one
        for client in made:
            await client.aclose()


class Watching:
    """Reads a client's updates, and waits for one."""

    def __init__(self, client: EngineClient) -> None:
        self.seen: list[Update] = []
        self._updates = client.updates()

    async def until(self, wanted: Callable[[Update], bool]) -> Update:
        async with asyncio.timeout(PATIENCE_S):
            async for update in self._updates:
                self.seen.append(update)
                if wanted(update):
                    return update
        raise AssertionError(f"ended without it, after {self.seen[-3:]}")

    async def until_state(self, wanted: Callable[[Snapshot], bool]) -> Snapshot:
        update = await self.until(lambda u: isinstance(u, Snapshot) and wanted(u))
        assert isinstance(update, Snapshot)
        return update

    async def until_end(self) -> list[Update]:
        async with asyncio.timeout(PATIENCE_S):
            async for update in self._updates:
                self.seen.append(update)
        return self.seen


def is_live(snapshot: Snapshot) -> bool:
    return snapshot.state_word is StateWord.LIVE


def is_muted(snapshot: Snapshot) -> bool:
    return snapshot.microphone.state is MicState.MUTED and not snapshot.microphone.is_pending


async def test_the_present_state_comes_first(connect: Connect) -> None:
    watching = Watching(await connect())
    assert await watching.until_state(lambda _: True) == Snapshot()


async def test_whoever_reads_second_sees_the_present_state_too(
    bench: Bench, connect: Connect
) -> None:
    client = await connect()
    await bench.join()
    await Watching(client).until_state(is_live)
    assert is_live(await Watching(client).until_state(lambda _: True))


async def test_a_reply_carries_the_state_that_resulted(bench: Bench, connect: Connect) -> None:
    client = await connect()
    await bench.join()
    await Watching(client).until_state(is_live)
    reply = await client.send(ToggleMute())
    assert reply.ok
    assert is_muted(reply.snapshot)
    assert reply.snapshot == (await client.send(GetSnapshot())).snapshot


async def test_a_call_is_joined_left_and_joined_again(connect: Connect) -> None:
    client = await connect()
    watching = Watching(client)
    join = Join(url="ws://sfu:7880", server="sfu:7880", room=RoomName("attic"), is_muted=True)
    assert (await client.send(join)).snapshot.room == "attic"
    await watching.until_state(is_muted)
    await client.send(Leave())
    await watching.until_state(lambda s: s.phase is CallPhase.ENDED)
    assert (await client.send(Rejoin())).ok
    await watching.until_state(is_muted)


async def test_what_is_refused_says_why(connect: Connect) -> None:
    reply = await (await connect()).send(Rejoin())
    assert not reply.ok
    assert "no call" in reply.error
    assert "woxly join" in reply.remedy


async def test_all_front_ends_agree(bench: Bench, connect: Connect) -> None:
    first, second = await connect(), await connect()
    views = [Watching(first), Watching(second)]
    await bench.join()
    for view in views:
        await view.until_state(is_live)
    await first.send(SetDeafen(on=True))
    states = [await view.until_state(lambda s: s.microphone.is_deafened) for view in views]
    await second.send(SetMute(on=True))
    await second.send(SetDeafen(on=False))
    states = [await v.until_state(lambda s: s.state_word is StateWord.MUTED) for v in views]
    assert states[0] == states[1] == (await first.send(GetSnapshot())).snapshot


async def test_levels_of_everybody_come_while_they_are_wanted(
    bench: Bench, connect: Connect
) -> None:
    client = await connect()
    watching = Watching(client)
    await bench.join()
    await watching.until_state(is_live)
    people = {Identity("me"): Dbfs(-20.0), Identity("ann"): Dbfs(-60.0)}
    bench.link.on_event(media.LevelsMeasured(bench.session(), people))
    levels = await watching.until(lambda u: isinstance(u, Levels))
    assert isinstance(levels, Levels)
    assert {level.identity: level.level_dbfs for level in levels.levels} == people
    assert {level.identity for level in levels.levels if level.is_speaking} == {"me"}
    assert _rates(bench)[-1] > 0
    await client.aclose()
    for _ in range(100):
        await asyncio.sleep(0.005 if _rates(bench)[-1] > 0 else 0)
    assert _rates(bench)[-1] == 0


def _rates(bench: Bench) -> list[float]:
    return [c.rate_hz for c in bench.link.heard if isinstance(c, media.SetLevelsRate)]


async def test_updates_end_with_the_engine_and_after_its_last_state(
    bench: Bench, connect: Connect
) -> None:
    watching = Watching(await connect())
    await bench.join()
    await watching.until_state(is_live)
    await bench.engine.aclose()
    seen = await watching.until_end()
    last = [update for update in seen if isinstance(update, Snapshot)][-1]
    assert last.phase is CallPhase.ENDED


async def test_a_client_that_is_closed_leaves_the_call_alone(
    bench: Bench, connect: Connect
) -> None:
    client = await connect()
    await bench.join()
    await Watching(client).until_state(is_live)
    await client.aclose()
    assert (await bench.engine.handle(GetSnapshot())).snapshot.state_word is StateWord.LIVE


async def test_a_front_end_that_goes_lets_go_of_the_push_to_talk_key(
    bench: Bench, connect: Connect
) -> None:
    first, second = await connect(), await connect()
    watching = Watching(second)
    await bench.join()
    await watching.until_state(is_live)
    await first.send(SetMute(on=True))
    await first.send(SetPtt(is_down=True, at_ns=1, is_bound=True))
    await watching.until_state(is_live)
    await first.aclose()
    state = await watching.until_state(is_muted)
    assert not state.microphone.ptt.is_down


async def test_what_a_front_end_plays_ends_with_it(bench: Bench, connect: Connect) -> None:
    first, second = await connect(), await connect()
    watching = Watching(second)
    await bench.join()
    await watching.until_state(is_live)
    await first.send(StartPlay("a", "song"))
    await watching.until_state(lambda s: s.plays == "song")
    await first.aclose()
    await watching.until_state(lambda s: s.plays == "")
    assert media.PlayEnd("a", is_now=True) in bench.link.heard


async def test_a_screen_waits_for_its_place_in_a_queue_that_is_full(tmp_path: Path) -> None:
    with contextlib.closing(FullQueue(tmp_path / "s")) as queue:
        async with asyncio.timeout(PATIENCE_S):
            connecting = SocketEngineClient.connect(queue.path)
            client, _ = await asyncio.gather(connecting, asyncio.to_thread(queue.open))
        await client.aclose()
