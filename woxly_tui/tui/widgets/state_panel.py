"""The large state word, what it means, and what is wrong."""

from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from woxly_tui._lib.clock import Clock
from woxly_tui.call.snapshot import StateWord
from woxly_tui.tui.bridge import CallView
from woxly_tui.tui.text import clip, plain, steady, wrap
from woxly_tui.tui.widgets.line_view import LineView
from woxly_tui.tui.words import ptt_ending, sentence, troubles

_MARGIN: Final = 2
_MIN_WORD_CELLS: Final = 17

_KINDS: Final = {
    StateWord.LIVE: "live",
    StateWord.MUTED: "muted",
    StateWord.DEAFENED: "deafened",
    StateWord.NO_MIC: "trouble",
    StateWord.RECONNECTING: "trouble",
    StateWord.CONNECTING: "calm",
    StateWord.ENDED: "calm",
}


class StatePanel(LineView):
    """The state word in a block of colour, three rows high where there is room.

    A click on the word asks to mute or to open the microphone.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"statepanel--{kind}" for kind in _KINDS.values()),
        "statepanel--sentence",
        "statepanel--doing",
        "statepanel--warning",
    }
    DEFAULT_CSS = """
    StatePanel { height: 3; }
    StatePanel.-short { height: 1; }
    StatePanel .statepanel--live { background: $success; color: $background; text-style: bold; }
    StatePanel .statepanel--muted { background: $warning; color: $background; text-style: bold; }
    StatePanel .statepanel--deafened {
        background: $secondary; color: $background; text-style: bold;
    }
    StatePanel .statepanel--trouble { background: $error; color: $background; text-style: bold; }
    StatePanel .statepanel--calm { background: $panel; color: $foreground; text-style: bold; }
    StatePanel .statepanel--sentence { color: $foreground; }
    StatePanel .statepanel--doing { color: $quiet; text-style: italic; }
    StatePanel .statepanel--warning { color: $warning; text-style: bold; }
    """

    class Clicked(Message):
        """The state word was clicked."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(id="state")
        self._clock = clock
        self._view = CallView()

    def show(self, view: CallView) -> None:
        self._view = view
        self.redraw()

    @property
    def word(self) -> StateWord:
        """The word shown."""
        return StateWord.ENDED if self._view.is_engine_gone else self._view.snapshot.state_word

    def lines(self, width: int, height: int) -> list[Strip]:
        style = self.part(_KINDS[self.word])
        base = self.base
        text, block = self._block(width, height)
        aside = self._aside(width - _MARGIN * 2 - block, height)
        middle = height // 2
        strips = []
        for y in range(height):
            word = text if y == middle else ""
            segments = [Segment(" " * _MARGIN, base), Segment(word.center(block), style)]
            if aside[y]:
                segments += [Segment("  ", base), Segment(*aside[y][0])]
                segments += [Segment(*piece) for piece in aside[y][1:]]
            strips.append(Strip(segments).crop(0, width))
        return strips

    def _block(self, width: int, height: int) -> tuple[str, int]:
        if height < 3 or width < 50:
            return str(self.word), len(self.word) + 2
        return " ".join(self.word), max(_MIN_WORD_CELLS, len(self.word) * 2 + 3)

    def _aside(self, width: int, height: int) -> list[list[tuple[str, Style]]]:
        view = self._view
        lines: list[list[tuple[str, Style]]] = [[] for _ in range(height)]
        meaning = "woxly's engine is gone." if view.is_engine_gone else sentence(view.snapshot)
        meaning = steady(plain(meaning))
        ending = ptt_ending(view.snapshot, self._clock.wall())
        warning = view.warning or ("" if view.doing else ending)
        note = (warning, "warning") if warning else (view.doing, "doing")
        doing = f"{view.doing} " if view.doing and view.warning else ""
        if height == 1:
            text, kind = (doing + note[0], note[1]) if note[0] else (meaning, "sentence")
            lines[0] = [(clip(text, width), self.part(kind))]
            return lines
        rows = wrap(meaning, width, 2)
        first = 1 if len(rows) == 1 else 0
        for y, row in enumerate(rows, first):
            lines[y] = [(row, self.part("sentence"))]
        lines[2] = [(clip(doing + note[0], width), self.part(note[1]))]
        return lines

    def on_click(self, event: events.Click) -> None:
        block = self._block(*self.size)[1]
        if event.button == 1 and event.x < _MARGIN + block:
            self.post_message(self.Clicked())


class TroubleLines(LineView):
    """What is wrong and stays so, with its cause, for as long as it lasts."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"troublelines--text"}
    DEFAULT_CSS = """
    TroubleLines { height: 0; margin-top: 1; }
    TroubleLines.-short { margin-top: 0; }
    TroubleLines.-empty { display: none; }
    TroubleLines .troublelines--text { color: $warning; }
    """
    MAX_LINES: ClassVar[int] = 4

    def __init__(self, clock: Clock) -> None:
        super().__init__(id="troubles")
        self._clock = clock
        self._view = CallView()
        self.add_class("-empty")

    def show(self, view: CallView) -> None:
        self._view = view
        self._arrange()
        self.redraw()

    def arrange_for(self, width: int) -> None:
        """Take the height that the text needs at this width."""
        self._arrange(width)

    def _arrange(self, width: int = 0) -> None:
        rows = self._rows(width or self.container_size.width or 80)
        self.set_class(not rows, "-empty")
        if self.styles.height is None or self.styles.height.value != len(rows):
            self.styles.height = len(rows)

    def _rows(self, width: int) -> list[str]:
        if self._view.is_engine_gone:
            return []
        rows: list[str] = []
        for text in troubles(self._view.snapshot, self._countdown()):
            pieces = wrap(steady(plain(text)), width - 2 * _MARGIN - 2, 3)
            rows += [("! " if not i else "  ") + piece for i, piece in enumerate(pieces)]
        return rows[: self.MAX_LINES]

    def _countdown(self) -> str:
        at = self._view.snapshot.retry_at
        if at is None:
            return "Trying to get back…"
        seconds = max(0, round(at - self._clock.wall()))
        return f"Next try in {seconds} s, or press r." if seconds else "Trying now…"

    def lines(self, width: int, height: int) -> list[Strip]:  # noqa: ARG002 - as many as needed
        style = self.part("text")
        margin = Segment(" " * _MARGIN, self.base)
        return [Strip([margin, Segment(row, style)]) for row in self._rows(width)]
