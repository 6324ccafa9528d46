"""The top line: which room, how long, how good the connection is."""

from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from woxly_tui._lib.clock import Clock
from woxly_tui.call.snapshot import CallPhase, Quality
from woxly_tui.tui.bridge import CallView
from woxly_tui.tui.text import clip, elapsed, plain, steady
from woxly_tui.tui.widgets.line_view import LineView, spread
from woxly_tui.tui.words import QUALITY_DOTS, QUALITY_WORDS, who_records


class Header(LineView):
    """Room and head count on the left; server, quality, round trip and time on the right."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "header--room",
        "header--quiet",
        "header--good",
        "header--poor",
        "header--time",
        "header--rec",
    }
    DEFAULT_CSS = """
    Header { background: $panel; dock: top; }
    Header .header--room { text-style: bold; color: $foreground; }
    Header .header--quiet { color: $quiet; }
    Header .header--good { color: $success; }
    Header .header--poor { color: $warning; }
    Header .header--rec { color: $background; background: $error; text-style: bold; }
    Header .header--time { color: $foreground; }
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__(id="header")
        self._clock = clock
        self._view = CallView()

    def show(self, view: CallView) -> None:
        self._view = view
        self.redraw()

    def lines(self, width: int, height: int) -> list[Strip]:  # noqa: ARG002 - always one line
        snapshot = self._view.snapshot
        room = clip(steady(plain(snapshot.room)) or "woxly", max(4, width // 2 - 2))
        left = [(f" {room}", self.part("room")), *self._recording(width // 3)]
        optional = self._optional()
        time = [(f"{self._time()} ", self.part("time"))]
        used = _cells(left) + _cells(time)
        right: list[tuple[str, Style]] = []
        for is_left, parts in optional:
            if used + _cells(parts) + 2 > width:
                continue
            used += _cells(parts)
            if is_left:
                left += parts
            else:
                right = parts + right
        return [spread(left, [*right, *time], width, self.base)]

    def _optional(self) -> list[tuple[bool, list[tuple[str, Style]]]]:
        """Parts in the order in which they earn their place; True: on the left."""
        snapshot = self._view.snapshot
        quiet = self.part("quiet")
        parts: list[tuple[bool, list[tuple[str, Style]]]] = []
        is_up = snapshot.phase is CallPhase.ESTABLISHED
        if is_up and snapshot.rtt_ms is not None:
            parts.append((False, [(f"{snapshot.rtt_ms} ms   ", quiet)]))
        if is_up and snapshot.quality is not Quality.UNKNOWN:
            word = QUALITY_WORDS[snapshot.quality]
            style = self.part("poor" if word else "good")
            dots = QUALITY_DOTS[snapshot.quality]
            parts.append((False, [(f"{dots} {word} " if word else f"{dots} ", style)]))
        if snapshot.participants and snapshot.phase is not CallPhase.ENDED:
            count = len(snapshot.participants)
            parts.append((True, [(f"   {count} here" if count > 1 else "   only you", quiet)]))
        if snapshot.server:
            parts.append((False, [(f"{steady(plain(snapshot.server))}   ", quiet)]))
        return parts

    def _recording(self, width: int) -> list[tuple[str, Style]]:
        """Who records; on the narrowest screen still that somebody does."""
        text = who_records(self._view.snapshot)
        if not text:
            return []
        return [("  ", self.base), (clip(f" ● {steady(text)} ", max(7, width)), self.part("rec"))]

    def _time(self) -> str:
        start = self._view.snapshot.established_at
        if start is None:
            return ""
        return elapsed((self._view.ended_at or self._clock.wall()) - start)


def _cells(parts: list[tuple[str, Style]]) -> int:
    return sum(cell_len(text) for text, _ in parts)
