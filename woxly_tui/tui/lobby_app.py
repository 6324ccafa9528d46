"""The half of the app that the lobby needs: which screen is shown, and what rings."""

from dataclasses import replace
from typing import Any, Final

from textual.await_complete import AwaitComplete
from textual.screen import Screen

from woxly_tui._lib.clock import Clock
from woxly_tui.call.ringing.view import RingPhase, RingView
from woxly_tui.call.snapshot import CallPhase, Notice, Severity
from woxly_tui.control.lobby import (
    AccountsListed,
    GoOnline,
    HangUp,
    LinkState,
    LobbyState,
    LobbyUpdate,
    PeopleFound,
    RoomMessages,
)
from woxly_tui.control.messages import Command, Leave
from woxly_tui.tui.account_desk import AccountDesk
from woxly_tui.tui.alerts import Alerts
from woxly_tui.tui.bridge import CallView
from woxly_tui.tui.departure import Departure
from woxly_tui.tui.lobby_actions import call_only
from woxly_tui.tui.lobby_view import LobbyData
from woxly_tui.tui.ptt_app import PttApp
from woxly_tui.tui.ring_desk import RingDesk
from woxly_tui.tui.screens.leave import Answer, LeaveScreen
from woxly_tui.tui.screens.lobby import LobbyScreen
from woxly_tui.tui.screens.people import PeopleScreen
from woxly_tui.tui.words import window_title
from woxly_tui.types import RoomKind, Seconds

CALM: Final = Seconds(30.0)
"""An engine that dies again within this is not started again without being asked."""

_RUNNING = (CallPhase.CONNECTING, CallPhase.ESTABLISHED, CallPhase.RECONNECTING)


