"""What is known of a server, from pages, lists and calls of several sources."""

from dataclasses import replace

from woxly_tui.lobby.book import (
    MAX_CALLS,
    MAX_THREAD,
    Book,
    Thread,
    Typist,
    with_all_seen,
    with_call,
    with_calls,
    with_page,
    with_read,
    with_rooms,
    with_typists,
    without_thread,
)
from woxly_tui.social.model import Friend, PastCall, Person, Room, RoomMessage
from woxly_tui.types import MessageId, RoomId, RoomKind, Seconds, UserId

ME, BOB = UserId(1), UserId(2)
DM = RoomId(5)


def message(number: int) -> RoomMessage:
    sent_at = Seconds(number)
    return RoomMessage(MessageId(number), DM, Person(BOB, "bob"), f"text {number}", sent_at)


def page(*numbers: int, has_older: bool = True) -> Thread:
    return Thread(DM, tuple(message(number) for number in numbers), has_older)


def numbers(book: Book) -> list[int]:
    return [one.message for one in book.threads[DM].messages]


def room(**rest: object) -> Room:
    return Room(DM, RoomKind.DM, "bob", peer=BOB, **rest)  # type: ignore[arg-type]


def test_pages_join_without_a_message_twice_and_know_when_the_first_is_reached() -> None:
    book = with_page(Book(ME), page(3, 4))
    book = with_page(book, page(4, 5))
    assert numbers(book) == [3, 4, 5]
    assert book.threads[DM].has_older
    book = with_page(book, page(1, 2, has_older=False))
    assert numbers(book) == [1, 2, 3, 4, 5]
    assert not book.threads[DM].has_older
    book = with_page(book, page(5, 6))
    assert not book.threads[DM].has_older
    assert DM not in without_thread(book, DM).threads


def test_a_thread_is_bounded_and_the_newest_stay() -> None:
    book = with_page(Book(ME), page(*range(1, MAX_THREAD + 11), has_older=False))
    book = with_page(book, page(MAX_THREAD + 11))
    assert len(numbers(book)) == MAX_THREAD
    assert numbers(book)[-1] == MAX_THREAD + 11
    assert book.threads[DM].has_older


def test_a_new_list_of_rooms_forgets_nobody_who_is_in_a_call() -> None:
    present = (Person(BOB, "bob"),)
    before = with_rooms(Book(ME), [room(live=present, live_since=Seconds(9))])
    after = with_rooms(before, [room(unread=3, live=None)])
    assert after.rooms[0].live == present
    assert after.rooms[0].unread == 3
    assert with_read(after, DM).rooms[0].unread == 0
    assert with_read(after, RoomId(99)) == after


def call(began: float, seconds: int | None = None, **rest: object) -> PastCall:
    known = {"is_incoming": True, "caller": BOB, **rest}
    return PastCall(DM, "bob", Seconds(began), seconds, **known)  # type: ignore[arg-type]


def test_a_call_that_we_and_the_server_remember_is_one() -> None:
    ours = call(100, is_incoming=False, outcome="hung-up", seconds=60)
    book = with_call(Book(ME), ours)
    book = with_calls(
        book, [call(112, seconds=48, server_id=7), call(4000, seconds=5, server_id=8)]
    )
    assert [float(one.began_at) for one in book.calls] == [4000.0, 100.0]
    assert book.calls[1] == ours


def test_a_missed_call_is_counted_until_it_was_seen_anywhere() -> None:
    told = call(100, is_missed=True, is_seen=False, server_id=3)
    book = with_call(Book(ME), told)
    book = with_call(book, told)
    assert book.missed_unseen == 1
    assert with_all_seen(book).missed_unseen == 0
    own = with_call(Book(ME), call(100, is_missed=True, is_seen=False))
    seen = call(101, is_missed=True, is_seen=True, server_id=3)
    assert with_calls(own, [seen]).missed_unseen == 0


def test_calls_are_bounded() -> None:
    book = Book(ME)
    for began in range(0, 200 * (MAX_CALLS + 5), 200):
        book = with_call(book, call(began))
    assert len(book.calls) == MAX_CALLS
    assert float(book.calls[0].began_at) == 200.0 * (MAX_CALLS + 4)


def test_whoever_stopped_writing_without_a_word_writes_no_more() -> None:
    book = Book(ME, typists=(Typist(DM, BOB, Seconds(10)),))
    assert with_typists(book, Seconds(9)) is book
    assert with_typists(book, Seconds(10)).typists == ()


def test_names_are_found_wherever_they_are_known() -> None:
    book = Book(ME, friends=(Friend(Person(BOB, "bob")),))
    book = with_rooms(book, [room(members=(Person(UserId(3), "carol"),))])
    found = [book.person(UserId(number)).name for number in (2, 3, 4)]
    assert found == ["bob", "carol", "user 4"]
    book = replace(book, typists=(Typist(DM, BOB, Seconds(1)), Typist(RoomId(9), BOB, Seconds(1))))
    assert book.typing(DM) == (Person(BOB, "bob"),)
