import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from woxly_tui.tui.text import clip, elapsed, fit, plain, steady, until_next_second, wrap
from woxly_tui.types import Seconds


@given(st.text(max_size=80), st.integers(0, 40))
def test_text_fits_its_column_exactly(raw: str, width: int) -> None:
    assert cell_len(fit(steady(plain(raw)), width)) == width


@given(st.text())
def test_nothing_that_moves_the_cursor_is_left(raw: str) -> None:
    assert not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 for char in plain(raw))


def test_long_names_end_in_an_ellipsis() -> None:
    assert clip("Wilhelmina", 6) == "Wilhe…"
    assert clip("漢字漢字", 5) == "漢字…"
    assert clip("ann", 6) == "ann"
    assert clip("ann", 0) == ""


def test_joined_emoji_fall_apart_into_their_parts() -> None:
    assert steady("👨\u200d👩\u200d👧") == "👨👩👧"
    assert steady("❤\ufe0f👍🏽") == "❤👍"
    assert steady("🇩🇪") == "DE"


def test_a_right_to_left_name_is_closed_by_a_mark_even_when_cut() -> None:
    assert steady("שלום").endswith("\u200e")
    assert clip(steady("שלום עולם"), 5).endswith("…\u200e")
    assert not steady("ann").endswith("\u200e")


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(-3, "00:00"), (0.9, "00:00"), (61, "01:01"), (3599, "59:59"), (3600 + 62, "1:01:02")],
)
def test_elapsed(seconds: float, shown: str) -> None:
    assert elapsed(seconds) == shown


def test_the_clock_ticks_when_the_seconds_since_the_start_change() -> None:
    assert until_next_second(Seconds(10.25), Seconds(5.0)) == pytest.approx(0.75)
    assert until_next_second(Seconds(10.0), Seconds(5.0)) == pytest.approx(1.0)


def test_wrapping_cuts_what_does_not_fit() -> None:
    assert wrap("one two three", 8, 3) == ["one two", "three"]
    assert wrap("one two three four", 8, 2) == ["one two", "three f…"]
    assert wrap("", 8, 2) == []
