"""A ring is shown once, rings on, and is taken back; quiet is quiet; names cannot do harm."""

from typing import Any

from woxly_tui.notify.notifier import Notifier
from woxly_tui.notify.words import MAX_CHARS, missed, ringing


class Paper:
    """A surface that keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def show(self, text: str, *, is_urgent: bool) -> None:
        self.told.append((text, is_urgent))

    def again(self) -> None:
        self.told.append("again")

    def take_back(self) -> None:
        self.told.append("back")


def test_a_ring_is_shown_once_and_taken_back_when_it_is_over() -> None:
    papers = Paper(), Paper()
    notifier = Notifier(papers)
    notifier.ring_over()
    notifier.ring("ann")
    notifier.ring("ann")
    notifier.ring("bob")
    notifier.ring_over()
    notifier.ring_over()
    notifier.missed("bob")
    shown = [("ann is calling you", True), "again", ("bob is calling you", True), "back"]
    assert papers[0].told == papers[1].told == [*shown, ("missed call from bob", False)]


def test_a_missed_ring_is_over_too() -> None:
    paper = Paper()
    notifier = Notifier([paper])
    notifier.ring("ann")
    notifier.missed("ann")
    assert paper.told[1:] == ["back", ("missed call from ann", False)]


def test_do_not_disturb_shows_nothing_and_takes_back_what_is_shown() -> None:
    paper = Paper()
    notifier = Notifier([paper])
    notifier.ring("ann", is_silent=True)
    notifier.ring_over()
    notifier.missed("ann")
    assert paper.told == []
    notifier.ring("ann")
    notifier.ring("bob", is_silent=True)
    notifier.ring_over()
    assert paper.told[-1] == "back"


def test_names_are_short_and_hold_nothing_a_terminal_obeys() -> None:
    for name in ("\x1b]0;own\x07ed", "a\nb\x9bc", "\u202eevil", "x" * 5000, "", "\x00"):
        for text in (ringing(name), missed(name)):
            assert len(text) <= MAX_CHARS
            assert all(char.isprintable() for char in text)
    assert ringing("\x07") == "somebody is calling you"
