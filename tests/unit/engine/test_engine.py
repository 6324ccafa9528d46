"""The engine over a scripted worker."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.unit.engine.fakes import Bench, FakeLink
from woxly_tui.call import retry, sound
from woxly_tui.call.snapshot import (
    CallPhase,
    EndReason,
    Levels,
    MicState,
    ParticipantLevel,
    Snapshot,
    StateWord,
)
from woxly_tui.control import messages as control
from woxly_tui.errors import ProtocolError, ServerUnreachable, TokenError
from woxly_tui.media import messages as media
from woxly_tui.types import SILENCE_DBFS, Dbfs, Identity, RoomName


async def settled(bench: Bench) -> Snapshot:
    """The state once everything that can happen at once has happened."""
    for _ in range(20):
        await asyncio.sleep(0)
    return (await bench.engine.handle(control.GetSnapshot())).snapshot


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    bench = Bench()
    await bench.join()
    await settled(bench)
    yield bench
    await bench.engine.aclose()


async def test_join_opens_the_microphone_when_wanted(bench: Bench) -> None:
    snapshot = await settled(bench)
    assert snapshot.phase is CallPhase.ESTABLISHED
    assert snapshot.state_word is StateWord.LIVE
    connects = [c for c in bench.link.heard if isinstance(c, media.Connect)]
    assert [c.token for c in connects] == ["token 1"]


async def test_a_reply_carries_the_confirmed_state(bench: Bench) -> None:
    reply = await bench.engine.handle(control.ToggleMute())
    assert reply.ok
    assert reply.snapshot.state_word is StateWord.MUTED
    reply = await bench.engine.handle(control.SetMute(on=True))
    assert reply.snapshot.state_word is StateWord.MUTED


async def test_a_worker_that_ignores_mute_is_reported_then_replaced(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sound, "FAILING_AFTER", 0.2)
    monkeypatch.setattr(sound, "HOPELESS_AFTER", 0.5)
    bench.link.is_deaf_to = (media.SetMicrophone,)
    reply = await bench.engine.handle(control.SetMute(on=True))
    assert not reply.ok
    assert reply.snapshot.microphone.is_failing
    assert reply.snapshot.microphone.state is MicState.OPEN
    await asyncio.sleep(0.5)
    snapshot = await settled(bench)
    assert bench.links[0].is_stopped
    assert len(bench.links) == 2
    assert snapshot.state_word is StateWord.MUTED
    assert not [c for c in bench.link.heard if isinstance(c, media.SetMicrophone) and c.is_open]


async def test_a_dead_worker_is_replaced_with_a_fresh_token(bench: Bench) -> None:
    await bench.engine.handle(control.SetMute(on=True))
    bench.link.on_lost("signal 9")
    snapshot = await settled(bench)
    assert len(bench.links) == 2
    assert snapshot.state_word is StateWord.MUTED
    assert bench.credentials.fetched == 2


async def test_what_a_stopped_worker_says_is_dropped(bench: Bench) -> None:
    old = bench.link
    old.on_event(media.Disconnected(bench.session(), media.DisconnectCause.SERVER_SHUTDOWN))
    snapshot = await settled(bench)
    assert old.is_stopped
    assert snapshot.phase is CallPhase.ESTABLISHED
    old.on_event(media.Disconnected(bench.session(), media.DisconnectCause.DUPLICATE_IDENTITY))
    old.on_lost("exit code 0")
    assert (await settled(bench)) == snapshot


async def test_eviction_ends_the_call(bench: Bench) -> None:
    bench.link.on_event(
        media.Disconnected(bench.session(), media.DisconnectCause.DUPLICATE_IDENTITY)
    )
    ending = await bench.engine.ended()
    assert ending.reason is EndReason.EVICTED
    await settled(bench)
    assert bench.link.is_stopped


async def test_rejoin_after_the_end(bench: Bench) -> None:
    await bench.engine.handle(control.Leave())
    assert (await bench.engine.ended()).reason is EndReason.LEFT
    await bench.engine.handle(control.Rejoin())
    assert (await settled(bench)).phase is CallPhase.ESTABLISHED
    assert len(bench.links) == 2


async def test_levels_are_measured_only_while_somebody_watches(bench: Bench) -> None:
    async with asyncio.timeout(2):
        client = bench.engine.client()
        updates = client.updates()
        assert isinstance(await anext(updates), Snapshot)
        assert bench.link.heard[-1] == media.SetLevelsRate(10.0)
        bench.link.on_event(media.LevelsMeasured(bench.session(), {Identity("ann"): Dbfs(-20.0)}))
        levels = await anext(updates)
        assert levels == Levels((ParticipantLevel(Identity("ann"), Dbfs(-20.0), True),))
        await client.aclose()
        assert bench.link.heard[-1] == media.SetLevelsRate(0.0)


async def test_a_lost_worker_leaves_no_level_standing(bench: Bench) -> None:
    async with asyncio.timeout(2):
        updates = bench.engine.client().updates()
        await anext(updates)
        bench.link.on_event(media.LevelsMeasured(bench.session(), {Identity("ann"): Dbfs(-20.0)}))
        await anext(updates)
        bench.link.on_lost("signal 9")
        silent = Levels((ParticipantLevel(Identity("ann"), SILENCE_DBFS, False),))
        while await anext(updates) != silent:
            pass


async def test_a_client_that_wants_no_levels_costs_none(bench: Bench) -> None:
    updates = bench.engine.client(wants_levels=False).updates()
    await anext(updates)
    assert bench.link.heard[-1] == media.SetLevelsRate(0.0)


async def test_every_client_sees_the_end(bench: Bench) -> None:
    client = bench.engine.client()
    seen: list[control.Update] = []
    reader = asyncio.get_running_loop().create_task(_collect(client.updates(), seen))
    await settled(bench)
    await bench.engine.aclose()
    await asyncio.wait_for(reader, 2)
    assert isinstance(seen[-1], Snapshot)
    assert seen[-1].phase is CallPhase.ENDED


async def _collect(updates: AsyncIterator[control.Update], seen: list[control.Update]) -> None:
    seen.extend([update async for update in updates])


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (TokenError("the token expired"), EndReason.TOKEN),
        (ServerUnreachable("no answer"), EndReason.UNREACHABLE),
    ],
)
async def test_missing_credentials_end_the_first_join(
    error: TokenError | ServerUnreachable, reason: EndReason
) -> None:
    bench = Bench(error=error)
    await bench.join()
    ending = await asyncio.wait_for(bench.engine.ended(), 2)
    assert (ending.reason, ending.message) == (reason, error.message)
    await bench.engine.aclose()


async def test_a_worker_that_cannot_start_ends_the_first_join(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retry, "_FIRST", 0.01)
    bench = Bench(fails_to_start=True)
    await bench.join()
    ending = await asyncio.wait_for(bench.engine.ended(), 5)
    assert ending.reason is EndReason.MEDIA
    await bench.engine.aclose()


async def test_a_drill_needs_a_call(bench: Bench) -> None:
    assert (await bench.engine.handle(control.Drill("full_reconnect"))).ok
    assert bench.link.heard[-1] == media.Simulate("full_reconnect")
    await bench.engine.handle(control.Leave())
    reply = await bench.engine.handle(control.Drill("full_reconnect"))
    assert not reply.ok
    assert reply.remedy


async def test_closing_while_a_worker_starts_leaves_none_behind() -> None:
    bench = Bench()
    await bench.join()
    await bench.engine.aclose()
    assert all(link.is_stopped for link in bench.links)


async def test_a_token_from_the_server_is_kept(bench: Bench) -> None:
    bench.link.on_event(media.TokenRefreshed(bench.session(), "newer"))
    assert bench.credentials.kept == ["newer"]


async def test_sound_that_fails_again_and_again_is_left_out() -> None:
    bench = Bench()
    await bench.join()
    for _ in range(3):
        await settled(bench)
        bench.link.on_event(media.AudioLost(bench.session(), "nothing arrives"))
        await bench.engine.handle(control.Rejoin())
    await settled(bench)
    connects = [c for link in bench.links for c in link.heard if isinstance(c, media.Connect)]
    assert connects[-1].is_silent
    assert {c.backend for c in connects[:-1]} == {media.BackendChoice.AUTO}
    await bench.engine.aclose()


async def is_open(bench: Bench) -> bool:
    return (await settled(bench)).microphone.state is MicState.OPEN


async def test_push_to_talk_opens_while_held(bench: Bench) -> None:
    await bench.engine.handle(control.SetMute(on=True))
    reply = await bench.engine.handle(control.SetPtt(is_down=True, at_ns=1))
    assert reply.ok
    assert reply.snapshot.state_word is StateWord.LIVE
    now_ns = round(bench.engine._clock.monotonic() * 1e9)
    reply = await bench.engine.handle(control.SetPtt(is_down=False, at_ns=now_ns))
    assert reply.snapshot.state_word is StateWord.MUTED
    await bench.engine.handle(control.SetPtt(is_down=True, at_ns=0))
    assert await is_open(bench), "a press without an instant counts as it comes"


async def test_a_client_that_goes_lets_go_of_the_key(bench: Bench) -> None:
    await bench.engine.handle(control.SetMute(on=True))
    client = bench.engine.client()
    await client.send(control.SetPtt(is_down=True, at_ns=1, is_bound=True))
    assert await is_open(bench)
    await client.aclose()
    assert not await is_open(bench)
    with pytest.raises(ProtocolError):
        await client.send(control.SetPtt(is_down=True, at_ns=2, is_bound=True))


async def test_a_client_that_goes_leaves_a_key_alone_that_others_hold(bench: Bench) -> None:
    await bench.engine.handle(control.SetMute(on=True))
    client = bench.engine.client()
    await client.send(control.SetPtt(is_down=True, at_ns=1, is_bound=True))
    await bench.engine.handle(control.SetPtt(is_down=True, at_ns=2))
    await client.aclose()
    assert await is_open(bench)


async def test_a_loose_press_outlives_its_client(bench: Bench) -> None:
    await bench.engine.handle(control.SetMute(on=True))
    client = bench.engine.client()
    await client.send(control.SetPtt(is_down=True, at_ns=1))
    await client.aclose()
    assert await is_open(bench)


async def test_the_key_does_not_go_down_without_a_call_or_deafened(bench: Bench) -> None:
    await bench.engine.handle(control.SetDeafen(on=True))
    reply = await bench.engine.handle(control.SetPtt(is_down=True, at_ns=1))
    assert (reply.ok, reply.remedy) == (False, "undeafen first")
    await bench.engine.handle(control.Leave())
    reply = await bench.engine.handle(control.SetPtt(is_down=True, at_ns=2))
    assert (reply.ok, reply.error) == (False, "There is no call")


async def test_a_clock_that_runs_ahead_locks_nobody_out(bench: Bench) -> None:
    await bench.engine.handle(control.SetMute(on=True))
    await bench.engine.handle(control.SetPtt(is_down=True, at_ns=2**63))
    reply = await bench.engine.handle(control.SetPtt(is_down=False, at_ns=time.monotonic_ns()))
    assert reply.snapshot.state_word is StateWord.MUTED


async def test_sound_is_that_of_the_terminal_that_asked(bench: Bench) -> None:
    await bench.engine.handle(control.Leave())
    there = {"PULSE_SERVER": "unix:/there"}
    url = control.Join(url="ws://sfu", server="sfu", room=RoomName("attic"), environment=there)
    await bench.engine.handle(url)
    await settled(bench)
    assert bench.link.environment == there


@pytest.mark.parametrize("room", ["standup", "attic"])
async def test_one_call_at_a_time(bench: Bench, room: str) -> None:
    reply = await bench.join(room)
    assert reply.ok is (room == "standup")
    assert "standup already" in reply.error or reply.ok
    assert (await settled(bench)).room == "standup"
    assert len(bench.links) == 1


async def test_joining_the_same_room_muted_mutes(bench: Bench) -> None:
    bench.is_muted = True
    assert (await bench.join()).ok
    assert (await settled(bench)).state_word is StateWord.MUTED


async def test_another_room_after_the_first(bench: Bench) -> None:
    await bench.engine.handle(control.SetDeafen(on=True))
    await bench.engine.handle(control.Leave())
    assert (await bench.join("attic")).ok
    snapshot = await settled(bench)
    assert (snapshot.room, snapshot.state_word) == ("attic", StateWord.LIVE)


async def test_no_such_backend(bench: Bench) -> None:
    await bench.engine.handle(control.Leave())
    join = control.Join(url="ws://sfu", server="sfu", room=RoomName("attic"), backend="tape")
    assert "'tape'" in (await bench.engine.handle(join)).error


async def test_a_call_an_engine_died_in_is_returned_to_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "engine.call"
    first = Bench(call_file=file)
    await first.join()
    await first.engine.handle(control.SetMute(on=True))
    await first.engine.handle(control.SetDeafen(on=True))
    second = Bench(call_file=file)
    assert second.engine.lost_room == "standup"
    assert (await second.engine.handle(control.GetSnapshot())).snapshot.phase is CallPhase.IDLE
    assert (await second.engine.handle(control.Rejoin())).ok
    snapshot = await settled(second)
    assert snapshot.state_word is StateWord.DEAFENED
    assert not [c for c in second.link.heard if isinstance(c, media.SetMicrophone) and c.is_open]
    assert second.joins == first.joins
    assert second.engine.lost_room == ""
    await second.engine.aclose()
    assert not file.exists()
    await first.engine.aclose()


async def test_a_lost_call_can_be_given_up(tmp_path: Path) -> None:
    file = tmp_path / "engine.call"
    first = Bench(call_file=file)
    await first.join()
    second = Bench(call_file=file)
    await second.engine.handle(control.Leave())
    assert second.engine.lost_room == ""
    assert not file.exists()
    assert not (await second.engine.handle(control.Rejoin())).ok
    for bench in (first, second):
        await bench.engine.aclose()


async def test_an_event_that_fails_does_not_stop_those_after_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("surprise")

    with monkeypatch.context() as broken:
        broken.setattr(bench.engine._desk, "note", fail)
        with pytest.raises(RuntimeError):
            bench.link.on_event(media.LinkMeasured(bench.session(), media.LinkQuality.GOOD, 40))
    reply = await bench.engine.handle(control.SetMute(on=True))
    assert reply.ok
    assert reply.snapshot.state_word is StateWord.MUTED


async def test_leaving_is_answered_once_the_worker_is_gone(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = bench.link.stop

    async def slowly() -> None:
        await asyncio.sleep(0.02)
        await stop()

    monkeypatch.setattr(bench.link, "stop", slowly)
    await bench.engine.handle(control.Leave())
    assert bench.link.is_stopped


async def test_an_environment_no_process_can_have_ends_the_first_join(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retry, "_FIRST", 0.01)

    async def refuse(*_: object) -> None:
        raise ValueError("embedded null byte")

    monkeypatch.setattr(FakeLink, "start", refuse)
    bench = Bench()
    await bench.join()
    ending = await asyncio.wait_for(bench.engine.ended(), 5)
    assert ending.reason is EndReason.MEDIA
    await bench.engine.aclose()
