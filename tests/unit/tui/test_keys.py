"""Key reports of every kind, and every other string of bytes."""

from codecs import getincrementaldecoder
from collections.abc import Iterable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from textual.events import AppBlur, Key, MouseDown, MouseUp, Paste, Resize
from textual.message import Message

from woxly_tui.tui import keys
from woxly_tui.tui.keys import (
    MAX_PASTE,
    MAX_SEQUENCE,
    PASTE_PATIENCE,
    SEQUENCE_PATIENCE,
    KeyboardFlags,
    KeyParser,
    KeyReleased,
    can_parse,
)


class Typing:
    """A parser and the time it goes by."""

    def __init__(self) -> None:
        self.now = 100.0
        self.parser = KeyParser(now=lambda: self.now)

    def feed(self, *pieces: str) -> list[str]:
        return [told(message) for piece in pieces for message in self.parser.feed(piece)]

    def wait(self, seconds: float) -> list[str]:
        self.now += seconds
        return [told(message) for message in self.parser.tick()]


def told(message: Message) -> str:
    match message:
        case Key():
            return f"+{message.key}"
        case KeyReleased():
            return f"-{message.key}"
        case KeyboardFlags():
            return f"flags {message.flags}"
        case Paste():
            return f"paste {message.text!r}"
        case MouseDown() | MouseUp():
            return f"{type(message).__name__} {message.x:.0f},{message.y:.0f}"
    return type(message).__name__


REPORTS = [
    ("\x1b[32;1;32u", ["+space"]),
    ("\x1b[32;1:1;32u", ["+space"]),
    ("\x1b[32;1:2;32u", ["KeyRepeated", "+space"]),
    ("\x1b[32;1:3u", ["-space"]),
    ("\x1b[32;2:3u", ["-space"]),
    ("\x1b[S", ["+f4"]),
    ("\x1bOS", ["+f4"]),
    ("\x1b[14~", ["+f4"]),
    ("\x1b[[D", ["+f4"]),
    ("\x1b[1;1:3S", ["-f4"]),
    ("\x1b[14;1:3~", ["-f4"]),
    ("\x1b[1;129:3S", ["-f4"]),
    ("\x1b[109;;109u", ["+m"]),
    ("\x1b[109:77;2:1;77u", ["+M"]),
    ("\x1b[109;1:3u", ["-m"]),
    ("\x1b[99;5u", ["+ctrl+c"]),
    ("\x1b[13;1:1u", ["+enter"]),
    ("\x1b[57441;2:3u", ["-left_shift"]),
    ("\x1b[0;;229:24471u", ["+å", "+得"]),
    ("\x1b[1;5A", ["+ctrl+up"]),
    ("\x1bm", ["+alt+m"]),
    ("é", ["+é"]),
    ("\x1b[?25u", ["flags 25"]),
    ("\x1b[<0;5;6M", ["MouseDown 4,5"]),
    ("\x1b[<0;5;6m", ["MouseUp 4,5"]),
    ("\x1b[O", ["AppBlur"]),
    ("\x1b[200~a\x1b[31mb\x1b[201~", ["paste 'a\\x1b[31mb'"]),
    ("\x1b[48;24;80;480;800t", ["Resize"]),
]

WRONG = [
    "\x1b[32;1:4u",
    "\x1b[32;1:1:1u",
    "\x1b[99999999u",
    "\x1b[1114112u",
    "\x1b[55296u",
    "\x1b[32;0u",
    "\x1b[32;1;27u",
    "\x1b[97;1;55296u",
    "\x1b[1;2;3;4u",
    "\x1b[48;0;0;0;0t",
    "\x1b[48;99999;99999;1;1t",
    "\x1b[?62;4c",
    "\x1b[" + "1;" * 300 + "u",
    "\x1b]11;rgb:1/2/m\x1b\\",
    "\x1b]11;rgb:1/2/m\x07",
    "\x1bP1$r0m\x1b\\",
    "\x1b[M !m",
    "\x9b",
    "\x1b[201~",
    "\x1b[1;m",
    "\x1b[38;5;m",
]


@pytest.mark.parametrize(("report", "events"), REPORTS)
def test_reports_are_read_wherever_they_are_cut(report: str, events: list[str]) -> None:
    assert Typing().feed(report, "x") == [*events, "+x"]
    for cut in range(1, len(report)):
        assert Typing().feed(report[:cut], report[cut:], "x") == [*events, "+x"]
    assert Typing().feed(*report, "x") == [*events, "+x"]


@pytest.mark.parametrize("report", WRONG)
def test_what_is_no_report_is_nothing_at_all(report: str) -> None:
    assert Typing().feed(report, "x") == ["+x"]
    assert Typing().feed(*report, "x") == ["+x"]


