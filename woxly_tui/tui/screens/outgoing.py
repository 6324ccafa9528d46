"""We ring somebody, or several: for how long, how it stands, and the way to stop."""

from typing import ClassVar

from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.timer import Timer
from textual.widgets import Static

from woxly_tui._lib.clock import Clock
from woxly_tui.call.ringing.view import RingingPeer, RingPhase, RingView
from woxly_tui.tui.lobby_view import LobbyData
from woxly_tui.tui.lobby_words import rung_word
from woxly_tui.tui.text import elapsed, fit, until_next_second
from woxly_tui.tui.widgets.key_line import KeyLine, Offer
from woxly_tui.tui.widgets.line_view import LineView

MAX_ROWS = 8


class Rung(LineView):
    """Whom we ring, and for how long."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"rung--name", "rung--quiet", "rung--time"}
    DEFAULT_CSS = """
    Rung { background: $panel; }
    Rung .rung--name { color: $foreground; text-style: bold; }
    Rung .rung--quiet { color: $quiet; }
    Rung .rung--time { color: $accent; }
    """

    def __init__(self, data: LobbyData, clock: Clock) -> None:
        super().__init__(id="rung")
        self._data = data
        self._clock = clock
        self.view = RingView()

    def show(self, view: RingView) -> None:
        self.view = view
        self.styles.height = max(1, min(MAX_ROWS, len(view.ringing)))
        self.redraw()

    def lines(self, width: int, height: int) -> list[Strip]:
        since = self.view.since
        time = elapsed(self._clock.wall() - since) if since is not None else ""
        strips = [
            Strip(
                [
                    Segment(fit(self._who(peer), min(28, width // 2)), self.part("name")),
                    Segment(
                        fit(f" {rung_word(peer.outcome)}", width - min(28, width // 2) - 8),
                        self.part("quiet"),
                    ),
                    Segment((time if not at else "").rjust(8), self.part("time")),
                ]
            )
            for at, peer in enumerate(self.view.ringing)
        ]
        if len(strips) > height:
            more = f"and {len(strips) - height + 1} more"
            strips[height - 1 :] = [Strip([Segment(more, self.part("quiet"))])]
        return strips or [Strip([Segment(fit("Finding the room…", width), self.part("quiet"))])]

    def _who(self, peer: RingingPeer) -> str:
        return self._data.name_of(peer.user)


class OutgoingScreen(ModalScreen[bool]):
    """Ends with True when the user stops ringing, with False when that is over otherwise.

    Args:
        data: Names.
        clock: Where the time comes from.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,c,q,h", "cancel", "cancel", show=False),
    ]
    CSS: ClassVar[str] = """
    OutgoingScreen { align: center middle; background: $background 70%; }
    OutgoingScreen #box {
        width: 54; max-width: 100%; height: auto; max-height: 100%; padding: 1 2;
        background: $panel; border-left: thick $accent;
    }
    OutgoingScreen #title { color: $quiet; margin-bottom: 1; }
    OutgoingScreen #warning { color: $warning; margin-top: 1; }
    OutgoingScreen .-none { display: none; }
    OutgoingScreen KeyLine { margin-top: 1; }
    """

    def __init__(self, data: LobbyData, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._title = Static(Content("Calling"), id="title")
        self._warning = Static(Content(""), id="warning", classes="-none")
        self._rung = Rung(data, clock)
        self._is_over = False
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        offers = (Offer("Esc", "Cancel", "screen.cancel"),)
        yield Vertical(self._title, self._rung, self._warning, KeyLine(offers), id="box")

    def show(self, view: RingView, warning: str = "") -> None:
        """How the ring stands now."""
        is_group = len(view.ringing) > 1
        self._title.update(Content("Calling a group" if is_group else "Calling"))
        self._warning.update(Content(warning))
        self._warning.set_class(not warning, "-none")
        self._is_over = view.phase is not RingPhase.OUTGOING
        self._rung.show(view)
        self._schedule_tick()
        self.close_if_over()

    def close_if_over(self) -> None:
        """End once nobody is rung; later, while another dialog is on top."""
        if self._is_over and self.is_current:
            self.dismiss(False)

    def on_screen_resume(self) -> None:
        self.close_if_over()

    def _schedule_tick(self) -> None:
        since = self._rung.view.since
        if self._timer is None and since is not None and not self._is_over:
            delay = until_next_second(self._clock.wall(), since)
            self._timer = self.set_timer(delay, self._tick, name="clock")

    def _tick(self) -> None:
        self._timer = None
        self._rung.redraw()
        self._schedule_tick()

    def action_cancel(self) -> None:
        self.dismiss(True)
