"""What is shown in place of the roster when the call is over."""

from typing import ClassVar

from rich.segment import Segment
from textual.strip import Strip

from woxly_tui.tui.bridge import CallView
from woxly_tui.tui.text import elapsed, plain, steady, wrap
from woxly_tui.tui.widgets.line_view import LineView
from woxly_tui.tui.words import full_stop

_INDENT = 2


class EndedPanel(LineView):
    """What to do about the end, how long the call lasted, and the two ways on."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "endedpanel--text",
        "endedpanel--quiet",
        "endedpanel--key",
    }
    DEFAULT_CSS = """
    EndedPanel { height: 1fr; display: none; }
    EndedPanel .endedpanel--text { color: $foreground; }
    EndedPanel .endedpanel--quiet { color: $quiet; }
    EndedPanel .endedpanel--key { color: $accent; text-style: bold; }
    """

    def __init__(self) -> None:
        super().__init__(id="ended")
        self._view = CallView()

    def show(self, view: CallView) -> None:
        self._view = view
        self.redraw()

    def lines(self, width: int, height: int) -> list[Strip]:
        view = self._view
        ending = view.snapshot.ending
        base, quiet = self.base, self.part("quiet")
        indent = Segment(" " * _INDENT, base)
        strips = [] if height < 10 else [Strip([])]
        if ending is not None and ending.remedy:
            remedy = steady(plain(full_stop(ending.remedy)))
            rows = wrap(remedy, width - 2 * _INDENT, 3)
            strips += [Strip([indent, Segment(row, self.part("text"))]) for row in rows]
            strips.append(Strip([]))
        start = view.snapshot.established_at
        if start is not None and view.ended_at is not None:
            lasted = f"The call lasted {elapsed(view.ended_at - start)}."
            strips += [Strip([indent, Segment(lasted, quiet)]), Strip([])]
        key, text = self.part("key"), self.part("text")
        keys = [Segment("q", key), Segment(" quits", text)]
        if view.can_revive or not view.is_engine_gone:
            keys = [Segment("r", key), Segment(" joins again    ", text), *keys]
        strips.append(Strip([indent, *keys]))
        return strips
