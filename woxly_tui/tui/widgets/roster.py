"""A row per participant: who, how loud, in what state.

Levels ──► MeterBank (newest wins) ──► as many paints as the link takes ──► rows that changed
"""

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer

from woxly_tui._lib.clock import Clock
from woxly_tui.call.hearers import Hearers
from woxly_tui.call.snapshot import CallPhase, Levels, ParticipantView
from woxly_tui.tui.bridge import CallView
from woxly_tui.tui.meter import MeterBank, bar, loud_from, number, ruler
from woxly_tui.tui.pace import MeterPace
from woxly_tui.tui.text import clip, fit
from woxly_tui.tui.widgets.columns import Columns, fitting_states, person_name
from woxly_tui.tui.widgets.line_view import LineView
from woxly_tui.tui.words import RowState, row_states, shown_people, who_hears
from woxly_tui.types import Identity, Seconds

HELD_S = 0.1
"""How soon to look again at a link that is behind."""

_NOBODY = "Nobody else is here yet."


class Roster(ScrollView, can_focus=True, inherit_bindings=False):
    """The participants in the order of the snapshot; rows never move while people talk.

    One timer at most runs, only while something moves. While it has the focus, one of the
    others is chosen.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "choose(-1)", show=False),
        Binding("down,j", "choose(1)", show=False),
        Binding("escape", "let_go", show=False),
    ]

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"roster--{name}"
        for name in (
            "name", "name-off", "marker", "meter", "meter-dense", "loud", "loud-dense", "number",
            "quiet", "off", "warning", "speaking", "volume", "chosen",
        )
    }  # fmt: skip
    DEFAULT_CSS = """
    Roster {
        height: 1fr; overflow-x: hidden; overflow-y: auto;
        scrollbar-gutter: stable; scrollbar-size-vertical: 1;
    }
    Roster .roster--name { color: $foreground; }
    Roster .roster--name-off { color: $quiet; }
    Roster .roster--marker { color: $accent; text-style: bold; }
    Roster .roster--meter { color: $meter; background: $track; }
    Roster .roster--loud { color: $warning; background: $track; }
    Roster .roster--meter-dense { color: $meter; }
    Roster .roster--loud-dense { color: $warning; }
    Roster .roster--number { color: $quiet; }
    Roster .roster--quiet { color: $quiet; }
    Roster .roster--off { color: $quiet; }
    Roster .roster--warning { color: $warning; }
    Roster .roster--speaking { color: $success; }
    Roster .roster--volume { color: $accent; }
    Roster .roster--chosen { color: $foreground; text-style: bold reverse; }
    """

    class OwnRowClicked(Message):
        """Our own row was clicked."""

    class ChosenClicked(Message):
        """The row of whom is chosen already was clicked."""

    def __init__(self, clock: Clock, pace: MeterPace) -> None:
        super().__init__(id="roster")
        self._clock = clock
        self._pace = pace
        self._people: tuple[ParticipantView, ...] = ()
        self._is_lonely = False
        self._is_connected = False
        self._hearers = Hearers()
        self._rows_of: dict[Identity, int] = {}
        self._meters = MeterBank()
        self._speaking: set[Identity] = set()
        self._strips: dict[int, Strip] = {}
        self._parts: dict[str, Style] = {}
        self._drawn: dict[int, tuple[object, ...]] = {}
        self._stride = 1
        self._meter_width = 0
        self._choice: Identity | None = None
        self._clicked: Identity | None = None
        self._timer: Timer | None = None
        self._painted_at = Seconds(-1.0)

    def show(self, view: CallView) -> None:
        """Draw these participants; rows that stay the same are not painted."""
        snapshot = view.snapshot
        people = shown_people(snapshot)
        sending = frozenset(p.identity for p in people if _is_sending(p))
        self._is_connected = snapshot.phase is CallPhase.ESTABLISHED
        if not self._is_connected:
            sending = frozenset()
        self._meters.keep_only(sending)
        self._speaking &= sending
        self._hearers = who_hears(snapshot)
        is_lonely = self._is_connected and len(people) == 1
        is_rearranged = len(people) != len(self._people) or is_lonely != self._is_lonely
        self._people, self._is_lonely = people, is_lonely
        self._rows_of = {p.identity: row for row, p in enumerate(people)}
        if is_rearranged:
            self._arrange()
        self._paint(range(len(people)))

    def hear(self, levels: Levels) -> None:
        """Take the newest levels; they are painted when the next frame is due."""
        now = self._clock.monotonic()
        for level in levels.levels:
            row = self._rows_of.get(level.identity)
            if row is None or not _is_sending(self._people[row]):
                continue
            self._meters.hear(level.identity, level.level_dbfs, now)
            (self._speaking.add if level.is_speaking else self._speaking.discard)(level.identity)
        self._schedule(max(0.01, self._painted_at + self._pace.interval() - now))

    # Choosing

    @property
    def chosen(self) -> Identity | None:
        """Who is chosen; nobody while something else has the focus."""
        is_there = self._choice in self._rows_of
        return self._choice if self.has_focus and is_there else None

    def action_choose(self, step: int) -> None:
        """The next of the others, or the one before."""
        others = [p.identity for p in self._people if not p.is_local]
        if not others:
            return
        at = 0
        if self._choice in others:
            at = min(len(others) - 1, max(0, others.index(self._choice) + step))
        self._choose(others[at])

    def _choose(self, identity: Identity) -> None:
        self._choice = identity
        y = self._rows_of[identity] * self._stride
        self.scroll_to_region(Region(0, y, 1, 1), animate=False)
        self._paint(range(len(self._people)))

    def action_let_go(self) -> None:
        self.screen.set_focus(None)

    def on_focus(self) -> None:
        self.action_choose(0)

    def on_blur(self) -> None:
        self._clicked = None
        self._paint(range(len(self._people)))

    # Painting

    def _schedule(self, delay: float) -> None:
        if self._timer is None:
            self._timer = self.set_timer(delay, self._frame, name="meters")

    def _frame(self) -> None:
        self._timer = None
        now = self._clock.monotonic()
        if not self._pace.look(now):
            self._schedule(HELD_S)
            return
        self._painted_at = now
        self._meters.advance(now)
        self._paint(range(len(self._people)))
        if (wait := self._meters.moves_in(now)) is not None:
            self._schedule(max(wait, self._pace.interval()))

    def _paint(self, rows: range) -> None:
        """Paint those of the rows that look other than before, if they can be seen."""
        if not self.size:
            return
        top = self.scroll_offset.y // self._stride
        seen = range(top, top + self.size.height // self._stride + 2)
        for row in rows:
            if row not in seen:
                self._strips.pop(row, None)
                continue
            if row not in self._strips or self._looks_of(row) != self._drawn[row]:
                self._strips[row] = self._draw(row)
                y = row * self._stride - self.scroll_offset.y
                self.refresh(Region(0, y, self.size.width, 1))

    def _arrange(self) -> None:
        """Use every second line where that leaves room for all."""
        self._strips.clear()
        count = len(self._people) + self._is_lonely
        room = self.size.height
        self._meter_width = Columns.for_width(self.size.width).meter
        self._stride = 2 if count * 2 <= room else 1
        self.virtual_size = Size(self.size.width, count * self._stride)
        self.refresh()

    def on_resize(self) -> None:
        self._arrange()

    def notify_style_update(self) -> None:
        self._strips.clear()
        self._parts.clear()
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        row, rest = divmod(y + self.scroll_offset.y, self._stride)
        if self._is_lonely and row == len(self._people) and not rest:
            text = " " * 4 + _NOBODY
            line = Strip([Segment(clip(text, self.size.width), self._part("quiet"))])
            return line.adjust_cell_length(self.size.width, self._part(""))
        if rest or row >= len(self._people):
            return Strip.blank(self.size.width, self._part(""))
        if row not in self._strips:
            self._strips[row] = self._draw(row)
        return self._strips[row]

    def _looks_of(self, row: int) -> tuple[object, ...]:
        """All that a row's drawing depends on; far cheaper than drawing it."""
        person = self._people[row]
        is_chosen = person.identity == self.chosen
        looks = (person, self._is_connected, person.identity in self._speaking, is_chosen)
        told = self._hearers if person.is_local else None
        return (*looks, told, *self._meters.looks(person.identity, self._meter_width))

    def _draw(self, row: int) -> Strip:
        person = self._people[row]
        self._drawn[row] = self._looks_of(row)
        width = self.size.width
        columns = Columns.for_width(width)
        base = self._part("")
        states = row_states(
            person,
            is_speaking=person.identity in self._speaking,
            is_connected=self._is_connected,
        )
        states = with_volume(person, states)
        if person.is_local:
            states = with_hearers(self._hearers, states)
        is_off = states[0].kind == "off" and not person.is_local
        name = fit(person_name(person, columns.name), columns.name)
        is_chosen = person.identity == self.chosen
        sign = "▸" if person.is_local else "›" if is_chosen else " "
        marker = sign.rjust(columns.marker - 1) + " "
        segments = [
            Segment(marker, self._part("marker")),
            Segment(name, self._part(self._name_kind(person, is_off=is_off))),
            Segment(" " * columns.gap, base),
        ]
        if columns.meter:
            segments += self._meter(person, columns)
            segments.append(Segment(" " * columns.gap, base))
        segments += self._states(states, columns.state)
        return Strip(segments).adjust_cell_length(width, base)

    def _name_kind(self, person: ParticipantView, *, is_off: bool) -> str:
        if person.identity == self.chosen:
            return "chosen"
        return "name-off" if is_off else "name"

    def _meter(self, person: ParticipantView, columns: Columns) -> list[Segment]:
        if not (self._is_connected and _is_sending(person)):
            return [Segment(" " * (columns.meter + columns.number), self._part(""))]
        meter = self._meters[person.identity]
        cells = bar(meter.shown_dbfs, meter.peak_dbfs, columns.meter)
        loud = loud_from(columns.meter)
        dense = "-dense" if self._stride == 1 else ""
        return [
            Segment(cells[:loud], self._part(f"meter{dense}")),
            Segment(cells[loud:], self._part(f"loud{dense}")),
            Segment(number(meter.number_dbfs)[: columns.number], self._part("number")),
        ]

    def _states(self, states: list[RowState], width: int) -> list[Segment]:
        segments: list[Segment] = []
        for index, state in enumerate(fitting_states(states, width)):
            gap = "  " if index else ""
            text = clip(f"{gap}{state.glyph} {state.word}", width)
            segments.append(Segment(text, self._part(state.kind)))
        return segments

    def _part(self, name: str) -> Style:
        if name not in self._parts:
            is_base = not name
            self._parts[name] = (
                self.rich_style if is_base else self.get_component_rich_style(f"roster--{name}")
            )
        return self._parts[name]

    def on_click(self, event: events.Click) -> None:
        row, rest = divmod(event.y + self.scroll_offset.y, self._stride)
        is_on_row = event.button == 1 and not rest and row < len(self._people)
        if is_on_row and self._people[row].is_local:
            self.post_message(self.OwnRowClicked())
        elif is_on_row:
            identity = self._people[row].identity
            if identity == self._clicked == self.chosen:
                self.post_message(self.ChosenClicked())
            self._clicked = identity
            self._choose(identity)


