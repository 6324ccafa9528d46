"""Tasks end with their owner."""

import asyncio
import logging

import pytest

from woxly_tui._lib.aio import TaskOwner


async def test_closing_cancels_and_waits() -> None:
    owner = TaskOwner("test")
    ended = []

    async def run() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0)
            ended.append(True)

    task = owner.start(run(), name="sleeper")
    await asyncio.sleep(0)
    await owner.aclose()
    assert ended == [True]
    assert task.get_name() == "test:sleeper"


async def test_a_failure_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    owner = TaskOwner("test")

    async def fail() -> None:
        raise ValueError("boom")

    with caplog.at_level(logging.ERROR):
        owner.start(fail(), name="failing")
        await asyncio.sleep(0.01)
    assert "test:failing" in caplog.text


async def test_a_task_may_close_its_own_owner() -> None:
    owner = TaskOwner("test")
    await asyncio.wait_for(owner.start(owner.aclose(), name="closer"), 1)
