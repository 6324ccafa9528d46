"""The sound screen's one widget: tabs, a window on a list, what is heard, keys."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from woxly_tui.tui.meter import Meter, bar, loud_from, number
from woxly_tui.tui.sound_pages import DeviceRow, Page, SettingRow, window
from woxly_tui.tui.text import clip, fit, wrap
from woxly_tui.tui.widgets.line_view import LineView, spread

_METER_MOST: Final = 40
_NOTE_ROWS: Final = 2

_ROWS_BESIDE: Final = 3 + 1 + _NOTE_ROWS + 1
"""Tabs, two lines about what is not shown, meter, note, keys."""

KeySpot = tuple[str, str, str]
"""A key's name, what it does, and the action of the screen that a click runs."""


@dataclass(frozen=True, slots=True)
class SoundLook:
    """Everything that is drawn."""

    page: Page = Page.MICROPHONE
    devices: Sequence[DeviceRow] = ()
    settings: Sequence[SettingRow] = ()
    cursor: int = 0
    meter: Meter | None = None
    """None where nothing is measured."""
    mark_dbfs: float | None = None
    """Where the meter is marked, as with the level at which a gate opens."""
    heard: str = ""
    """What the meter means, in a word or two."""
    note: str = ""
    keys: Sequence[KeySpot] = field(default_factory=tuple)

    @property
    def count(self) -> int:
        """Rows of the list."""
        return len(self.settings) if self.page is Page.SETTINGS else len(self.devices)