class LobbyApp(PttApp, inherit_bindings=False):
    """Rings are shown over any screen. With a lobby, a call lies over it while it runs."""

    _departure: Departure
    _clock: Clock

    def set_up_lobby(self, clock: Clock, alerts: Alerts | None, lobby: GoOnline | None) -> None:
        """Call once, before the app runs.

        Args:
            clock: Where the time comes from.
            alerts: What makes rings heard besides the bell.
            lobby: What has the engine go online; with it, the app goes on when a call is over.
        """
        self.lobby_data = LobbyData()
        self.ring_desk = RingDesk(self, self.lobby_data, clock, alerts)
        self.account_desk = AccountDesk(self, self.lobby_data, self._online_as)
        self._go_online = lobby
        self.lobby_screen = LobbyScreen(self, self.lobby_data, clock) if lobby else None
        self._wants_call = False
        self._was_running = False
        self._lost_engine = False
        self._started_again_at = Seconds(-CALM)

    @property
    def is_in_call(self) -> bool:
        """Whether there is a call to mute or to leave."""
        view = self.bridge.view
        phases = (CallPhase.ESTABLISHED, CallPhase.RECONNECTING)
        return not view.is_engine_gone and view.snapshot.phase in phases

    @property
    def has_call(self) -> bool:
        """Whether a call is on, or about to be."""
        view = self.bridge.view
        return not view.is_engine_gone and view.snapshot.phase in _RUNNING

    @property
    def is_idle(self) -> bool:
        """Whether there is a lobby, and no call."""
        return self.lobby_screen is not None and not self.has_call

    def go_online(self) -> None:
        """Have the engine, which may be another one, link to the server."""
        if self._go_online is None:
            return
        self.bridge.ask(self._go_online, self._online)

    def _online(self, error: str) -> None:
        if error:
            self.lobby_data.problem = error
            if self.lobby_screen is not None:
                self.lobby_screen.redraw()
            return
        for screen in (self.lobby_screen, self.call_screen):
            if screen is not None:
                screen.room_pane.again()

    # What the engine tells

    def see_call(self, view: CallView) -> None:
        """The state of the call has changed."""
        if self._lost_engine and not view.is_engine_gone:
            self.go_online()
        elif view.is_engine_gone and not self._lost_engine and self.lobby_data.has_state:
            # Whatever rang is not known any more.
            state = replace(self.lobby_data.state, link=LinkState.OFFLINE, rings=RingView())
            self.hear_lobby(replace(state, is_calling_anybody=False))
            self._start_engine_again()
        self._lost_engine = view.is_engine_gone
        has_call, was_running = self.has_call, self._was_running
        self._was_running = has_call
        if has_call != was_running:
            self._wants_call = has_call
        self.settle()
        if self.lobby_screen is not None:
            self.lobby_screen.see_call(view)

    def _start_engine_again(self) -> None:
        """Without a call there is nothing to decide; a second death soon after waits for a key."""
        now = self._clock.monotonic()
        is_calm = now >= self._started_again_at + CALM
        if self.lobby_screen is None or self._was_running or not is_calm:
            return
        self._started_again_at = now
        self.run_worker(self.bridge.revive(), name="updates")

    def hear_lobby(self, update: LobbyUpdate) -> None:
        """Show what is new of friends, rooms and rings."""
        account = self.lobby_data.state.account
        has_rows = self.lobby_data.take(update)
        if account and self.lobby_data.state.account not in ("", account):
            self._start_over()
        match update:
            case LobbyState():
                self.ring_desk.see(update)
                self.call_screen.see_rings(update.rings)
            case RoomMessages():
                self.call_screen.hear_room(update)
            case AccountsListed(accounts=accounts):
                self.account_desk.offer(accounts)
            case PeopleFound():
                if isinstance(self.screen, PeopleScreen):
                    self.screen.show(update)
        if has_rows:
            self.call_screen.see_rings(self.lobby_data.state.rings)
            self.ring_desk.retell()
        if self.lobby_screen is not None:
            self.lobby_screen.hear(update, has_rows=has_rows)

    def _start_over(self) -> None:
        """Another account is shown."""
        self.ring_desk.forget_ending()
        self.call_screen.room_pane.close(forgets=True)
        if self.lobby_screen is not None:
            self.lobby_screen.start_over()

    def _online_as(self, account: str) -> None:
        """Also when the engine is started again."""
        if self._go_online is not None:
            self._go_online = replace(self._go_online, account=account)

    def tell(self, text: str, *, is_warning: bool = False) -> None:
        """Say what has happened, where the lobby does not say it."""
        if self.lobby_screen is None or self.screen is not self.lobby_screen:
            severity = Severity.WARNING if is_warning else Severity.INFO
            self.notify_user(Notice(severity, text))

    def notify_user(self, notice: Notice) -> None:
        """Show a toast; the app does."""
        raise NotImplementedError

    def title_of(self, view: CallView) -> str:
        """What the terminal's window is called."""
        return "woxly" if self.is_idle else window_title(view.snapshot)

    # Which screen

    def settle(self) -> None:
        """Show the call over the lobby, or the lobby; later, while a dialog is open."""
        lobby, top = self.lobby_screen, self.screen
        if lobby is None:
            return
        wants_call = self._wants_call and self.has_call
        if top is lobby and wants_call:
            self.push_screen("call")
        elif top is self.call_screen and not wants_call:
            self.pop_screen()
        elif isinstance(top, LeaveScreen) and not self.has_call:
            top.dismiss(Answer.STAY)

    def pop_screen(self) -> AwaitComplete:
        """A dialog that closes may have been in the way of another screen."""
        popped = super().pop_screen()
        self.call_later(self.settle)
        return popped

    def get_default_screen(self) -> Screen[Any]:
        return self.lobby_screen or self.call_screen

    # What the user does

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without a call on the screen, its keys do nothing."""
        if self.lobby_screen is not None and self.screen is self.lobby_screen:
            if action in ("mute", "deafen", "talk", "rejoin"):
                return self.has_call
            return action not in call_only()
        return super().check_action(action, parameters)

    def action_lobby(self) -> None:
        """From the call to the lobby, and back."""
        self._wants_call = not self._wants_call
        self.settle()

    def action_incoming(self) -> None:
        """Ask again about rings that were put aside."""
        self.ring_desk.show_again()

    def action_leave(self) -> None:
        """Hang up, after asking if several others are there; without a call, close."""
        is_on_call = self.lobby_screen is not None and self.screen is self.call_screen
        if not is_on_call:
            self._departure.ask()
            return
        rings = self.lobby_data.state.rings
        is_for_two = rings.phase is RingPhase.TALKING and rings.kind is RoomKind.DM
        if is_for_two or not self._departure.question(self._answered_leaving):
            self._hang_up()

    def _answered_leaving(self, answer: Answer | None) -> None:
        if answer is Answer.LEAVE:
            self._hang_up()
        elif answer is Answer.DETACH:
            self._departure.detach()

    def _hang_up(self) -> None:
        """Leave the call, and show the lobby."""
        self.bridge.send(self.leaving)

    @property
    def leaving(self) -> Command:
        """What ends the call, by how it began."""
        return HangUp() if self.lobby_data.state.is_calling_anybody else Leave()
