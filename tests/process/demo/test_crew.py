import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from woxly_tui._lib.leashed import LeashedProcess
from woxly_tui.demo import crew as crew_module
from woxly_tui.demo.crew import Crew
from woxly_tui.types import RoomName

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals")


class Office:
    """Hires a sleeping process in place of the bots; refuses as often as it is told to."""

    def __init__(self) -> None:
        self.refusals = 0
        self.asked = 0

    async def spawn(self) -> LeashedProcess:
        self.asked += 1
        if self.refusals:
            self.refusals -= 1
            raise OSError("no process to be had")
        return await LeashedProcess.start([sys.executable, "-c", "import time; time.sleep(600)"])


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Office:
    office = Office()
    monkeypatch.setattr(crew_module, "RESTART_WAITS_S", (0.01, 0.02))
    monkeypatch.setattr(Crew, "_spawn", lambda _crew: office.spawn())
    return office


def new_crew(folder: Path) -> Crew:
    return Crew("ws://127.0.0.1:1", "key", "s" * 32, RoomName("demo"), folder / "log")


async def replaced(crew: Crew, old: int) -> int:
    async with asyncio.timeout(5):
        while crew.pid in (None, old):  # noqa: ASYNC110 - another process sends no event
            await asyncio.sleep(0.01)
    assert crew.pid is not None
    return crew.pid


async def test_bots_that_die_are_started_again(office: Office, tmp_path: Path) -> None:
    crew = new_crew(tmp_path)
    await crew.start()
    try:
        for times in (1, 2, 3):
            assert crew.pid is not None
            old = crew.pid
            os.kill(old, signal.SIGKILL)
            await replaced(crew, old)
            assert office.asked == 1 + times
    finally:
        await crew.aclose()


async def test_a_start_that_is_refused_is_tried_again(
    office: Office, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    crew = new_crew(tmp_path)
    await crew.start()
    try:
        assert crew.pid is not None
        old = crew.pid
        office.refusals = 3
        os.kill(old, signal.SIGKILL)
        new = await replaced(crew, old)
        assert office.asked == 5
        assert caplog.text.count("no process to be had") == 3
    finally:
        await crew.aclose()
    with pytest.raises(ProcessLookupError):
        os.kill(new, 0)


async def test_a_first_start_that_is_refused_is_said(office: Office, tmp_path: Path) -> None:
    office.refusals = 1
    crew = new_crew(tmp_path)
    with pytest.raises(OSError, match="no process"):
        await crew.start()
    await crew.aclose()
