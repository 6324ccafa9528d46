"""Where things stand in a row of the roster, for any width."""

from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len

from woxly_tui.call.snapshot import ParticipantView
from woxly_tui.tui.text import clip, plain, steady
from woxly_tui.tui.words import RowState

_MARGIN: Final = 2
_STATE_CELLS: Final = 17
"""A glyph, a space and the longest word, `connection lost`."""
_NUMBER_CELLS: Final = 4
_MIN_METER_CELLS: Final = 6
_ROOMY_CELLS: Final = 72
_NARROW_CELLS: Final = 40
_TIME_CELLS: Final = 5


@dataclass(frozen=True, slots=True)
class Columns:
    """Widths in cells: marker, name, gap, meter, number, gap, state."""

    name: int
    meter: int
    number: int
    state: int
    marker: int = _MARGIN + 2
    gap: int = 2

    @classmethod
    def for_width(cls, width: int) -> "Columns":
        """The widest meter that leaves room for names and words."""
        name = min(28, max(8, width // 4 - 1))
        state = _STATE_CELLS if width < 100 else _STATE_CELLS * 2
        free = width - (_MARGIN + 2) - name - 2 - 2 - state - 1
        number = _NUMBER_CELLS if free >= _NUMBER_CELLS + _MIN_METER_CELLS else 0
        meter = free - number
        if meter < _MIN_METER_CELLS:
            short = max(3, width - (_MARGIN + 2) - name - 3)
            return cls(name=name, meter=0, number=0, state=min(state, short), gap=1)
        return cls(name=name, meter=meter, number=number, state=state)

    @property
    def meter_x(self) -> int:
        return self.marker + self.name + self.gap


@dataclass(frozen=True, slots=True)
class ChatColumns:
    """Widths in cells: marker, name, gap, text, gap, time; in line with the roster's."""

    name: int
    text: int
    time: int
    marker: int = _MARGIN + 2
    gap: int = 2

    @classmethod
    def for_width(cls, width: int) -> "ChatColumns":
        """The text under the meters, where that leaves it enough room."""
        name = Columns.for_width(width).name if width >= _ROOMY_CELLS else 8
        time = _TIME_CELLS if width >= _NARROW_CELLS else 0
        marker = _MARGIN + 2 if time else _MARGIN
        text = width - marker - name - 2 - (2 + time if time else 0) - _MARGIN
        return cls(name=name, text=max(4, text), time=time, marker=marker)

    @classmethod
    def of_room(cls, width: int) -> "ChatColumns":
        """For the messages of a room, which stand under nothing they would be in line with."""
        wide = cls.for_width(width)
        name = min(wide.name, max(8, width // 6))
        return cls(name, wide.text + wide.name - name, wide.time, wide.marker)

    @property
    def text_x(self) -> int:
        return self.marker + self.name + self.gap


def person_name(person: ParticipantView, width: int) -> str:
    """A name in at most `width` cells; our own keeps its `(you)`, however long it is."""
    name = steady(plain(person.name)) or "?"
    if not person.is_local:
        return clip(name, width)
    if name == "you":
        return name
    suffix = " (you)"
    return clip(name, width - len(suffix)) + suffix if width > len(suffix) + 3 else "you"


def fitting_states(states: list[RowState], width: int) -> list[RowState]:
    """The first states that fit side by side; always at least one."""
    kept = states[:1]
    used = cell_len(f"{states[0].glyph} {states[0].word}")
    for state in states[1:]:
        used += cell_len(f"  {state.glyph} {state.word}")
        if used > width:
            break
        kept.append(state)
    return kept
