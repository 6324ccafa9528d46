"""What stands around the list of the lobby: who we are, what is to be known, and the keys."""

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from woxly_tui.control.lobby import LinkState, LobbyState
from woxly_tui.tui.actions import Action, key_name
from woxly_tui.tui.lobby_words import PRESENCE_GLYPHS, PRESENCE_WORDS, shown
from woxly_tui.tui.text import clip, wrap
from woxly_tui.tui.widgets.line_view import LineView, spread

MAX_NOTE_LINES = 3


class LobbyHeader(LineView):
    """The account, and what friends see of us; a click there changes it."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"lobbyheader--{name}" for name in ("title", "quiet", "good", "warning")
    }
    DEFAULT_CSS = """
    LobbyHeader { background: $panel; dock: top; }
    LobbyHeader .lobbyheader--title { text-style: bold; color: $foreground; }
    LobbyHeader .lobbyheader--quiet { color: $quiet; }
    LobbyHeader .lobbyheader--good { color: $success; }
    LobbyHeader .lobbyheader--warning { color: $warning; }
    """

    class StatusClicked(Message):
        """Our own status was clicked."""

    def __init__(self) -> None:
        super().__init__(id="lobby-header")
        self._state = LobbyState(LinkState.CONNECTING)
        self._status_cells = 0

    def show(self, state: LobbyState) -> None:
        self._state = state
        self.redraw()

    def lines(self, width: int, height: int) -> list[Strip]:  # noqa: ARG002 - always one line
        state = self._state
        name = shown(state.me.name) if state.me is not None else "woxly"
        account = shown(state.account)
        word, look = self._status()
        self._status_cells = cell_len(word) + 2
        left: list[tuple[str, Style]] = [(f" {clip(name, width // 3)}", self.part("title"))]
        if account and account != name:
            left.append((f"   {account}", self.part("quiet")))
        return [spread(left, [(f" {word} ", self.part(look))], width, self.base)]

    def _status(self) -> tuple[str, str]:
        match self._state.link:
            case LinkState.ONLINE:
                presence = self._state.presence
                look = "good" if presence == "online" else "warning"
                look = "quiet" if presence in ("away", "offline") else look
                return f"{PRESENCE_GLYPHS[presence]} {PRESENCE_WORDS[presence]}", look
            case LinkState.CONNECTING:
                return "◌ connecting", "quiet"
            case LinkState.SIGNED_OUT:
                return "○ signed out", "warning"
            case _:
                return "○ no connection", "warning"

    def on_click(self, event: events.Click) -> None:
        if event.x >= self.size.width - self._status_cells:
            self.post_message(self.StatusClicked())


class NoteLines(LineView):
    """A few sentences, as many lines as they need; none where there is nothing to say."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"notelines--note", "notelines--warning"}
    DEFAULT_CSS = """
    NoteLines { height: 0; }
    NoteLines .notelines--note { color: $foreground; }
    NoteLines .notelines--warning { color: $warning; }
    """

    class Clicked(Message):
        """The notes were clicked."""

    def __init__(self) -> None:
        super().__init__(id="lobby-notes")
        self._notes: tuple[tuple[str, bool], ...] = ()

    def say(self, notes: Sequence[tuple[str, bool]]) -> None:
        """Show these sentences; True with those that are warnings."""
        kept = tuple((text, is_warning) for text, is_warning in notes if text)
        if kept == self._notes:
            return
        self._notes = kept
        self._fit_height()
        self.redraw()

    def on_resize(self) -> None:
        super().on_resize()
        self._fit_height()

    def _fit_height(self) -> None:
        self.styles.height = len(self._rows(self.size.width or self.app.size.width))

    def _rows(self, width: int) -> list[tuple[str, bool]]:
        rows = [
            (row, is_warning)
            for text, is_warning in self._notes
            for row in wrap(text, max(10, width - 4), MAX_NOTE_LINES)
        ]
        return rows[: 2 * MAX_NOTE_LINES]

    def lines(self, width: int, height: int) -> list[Strip]:  # noqa: ARG002 - as many as there are
        return [
            Strip(
                [
                    Segment(" ", self.base),
                    Segment(row, self.part("warning" if is_warning else "note")),
                ]
            )
            for row, is_warning in self._rows(width)
        ]

    def on_click(self) -> None:
        self.post_message(self.Clicked())


class LobbyKeys(LineView):
    """As many keys as fit, the least important left out first; quitting stands on the right."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"lobbykeys--key", "lobbykeys--label"}
    DEFAULT_CSS = """
    LobbyKeys { background: $panel; dock: bottom; }
    LobbyKeys .lobbykeys--key { color: $accent; text-style: bold; }
    LobbyKeys .lobbykeys--label { color: $foreground; }
    """

    def __init__(self) -> None:
        super().__init__(id="lobby-keys")
        self._actions: tuple[tuple[Action, str], ...] = ()
        self._spots: list[tuple[int, int, Action]] = []

    def show(self, actions: Sequence[tuple[Action, str]]) -> None:
        """Show these, each with what it is called now, the most important first."""
        if tuple(actions) != self._actions:
            self._actions = tuple(actions)
            self.redraw()

    def lines(self, width: int, height: int) -> list[Strip]:  # noqa: ARG002 - always one line
        key, label = self.part("key"), self.part("label")
        left: list[tuple[str, Style]] = [(" ", self.base)]
        right: list[tuple[str, Style]] = []
        self._spots.clear()
        used = x = 1
        for action, name in self._actions:
            pieces = [(key_name(action.all_keys[0]), key), (f" {name}", label)]
            size = sum(cell_len(text) for text, _ in pieces)
            if used + size + 3 > width + 2:
                continue
            used += size + 3
            if action.name == "leave":
                right = [*pieces, (" ", self.base)]
                self._spots.append((width - size - 1, width, action))
            else:
                left += [*pieces, ("   ", self.base)]
                self._spots.append((x, x + size, action))
                x += size + 3
        return [spread(left, right, width, self.base)]

    async def on_click(self, event: events.Click) -> None:
        for start, end, action in self._spots:
            if start <= event.x < end:
                await self.run_action(action.target)
                return
