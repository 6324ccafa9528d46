"""Sends only the cells that changed: a shadow of the terminal between Textual and the wire.

    Textual's output ──► feed ──► wanted cells ──┐
                                                 ├─ flush ──► the shortest update found
                        cells the terminal has ──┘

Textual repaints from the left edge of a widget and restates the colours for each piece of
text; over SSH that is most of the traffic. Because `wanted` is state, frames that could not
be sent in time merge into the next one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

from rich.cells import split_graphemes

Cell: TypeAlias = tuple[str, str]
"""What a cell holds (empty in the right half of a wide character) and its look: SGR parameters,
and after LINK_MARK, if it is part of a hyperlink, where that leads."""

LINK_MARK: Final = " "

_UNKNOWN: Final[Cell] = ("\0", "")
_BLANK: Final[Cell] = (" ", "")

_SORTED_RUNS: Final = 100
"""More changes than this are a repaint, which is shortest from left to right."""

_TOKEN: Final = re.compile(
    r"\x1b\[(?P<row>\d+);(?P<column>\d+)H"
    r"|\x1b\[(?P<sgr>[\d;]*)m"
    r"|(?P<newline>\n)"
    r"|(?P<text>[^\x1b\n]+)"
    r"|\x1b\]8;[^;\x07\x1b]*;(?P<link>[^\x07\x1b]*)(?:\x07|\x1b\\)"
    r"|(?P<other>\x1b(?:\[[^@-~]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|.))"
)
_NARROW: Final = re.compile(r"[ -~\u2500-\u259f▸●○◌×·…╎]*")
"""Text that every terminal draws one cell a character."""


class CellScreen:
    """The cells wanted, and those the terminal is known to show."""

    def __init__(self) -> None:
        self._wanted: list[list[Cell]] = []
        self._shown: list[list[Cell]] = []
        self._dirty: dict[int, None] = {}
        self._x = self._y = 0
        self._sgr = self._link = ""
        self._cursor: tuple[int, int] | None = None
        self._cursor_sgr: str | None = None

    def resize(self, width: int, height: int) -> None:
        """Start anew at this size: nothing is known of what the terminal shows."""
        blank = [_BLANK] * width
        rows = [*self._wanted[:height], *([] for _ in range(height - len(self._wanted)))]
        self._wanted = [(row + blank)[:width] for row in rows]
        self._shown = [[_UNKNOWN] * width for _ in range(height)]
        self._dirty = dict.fromkeys(range(height))
        self.forget_cursor()

    def forget_cursor(self) -> None:
        """Someone else may have moved the cursor or set colours."""
        self._cursor = self._cursor_sgr = None

    def feed(self, data: str) -> str:
        """Take Textual's output; returns what is not about cells and must be sent as it is."""
        rest: list[str] = []
        for match in _TOKEN.finditer(data):
            kind = match.lastgroup
            if kind == "text":
                self._put(match.group())
            elif kind == "sgr":
                self._style(match["sgr"])
            elif kind == "column":
                self._x, self._y = int(match["column"]) - 1, int(match["row"]) - 1
            elif kind == "link":
                self._link = match["link"]
            elif kind == "newline":
                self._x, self._y = 0, self._y + 1
            else:
                rest.append(match.group())
        return "".join(rest)

    def _style(self, params: str) -> None:
        if params in ("", "0"):
            self._sgr = ""
        else:
            self._sgr = f"{self._sgr};{params}" if self._sgr else params

    def _put(self, text: str) -> None:
        cells = _cells(text, f"{self._sgr}{LINK_MARK}{self._link}" if self._link else self._sgr)
        x, y = self._x, self._y
        self._x += len(cells)
        if not 0 <= y < len(self._wanted):
            return
        row = self._wanted[y]
        cells = cells[: max(0, len(row) - x)]
        end = x + len(cells)
        if cells and row[x:end] != cells:
            # As a terminal does: half a wide character is none.
            if not row[x][0] and x:
                row[x - 1] = (" ", row[x - 1][1])
            if end < len(row) and not row[end][0]:
                row[end] = (" ", row[end][1])
            row[x:end] = cells
            self._dirty[y] = None

    def flush(self) -> str:
        """The escape sequences that bring the terminal to the wanted cells."""
        runs = [run for y in sorted(self._dirty) for run in self._changed_runs(y)]
        self._dirty.clear()
        if len(runs) <= _SORTED_RUNS:
            # What has the present colours goes first, then colour by colour.
            colours = dict.fromkeys([self._cursor_sgr, *(run.sgr for run in runs)])
            order = {sgr: place for place, sgr in enumerate(colours)}
            runs.sort(key=lambda run: order[run.sgr])
        return "".join(self._written(run) for run in runs) + self._end_link()

    def _end_link(self) -> str:
        """What others write next is no part of a hyperlink."""
        sgr, mark, _ = (self._cursor_sgr or "").partition(LINK_MARK)
        if not mark:
            return ""
        self._cursor_sgr = sgr
        return _link_to("")

    def _changed_runs(self, y: int) -> Iterator["_Run"]:
        """Neighbouring cells of one style that the terminal does not show yet; now it does."""
        wanted, shown = self._wanted[y], self._shown[y]
        if wanted == shown:
            return
        run: _Run | None = None
        for x, cell in enumerate(wanted):
            if cell == shown[x]:
                continue
            text, sgr = cell
            shown[x] = cell
            if not text:
                continue
            if run is None or run.sgr != sgr or run.end != x:
                if run is not None:
                    yield run
                run = _Run(x, y, sgr)
            run.text += text
            is_certain = _NARROW.fullmatch(text) is not None and x + 1 < len(wanted)
            run.end = x + 1 if is_certain else None
        if run is not None:
            yield run

    def _written(self, run: "_Run") -> str:
        move = "" if self._cursor == (run.x, run.y) else self._move(run)
        colours = ""
        if self._cursor_sgr != run.sgr:
            colours = look_change(self._cursor_sgr, run.sgr)
            self._cursor_sgr = run.sgr
        self._cursor = None if run.end is None else (run.end, run.y)
        return f"{move}{colours}{run.text}"

    def _move(self, run: "_Run") -> str:
        if self._cursor is None or self._cursor[1] != run.y or run.x < self._cursor[0]:
            return f"\x1b[{run.y + 1};{run.x + 1}H"
        start, gap = self._cursor[0], run.x - self._cursor[0]
        between = self._shown[run.y][start : run.x]
        if gap <= 3 and all(c[1] == self._cursor_sgr and c[0].isascii() and c[0] for c in between):
            return "".join(text for text, _ in between)
        return f"\x1b[{gap}C" if gap > 1 else "\x1b[C"


