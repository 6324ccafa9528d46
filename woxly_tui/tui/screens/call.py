"""The call screen: arranges the widgets and hands each what it draws."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Center, Vertical
from textual.screen import Screen
from textual.timer import Timer

from woxly_tui._lib.clock import Clock
from woxly_tui.call.ringing.view import RingPhase, RingView
from woxly_tui.call.snapshot import CallPhase, ChatMessage, Levels
from woxly_tui.control.lobby import RoomMessages
from woxly_tui.tui.bridge import Bridge, CallView
from woxly_tui.tui.lobby_view import LobbyData
from woxly_tui.tui.lobby_words import call_notes
from woxly_tui.tui.pace import MeterPace
from woxly_tui.tui.ptt import PttLooks
from woxly_tui.tui.text import until_next_second
from woxly_tui.tui.widgets.chat import ChatPane
from woxly_tui.tui.widgets.ended import EndedPanel
from woxly_tui.tui.widgets.header import Header
from woxly_tui.tui.widgets.key_bar import KeyBar
from woxly_tui.tui.widgets.lobby_bars import NoteLines
from woxly_tui.tui.widgets.room_pane import RoomPane
from woxly_tui.tui.widgets.roster import Roster, Ruler
from woxly_tui.tui.widgets.state_panel import StatePanel, TroubleLines
from woxly_tui.tui.widgets.talk_bar import TalkBar
from woxly_tui.types import RoomId, user_of

TALL_FROM_ROWS = 30
SHORT_BELOW_ROWS = 20
TINY_BELOW_ROWS = 8


class CallScreen(Screen[None]):
    """Header, state word, troubles, roster, chat, keys. Ticks while a clock is shown."""

    AUTO_FOCUS: ClassVar[str | None] = ""
    DEFAULT_CSS: ClassVar[str] = """
    CallScreen { background: $background; color: $foreground; }
    CallScreen #middle { height: 1fr; align-horizontal: center; }
    CallScreen #stage { width: 100%; max-width: 124; height: 1fr; padding-top: 1; }
    CallScreen #stage.-short { padding-top: 1; }
    CallScreen #stage.-short.-chatting { padding-top: 0; }
    CallScreen #stage.-tiny { padding-top: 0; }
    CallScreen #roster { margin-top: 1; }
    CallScreen #roster.-tiny { margin-top: 0; }
    CallScreen #ended { margin-top: 1; }
    CallScreen .-over #roster, CallScreen .-over Ruler { display: none; }
    CallScreen .-over #ended { display: block; }
    CallScreen KeyBar.-tiny, CallScreen TalkBar.-tiny, CallScreen TalkBar.-over { display: none; }
    """

    def __init__(
        self, clock: Clock, pace: MeterPace, bridge: Bridge, data: LobbyData | None = None
    ) -> None:
        super().__init__()
        self._data = data or LobbyData()
        self._room: RoomId | None = None
        self._clock = clock
        self._view = CallView()
        self._header = Header(clock)
        self._state = StatePanel(clock)
        self._troubles = TroubleLines(clock)
        self._ruler = Ruler()
        self._roster = Roster(clock, pace)
        self._ended = EndedPanel()
        self._chat = ChatPane(bridge.say)
        self.room_pane = RoomPane(self._data, clock, bridge.ask)
        self._notes = NoteLines()
        self._talk = TalkBar()
        self._keys = KeyBar()
        self._stage = Vertical(
            self._state,
            self._troubles,
            self._notes,
            self._ruler,
            self._roster,
            self._ended,
            self._chat,
            self.room_pane,
            id="stage",
        )
        self._tick_timer: Timer | None = None

    def compose(self) -> ComposeResult:
        yield self._header
        yield Center(self._stage, id="middle")
        yield self._talk
        yield self._keys

    def show(self, view: CallView) -> None:
        """Draw this state of the call."""
        self._view = view
        is_over = view.is_engine_gone or view.snapshot.phase is CallPhase.ENDED
        for part in (self._stage, self._talk):
            part.set_class(is_over, "-over")
        for widget in (self._header, self._state, self._troubles, self._roster, self._talk):
            widget.show(view)
        self._chat.show(view)
        self._keys.show(view)
        self._keys.show_unread(self._pane.unread)
        if is_over:
            self._ended.show(view)
        self._schedule_tick()

    def hear(self, levels: Levels) -> None:
        """Show these levels at the next frame."""
        if self._view.snapshot.phase is CallPhase.ESTABLISHED:
            self._roster.hear(levels)

    def hear_chat(self, message: ChatMessage) -> None:
        """Show what somebody said, or count it while the chat is closed."""
        self._chat.hear(message)
        is_guest = not message.is_local and user_of(message.identity) is None
        if self._room is not None and is_guest:
            self.room_pane.hear_guest(self._room, message)
        self._keys.show_unread(self._pane.unread)

    async def turn_chat(self, way: str) -> None:
        """`write` in the chat, `close` it, or `toggle` between the two."""
        pane = self._pane
        is_opening = way == "write" or (way == "toggle" and not pane.is_open)
        if not is_opening:
            pane.close()
        elif self._room is not None:
            await self.room_pane.open(self._room)
        else:
            await self._chat.open()
        self._stage.set_class(pane.is_open, "-chatting")
        self._keys.show_unread(pane.unread)

    @property
    def _pane(self) -> ChatPane | RoomPane:
        """What is written beside this call: in its room, where it has one."""
        return self._chat if self._room is None else self.room_pane

    def hear_room(self, update: RoomMessages) -> None:
        """Show the messages of the call's room."""
        self.room_pane.hear(update)

    def see_rings(self, rings: RingView) -> None:
        """Who is rung into the call, and whose room it is in."""
        self._notes.say(call_notes(rings, self._data.name_of))
        room = rings.room if rings.phase is RingPhase.TALKING else None
        if room != self._room:
            if self._pane.is_open:
                self._pane.close()
                self._stage.remove_class("-chatting")
            self._room = room
        self.room_pane.show()
        self._keys.show_unread(self._pane.unread)

    def show_ptt(self, looks: PttLooks) -> None:
        """Draw who holds the push-to-talk key, and what keys can do."""
        self._talk.show_ptt(looks)

    def _schedule_tick(self) -> None:
        snapshot = self._view.snapshot
        start = snapshot.established_at or snapshot.retry_at
        if self._tick_timer is not None or start is None or self._view.ended_at is not None:
            return
        delay = until_next_second(self._clock.wall(), start)
        self._tick_timer = self.set_timer(delay, self._tick, name="clock")

    def _tick(self) -> None:
        self._tick_timer = None
        self._header.redraw()
        self._state.redraw()
        self._troubles.redraw()
        self._schedule_tick()

    def on_resize(self) -> None:
        width, height = self.app.size
        for widget in (self._stage, *self._stage.children, self._talk, self._keys):
            widget.set_class(height >= TALL_FROM_ROWS, "-tall")
            widget.set_class(height < SHORT_BELOW_ROWS, "-short")
            widget.set_class(height < TINY_BELOW_ROWS, "-tiny")
        self._troubles.arrange_for(min(width, 124))

    def scroll_rows(self, way: str) -> None:
        """Move the rows shown: up, down, page_up, page_down, home or end.

        Pages are those of the chat while it is open.
        """
        roster = self._roster
        if self._pane.is_open and way.startswith("page"):
            self._pane.scroll_page(1 if way == "page_up" else -1)
            return
        page = max(1, roster.size.height - 1)
        steps = {"up": -1, "down": 1, "page_up": -page, "page_down": page}
        if way in steps:
            roster.scroll_relative(y=steps[way], animate=False)
        elif way == "home":
            roster.scroll_home(animate=False)
        else:
            roster.scroll_end(animate=False)
