"""The client of a socket against an engine that breaks off, or is late."""

import asyncio
from pathlib import Path

import pytest

from tests.unit.control.served import until
from woxly_tui.control import frames
from woxly_tui.control.messages import GetSnapshot
from woxly_tui.control.socket_client import SocketEngineClient
from woxly_tui.errors import EngineLost


class FakeEngine:
    """What listens at a socket, and says what a test wants."""

    def __init__(self, *lines: bytes) -> None:
        self._lines = lines

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        welcome = frames.Welcome(frames.PROTOCOL, "test", 1)
        writer.write(frames.ENGINE_FRAMES.encode(welcome) + b"".join(self._lines))
        writer.close()


@pytest.mark.parametrize("half", [b'{"type":"chan', b'{"type":"levels_changed"}'])
async def test_an_engine_that_dies_in_the_middle_of_a_line_is_gone(
    tmp_path: Path, half: bytes
) -> None:
    listening = await asyncio.start_unix_server(FakeEngine(half).serve, tmp_path / "s")
    client = await SocketEngineClient.connect(tmp_path / "s")
    await until(lambda: client._failure is not None)
    with pytest.raises(EngineLost, match="the engine is gone"):
        await client.send(GetSnapshot())
    await client.aclose()
    listening.close()


async def test_what_was_under_way_when_we_detached_is_no_state(tmp_path: Path) -> None:
    late = frames.ENGINE_FRAMES.encode(frames.SnapshotChanged({"rev": 9}))
    listening = await asyncio.start_unix_server(FakeEngine(late).serve, tmp_path / "s")
    client = await SocketEngineClient.connect(tmp_path / "s")
    assert [update async for update in client.updates()] == []
    await client.aclose()
    listening.close()
