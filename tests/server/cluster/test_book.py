"""The shared book does what the book of one process does, whatever happens."""

import random
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from tests.rig.stores import RedisServer, find_redis
from woxly_tui.server.cluster.book import RedisBook
from woxly_tui.server.cluster.limiter import RedisLimiter
from woxly_tui.server.cluster.link import RedisLink
from woxly_tui.server.cluster.presence import RedisPresence
from woxly_tui.server.limiter import Rate
from woxly_tui.server.realtime.book import Book, Entry, MemoryBook, Ring
from woxly_tui.server.realtime.presence import Device
from woxly_tui.server.texts import Language

pytestmark = pytest.mark.skipif(find_redis() is None, reason="redis-server is not installed")


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


@pytest.fixture
async def link(redis: RedisServer) -> AsyncIterator[RedisLink]:
    link = RedisLink(redis.url)
    await link._redis.flushall()
    yield link
    await link.aclose()


async def act(book: Book, dice: random.Random) -> object:
    """Do something to a book; what it answered, in an order that does not matter."""
    one, other, room = dice.randint(1, 5), dice.randint(1, 5), dice.choice([None, 7, 8])
    ends_at, is_group = time.monotonic() + 1000, dice.random() < 0.3
    ring = Ring(one, other, room, dice.randint(1, 9), ends_at, "a", is_group)
    what = dice.randrange(11)
    if what <= 2:
        return await book.ring(ring)
    if what == 3:
        return without_end(await book.take_ring(one, other))
    if what == 4:
        await book.connect(ring, 5)
        return None
    if what == 5:
        return await book.take_entry(one, room)
    if what == 6:
        return {without_end(found) for found in await book.take_rings_by(one, room)}
    if what == 7:
        await book.mark_media(one, room or 7)
        return {without_end(found) for found in await book.rings_to(one)}
    if what == 8:
        return set(await book.take_room(room or 7)) if dice.random() < 0.3 else None
    if what == 9:
        await book.put(Entry(one, other, room, 6))
        return await book.entry_of(other)
    return set(await book.entries_in(room or 7)), set(await book.entries()), await book.counts()


def without_end(ring: Ring | None) -> object:
    """Redis keeps the end to itself."""
    return ring and replace(ring, ends_at=0.0)


@pytest.mark.parametrize("seed", range(4))
async def test_both_books_answer_alike(link: RedisLink, seed: int) -> None:
    memory, shared = MemoryBook(), RedisBook(link)
    one, other = random.Random(seed), random.Random(seed)
    for step in range(250):
        assert await act(shared, other) == await act(memory, one), f"step {step}"


async def test_a_ring_that_is_over_goes_to_one_process(link: RedisLink) -> None:
    one, other = RedisBook(link), RedisBook(link)
    await one.ring(Ring(1, 2, 7, 0, time.monotonic() - 1))
    while not (taken := await one.take_expired(0.0)):
        pass
    assert [ring.callee for ring in taken] == [2]
    assert await other.take_expired(0.0) == []
    assert await other.counts() == (0, 0)


def device(sid: str, user_id: int = 1) -> Device:
    return Device(sid, user_id, f"session-{sid}", Language.EN)


async def test_devices_count_over_processes_and_die_with_theirs(link: RedisLink) -> None:
    one, other = RedisPresence(link, lease_s=0.001), RedisPresence(link)
    assert await one.beat() == []
    assert await other.beat() == []
    assert await one.add(device("a"))
    assert not await other.add(device("b"))
    assert await one.add(device("c", 2))
    assert sorted(await other.sids_of(1)) == ["a", "b"]
    assert await other.sids_of(1, "session-a") == ["a"]
    while not (lost := await other.reap()):  # once the short lease is over
        pass
    assert lost == [2]
    await other.settle(2)
    assert (await other.reap(), await other.is_online(1), await other.is_online(2)) == (
        [],
        True,
        False,
    )
    assert await other.gone(0.0) == [2]
    await other.forget_gone(2)
    assert await other.gone(0.0) == []
    assert await one.beat() == [2]  # it lived after all: the user is here again
    assert await one.remove("c") == (device("c", 2), True)


async def test_limits_count_over_processes_and_without_redis_in_each(
    redis: RedisServer, link: RedisLink
) -> None:
    rate = Rate("test", 2, 100.0)
    one, other = RedisLimiter(link), RedisLimiter(link)
    assert [await one.hit(rate, "x"), await other.hit(rate, "x")] == [None, None]
    wait_s = await one.hit(rate, "x")
    assert wait_s is not None
    assert 0 < wait_s <= 100
    await other.forgive(rate, "x")
    assert await one.hit(rate, "x") is None
    redis.stop()
    try:
        answers = [await one.hit(rate, "x") for _ in range(3)]
        assert answers[:2] == [None, None]
        assert answers[2] is not None
    finally:
        redis.start()