@dataclass(slots=True)
class _Run:
    x: int
    y: int
    sgr: str
    text: str = ""
    end: int | None = None
    """Where the cursor stands after it; None where terminals may differ."""


def _cells(text: str, sgr: str) -> list[Cell]:
    if _NARROW.fullmatch(text):
        return [(char, sgr) for char in text]
    cells: list[Cell] = []
    for start, end, width in split_graphemes(text)[0]:
        if width == 0 and cells:
            last = next(i for i in range(len(cells) - 1, -1, -1) if cells[i][0] or i == 0)
            cells[last] = (cells[last][0] + text[start:end], sgr)
        elif width:
            cells.append((text[start:end], sgr))
            cells.extend([("", sgr)] * (width - 1))
    return cells


def look_change(old: str | None, new: str) -> str:
    """The shortest sequence found from one look to another; None is one without a hyperlink."""
    if LINK_MARK not in new and LINK_MARK not in (old or ""):
        return sgr_change(old, new)
    old_sgr, _, old_link = (old or "").partition(LINK_MARK)
    sgr, _, link = new.partition(LINK_MARK)
    turn = _link_to(link) if link != old_link else ""
    return turn + sgr_change(None if old is None else old_sgr, sgr)


def _link_to(target: str) -> str:
    """Begin a hyperlink; end it with an empty target."""
    return f"\x1b]8;;{target}\x1b\\"


@lru_cache(maxsize=2048)
def sgr_change(old: str | None, new: str) -> str:
    """The shortest SGR sequence found from one set of parameters to another."""
    if not new:
        return "\x1b[m"
    whole = f"\x1b[0;{new}m"
    if old is None:
        return whole
    had, wants = _fields(old), _fields(new)
    if had.keys() - wants.keys():
        return whole
    changed = ";".join(value for key, value in wants.items() if had.get(key) != value)
    return min(f"\x1b[{changed}m", whole, key=len) if changed else ""


def _fields(params: str) -> dict[str, str]:
    """SGR parameters by what they set: foreground, background, or one attribute each."""
    fields: dict[str, str] = {}
    codes = params.split(";") if params else []
    while codes:
        code = codes.pop(0)
        if code in ("38", "48") and codes:
            length = 4 if codes[0] == "2" else 2
            value = ";".join([code, *codes[:length]])
            del codes[:length]
            fields["fg" if code == "38" else "bg"] = value
            continue
        fields[_field_of(int(code or 0))] = code
    return fields


def _field_of(code: int) -> str:
    if 30 <= code <= 39 or 90 <= code <= 97:
        return "fg"
    if 40 <= code <= 49 or 100 <= code <= 107:
        return "bg"
    return f"attribute {code}"
