"""Somebody rings: a dialog over whatever is open, which no letter meant for a text can answer."""

from collections.abc import Callable, Sequence
from typing import ClassVar, Final, TypeAlias

from rich.segment import Segment
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from woxly_tui._lib.clock import Clock
from woxly_tui.call.ringing.view import IncomingRing
from woxly_tui.control.lobby import AcceptRing, LobbyCommand, RejectRing
from woxly_tui.tui.lobby_view import LobbyData
from woxly_tui.tui.screens.ask import PromptScreen
from woxly_tui.tui.text import fit
from woxly_tui.tui.widgets.key_line import KeyLine, Offer
from woxly_tui.tui.widgets.line_view import LineView
from woxly_tui.types import RoomKind, UserId

HASTE_S: Final = 0.7
"""What is pressed or clicked so soon after the dialog came was meant for what is below it."""

Answer: TypeAlias = Callable[[LobbyCommand], None]

_OFFERS: Final = (
    Offer("a", "Accept", "screen.accept"),
    Offer("r", "Reject", "screen.reject"),
    Offer("m", "Reject with a message", "screen.message"),
    Offer("Esc", "Put aside", "screen.aside"),
)
_WRITING: Final = (
    "You are writing, so letters still go into your text. Press Tab first, then one of these:"
)


