"""The lobby: friends, rooms and calls; what keys and mouse do about the row that is chosen."""

from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Input, Static

from woxly_tui._lib.clock import Clock
from woxly_tui.control.lobby import LinkState, LobbyUpdate, RefreshLobby, RoomMessages
from woxly_tui.control.messages import Rejoin
from woxly_tui.tui.actions import Action, screen_bindings
from woxly_tui.tui.bridge import CallView
from woxly_tui.tui.lobby_actions import LOBBY_ACTIONS, lobby_footer, message_footer
from woxly_tui.tui.lobby_deeds import LobbyDeeds
from woxly_tui.tui.lobby_notes import lobby_notes, open_label
from woxly_tui.tui.lobby_view import LobbyData
from woxly_tui.tui.widgets.lobby_bars import LobbyHeader, LobbyKeys, NoteLines
from woxly_tui.tui.widgets.lobby_list import LobbyList
from woxly_tui.tui.widgets.room_pane import RoomPane
from woxly_tui.types import RoomId, UserId

if TYPE_CHECKING:
    from woxly_tui.tui.lobby_app import LobbyApp

WIDE_FROM_COLUMNS = 110
"""From here on, messages stand beside the list."""

TINY_BELOW_ROWS = 8
AGE_EVERY_S = 30.0
"""How often the age of what is shown is looked at, while there is no connection."""


