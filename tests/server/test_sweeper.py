"""Garbage goes when memory grew, or seldom; Python's own rule is off meanwhile, and back after."""

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator

import pytest

from woxly_tui.server import sweeper
from woxly_tui.server.sweeper import AT_LEAST_EVERY_S, GROWTH_BYTES, Sweeper, resident_bytes


class Loop:
    """Garbage that only a sweep finds."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture
async def sweeping() -> AsyncIterator[Sweeper]:
    made = Sweeper()
    made.start()
    yield made
    await made.aclose()


async def test_pythons_own_rule_is_off_meanwhile_and_back_after() -> None:
    before, frozen = gc.get_threshold(), gc.get_freeze_count()
    made = Sweeper()
    made.start()
    assert gc.get_threshold()[2] > 100_000
    assert gc.get_freeze_count() > frozen
    await made.aclose()
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)


async def test_it_is_due_when_memory_grew_but_not_again_at_once(sweeping: Sweeper) -> None:
    now, size = sweeping._swept_at, sweeping._size
    assert not sweeping.is_due(now + 30, size + GROWTH_BYTES // 2)
    assert sweeping.is_due(now + 30, size + GROWTH_BYTES + 1)
    sweeping._took_s = 0.5
    assert not sweeping.is_due(now + 30, size + GROWTH_BYTES + 1)
    assert sweeping.is_due(now + 60, size + GROWTH_BYTES + 1)
    assert sweeping.is_due(now + AT_LEAST_EVERY_S, size)


async def test_what_ended_long_ago_goes_when_memory_grew(
    sweeping: Sweeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeper, "LOOK_EVERY_S", 0.01)
    gone = asyncio.Event()
    old = Loop()
    weakref.finalize(old, gone.set)
    gc.collect(1)
    gc.collect(1)
    del old
    monkeypatch.setattr(sweeper, "resident_bytes", lambda: sweeping._size + 2 * GROWTH_BYTES)
    sweeping._took_s = 0.0
    async with asyncio.timeout(5):
        await gone.wait()


def test_the_size_of_this_process_is_known() -> None:
    assert 5_000_000 < resident_bytes() < 50_000_000_000
