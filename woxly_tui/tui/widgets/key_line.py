"""A line of keys and what they do, which can also be clicked. For dialogs."""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.strip import Strip

from woxly_tui.tui.widgets.line_view import LineView

_GAP = 4


class Offer(NamedTuple):
    """A key, what it does, and the action a click runs."""

    key: str
    label: str
    target: str


class KeyLine(LineView):
    """Offers side by side; on as many lines as they need."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"keyline--key", "keyline--label"}
    DEFAULT_CSS = """
    KeyLine { height: auto; background: $panel; }
    KeyLine .keyline--key { color: $accent; text-style: bold; }
    KeyLine .keyline--label { color: $foreground; }
    """

    def __init__(self, offers: Sequence[Offer] = ()) -> None:
        super().__init__()
        self._offers = tuple(offers)
        self._spots: list[tuple[int, int, int, Offer]] = []

    def offer(self, offers: Sequence[Offer]) -> None:
        """Show these."""
        if tuple(offers) != self._offers:
            self._offers = tuple(offers)
            self._lines = None
            self.refresh(layout=True)

    def _rows(self, width: int) -> list[list[Offer]]:
        rows: list[list[Offer]] = [[]]
        used = 0
        for offer in self._offers:
            size = cell_len(f"{offer.key} {offer.label}") + _GAP
            if rows[-1] and used + size > width + _GAP:
                rows.append([])
                used = 0
            rows[-1].append(offer)
            used += size
        return rows

    def get_content_height(self, container: object, viewport: object, width: int) -> int:  # noqa: ARG002 - Textual's
        return len(self._rows(width))

    def lines(self, width: int, height: int) -> list[Strip]:  # noqa: ARG002 - as many as it takes
        strips = []
        self._spots.clear()
        for y, row in enumerate(self._rows(width)):
            segments = []
            x = 0
            for offer in row:
                pieces = [offer.key, f" {offer.label}"]
                size = cell_len("".join(pieces))
                self._spots.append((y, x, x + size, offer))
                segments += [
                    Segment(pieces[0], self.part("key")),
                    Segment(pieces[1], self.part("label")),
                    Segment(" " * _GAP, self.base),
                ]
                x += size + _GAP
            strips.append(Strip(segments))
        return strips

    async def on_click(self, event: events.Click) -> None:
        for y, start, end, offer in self._spots:
            if y == event.y and start <= event.x < end:
                await self.run_action(offer.target)
                return
