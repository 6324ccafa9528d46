from tests.tui.fake_engine import person
from woxly_tui.call.hearers import Hearers, heard_words, hearers, some_names

HEARS, DEAF, QUIET = (
    person("ann", hears_us=True),
    person("bob", hears_us=False),
    person("web"),
)


def test_each_is_heard_deaf_or_unknown() -> None:
    told = hearers([HEARS, DEAF, QUIET])
    assert told == Hearers(1, ("bob",), 1)
    assert told.known == 2
    assert heard_words(told) == "heard by 1 of 2, not by bob, 1 unknown"


def test_who_is_deafened_does_not_hear_whatever_was_told() -> None:
    deafened = person("cid", hears_us=True, is_deafened=True)
    assert hearers([HEARS, deafened]) == Hearers(1, ("cid",), 0)


def test_who_only_just_comes_is_left_out() -> None:
    assert hearers([HEARS, person("new", is_connecting=True)]) == Hearers(1)


def test_where_nobody_tells_nothing_is_said() -> None:
    told = hearers([QUIET, person("cid", is_deafened=True)])
    assert told == Hearers(unknown=2)
    assert heard_words(told) == ""
    assert heard_words(hearers([])) == ""


def test_all_hear_us() -> None:
    assert heard_words(hearers([HEARS])) == "heard by 1 of 1"


def test_many_names_are_counted() -> None:
    assert some_names(("a", "b", "c", "d", "e"), 3) == "a, b, c and 2 more"
