"""The cell shadow, against a small terminal that obeys the sequences it sends."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import split_graphemes

from woxly_tui.tui.cells import CellScreen, sgr_change

WIDTH, HEIGHT = 12, 4


class TinyTerminal:
    """Text, cursor moves and colours; enough to see what a real one would show."""

    def __init__(self) -> None:
        self.cells = [[(" ", frozenset[str]())] * WIDTH for _ in range(HEIGHT)]
        self.x = self.y = 0
        self.style: frozenset[str] = frozenset()
        self.link = ""

    def feed(self, data: str) -> None:
        sequences = r"\x1b\]8;[^;]*;([^\x1b]*)\x1b\\|\x1b\[([\d;]*)([A-Za-z])|([^\x1b]+)"
        for part in re.finditer(sequences, data):
            link, params, final, text = part.groups()
            if link is not None:
                self.link = link
            elif text is not None:
                self._print(text)
            elif final == "H":
                row, column = params.split(";")
                self.x, self.y = int(column) - 1, int(row) - 1
            elif final == "C":
                self.x += int(params or 1)
            elif final == "m":
                self._colour(params)

    def _colour(self, params: str) -> None:
        fields = {field.split("=")[0]: field for field in self.style}
        codes = params.split(";") if params else ["0"]
        while codes:
            code = codes.pop(0)
            if code == "0":
                fields.clear()
            elif code in ("38", "48"):
                fields[code] = f"{code}={codes[1:4]}"
                del codes[:4]
            else:
                fields[code] = f"{code}=on"
        self.style = frozenset(fields.values())

    def _blank_halves(self, start: int, end: int) -> None:
        """Whoever overwrites half of a wide character blanks the other half."""
        row = self.cells[self.y]
        if start < WIDTH and not row[start][0]:
            row[start - 1] = (" ", row[start - 1][1])
        if end < WIDTH and not row[end][0]:
            row[end] = (" ", row[end][1])

    def _print(self, text: str) -> None:
        for start, end, width in split_graphemes(text)[0]:
            self._blank_halves(self.x, self.x + width)
            for half in range(width):
                if self.x + half < WIDTH:
                    shown = text[start:end] if not half else ""
                    look = self.style | {f"link={self.link}"} if self.link else self.style
                    self.cells[self.y][self.x + half] = (shown, look)
            self.x += width


COLOURS = ["", "1", "38;2;1;2;3", "38;2;9;2;3;48;2;4;5;6", "1;48;2;4;5;6"]
Piece = tuple[int, int, str, str, str]
PIECES = st.tuples(
    st.integers(0, HEIGHT - 1),
    st.integers(0, WIDTH - 3),
    st.sampled_from(COLOURS),
    st.sampled_from(["a", "ab", "   ", "█▌", "漢", "é", "x漢", "123"]),
    st.sampled_from(["", "", "", "https://a.example/;x", "https://b.example"]),
)


def textual_output(pieces: list[Piece]) -> str:
    """As Textual writes it: a move, a link, colours, text, reset, the link's end."""
    output = ""
    for y, x, sgr, text, link in pieces:
        styled = f"\x1b[{sgr}m{text}\x1b[0m" if sgr else text
        if link:
            styled = f"\x1b]8;id={x};{link}\x1b\\{styled}\x1b]8;;\x1b\\"
        output += f"\x1b[{y + 1};{x + 1}H{styled}"
    return output


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(PIECES, max_size=6), max_size=5))
def test_the_terminal_shows_what_textual_wrote(
    frames: list[list[Piece]],
) -> None:
    screen = CellScreen()
    screen.resize(WIDTH, HEIGHT)
    direct, saved = TinyTerminal(), TinyTerminal()
    saved.feed(screen.flush())
    for frame in frames:
        output = textual_output(frame)
        direct.feed(output)
        assert screen.feed(output) == ""
        saved.feed(screen.flush())
        assert saved.link == "", "what others write next would be part of the link"
    assert saved.cells == direct.cells


def test_a_link_is_sent_with_its_cells_and_no_more_than_once() -> None:
    screen = CellScreen()
    screen.resize(WIDTH, HEIGHT)
    screen.flush()
    frame = textual_output([(0, 0, "4", "ab", "https://a.example")])
    assert screen.feed(frame) == ""
    sent = screen.flush()
    assert sent.count("\x1b]8;;https://a.example\x1b\\") == 1
    assert sent.endswith("\x1b]8;;\x1b\\")
    screen.feed(textual_output([(0, 0, "4", "ab", "https://a.example"), (1, 0, "", "x", "")]))
    assert "\x1b]8" not in screen.flush()


def test_an_unchanged_cell_is_not_sent_again() -> None:
    screen = CellScreen()
    screen.resize(WIDTH, HEIGHT)
    screen.feed("\x1b[1;1H\x1b[31mhello\x1b[0m")
    screen.flush()
    screen.feed("\x1b[1;1H\x1b[31mhellO\x1b[0m")
    assert screen.flush() == "\x1b[1;5H\x1b[31mO"


def test_frames_that_were_not_sent_merge() -> None:
    screen = CellScreen()
    screen.resize(WIDTH, HEIGHT)
    screen.flush()
    for number in range(10):
        screen.feed(f"\x1b[2;3H{number}")
    assert screen.flush() == "\x1b[2;3H9"


def test_what_is_not_about_cells_passes_through() -> None:
    screen = CellScreen()
    screen.resize(WIDTH, HEIGHT)
    modes = "\x1b[?1049h\x1b[>25u\x1b]2;woxly\x07\x1b[?2026$p"
    assert screen.feed(modes) == modes


def test_the_cursor_is_placed_anew_after_a_character_of_doubtful_width() -> None:
    screen = CellScreen()
    screen.resize(WIDTH, HEIGHT)
    screen.flush()
    screen.feed("\x1b[1;1H漢x")
    assert screen.flush() == "\x1b[1;1H漢\x1b[1;3Hx"


def test_after_a_resize_everything_is_sent_again() -> None:
    screen = CellScreen()
    screen.resize(WIDTH, HEIGHT)
    screen.feed("\x1b[1;1Hhello")
    screen.flush()
    screen.resize(WIDTH, HEIGHT)
    assert "hello" in screen.flush()


def test_only_the_colour_that_differs_is_sent() -> None:
    old, new = "38;2;1;2;3;48;2;4;5;6", "38;2;7;8;9;48;2;4;5;6"
    assert sgr_change(old, new) == "\x1b[38;2;7;8;9m"
    assert sgr_change("1;" + old, new) == f"\x1b[0;{new}m"
    assert sgr_change(old, "") == "\x1b[m"