class Ruler(LineView):
    """The scale over the meters, in dBFS."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"ruler--text"}
    DEFAULT_CSS = """
    Ruler { margin-top: 1; }
    Ruler.-short { display: none; }
    Ruler .ruler--text { color: $quiet; }
    """

    def lines(self, width: int, height: int) -> list[Strip]:  # noqa: ARG002 - always one line
        columns = Columns.for_width(width - 1)  # the roster keeps one cell for its scroll bar
        if not columns.meter:
            return [Strip([])]
        text = " " * columns.meter_x + ruler(columns.meter)
        unit = " dBFS" if columns.number else ""
        return [Strip([Segment(f"{text}{unit}", self.part("text"))])]


def with_volume(person: ParticipantView, states: list[RowState]) -> list[RowState]:
    """The states of a row with how loud we play that person, where it is not as they come."""
    percent = person.volume_percent
    if person.is_local or percent == 100:
        return states
    if percent == 0:
        return [RowState("∅", "silenced", "volume"), *states]
    volume = RowState("◑", f"vol {percent}%", "volume")
    if states[0].kind in ("off", "warning"):
        return [states[0], volume, *states[1:]]
    return [volume, *(state for state in states if state.word != "listening")]


def with_hearers(told: Hearers, states: list[RowState]) -> list[RowState]:
    """The states of our own row with how many hear us, where any of them tells."""
    if not told.known or states[0].kind in ("off", "warning"):
        return states
    sign, kind = ("!", "warning") if told.deaf else ("✓", "quiet")
    heard = [RowState(sign, f"heard by {told.heard}/{told.known}", kind)]
    if told.unknown:
        heard.append(RowState("?", f"{told.unknown} unknown", "quiet"))
    return heard + [state for state in states if state.word != "listening"]


def _is_sending(person: ParticipantView) -> bool:
    return person.has_microphone and not (
        person.is_muted or person.is_deafened or person.is_connecting
    )
