"""Names that other people chose."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from woxly_tui._lib.text import (
    MAX_NAME_CHARS,
    MAX_TEXT_BYTES,
    MAX_TEXT_LINES,
    clean_name,
    clean_text,
    is_too_long,
    with_capital,
    without_capital,
)


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


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("it broke", "It broke"),
        ("gone", "Gone"),
        ("bad.toml is empty", "bad.toml is empty"),
        ("/srv/x cannot be made", "/srv/x cannot be made"),
        ("--ttl is empty", "--ttl is empty"),
        ("audio.gate is off", "audio.gate is off"),
        ("eXample cannot be", "eXample cannot be"),
        ("ßtrange", "ßtrange"),
        ("LiveKit is away", "LiveKit is away"),
        ("", ""),
    ],
)
def test_only_a_word_begins_a_sentence(message: str, told: str) -> None:
    assert with_capital(message) == told
    assert without_capital(told) == message


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


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("\x1b[1;31merror\x1b[m: \x1b]8;;http://x\x07link\x1b]8;;\x1b\\", "error: link"),
        ("\x9b31mred \x90q\x9cend", "red end"),
        ("a\tb", "a    b"),
        ("x \u202eevil\u202c \u200bz\u2066", "x evil z"),
        ("\n\n \n  indented\n\n\n\n\n\nfar   \n\n", "  indented\n\n\nfar"),
        ("[b]bold[/b]", "[b]bold[/b]"),
        ("\udc80half \ue000private", "half private"),
        ("e" + "\u0301" * 40, "e" + "\u0301" * 3),
        ("\u0301\u0302\n\u200d", ""),
        ("👨\u200d👩", "👨\u200d👩"),
    ],
)
def test_text_keeps_lines_and_drops_what_is_not_visible(raw: str, clean: str) -> None:
    assert clean_text(raw) == clean


@pytest.mark.parametrize("raw", ["x" * 2**20, "a\n" * 10_000, "漢" * 20_000, "\x1b]" * 500_000])
def test_a_long_text_is_cut_and_says_so(raw: str) -> None:
    clean = clean_text(raw)
    assert clean.endswith("…")
    assert len(clean.encode()) <= MAX_TEXT_BYTES
    assert clean.count("\n") < MAX_TEXT_LINES


def test_a_text_of_just_the_longest_is_whole() -> None:
    text = "x" * MAX_TEXT_BYTES
    assert clean_text(text) == text
    assert not is_too_long(text)
    assert is_too_long(text + "x")
    assert clean_text(text, is_cut=True).endswith("…")


@given(st.text(st.characters()))
def test_any_text_becomes_harmless_and_stays_so(raw: str) -> None:
    clean = clean_text(raw)
    assert all(c == "\n" or unicodedata.category(c)[0] != "C" or c in "\u200c\u200d" for c in clean)
    assert len(clean.encode()) <= MAX_TEXT_BYTES
    assert clean_text(clean) == clean