class LobbyScreen(Screen[None]):
    """Nothing in it moves by itself but what the server tells.

    Args:
        app: The app, which holds the bridge.
        data: What is known.
        clock: Where the time comes from.
    """

    AUTO_FOCUS: ClassVar[str | None] = ""
    BINDINGS: ClassVar[list[BindingType]] = [*screen_bindings(LOBBY_ACTIONS)]
    DEFAULT_CSS: ClassVar[str] = """
    LobbyScreen { background: $background; color: $foreground; }
    LobbyScreen #lobby-middle { height: 1fr; }
    LobbyScreen #lobby-left { width: 1fr; height: 1fr; }
    LobbyScreen #lobby-find { height: 1; background: $surface; display: none; }
    LobbyScreen #lobby-find.-open { display: block; }
    LobbyScreen #find-prompt { width: 3; padding-left: 1; color: $accent; }
    LobbyScreen #find-field {
        width: 1fr; height: 1; border: none; padding: 0; background: $surface;
    }
    LobbyScreen.-reading #lobby-left { display: none; }
    LobbyScreen.-reading.-wide #lobby-left { display: block; width: 56; }
    LobbyScreen.-wide RoomPane { border-left: solid $panel; }
    LobbyScreen NoteLines { margin-bottom: 1; }
    LobbyScreen NoteLines.-none { margin-bottom: 0; }
    LobbyScreen.-tiny LobbyKeys, LobbyScreen.-tiny NoteLines { display: none; }
    """

    def __init__(self, app: "LobbyApp", data: LobbyData, clock: Clock) -> None:
        super().__init__()
        self.woxly = app
        self.data = data
        self._clock = clock
        self._view = CallView()
        self._header = LobbyHeader()
        self._notes = NoteLines()
        self.list = LobbyList()
        self._field = Input(id="find-field", placeholder="a name, a word, a Woxly id")
        self._field.cursor_blink = False
        self._find = Horizontal(
            Static("/", id="find-prompt", markup=False), self._field, id="lobby-find"
        )
        self.room_pane = RoomPane(data, clock, app.bridge.ask)
        self._keys = LobbyKeys()
        self._deeds = LobbyDeeds(self, data, app.bridge)
        self.marked: frozenset[UserId] = frozenset()
        self.sought = ""
        self._ages: Timer | None = None

    def compose(self) -> ComposeResult:
        yield self._header
        yield self._notes
        with Horizontal(id="lobby-middle"):
            yield Vertical(self.list, self._find, id="lobby-left")
            yield self.room_pane
        yield self._keys

    def on_mount(self) -> None:
        self.redraw()

    # What the engine tells

    def hear(self, update: LobbyUpdate, *, has_rows: bool) -> None:
        """Show what is new; it is in the data already."""
        if isinstance(update, RoomMessages):
            self.room_pane.hear(update)
        if has_rows:
            self.redraw()
            self._deeds.see_rooms()
        else:
            self._redraw_bars()

    def see_call(self, view: CallView) -> None:
        """The state of the call, or of the engine."""
        self._view = view
        self._redraw_bars()

    def redraw(self) -> None:
        """Draw everything as it is now; what stays the same is not painted."""
        self.list.show(self.data.rows(self._clock.wall(), self.sought, self.marked))
        self._redraw_bars()

    def _redraw_bars(self) -> None:
        if not self.is_mounted:
            return
        if self.data.has_state:
            self._header.show(self.data.state)
        notes = lobby_notes(self, self._view, self.woxly.ring_desk, self._clock.wall())
        self._notes.say(notes)
        self._notes.set_class(not notes, "-none")
        self.room_pane.show()
        self._keys.show(self._footer())
        is_old = self.data.state.link is not LinkState.ONLINE and self.data.state.as_of is not None
        if is_old and self._ages is None:
            self._ages = self.set_timer(AGE_EVERY_S, self._look_at_age, name="age")

    def _look_at_age(self) -> None:
        self._ages = None
        self._redraw_bars()

    def _footer(self) -> list[tuple[Action, str]]:
        row = self.list.chosen
        labels = {"open": open_label(row), "leave": "quit"}
        if self.room_pane.is_writing or self.room_pane.is_choosing:
            return message_footer(is_writing=self.room_pane.is_writing)
        hidden = set() if row is not None else {"open", "call", "messages"}
        return [(a, labels.get(a.name, a.label)) for a in lobby_footer() if a.name not in hidden]

    def on_resize(self) -> None:
        width, height = self.app.size
        self.set_class(width >= WIDE_FROM_COLUMNS, "-wide")
        self.set_class(height < TINY_BELOW_ROWS, "-tiny")

    def on_screen_resume(self) -> None:
        self.redraw()

    def on_descendant_focus(self) -> None:
        """Other keys act now."""
        self._redraw_bars()

    def on_descendant_blur(self) -> None:
        """Other keys act now."""
        self._redraw_bars()

    # Moving

    def scroll_rows(self, way: str) -> None:
        """Choose another row; pages are those of the messages while they are open."""
        if self.room_pane.is_open and way.startswith("page"):
            self.room_pane.scroll_page(1 if way == "page_up" else -1)
        elif way in ("home", "end"):
            self.list.to_end(-1 if way == "home" else 1)
        elif way.startswith("page"):
            self.list.page(-1 if way == "page_up" else 1)
        else:
            self.list.move(-1 if way == "up" else 1)

    def action_section(self, way: int) -> None:
        self.list.to_section(way)

    @on(LobbyList.Chosen)
    def _on_chosen(self) -> None:
        self._deeds.see_calls()
        self._redraw_bars()

    # Finding

    def action_find(self) -> None:
        self._find.add_class("-open")
        self._field.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what is found, from the first letter on."""
        if event.input is self._field:
            self.sought = " ".join(event.value.split())
            self.redraw()
            if self.sought:
                self.list.choose_named(self.sought)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keys are commands again, about what was found; where that is nothing, ask the server."""
        if event.input is not self._field:
            return
        self.set_focus(None)
        self._find.set_class(bool(self.sought), "-open")
        if self.sought and self.list.chosen is None:
            self._deeds.find_people(self.sought)

    def on_key(self, event: events.Key) -> None:
        """While finding, arrows choose among what is found."""
        steps = {"up": -1, "down": 1}.get(event.key)
        if steps is not None and self._field.has_focus:
            self.list.move(steps)

    def _stop_finding(self) -> None:
        self._field.value = ""
        self.sought = ""
        self._find.remove_class("-open")
        if self._field.has_focus:
            self.set_focus(None)
        self.redraw()

    def action_back(self) -> None:
        if self.room_pane.is_choosing:
            self.set_focus(None)
        elif self._field.has_focus or self.sought:
            self._stop_finding()
        elif self.room_pane.is_open:
            self.close_room()
        elif self.marked:
            self.marked = frozenset()
            self.redraw()
        else:
            self.woxly.ring_desk.forget_ending()
            self._redraw_bars()

    # Doing

    async def show_room(self, room: RoomId) -> None:
        """Open the messages of a room, beside the list or over it."""
        self.add_class("-reading")
        await self.room_pane.open(room)

    def start_over(self) -> None:
        """Another account is shown: nothing of the one before is meant any more."""
        self.marked = frozenset()
        self._deeds.start_over()
        self.close_room(forgets=True)
        self._stop_finding()

    def close_room(self, *, forgets: bool = False) -> None:
        """The list alone again."""
        self.room_pane.close(forgets=forgets)
        self.remove_class("-reading")
        self._redraw_bars()

    @on(LobbyList.Opened)
    async def action_open(self) -> None:
        await self._deeds.open()

    def action_call(self) -> None:
        self._deeds.call()

    async def action_messages(self) -> None:
        await self._deeds.messages()

    def action_add(self) -> None:
        self._deeds.add()

    def action_remove(self) -> None:
        self._deeds.remove()

    def action_block(self) -> None:
        self._deeds.block()

    def action_note(self) -> None:
        self._deeds.note()

    def action_mark(self) -> None:
        self._deeds.mark()

    def action_group(self) -> None:
        self._deeds.group()

    def action_new_room(self) -> None:
        self._deeds.new_room()

    @on(LobbyHeader.StatusClicked)
    def action_status(self) -> None:
        self._deeds.status()

    def action_account(self) -> None:
        self.woxly.account_desk.ask()

    def action_refresh(self) -> None:
        if self._view.is_engine_gone:
            self.run_worker(self.woxly.bridge.revive(), name="updates")
        elif self.data.lost_room and self.woxly.is_idle:
            self.woxly.bridge.send(Rejoin())
            self.data.lost_room = ""
            self._redraw_bars()
        else:
            self.woxly.bridge.send(RefreshLobby())

    @on(NoteLines.Clicked)
    def _on_notes_clicked(self) -> None:
        if self.woxly.ring_desk.aside:
            self.woxly.ring_desk.show_again()
        elif self.woxly.has_call:
            self.woxly.action_lobby()
