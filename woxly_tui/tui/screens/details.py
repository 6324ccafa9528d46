"""How the sound of one participant travels, measured while this is open."""

import asyncio
from dataclasses import asdict
from typing import Any, ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.worker import get_current_worker

from woxly_tui.call.detail_words import detail_pairs
from woxly_tui.call.details import ParticipantDetails
from woxly_tui.call.hearers import heard_words
from woxly_tui.call.snapshot import ParticipantView
from woxly_tui.tui.actions import dialog_bindings
from woxly_tui.tui.bridge import Bridge
from woxly_tui.tui.text import clip
from woxly_tui.tui.widgets.columns import person_name
from woxly_tui.tui.widgets.line_view import LineView
from woxly_tui.tui.words import QUALITY_DOTS, QUALITY_WORDS, who_hears
from woxly_tui.types import Identity

LABEL_CELLS: Final = 12

MARGIN_CELLS: Final = 2

HELP: Final = "↑ ↓ another   Esc closes"


class DetailLines(LineView):
    """One participant: a title, a line for each figure, and how to go on."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "detaillines--title",
        "detaillines--label",
        "detaillines--value",
        "detaillines--quiet",
        "detaillines--warning",
    }
    DEFAULT_CSS = """
    DetailLines { width: 52; max-width: 100%; height: 12; background: $panel; }
    DetailLines.-tall { height: 14; }
    DetailLines .detaillines--title { color: $accent; text-style: bold; }
    DetailLines .detaillines--label { color: $quiet; }
    DetailLines .detaillines--value { color: $foreground; }
    DetailLines .detaillines--quiet { color: $quiet; }
    DetailLines .detaillines--warning { color: $warning; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._title = ""
        self._pairs: list[tuple[str, str]] = []
        self._trouble = ""

    def show(self, title: str, pairs: list[tuple[str, str]], trouble: str) -> None:
        """Draw these figures; a trouble is said below them."""
        self._title, self._pairs, self._trouble = title, pairs, trouble
        self.redraw()

    def lines(self, width: int, height: int) -> list[Strip]:
        width -= 2 * MARGIN_CELLS
        rows: list[list[tuple[str, Style]]] = [[]] if height > len(self._pairs) + 3 else []
        rows.append([(clip(self._title, width), self.part("title"))])
        rows += [self._row(label, value, width) for label, value in self._pairs]
        rows.append([])
        last = (self._trouble, "warning") if self._trouble else (HELP, "quiet")
        rows.append([(clip(last[0], width), self.part(last[1]))])
        margin = Segment(" " * MARGIN_CELLS, self.base)
        return [Strip([margin, *(Segment(*piece) for piece in row)]) for row in rows]

    def _row(self, label: str, value: str, width: int) -> list[tuple[str, Style]]:
        return [
            (label.ljust(LABEL_CELLS), self.part("label")),
            (clip(value, width - LABEL_CELLS), self.part("value")),
        ]


class DetailsScreen(ModalScreen[None]):
    """Asks the engine once a second for as long as it is open.

    Args:
        bridge: Who is there, and whom to ask.
        identity: Whom to show first.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *dialog_bindings(),
        Binding("escape,i,q,enter", "close", "close", show=False),
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
    ]
    CSS: ClassVar[str] = """
    DetailsScreen { align: center middle; background: $background 70%; }
    """
    TALL_FROM_ROWS: ClassVar[int] = 18
    EVERY_S: ClassVar[float] = 1.0

    def __init__(self, bridge: Bridge, identity: Identity) -> None:
        super().__init__()
        self._bridge = bridge
        self._identity = identity
        self._details: dict[Identity, ParticipantDetails] = {}
        self._trouble = "measuring…"
        self._lines = DetailLines()

    def compose(self) -> ComposeResult:
        yield self._lines

    def on_mount(self) -> None:
        self._draw()
        self._measure()

    def on_resize(self) -> None:
        self._lines.set_class(self.app.size.height >= self.TALL_FROM_ROWS, "-tall")

    @work(name="details")
    async def _measure(self) -> None:
        while not get_current_worker().is_cancelled:
            details, self._trouble = await self._bridge.details()
            if details or not self._trouble:
                self._details = {one.identity: one for one in details}
            self._draw()
            await asyncio.sleep(self.EVERY_S)

    def _draw(self) -> None:
        people = self._people
        person = next((p for p in people if p.identity == self._identity), None)
        if person is None:
            self.dismiss(None)
            return
        found = self._details.get(person.identity)
        pairs = detail_pairs(asdict(found) if found is not None else {})
        title = person_name(person, 40)
        self._lines.show(title, [*self._known(person), *pairs], self._trouble)

    def _known(self, person: ParticipantView) -> list[tuple[str, str]]:
        """What the call knows of a participant without measuring."""
        dots = QUALITY_DOTS[person.quality]
        pairs = [("connection", f"{dots} {QUALITY_WORDS[person.quality]}".rstrip())]
        if not person.is_local:
            words = {True: "yes", False: "no", None: "not known"}
            return [*pairs, ("hears you", words[person.hears_us])]
        told = who_hears(self._bridge.view.snapshot)
        return [*pairs, ("heard by", heard_words(told).removeprefix("heard by ") or "not known")]

    @property
    def _people(self) -> tuple[ParticipantView, ...]:
        return self._bridge.view.snapshot.participants

    def action_move(self, step: int) -> None:
        """The next participant, or the one before."""
        identities = [p.identity for p in self._people]
        if self._identity in identities:
            at = identities.index(self._identity) + step
            self._identity = identities[at % len(identities)]
        self._draw()

    def action_close(self) -> None:
        self.dismiss(None)

    def on_click(self, event: Any) -> None:
        """Beside the figures, a click closes."""
        if event.widget is self:
            self.dismiss(None)
