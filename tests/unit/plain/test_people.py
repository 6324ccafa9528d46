import pytest

from woxly_tui.errors import UsageError
from woxly_tui.plain.people import find_person
from woxly_tui.plain.view import Person

ANN = Person("ann-1", "Ann")
ANNA = Person("anna-9", "Anna Lee")
BOB = Person("bob-1", "bob")
OTHER_BOB = Person("bob-2", "Bob")
ZOE = Person("u77", "Zoë Straße")
HERE = (ANN, ANNA, BOB, OTHER_BOB, ZOE)


@pytest.mark.parametrize(
    ("typed", "person"),
    [
        ("Ann", ANN),
        ("ANN", ANN),
        ("anna", ANNA),
        ("anna l", ANNA),
        ("bob-2", OTHER_BOB),
        ("=bob-2", OTHER_BOB),
        ("BOB-1", BOB),
        ("zoë", ZOE),
        ("ZOE\u0308", ZOE),
        ("zoë strasse", ZOE),
        ("u7", ZOE),
        (" ann ", ANN),
    ],
)
def test_a_name_or_identity_or_enough_of_it(typed: str, person: Person) -> None:
    assert find_person(typed, HERE) is person


@pytest.mark.parametrize(("typed", "identities"), [("bob", ["bob-1", "bob-2"]), ("b", ["bob-1"])])
def test_two_of_a_name_are_both_listed(typed: str, identities: list[str]) -> None:
    with pytest.raises(UsageError, match="may be any of 2") as caught:
        find_person(typed, HERE)
    assert [i for i in identities if i not in caught.value.message] == []
    assert "nothing was done" in caught.value.remedy


@pytest.mark.parametrize("typed", ["carol", "", "  ", "nn"])
def test_somebody_who_is_not_there(typed: str) -> None:
    with pytest.raises(UsageError) as caught:
        find_person(typed, HERE)
    assert "Zoë Straße (=u77)" in caught.value.remedy


def test_the_identity_of_one_that_is_the_name_of_another_is_no_choice() -> None:
    people = (Person("bob", "Robert"), Person("x", "Bob"))
    with pytest.raises(UsageError, match=r"any of 2 people: Robert \(=bob\), Bob \(=x\)"):
        find_person("bob", people)
    assert find_person("=bob", people) is people[0]


def test_nobody_else_is_there() -> None:
    with pytest.raises(UsageError, match="nobody else"):
        find_person("ann", ())


def test_an_identity_cannot_disturb_the_terminal() -> None:
    evil = (Person("\x1b[2J", "x"), Person("\nfake", "x"))
    with pytest.raises(UsageError) as caught:
        find_person("x", evil)
    assert str(caught.value).isprintable()
