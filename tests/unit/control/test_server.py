"""The engine's socket against front ends of every kind."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.unit.control.served import RawFrontEnd, Served, serving, until
from tests.unit.engine.fakes import Bench
from woxly_tui.call.snapshot import CallPhase, EndReason
from woxly_tui.control import frames, server
from woxly_tui.control.messages import GetSnapshot, Leave, SendChat, SetMute
from woxly_tui.control.socket_client import SocketEngineClient
from woxly_tui.errors import EngineLost, NoEngine, ProtocolError
from woxly_tui.media import messages as media
from woxly_tui.types import Dbfs, Identity


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    bench = Bench()
    await bench.join()
    async with serving(bench) as made:
        yield made


async def assert_call_unharmed(served: Served) -> None:
    """Another front end still gets its answer, and the call goes on."""
    client = await SocketEngineClient.connect(served.path)
    reply = await client.send(SetMute(on=True))
    assert reply.ok
    assert reply.snapshot.phase is CallPhase.ESTABLISHED
    await client.aclose()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"nonsense\n", "not JSON"),
        (b'{"type":"fly"}\n', "unknown message type"),
        (b'{"type":"request","id":1,"command":{"type":"fly"}}\n', "unknown message type"),
        (b'{"type":"request","id":1,"command":{"type":"set_mute"}}\n', "incomplete"),
        (b'{"type":"request","id":1,"command":{"type":"leave","x":1}}\n', "no field 'x'"),
        (b'{"type":"request","id":"x","command":{}}\n', "must be int"),
        (b'{"type":"hello","protocol":1,"version":"2"}\n', "greeted twice"),
        (b"[" * 40_000 + b"\n", "not JSON"),
        (b"\xff\xfe\n", "not JSON"),
    ],
)
async def test_what_cannot_be_read_costs_the_connection_only(
    served: Served, line: bytes, said: str
) -> None:
    front_end = await served.greeted()
    front_end.writer.write(line)
    refused = await front_end.line()
    assert refused["type"] == "refused"
    assert said in refused["message"]
    assert await front_end.ended()
    await assert_call_unharmed(served)


async def test_ten_megabytes_without_an_end_of_line(served: Served) -> None:
    front_end = await served.greeted()
    with pytest.raises(ConnectionError):
        await _flood(front_end.writer)
    await assert_call_unharmed(served)


async def _flood(writer: asyncio.StreamWriter) -> None:
    for _ in range(160):
        writer.write(b"x" * 65536)
        await writer.drain()


async def test_half_a_line_is_not_carried_out(served: Served) -> None:
    front_end = await served.greeted()
    front_end.writer.write(b'{"type":"request","id":1,"command":{"type":"leave"}}')
    front_end.writer.write_eof()
    assert await front_end.ended()
    await assert_call_unharmed(served)


async def test_whoever_does_not_greet_is_sent_away(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "HELLO_LIMIT_S", 0.05)
    front_end = await served.raw()
    assert "greeting" in (await front_end.line())["message"]
    assert await front_end.ended()


@pytest.mark.parametrize("protocol", [frames.PROTOCOL - 1, frames.PROTOCOL + 1])
async def test_a_front_end_of_another_version_is_told_so(served: Served, protocol: int) -> None:
    front_end = await served.raw()
    front_end.say(type="hello", protocol=protocol, version="9.9", more=["unheard", "of"])
    refused = await front_end.line()
    assert refused["type"] == "refused"
    assert "woxly 9.9" in refused["message"]
    assert "kill 1" in refused["remedy"]
    assert await front_end.ended()


async def test_a_thousand_connections_leave_room_for_one_more(served: Served) -> None:
    crowd = [await served.raw() for _ in range(200)]
    attached = await served.greeted()
    attached.say(type="attach")
    await attached.until("changed")
    for _ in range(4):
        crowd += [await served.raw() for _ in range(200)]
    await assert_call_unharmed(served)
    await attached.until("changed")
    assert len(crowd) == 1000


async def test_more_attached_front_ends_than_there_is_room_for(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "MAX_ATTACHED", 2)
    for _ in range(2):
        front_end = await served.greeted()
        front_end.say(type="attach")
        await front_end.until("changed")
    one_more = await served.greeted()
    one_more.say(type="attach")
    assert "too many" in (await one_more.until("refused"))["message"]
    front_end.say(type="attach", levels_hz=1)
    await assert_call_unharmed(served)
    assert served.server.attached == 2


async def test_more_front_ends_that_wait_for_answers_than_there_is_room_for(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "MAX_CONNECTIONS", 1)
    front_end = await served.greeted()
    front_end.say(type="attach")
    await front_end.until("changed")
    with pytest.raises(EngineLost, match="too many"):
        await SocketEngineClient.connect(served.path)


async def test_a_front_end_that_never_reads_is_dropped_and_holds_up_nobody(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "STALL_LIMIT_S", 0.2)
    front_end = await served.greeted()
    front_end.writer.transport.pause_reading()  # type: ignore[attr-defined]  # as asyncio's has
    front_end.say(type="attach", levels_hz=60)
    async with asyncio.timeout(10):
        for number in range(10_000):
            levels = {Identity(f"p{i}" * 40): Dbfs(-20.0 - (number + i) % 40) for i in range(40)}
            served.bench.link.on_event(media.LevelsMeasured(served.bench.session(), levels))
            await asyncio.sleep(0.002)
            if number > 5 and not served.server.attached:
                break
    await assert_call_unharmed(served)
    front_end.close()


async def test_many_commands_at_once_are_answered_in_turn(served: Served) -> None:
    front_end = await served.greeted()
    for number in range(200):
        front_end.say(type="request", id=number, command={"type": "toggle_mute"})
    answers = [await front_end.until("response") for _ in range(200)]
    assert sorted(answer["id"] for answer in answers) == list(range(200))
    last = (await served.bench.engine.handle(GetSnapshot())).snapshot
    assert not last.microphone.wanted_muted


async def test_only_what_changed_is_sent(served: Served) -> None:
    front_end = await served.greeted()
    front_end.say(type="attach", is_compact=True)
    whole = (await front_end.until("changed"))["update"]
    assert whole["type"] == "snapshot"
    served.bench.link.on_event(
        media.LinkMeasured(served.bench.session(), media.LinkQuality.GOOD, 40)
    )
    changed = await front_end.until("snapshot_changed")
    assert changed["fields"]["rtt_ms"] == 40
    assert "microphone" not in changed["fields"]
    assert "room" not in changed["fields"]


async def test_whole_snapshots_come_to_whoever_asks_for_nothing_else(served: Served) -> None:
    front_end = await served.greeted()
    front_end.say(type="attach")
    await front_end.until("changed")
    front_end.say(type="request", id=1, command={"type": "set_deafen", "on": True})
    update = (await front_end.until("changed"))["update"]
    assert update["type"] == "snapshot"
    assert update["room"] == "standup"


async def test_levels_come_as_whole_numbers_and_no_faster_than_asked(served: Served) -> None:
    front_end = await served.greeted()
    front_end.say(type="attach", levels_hz=0.001, is_compact=True)
    await front_end.until("changed")
    for step in range(5):
        levels = {Identity("ann"): Dbfs(-20.4 - step)}
        served.bench.link.on_event(media.LevelsMeasured(served.bench.session(), levels))
        await asyncio.sleep(0)
    first = await front_end.until("levels_changed")
    assert list(first["speaking"]) == ["ann"]
    assert type(first["speaking"]["ann"]) is int
    front_end.say(type="request", id=1, command={"type": "get_snapshot"})
    assert (await front_end.line())["type"] == "response"


async def test_a_front_end_that_said_it_would_hang_up_does(served: Served) -> None:
    front_end = await served.greeted()
    front_end.say(type="attach", hangs_up=True)
    await front_end.until("changed")
    front_end.close()
    ending = await asyncio.wait_for(served.bench.engine.ended(), 5)
    assert ending.reason is EndReason.LEFT


async def test_a_front_end_that_detached_does_not_hang_up(served: Served) -> None:
    front_end = await served.greeted()
    front_end.say(type="attach", hangs_up=True)
    await front_end.until("changed")
    front_end.say(type="detach")
    front_end.writer.write_eof()
    assert await front_end.ended()
    await assert_call_unharmed(served)


async def test_only_the_last_of_those_that_hang_up_does(served: Served) -> None:
    both = [await served.greeted() for _ in range(2)]
    for front_end in both:
        front_end.say(type="attach", hangs_up=True)
        await front_end.until("changed")
    both[0].writer.write_eof()
    assert await both[0].ended()
    await assert_call_unharmed(served)
    both[1].close()
    ending = await asyncio.wait_for(served.bench.engine.ended(), 5)
    assert ending.reason is EndReason.LEFT


async def test_another_user_is_not_let_in(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "is_own", lambda _: False)
    front_end = await served.raw()
    front_end.say(type="hello", protocol=frames.PROTOCOL, version="test")
    assert await front_end.ended()


async def test_nobody_there() -> None:
    with pytest.raises(NoEngine):
        await SocketEngineClient.connect(Path("/nowhere/s"))


async def test_a_command_in_flight_fails_when_the_engine_goes(served: Served) -> None:
    client = await SocketEngineClient.connect(served.path)
    await client.send(Leave())
    await served.server.aclose()
    with pytest.raises((EngineLost, ProtocolError)):
        await client.send(GetSnapshot())
    await client.aclose()


async def test_a_line_too_long_to_read_is_refused_and_says_so(served: Served) -> None:
    client = await SocketEngineClient.connect(served.path)
    with pytest.raises((ProtocolError, EngineLost)):
        await client.send(SendChat("x" * 100_000))
    await client.aclose()
    await assert_call_unharmed(served)


async def test_whoever_waits_for_an_answer_keeps_the_place(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "MAX_CONNECTIONS", 1)
    served.bench.link.is_deaf_to = (media.SetMicrophone,)
    front_end = await served.greeted()
    front_end.say(type="request", id=1, command={"type": "set_mute", "on": True})
    (connection,) = served.server._connections
    await until(lambda: connection.is_asking)
    with pytest.raises(EngineLost, match="too many"):
        await SocketEngineClient.connect(served.path)
    assert (await front_end.line())["type"] == "response"


async def test_a_front_end_that_has_just_come_is_waited_for_but_not_for_long(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "NEW_FOR_S", 60.0)
    first = await served.greeted()
    assert served.server.is_asked
    first.say(type="request", id=1, command={"type": "get_snapshot"})
    await first.until("response")
    await until(lambda: not served.server.is_asked)
    monkeypatch.setattr(server, "NEW_FOR_S", 0.0)
    await served.greeted()
    assert not served.server.is_asked


async def test_no_more_is_read_of_a_front_end_than_is_answered(served: Served) -> None:
    served.bench.link.is_deaf_to = (media.SetMicrophone,)
    front_end = await served.greeted()
    for number in range(3 * server.MAX_UNANSWERED):
        front_end.say(type="request", id=number, command={"type": "set_mute", "on": True})
    (connection,) = served.server._connections
    await until(lambda: connection._unanswered >= server.MAX_UNANSWERED)
    await asyncio.sleep(0.05)
    assert connection._unanswered == server.MAX_UNANSWERED


async def fill(front_end: RawFrontEnd, connection: server.Connection) -> None:
    """Ask, and read nothing, until answers wait inside the engine's process."""
    front_end.writer.transport.pause_reading()  # type: ignore[attr-defined]  # as asyncio's has
    for number in range(10_000):
        front_end.say(type="request", id=number, command={"type": "get_snapshot"})
        await asyncio.sleep(0)
        if connection._writer.transport.get_write_buffer_size():
            break
    await until(lambda: not connection.is_asking)


