"""Workers come and go one after the other."""

import asyncio
from collections.abc import Mapping

from tests.unit.engine.fakes import FakeLink
from woxly_tui.engine.worker_keeper import WorkerKeeper


class Unstartable(FakeLink):
    """As a real one, where a variable of whoever asked for the call holds a NUL."""

    async def start(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        raise ValueError("embedded null byte")


async def test_an_environment_that_no_process_can_have_is_a_worker_that_cannot_start() -> None:
    lost: asyncio.Queue[str] = asyncio.Queue()
    keeper = WorkerKeeper(Unstartable, lambda _: None, lost.put_nowait)
    keeper.start({"PULSE_SERVER": "a\0b"})
    async with asyncio.timeout(5):
        assert "null byte" in await lost.get()
    await keeper.aclose()
