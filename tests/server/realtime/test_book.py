"""The book of calls under any order of events; a second book has to pass this, too."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from woxly_tui.server.realtime.book import MAX_RINGS_OF_ONE, Entry, MemoryBook, Ring, RingAnswer


def ring(caller: int, callee: int, room: int | None = None, ends_at: float = 9.0) -> Ring:
    return Ring(caller, callee, room, 0, ends_at)


async def test_ringing_twice_is_ringing_once() -> None:
    book = MemoryBook()
    assert await book.ring(ring(1, 2)) is RingAnswer.RINGING
    assert await book.ring(ring(1, 2)) is RingAnswer.ALREADY
    assert await book.ring(ring(1, 2, room=5)) is RingAnswer.RINGING
    assert [r.room_id for r in await book.rings_to(2)] == [5]


async def test_whoever_dials_is_busy_for_others_and_glares_with_whom_they_dial() -> None:
    book = MemoryBook()
    await book.ring(ring(1, 2))
    assert await book.ring(ring(3, 1)) is RingAnswer.BUSY
    assert await book.ring(ring(2, 1)) is RingAnswer.GLARE
    assert await book.ring(ring(3, 2)) is RingAnswer.RINGING


async def test_whoever_talks_is_busy_but_not_for_the_same_call() -> None:
    book = MemoryBook()
    await book.connect(ring(1, 2, room=5), 0)
    assert await book.ring(ring(3, 2)) is RingAnswer.BUSY
    assert await book.ring(ring(3, 2, room=5)) is RingAnswer.RINGING
    assert await book.ring(ring(1, 2, room=6)) is RingAnswer.RINGING


async def test_rings_end_in_the_order_they_began() -> None:
    book = MemoryBook()
    for callee in (2, 3, 4):
        await book.ring(ring(1, callee, ends_at=float(callee)))
    assert [r.callee for r in await book.take_expired(3.0)] == [2, 3]
    assert [r.callee for r in await book.take_rings_by(1)] == [4]
    assert await book.counts() == (0, 0)


async def test_one_caller_s_rings_are_bounded() -> None:
    book = MemoryBook()
    answers = [await book.ring(ring(1, callee)) for callee in range(2, MAX_RINGS_OF_ONE + 3)]
    assert answers[-1] is RingAnswer.TOO_MANY
    assert answers[:-1] == [RingAnswer.RINGING] * MAX_RINGS_OF_ONE


async def test_media_is_noted_for_the_right_room_only() -> None:
    book = MemoryBook()
    await book.put(Entry(1, 2, 5, 0))
    await book.mark_media(1, 6)
    assert [entry.has_media for entry in await book.entries_in(5)] == [False]
    await book.mark_media(1, 5)
    assert [entry.has_media for entry in await book.entries_in(5)] == [True]
    assert await book.take_entry(1, 6) is None
    assert [entry.user_id for entry in await book.take_room(5)] == [1]


async def test_two_who_want_different_calls_are_not_put_through() -> None:
    book = MemoryBook()
    await book.ring(ring(1, 2, room=5))
    into_a_group = Ring(2, 1, 6, 0, 9.0, is_group=True)
    assert await book.ring(into_a_group) is RingAnswer.RINGING
    assert await book.take_ring(1, 2) is not None
    assert await book.ring(ring(1, 2, room=5)) is RingAnswer.RINGING
    await book.take_ring(1, 2)
    assert await book.ring(ring(1, 2, room=6)) is RingAnswer.GLARE


PEOPLE = st.integers(1, 4)
ROOMS = st.sampled_from([None, 5, 6])
RINGS = st.builds(ring, PEOPLE, PEOPLE, ROOMS)

# Plain values, no functions: hypothesis takes functions apart, which Python 3.11 may refuse.
ACTS = st.one_of(
    st.tuples(st.just("ring"), RINGS),
    st.tuples(st.just("take_ring"), PEOPLE, PEOPLE),
    st.tuples(st.just("connect"), RINGS, st.just(0)),
    st.tuples(st.just("take_rings_by"), PEOPLE, ROOMS),
    st.tuples(st.just("take_entry"), PEOPLE),
    st.tuples(st.just("take_expired"), st.just(100.0)),
)


@given(st.lists(ACTS, max_size=30))
async def test_whatever_happens_the_book_empties(acts: list[tuple[Any, ...]]) -> None:
    book = MemoryBook()
    for what, *values in acts:
        await getattr(book, what)(*values)
    for person in range(1, 5):
        await book.take_rings_by(person)
        await book.take_entry(person)
    assert await book.counts() == (0, 0)
    assert (book._rings, book._by_callee, book._by_caller, book._entries) == ({}, {}, {}, {})