async def test_one_sent_away_that_reads_nothing_is_let_go_of(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "MAX_CONNECTIONS", 1)
    front_end = await served.greeted()
    (connection,) = served.server._connections
    await fill(front_end, connection)
    client = await SocketEngineClient.connect(served.path)
    await until(lambda: len(served.server._tasks._tasks) == 1)
    assert connection._writer.transport.get_write_buffer_size() == 0
    await client.aclose()


async def test_nothing_is_said_after_a_refusal(served: Served) -> None:
    front_end = await served.greeted()
    (connection,) = served.server._connections
    await fill(front_end, connection)
    connection.refuse("enough")
    with pytest.raises(ConnectionError):
        await connection._send(frames.Changed({}))


async def test_a_reader_that_detaches_while_it_is_behind_leaves_no_mailbox(served: Served) -> None:
    front_end = await served.greeted()
    front_end.writer.transport.pause_reading()  # type: ignore[attr-defined]  # as asyncio's has
    front_end.say(type="attach", levels_hz=60)
    await until(lambda: served.server.attached == 1)
    (connection,) = served.server._connections
    levels = {Identity(f"p{i}" * 40): Dbfs(-20.0) for i in range(200)}
    for step in range(1000):
        loud = {who: Dbfs(level - step % 40) for who, level in levels.items()}
        served.bench.link.on_event(media.LevelsMeasured(served.bench.session(), loud))
        await asyncio.sleep(0.02)
        if connection._writing.locked():
            break
    front_end.say(type="detach")
    await until(lambda: not served.server.attached)
    assert not connection._client._mailboxes


async def test_a_rate_that_no_number_can_hold_is_refused(served: Served) -> None:
    front_end = await served.greeted()
    front_end.writer.write(b'{"type":"attach","levels_hz":1' + b"0" * 400 + b"}\n")
    assert "too large" in (await front_end.until("refused"))["message"]


async def test_front_ends_that_read_nothing_do_not_add_up_at_the_end(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = [0, 0]

    async def slowly(_connection: server.Connection) -> None:
        said[0] += 1
        said[1] = max(said)
        await asyncio.sleep(0.01)
        said[0] -= 1

    monkeypatch.setattr(server.Connection, "say_goodbye", slowly)
    for _ in range(5):
        await served.greeted()
    await served.server.aclose()
    assert said == [0, 5]


async def test_a_client_that_would_hang_up_does_so_though_it_reads_no_updates(
    served: Served,
) -> None:
    client = await SocketEngineClient.connect(served.path, hangs_up=True)
    async for _ in client.updates():
        break
    await asyncio.sleep(0.01)
    assert served.server.attached == 1
    client._writer.transport.abort()
    ending = await asyncio.wait_for(served.bench.engine.ended(), 5)
    assert ending.reason is EndReason.LEFT
    await client.aclose()
