"""Rows of the chat: wrapped, counted, scrolled."""

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from woxly_tui.call.snapshot import ChatMessage
from woxly_tui.tui.chat_log import MAX_MESSAGES, MAX_ROWS, ChatLog, wrap_line
from woxly_tui.types import Identity, Seconds

NOON = 1_750_000_000.0


def message(number: int, text: str = "hi", name: str = "ann", **fields: bool) -> ChatMessage:
    at = Seconds(NOON + number)
    return ChatMessage(number, Identity(name), name, text, at, **fields)


def log_of(*texts: str, is_looked_at: bool = True) -> ChatLog:
    log = ChatLog()
    for number, text in enumerate(texts, 1):
        log.add(message(number, text), is_looked_at=is_looked_at)
    return log


def texts(log: ChatLog, width: int = 20, height: int = 3) -> list[str]:
    return [row.text for row in log.visible(width, height)]


@pytest.mark.parametrize(
    ("line", "pieces"),
    [
        ("", [""]),
        ("one two three", ["one two", "three"]),
        ("    indented", ["    inde", "nted"]),
        ("a  b", ["a  b"]),
        ("0123456789ab", ["01234567", "89ab"]),
        ("漢字漢字漢字", ["漢字漢字", "漢字"]),
        ("exactly8", ["exactly8"]),
        ("exactly8 more", ["exactly8", "more"]),
    ],
)
def test_lines_break_at_spaces_and_else_anywhere(line: str, pieces: list[str]) -> None:
    assert [text for text, _ in wrap_line(line, 8)] == pieces


@given(st.text(st.sampled_from("ab 漢e\u0301-"), max_size=60), st.integers(2, 12))
def test_no_piece_is_too_wide_and_nothing_visible_is_lost(line: str, width: int) -> None:
    pieces = [text for text, _ in wrap_line(line, width)]
    assert all(cell_len(piece) <= width for piece in pieces)
    assert "".join(pieces).replace(" ", "") == line.replace(" ", "")


def test_a_link_over_two_rows_leads_to_the_whole_address_from_both() -> None:
    pieces = wrap_line("https://example.org/a/long/path", 20)
    assert [links[0].target for _, links in pieces] == ["https://example.org/a/long/path"] * 2
    assert [(links[0].start, links[0].end) for _, links in pieces] == [(0, 20), (0, 11)]


def test_every_row_ends_its_right_to_left_text() -> None:
    rows = log_of("שלום עולם שלום עולם").visible(10, 5)
    assert len(rows) == 2
    assert all(row.text.endswith("\u200e") for row in rows)


def test_name_and_time_stand_on_the_first_row() -> None:
    first, second = log_of("one two three four\nfive").visible(20, 5)
    assert (first.name, first.time) == ("ann", time.strftime("%H:%M", time.localtime(NOON + 1)))
    assert (second.name, second.time, second.text) == ("", "", "five")


def test_ours_are_called_you() -> None:
    log = ChatLog()
    log.add(message(1, name="Ines", is_local=True), is_looked_at=True)
    (row,) = log.visible(20, 3)
    assert (row.name, row.is_local) == ("you", True)


def test_the_newest_are_seen_and_the_rest_is_scrolled_to() -> None:
    log = log_of("1", "2", "3", "4", "5")
    assert texts(log) == ["3", "4", "5"]
    assert log.scroll(1, 3)
    assert texts(log) == ["2", "3", "4"]
    assert log.scroll(9, 3)
    assert texts(log) == ["1", "2", "3"]
    assert not log.scroll(1, 3)
    assert log.scroll(-9, 3)
    assert texts(log) == ["3", "4", "5"]
    assert not log.scroll(-1, 3)


def test_a_view_scrolled_back_stays_and_counts_what_comes() -> None:
    log = log_of("1", "2", "3", "4", "5")
    texts(log)
    log.scroll(1, 3)
    log.add(message(6, "6\n7"), is_looked_at=True)
    assert texts(log) == ["2", "3", "4"]
    assert log.unseen == 1
    log.add(replace(message(7, "mine"), is_local=True), is_looked_at=True)
    assert texts(log) == ["6", "7", "mine"]
    assert log.unseen == 0


def test_only_what_others_say_unseen_is_unread() -> None:
    log = log_of("1", "2", is_looked_at=False)
    log.add(replace(message(3), is_local=True), is_looked_at=False)
    assert log.unread == 2


def test_history_told_again_is_not_shown_twice() -> None:
    log = log_of("1", "2")
    assert not log.add(message(1, "1"), is_looked_at=True)
    assert not log.add(message(2, "2"), is_looked_at=True)
    assert len(log) == 2
    assert texts(log) == ["1", "2"]
    later = replace(message(1, "of a fresh engine"), sent_at=Seconds(NOON + 60))
    assert log.add(later, is_looked_at=True)
    assert texts(log) == ["1", "2", "of a fresh engine"]


def test_the_log_is_bounded() -> None:
    log = log_of(*(f"{n}\n" * 50 for n in range(MAX_MESSAGES + 50)))
    assert len(log) == MAX_MESSAGES
    texts(log)
    while log.scroll(1000, 3):
        pass
    assert log.scrolled <= MAX_ROWS
    assert len(log.visible(20, 3)) == 3


def test_another_call_is_another_log() -> None:
    log = log_of("1", "2", is_looked_at=False)
    log.clear()
    assert (len(log), log.unread, texts(log)) == (0, 0, [])


def test_an_engine_that_does_not_clean_is_cleaned_here() -> None:
    log = ChatLog()
    log.add(message(1, "\x1b[31mred\u202e\x07\ttab", name="\x1b[1mann"), is_looked_at=True)
    (row,) = log.visible(40, 3)
    assert row.text == "[31mredtab"
    assert row.name == "[1mann"


@pytest.mark.parametrize("text", ["x" * 2**20, "\n" * 10_000, "漢" * 16_384, " " * 16_384])
def test_monstrous_texts_are_rows_like_others(text: str) -> None:
    rows = log_of(text).visible(40, 20)
    assert len(rows) == 20
    assert all(cell_len(row.text) <= 40 for row in rows)
