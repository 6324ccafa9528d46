"""Rings and calls that came of them, as dialogs: kept true to what the engine tells.

LobbyState.rings ──see──► IncomingScreen, OutgoingScreen, bell ──► what keys ask for
"""

from typing import TYPE_CHECKING, Final

from textual.timer import Timer
from textual.widget import Widget

from woxly_tui._lib.clock import Clock
from woxly_tui.call.ringing.view import IncomingRing, RingEnding, RingPhase, RingView
from woxly_tui.control.lobby import HangUp, LobbyState
from woxly_tui.social.model import Presence
from woxly_tui.tui.alerts import Alerts
from woxly_tui.tui.lobby_view import LobbyData
from woxly_tui.tui.lobby_words import ending_words, is_missed
from woxly_tui.tui.screens.incoming import IncomingScreen
from woxly_tui.tui.screens.outgoing import OutgoingScreen
from woxly_tui.types import UserId

if TYPE_CHECKING:
    from woxly_tui.tui.lobby_app import LobbyApp

BELL_EVERY_S: Final = 4.0
"""A telephone's ring; a bell is one byte, so it is cheap over SSH."""

MAX_BELLS: Final = 12


class RingDesk:
    """Use from the app's event loop.

    Args:
        app: Where the dialogs are shown.
        data: Names.
        clock: Where the time comes from.
        alerts: What makes rings heard besides the bell.
    """

    def __init__(
        self, app: "LobbyApp", data: LobbyData, clock: Clock, alerts: Alerts | None
    ) -> None:
        self._app = app
        self._data = data
        self._clock = clock
        self._alerts = alerts
        self._incoming: IncomingScreen | None = None
        self._outgoing: OutgoingScreen | None = None
        self._aside: frozenset[UserId] = frozenset()
        self._ringing: frozenset[UserId] = frozenset()
        self._is_cancelling = False
        self.has_bell = True
        """The user wants the terminal's bell to ring."""
        self._bells = 0
        self._bell: Timer | None = None
        self._seen_ending: int | None = None
        self._ending: RingEnding | None = None

    @property
    def last_ending(self) -> str:
        """Why the last ring or call is over, until something new happens."""
        ending = self._ending
        return "" if ending is None else ending_words(ending, self._whom(ending))

    def forget_ending(self) -> None:
        """The user has read it."""
        self._ending = None

    def _whom(self, ending: RingEnding) -> str:
        return self._data.call_name(ending.user, ending.room)

    @property
    def rings(self) -> RingView:
        return self._data.state.rings

    @property
    def aside(self) -> tuple[IncomingRing, ...]:
        """Rings that go on and are not asked about any more."""
        return tuple(ring for ring in self.rings.incoming if ring.caller in self._aside)

    def see(self, state: LobbyState) -> None:
        """The engine's state has changed."""
        rings = state.rings
        callers = frozenset(ring.caller for ring in rings.incoming)
        self._aside &= callers
        fresh = callers - self._ringing
        was_ringing, self._ringing = self._ringing, callers
        self._show_incoming()
        self._show_outgoing()
        self._note_ending(rings.ending)
        if fresh:
            self.forget_ending()
            self._alarm(state, fresh)
        elif was_ringing and not callers and self._alerts is not None:
            self._alerts.ring_over()

    def retell(self) -> None:
        """Names are known now that were not."""
        if self._incoming is not None:
            self._show_incoming()
        if self._outgoing is not None:
            self._outgoing.show(self.rings)

    # Those who ring us

    def show_again(self) -> None:
        """Ask about those again who were put aside."""
        self._aside = frozenset()
        self._show_incoming()

    def _show_incoming(self) -> None:
        rings = tuple(ring for ring in self.rings.incoming if ring.caller not in self._aside)
        if self._incoming is not None:
            self._incoming.show(rings, self._costs())
        elif rings:
            screen = IncomingScreen(
                self._data, self._clock, self._app.bridge.send, self._writes_in()
            )
            self._incoming = screen
            screen.show(rings, self._costs())
            self._app.push_screen(screen, lambda _: self._incoming_closed(screen))

    def _incoming_closed(self, screen: IncomingScreen) -> None:
        self._aside |= frozenset(screen.put_aside)
        self._incoming = None
        self._app.settle()
        self._show_incoming()

    def _writes_in(self) -> Widget | None:
        """The text that letters go into now."""
        focused = self._app.focused
        takes_text = focused is not None and focused.check_consume_key("a", "a")
        return focused if takes_text else None

    def _costs(self) -> str:
        """What accepting would end."""
        rings = self.rings
        who = self._data.call_name(rings.peer, rings.room)
        if rings.phase is RingPhase.OUTGOING:
            return f"You are calling {who}: to accept ends that."
        if rings.phase is RingPhase.TALKING:
            return f"You are in a call with {who}: to accept leaves it."
        if self._app.is_in_call:
            return "You are in a call: to accept leaves it."
        return ""

    def _alarm(self, state: LobbyState, fresh: frozenset[UserId]) -> None:
        is_silent = state.presence is Presence.DND
        if self._alerts is not None:
            for user in fresh:
                self._alerts.ring(self._data.name_of(user), is_silent=is_silent)
        if not is_silent:
            self._bells = 0
            self._ring_bell()

    def _ring_bell(self) -> None:
        is_wanted = self._ringing - self._aside and self._data.state.presence is not Presence.DND
        if is_wanted and self.has_bell and self._bells < MAX_BELLS:
            self._bells += 1
            self._app.bell()
            if self._bell is not None:
                self._bell.stop()
            self._bell = self._app.set_timer(BELL_EVERY_S, self._ring_bell, name="bell")

    # Those whom we ring

    def _show_outgoing(self) -> None:
        rings = self.rings
        if rings.phase is not RingPhase.OUTGOING:
            self._is_cancelling = False
        if self._outgoing is not None:
            self._outgoing.show(rings)
        elif rings.phase is RingPhase.OUTGOING and not self._is_cancelling:
            self._outgoing = OutgoingScreen(self._data, self._clock)
            self._outgoing.show(rings)
            self.forget_ending()
            self._app.push_screen(self._outgoing, self._outgoing_closed)

    def _outgoing_closed(self, is_cancelled: bool | None) -> None:
        self._outgoing = None
        if is_cancelled:
            self._is_cancelling = True
            self._app.bridge.send(HangUp())
        self._app.settle()
        self._show_outgoing()

    # What came of it

    def _note_ending(self, ending: RingEnding | None) -> None:
        number = ending.number if ending is not None else 0
        before, self._seen_ending = self._seen_ending, number
        # What ended before this screen was there is old news.
        if ending is None or before is None or number == before:
            return
        self._ending = ending
        self._app.tell(self.last_ending, is_warning=is_missed(ending))
        if is_missed(ending) and self._alerts is not None:
            self._alerts.missed(self._whom(ending))
