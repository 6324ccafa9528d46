"""Base of the widgets that draw themselves line by line."""

from collections.abc import Iterable

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from woxly_tui.tui.text import clip


class LineView(Widget, can_focus=False):
    """Draws `lines()`; after `redraw()` only the lines that differ are painted again."""

    DEFAULT_CSS = """
    LineView { width: 100%; height: 1; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._lines: list[Strip] | None = None
        self._parts: dict[str, Style] = {}

    def lines(self, width: int, height: int) -> list[Strip]:
        """All lines of the widget as it is now."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Paint what has changed."""
        width, height = self.size
        if self._lines is None:
            self.refresh()
            return
        old, self._lines = self._lines, self._draw(width, height)
        changed = [
            y for y, pair in enumerate(zip(old, self._lines, strict=False)) if _differ(*pair)
        ]
        if changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def _draw(self, width: int, height: int) -> list[Strip]:
        base = self.base
        lines = self.lines(width, height)[:height]
        lines += [Strip([])] * (height - len(lines))
        return [line.adjust_cell_length(width, base) for line in lines]

    def render_line(self, y: int) -> Strip:
        if self._lines is None or len(self._lines) != self.size.height:
            self._lines = self._draw(*self.size)
        return self._lines[y] if y < len(self._lines) else Strip.blank(self.size.width)

    def notify_style_update(self) -> None:
        self._lines = None
        self._parts.clear()
        super().notify_style_update()

    def on_resize(self) -> None:
        self._lines = None

    def part(self, name: str) -> Style:
        """The style of one of this widget's component classes; Textual's own look-up is slow."""
        if name not in self._parts:
            full_name = f"{type(self).__name__.lower()}--{name}"
            self._parts[name] = self.get_component_rich_style(full_name)
        return self._parts[name]

    @property
    def base(self) -> Style:
        """The style of the widget itself."""
        if "" not in self._parts:
            self._parts[""] = self.rich_style
        return self._parts[""]


def _differ(one: Strip, other: Strip) -> bool:
    return list(one) != list(other)


def spread(
    left: Iterable[tuple[str, Style]],
    right: Iterable[tuple[str, Style]],
    width: int,
    base: Style,
) -> Strip:
    """One line with something at each end; the left end is cut where both do not fit."""
    ending = [Segment(text, style) for text, style in right]
    room = width - sum(segment.cell_length for segment in ending)
    segments: list[Segment] = []
    for text, style in left:
        piece = clip(text, room)
        room -= cell_len(piece)
        segments.append(Segment(piece, style))
    return Strip([*segments, Segment(" " * max(0, room), base), *ending])