class SoundPanel(LineView):
    """Draws a `SoundLook`; tells what is clicked.

    tabs ─ list, and how much of it is above and below ─ meter ─ note ─ keys
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"soundpanel--{name}"
        for name in ("tab", "tab-here", "row", "cursor", "chosen", "quiet", "note", "warning",
                     "meter", "loud", "key", "label")
    }  # fmt: skip
    DEFAULT_CSS = """
    SoundPanel { background: $panel; height: 20; }
    SoundPanel .soundpanel--tab { color: $quiet; }
    SoundPanel .soundpanel--tab-here { color: $background; background: $accent; text-style: bold; }
    SoundPanel .soundpanel--row { color: $foreground; }
    SoundPanel .soundpanel--cursor { color: $foreground; background: $surface; text-style: bold; }
    SoundPanel .soundpanel--chosen { color: $accent; text-style: bold; }
    SoundPanel .soundpanel--quiet { color: $quiet; }
    SoundPanel .soundpanel--note { color: $quiet; }
    SoundPanel .soundpanel--warning { color: $warning; }
    SoundPanel .soundpanel--meter { color: $meter; background: $track; }
    SoundPanel .soundpanel--loud { color: $warning; background: $track; }
    SoundPanel .soundpanel--key { color: $accent; text-style: bold; }
    SoundPanel .soundpanel--label { color: $foreground; }
    """

    class TabClicked(Message):
        """Another page is wanted."""

        def __init__(self, page: Page) -> None:
            super().__init__()
            self.page = page

    class RowClicked(Message):
        """A row of the list was clicked; `by` is -1 or 1 on the arrows of a setting, else 0."""

        def __init__(self, index: int, by: int) -> None:
            super().__init__()
            self.index = index
            self.by = by

    class KeyClicked(Message):
        """A key of the bottom line was clicked."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    class Turned(Message):
        """The wheel was turned by so many rows."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    def __init__(self) -> None:
        super().__init__(id="sound")
        self._look = SoundLook()
        self._top = 0
        self._tabs: list[tuple[int, int, Page]] = []
        self._spots: list[tuple[int, int, str]] = []
        self._arrows = (-1, -1)
        """Columns of the arrows beside the value under the cursor."""

    def show(self, look: SoundLook) -> None:
        """Draw this."""
        before, self._look = self._look, look
        if look.page is not before.page:
            self._top = 0
        self.redraw()

    @property
    def rows_shown(self) -> int:
        """Rows of the list that fit."""
        return max(1, self.size.height - _ROWS_BESIDE)

    def lines(self, width: int, height: int) -> list[Strip]:
        look = self._look
        shown = max(1, height - _ROWS_BESIDE)
        self._top = window(look.count, look.cursor, shown, self._top)
        rows = [
            self._row(index, width)
            for index in range(self._top, min(look.count, self._top + shown))
        ]
        blank = Strip([])
        strips = [self._tab_line(width), self._more_line(width, shown)]
        strips += rows + [blank] * (shown - len(rows))
        strips.append(self._below_line(width, shown))
        strips.append(blank if look.meter is None else self._meter_line(look.meter, width))
        notes = wrap(look.note, width - 2, _NOTE_ROWS) if look.note else []
        strips += [Strip([Segment(f" {text}", self.part("note"))]) for text in notes]
        strips += [blank] * (_NOTE_ROWS - len(notes))
        return [*strips, self._key_line(width)]

    def _tab_line(self, width: int) -> Strip:
        self._tabs.clear()
        pieces: list[tuple[str, Style]] = [(" ", self.base)]
        x = 1
        for page in Page:
            text = f" {page} "
            self._tabs.append((x, x + len(text), page))
            pieces.append((text, self.part("tab-here" if page is self._look.page else "tab")))
            pieces.append((" ", self.base))
            x += len(text) + 1
        return spread(pieces, [], width, self.base)

    def _more_line(self, width: int, shown: int) -> Strip:
        text = f"↑ {self._top} more" if self._top and shown else ""
        return spread([], [(f"{text} ", self.part("quiet"))], width, self.base)

    def _below_line(self, width: int, shown: int) -> Strip:
        below = self._look.count - self._top - shown
        text = f"↓ {below} more" if below > 0 else ""
        return spread([], [(f"{text} ", self.part("quiet"))], width, self.base)

    def _row(self, index: int, width: int) -> Strip:
        is_here = index == self._look.cursor
        base = self.part("cursor" if is_here else "row")
        mark = "›" if is_here else " "
        if self._look.page is Page.SETTINGS:
            return self._setting(self._look.settings[index], mark, base, width, is_here=is_here)
        row = self._look.devices[index]
        notes = f"{', '.join(row.notes)} " if row.notes else ""
        room = width - cell_len(notes) - 5
        dot = "●" if row.is_chosen else " "
        return Strip(
            [
                Segment(f" {mark} ", base),
                Segment(f"{dot} ", self.part("chosen") + Style(bgcolor=base.bgcolor)),
                Segment(fit(clip(row.label, max(4, room - 1)), max(4, room)), base),
                Segment(notes, self.part("quiet") + Style(bgcolor=base.bgcolor)),
            ]
        ).crop(0, width)

    def _setting(
        self, row: SettingRow, mark: str, base: Style, width: int, *, is_here: bool
    ) -> Strip:
        value = f"‹ {row.shown} ›" if is_here else f"  {row.shown}  "
        value_width = 14
        label_width = max(8, min(24, width - value_width - 4))
        if is_here:
            left = 3 + label_width
            self._arrows = (left, left + cell_len(value) - 1)
        help_width = max(0, width - 3 - label_width - value_width - 1)
        help_text = row.help if help_width >= cell_len(row.help) else ""
        return Strip(
            [
                Segment(f" {mark} ", base),
                Segment(fit(row.label, label_width), base),
                Segment(fit(value, value_width), base),
                Segment(
                    fit(help_text, help_width + 1),
                    self.part("quiet") + Style(bgcolor=base.bgcolor),
                ),
            ]
        ).crop(0, width)

    def _meter_line(self, meter: Meter, width: int) -> Strip:
        size = max(8, min(_METER_MOST, width - 30))
        drawn = bar(meter.shown_dbfs, meter.peak_dbfs, size)
        if self._look.mark_dbfs is not None:
            at = min(size - 1, max(0, round((self._look.mark_dbfs + 60) / 60 * size)))
            drawn = f"{drawn[:at]}┃{drawn[at + 1 :]}"
        loud = loud_from(size)
        return Strip(
            [
                Segment(" ", self.base),
                Segment(drawn[:loud], self.part("meter")),
                Segment(drawn[loud:], self.part("loud")),
                Segment(f" {number(meter.number_dbfs)} ", self.part("quiet")),
                Segment(clip(self._look.heard, width - size - 8), self.part("warning")),
            ]
        )

    def _key_line(self, width: int) -> Strip:
        self._spots.clear()
        pieces: list[tuple[str, Style]] = [(" ", self.base)]
        x = 1
        for key, label, action in self._look.keys:
            text = f"{key} {label}"
            if x + len(text) > width:
                break
            self._spots.append((x, x + cell_len(text), action))
            pieces += [(key, self.part("key")), (f" {label}", self.part("label"))]
            pieces.append(("   ", self.base))
            x += cell_len(text) + 3
        return spread(pieces[:-1], [], width, self.base)

    def on_click(self, event: events.Click) -> None:
        x, y = event.x, event.y
        if y == 0:
            for start, end, page in self._tabs:
                if start <= x < end:
                    self.post_message(self.TabClicked(page))
        elif y == self.size.height - 1:
            for start, end, action in self._spots:
                if start <= x < end:
                    self.post_message(self.KeyClicked(action))
        elif (index := self._top + y - 2) < self._look.count and 2 <= y < 2 + self.rows_shown:
            is_same = index == self._look.cursor
            by = -1 if is_same and x == self._arrows[0] else 0
            by = 1 if is_same and x == self._arrows[1] else by
            self.post_message(self.RowClicked(index, by))

    def on_mouse_scroll_down(self) -> None:
        self.post_message(self.Turned(1))

    def on_mouse_scroll_up(self) -> None:
        self.post_message(self.Turned(-1))