class Callers(LineView):
    """Who rings, a line each; one is chosen."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"callers--name", "callers--chosen", "callers--quiet"}
    DEFAULT_CSS = """
    Callers { background: $panel; }
    Callers .callers--name { color: $foreground; }
    Callers .callers--chosen { color: $success; text-style: bold; }
    Callers .callers--quiet { color: $quiet; }
    """

    def __init__(self) -> None:
        super().__init__(id="callers")
        self.rows: tuple[tuple[str, str], ...] = ()
        self.at = 0

    def show(self, rows: Sequence[tuple[str, str]], at: int) -> None:
        self.rows, self.at = tuple(rows), at
        self.styles.height = max(1, len(self.rows))
        self.redraw()

    def lines(self, width: int, height: int) -> list[Strip]:  # noqa: ARG002 - one a caller
        strips = []
        for at, (name, what) in enumerate(self.rows):
            is_chosen = at == self.at
            marker = "▸ " if is_chosen and len(self.rows) > 1 else "  "
            size = min(len(name) + 1, max(8, width // 2))
            strips.append(
                Strip(
                    [
                        Segment(marker[: 0 if len(self.rows) == 1 else 2], self.base),
                        Segment(fit(name, size), self.part("chosen" if is_chosen else "name")),
                        Segment(fit(what, max(0, width - size - 2)), self.part("quiet")),
                    ]
                )
            )
        return strips


class IncomingScreen(ModalScreen[None]):
    """Stays while somebody rings. Put aside, it ends, and they ring on.

    Args:
        data: Names.
        clock: Where the time comes from.
        answer: Has the engine accept or reject.
        writes_in: The text the user was writing in when it came.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("escape", "aside", show=False),
        Binding("tab", "arm", show=False, priority=True),
    ]
    CSS: ClassVar[str] = """
    IncomingScreen { align: center middle; background: $background 70%; }
    IncomingScreen #box {
        width: 58; max-width: 100%; height: auto; max-height: 100%; padding: 1 2;
        background: $panel; border-left: thick $success;
    }
    IncomingScreen #warning { color: $warning; margin-top: 1; }
    IncomingScreen #writing { color: $accent; margin-top: 1; }
    IncomingScreen .-none { display: none; }
    IncomingScreen KeyLine { margin-top: 1; }
    """

    def __init__(
        self, data: LobbyData, clock: Clock, answer: Answer, writes_in: Widget | None
    ) -> None:
        super().__init__()
        self._data = data
        self._clock = clock
        self._answer = answer
        self._writes_in = writes_in
        self._rings: tuple[IncomingRing, ...] = ()
        self._at = 0
        self._open_from = clock.monotonic() + HASTE_S
        self._callers = Callers()
        self._warning = Static(Content(""), id="warning", classes="-none")
        self._writing = Static(Content(_WRITING), id="writing")
        self._writing.set_class(writes_in is None, "-none")
        self.put_aside: tuple[UserId, ...] = ()
        """Whose rings the user does not want to be asked about any more."""

    def compose(self) -> ComposeResult:
        yield Vertical(self._callers, self._warning, self._writing, KeyLine(_OFFERS), id="box")

    def show(self, rings: tuple[IncomingRing, ...], warning: str) -> None:
        """Who rings now, and what accepting would end."""
        chosen = self._chosen
        self._rings = rings
        users = [ring.caller for ring in rings]
        self._at = users.index(chosen.caller) if chosen and chosen.caller in users else 0
        if chosen is not None and chosen.caller not in users:
            # An answer meant for the one who is gone must not reach the next one.
            self._open_from = self._clock.monotonic() + HASTE_S
        self._callers.show([self._row(ring) for ring in rings], self._at)
        self._warning.update(Content(warning))
        self._warning.set_class(not warning, "-none")
        self.close_if_over()

    def _row(self, ring: IncomingRing) -> tuple[str, str]:
        name = self._data.name_of(ring.caller)
        if ring.kind is RoomKind.DM:
            return name, "is calling you"
        room = self._data.room(ring.room)
        where = f" {self._data.call_name(None, ring.room)}" if room is not None else ""
        return name, f"is calling you into the group{where}"

    def close_if_over(self) -> None:
        """End once nobody rings; later, while another dialog is on top."""
        if not self._rings and self.is_current:
            self.dismiss(None)

    def on_screen_resume(self) -> None:
        self.close_if_over()

    @property
    def _chosen(self) -> IncomingRing | None:
        return self._rings[self._at] if self._at < len(self._rings) else None

    @property
    def _is_open(self) -> bool:
        """Whether what is pressed now is an answer."""
        return self._writes_in is None and self._clock.monotonic() >= self._open_from

    # Keys

    async def on_key(self, event: events.Key) -> None:
        """Letters answer, or go on into the text that was being written."""
        if self._writes_in is not None:
            self._write(event)
        elif event.key in "arm":
            event.stop()
            await self.run_action({"a": "accept", "r": "reject", "m": "message"}[event.key])

    def on_paste(self, event: events.Paste) -> None:
        if isinstance(self._writes_in, TextArea):
            event.stop()
            self._writes_in.insert(event.text)

    def _write(self, event: events.Key) -> None:
        text = event.character if event.is_printable else None
        field = self._writes_in
        match field:
            case TextArea() if text:
                field.insert(text)
            case Input() if text:
                field.insert_text_at_cursor(text)
            case TextArea() | Input() if event.key == "backspace":
                field.action_delete_left()

    def action_arm(self) -> None:
        """From now on letters answer."""
        if self._writes_in is not None:
            self._writes_in = None
            self._writing.add_class("-none")
            self._open_from = self._clock.monotonic()

    def action_move(self, steps: int) -> None:
        self._at = max(0, min(self._at + steps, len(self._rings) - 1))
        self._callers.show(self._callers.rows, self._at)

    # Answers; clicks come here, too

    def action_accept(self) -> None:
        ring = self._chosen
        if ring is not None and self._may_answer():
            self._answer(AcceptRing(ring.caller))

    def action_reject(self) -> None:
        ring = self._chosen
        if ring is not None and self._may_answer():
            self._answer(RejectRing(ring.caller))

    def action_message(self) -> None:
        ring = self._chosen
        if ring is None or not self._may_answer():
            return
        name = self._data.name_of(ring.caller)

        def reject(text: str | None) -> None:
            if text is not None:
                self._answer(RejectRing(ring.caller, text))

        self.app.push_screen(
            PromptScreen(f"Reject {name}, and say:", detail="Enter rejects, Esc goes back."), reject
        )

    def _may_answer(self) -> bool:
        return self._is_open

    def action_aside(self) -> None:
        if self._clock.monotonic() >= self._open_from:
            self.put_aside = tuple(ring.caller for ring in self._rings)
            self.dismiss(None)
