"""Names that other people chose."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from woxly_tui._lib.text import MAX_NAME_CHARS, clean_name


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("Ann", "Ann"),
        ("  two\twords \n", "two words"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("\x1b]0;title\x07", "]0;title"),
        ("abc\u202edef", "abcdef"),
        ("\u2066x\u2069", "x"),
        ("[bold]Ann[/]", "[bold]Ann[/]"),
        ("👩‍💻 dev", "👩‍💻 dev"),
        ("\u0634\u0628\u06a9\u0647", "\u0634\u0628\u06a9\u0647"),
        ("e" + "\u0301" * 50, "e" + "\u0301" * 3),
        ("\x9b31m", "31m"),
        ("\u200d\u200b\ufeff", "?"),
        ("\u0301", "?"),
        ("", "?"),
        ("x" * 500, "x" * 63 + "…"),
    ],
)
def test_names_are_made_harmless(raw: str, clean: str) -> None:
    assert clean_name(raw) == clean


@given(st.text(max_size=600))
def test_nothing_that_moves_a_terminal_survives(raw: str) -> None:
    name = clean_name(raw)
    assert 0 < len(name) <= MAX_NAME_CHARS
    assert name == name.strip()
    categories = {unicodedata.category(c) for c in name if c not in "\u200c\u200d"}
    assert not categories & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@given(st.text(max_size=600))
def test_cleaning_twice_changes_nothing(raw: str) -> None:
    assert clean_name(clean_name(raw)) == clean_name(raw)