def test_escape_is_a_key_when_nothing_follows() -> None:
    typing = Typing()
    assert typing.feed("\x1b") == []
    assert typing.wait(0.15) == ["+escape"]
    assert typing.feed("\x1b\x1b") == ["+escape"]


def test_the_rest_of_a_late_sequence_is_not_typed() -> None:
    typing = Typing()
    assert typing.feed("\x1b[<0;5;") == []
    assert typing.wait(1.0) == []
    assert typing.feed("6m") == ["MouseUp 4,5"]
    typing.feed("\x1b[<0;5;")
    assert typing.wait(SEQUENCE_PATIENCE) == []
    assert typing.feed("x") == ["+x"]


def test_a_paste_is_cut_at_its_limit_and_ends_even_without_its_end() -> None:
    typing = Typing()
    (paste,) = typing.parser.feed("\x1b[200~" + "x" * (MAX_PASTE + 9) + "\x1b[201~")
    assert isinstance(paste, Paste)
    assert len(paste.text) == MAX_PASTE
    typing.feed("\x1b[200~never ends\x1b")
    assert typing.wait(PASTE_PATIENCE - 0.1) == []
    assert typing.wait(0.1) == ["paste 'never ends\\x1b'"]
    assert typing.feed("x") == ["+x"]


PIECES = st.one_of(
    st.sampled_from([report for report, _ in REPORTS] + WRONG),
    st.from_regex(r"\x1b\[[<?\d:;$]{0,12}[@-~]", fullmatch=True),
    st.from_regex(r"\x1b\[[\d:;]{0,20}[u~A-S]", fullmatch=True),
    st.text(max_size=8),
)


def state_size(parser: KeyParser) -> int:
    return len(parser._held) + len(parser._paste or ())


def check(typing: Typing, pieces: Iterable[str]) -> list[str]:
    seen = typing.feed(*pieces)
    assert state_size(typing.parser) <= MAX_SEQUENCE + MAX_PASTE + 8
    return seen


def is_alive(typing: Typing) -> bool:
    """Whether, after a while, a key is a key again."""
    typing.wait(PASTE_PATIENCE)
    typing.wait(PASTE_PATIENCE)
    return typing.feed("x") == ["+x"]


@given(st.lists(PIECES, max_size=12))
def test_no_text_breaks_it_and_cuts_change_nothing(pieces: list[str]) -> None:
    text = "".join(pieces)
    whole, cut = Typing(), Typing()
    assert check(whole, [text]) == check(cut, text)
    assert is_alive(whole)


@given(st.lists(st.binary(max_size=40), max_size=12))
@example([b"\x1b[32;1:1u"])
@example([b"\xff\xfe\x1b[200~\x80"])
def test_no_bytes_break_it(pieces: list[bytes]) -> None:
    typing = Typing()
    decode = getincrementaldecoder("utf-8")("ignore").decode
    check(typing, (decode(piece) for piece in pieces))
    assert is_alive(typing)


@given(st.lists(st.tuples(PIECES, st.floats(0.0, 4.0)), max_size=8))
def test_no_pause_breaks_it(pieces: list[tuple[str, float]]) -> None:
    typing = Typing()
    for piece, pause in pieces:
        check(typing, [piece])
        typing.wait(pause)
    assert is_alive(typing)


def test_a_fault_of_textuals_parser_costs_one_report(monkeypatch: pytest.MonkeyPatch) -> None:
    typing = Typing()
    typing.feed("\x1b[48;24;80;480;800t")
    broken = typing.parser._inner
    monkeypatch.setattr(broken, "feed", lambda _: 1 / 0)
    assert typing.feed("x", "y") == ["+y"]
    assert typing.parser._inner is not broken
    assert typing.parser._inner.terminal_size == (80, 24)


def test_a_textual_of_another_kind_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert can_parse()

    def gone() -> None:
        raise ImportError("no module named textual._xterm_parser")

    monkeypatch.setattr(keys, "_textual", gone)
    assert not can_parse()


def test_events_are_textuals_own() -> None:
    parser = KeyParser()
    (blur,) = parser.feed("\x1b[O")
    (size,) = parser.feed("\x1b[48;24;80;480;800t")
    assert isinstance(blur, AppBlur)
    assert isinstance(size, Resize)


def test_a_sequence_without_end_is_held_no_longer_than_any_key_needs() -> None:
    typing = Typing()
    assert typing.feed("\x1b[" + "1;" * 5000) == []
    assert len(typing.parser._held) <= MAX_SEQUENCE
    assert typing.feed("Aa") == ["+a"]
