"""The bottom line: the main keys, which can also be clicked."""

from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from textual import events
from textual.strip import Strip

from woxly_tui.call.snapshot import CallPhase
from woxly_tui.tui.actions import Action, footer_actions, key_name
from woxly_tui.tui.bridge import CallView
from woxly_tui.tui.widgets.line_view import LineView, spread
from woxly_tui.tui.words import can_rejoin

_RIGHT = frozenset({"leave"})
_IN_CALL = frozenset({"mute", "deafen", "detach"})


class KeyBar(LineView):
    """As many keys as fit, the least important left out first; leaving stands on the right."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "keybar--key",
        "keybar--label",
        "keybar--unread",
    }
    DEFAULT_CSS = """
    KeyBar { background: $panel; dock: bottom; }
    KeyBar .keybar--key { color: $accent; text-style: bold; }
    KeyBar .keybar--label { color: $foreground; }
    KeyBar .keybar--unread { color: $accent; text-style: bold; }
    """

    def __init__(self) -> None:
        super().__init__(id="keys")
        self._view = CallView()
        self._unread = 0
        self._spots: list[tuple[int, int, Action]] = []

    def show(self, view: CallView) -> None:
        self._view = view
        self.redraw()

    def show_unread(self, count: int) -> None:
        """So many chat messages were not seen yet."""
        if count != self._unread:
            self._unread = count
            self.redraw()

    def _label(self, action: Action) -> str:
        mic = self._view.snapshot.microphone
        if action.name == "mute" and mic.wanted_muted and not mic.ptt.is_down:
            return "unmute"
        if action.name == "deafen" and mic.wanted_deafened:
            return "undeafen"
        if action.name == "leave" and self._is_over:
            return "quit"
        if action.name == "chat" and self._unread:
            return f"chat ({min(self._unread, 99)})"
        return action.label

    @property
    def _is_over(self) -> bool:
        return self._view.is_engine_gone or self._view.snapshot.phase is CallPhase.ENDED

    def _actions(self) -> list[Action]:
        view = self._view
        is_mendable = view.can_revive if view.is_engine_gone else can_rejoin(view.snapshot)
        shown = footer_actions(with_rejoin=is_mendable)
        if self._is_over:
            shown = [action for action in shown if action.name not in _IN_CALL]
        return shown

    def lines(self, width: int, height: int) -> list[Strip]:  # noqa: ARG002 - always one line
        fitting: list[Action] = []
        used = 1
        for action in self._actions():
            need = cell_len(self._text(action)) + 3
            if used + need <= width + 2:
                fitting.append(action)
                used += need
        left: list[tuple[str, Style]] = [(" ", self.base)]
        right: list[tuple[str, Style]] = []
        self._spots.clear()
        x = 1
        for action in fitting:
            size = cell_len(self._text(action))
            if action.name in _RIGHT:
                right = [*self._pieces(action), (" ", self.base)]
                self._spots.append((width - size - 1, width, action))
            else:
                left += [*self._pieces(action), ("   ", self.base)]
                self._spots.append((x, x + size, action))
                x += size + 3
        return [spread(left, right, width, self.base)]

    def _text(self, action: Action) -> str:
        return f"{key_name(action.all_keys[0])} {self._label(action)}"

    def _pieces(self, action: Action) -> list[tuple[str, Style]]:
        is_unread = action.name == "chat" and self._unread > 0
        return [
            (key_name(action.all_keys[0]), self.part("key")),
            (f" {self._label(action)}", self.part("unread" if is_unread else "label")),
        ]

    async def on_click(self, event: events.Click) -> None:
        for start, end, action in self._spots:
            if start <= event.x < end:
                await self.run_action(f"app.{action.name}")
                return
