"""What the chat writes to a real pseudo-terminal, and that pastes arrive in one piece."""

from collections.abc import Iterator

import pytest

from tests.tui.pseudo_terminal import Terminal


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    """A silent call with the chat open."""
    with Terminal("-m", "tests.tui.scripted_call", "--talkers", "0") as opened:
        opened.start()
        opened.press(b"c")
        assert b"Write to everyone" in opened.read(5, until=b"Write to everyone")
        opened.read(0.5)
        yield opened


def test_a_letter_costs_a_few_bytes(terminal: Terminal) -> None:
    terminal.press(b"x")
    terminal.read(0.3)
    terminal.press(b"y")
    written = terminal.read(0.3)
    assert b"y" in written
    assert len(written) <= 100  # the clock of the call, too, may tick meanwhile


def test_a_message_writes_its_own_rows_and_not_the_roster(terminal: Terminal) -> None:
    terminal.press(b"hello there\r")
    assert b"hello there" in terminal.read(3, until=b"you")
    terminal.read(0.3)
    terminal.press(b"again\r")
    written = terminal.read(0.5)
    assert b"again" in written
    assert b"ann" not in written
    assert b"bob" not in written
    assert len(written) <= 900


def test_a_paste_is_one_message_and_its_link_is_one_for_the_terminal(terminal: Terminal) -> None:
    terminal.press(b"\x1b[200~one\r\nsee https://example.org/a\r\nthree\x1b[201~")
    assert b"three" in terminal.read(3, until=b"three")
    terminal.read(0.3)
    terminal.press(b"\r")
    written = terminal.read(3, until=b"you") + terminal.read(0.5)
    assert written.count(b"you") == 1
    assert b"\x1b]8;;https://example.org/a\x1b\\" in written
    assert written.rstrip().count(b"\x1b]8;;\x1b\\") >= 1


def test_escapes_in_a_paste_are_not_written(terminal: Terminal) -> None:
    terminal.press(b"\x1b[200~a\x1b]2;title\x07b\x1b[2Jc\x1b[201~\r")
    written = terminal.read(1.0)
    assert b"]2;title" not in written
    assert b"\x1b[2J" not in written
