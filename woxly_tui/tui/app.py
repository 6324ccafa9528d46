"""The Textual app: wires keys, bridge and screens together. The logic is in those."""

import logging
from collections.abc import Iterable
from typing import Any, ClassVar, Final

from textual import events, on
from textual.app import SystemCommand
from textual.binding import BindingType
from textual.message import Message
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.worker import WorkerFailed

from woxly_tui._lib.clock import Clock, SystemClock
from woxly_tui.call.snapshot import ChatMessage, Levels, Notice, Severity
from woxly_tui.control.client import EngineClient
from woxly_tui.control.lobby import GoOnline
from woxly_tui.control.messages import Rejoin, ToggleDeafen, ToggleMute
from woxly_tui.tui import theme as themes
from woxly_tui.tui.actions import bindings
from woxly_tui.tui.alerts import Alerts
from woxly_tui.tui.bridge import Bridge, CallView, Reviver
from woxly_tui.tui.departure import Departure
from woxly_tui.tui.driver import CallDriver, TerminalLost
from woxly_tui.tui.lobby_actions import palette_actions
from woxly_tui.tui.lobby_app import LobbyApp
from woxly_tui.tui.pace import MeterPace
from woxly_tui.tui.ptt import PttControl
from woxly_tui.tui.screens.call import CallScreen
from woxly_tui.tui.screens.help import HelpScreen
from woxly_tui.tui.sound_app import SoundApp
from woxly_tui.tui.text import plain
from woxly_tui.tui.volume import VolumeActions, VolumeWishes
from woxly_tui.tui.widgets.roster import Roster
from woxly_tui.tui.widgets.state_panel import StatePanel
from woxly_tui.tui.words import can_rejoin, full_stop

TOAST_S: Final = 6.0
"""How long a notice is shown; the same one again within that time is not repeated."""

_SEVERITIES: Final[dict[Severity, SeverityLevel]] = {
    Severity.INFO: "information",
    Severity.WARNING: "warning",
    Severity.ERROR: "error",
}

_log = logging.getLogger(__name__)


class SignalCame(Message):
    """The user, or the system, wants the process to end."""


class WoxlyApp(VolumeActions, SoundApp, LobbyApp, inherit_bindings=False):
    """The call screen. Its result is why the call ended; None if it was not waited for.

    With a lobby, that is what is shown whenever no call runs, until the user quits. Without,
    a call that ends before it was ever established closes the screen at once, so that the
    command can print the reason; one that ends later stays on the screen until `q`.

    Args:
        client: The engine. The caller closes it after the app has ended.
        theme: `dark`, `light`, or the name of one of Textual's themes.
        confirm_leave: Ask before leaving others.
        ptt_taps: Push-to-talk keys are tapped even where the terminal tells their releases.
        hangs_up: Leave the call when the terminal is closed.
        can_detach: Whether the call can go on without this screen.
        revive: Makes the link to another engine, in the call the one before died in.
        lobby: Whose friends and rooms to show while no call runs.
        alerts: What makes rings heard besides the bell.
        clock: Where the time comes from.

    Raises:
        UsageError: There is no such theme.
    """

    TITLE = "woxly"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings()]
    ALLOW_SELECT: ClassVar[bool] = False
    COMMAND_PALETTE_BINDING = "ctrl+p"
    CSS = """
    Toast { max-width: 60; background: $panel; padding: 0 1; margin-top: 0; }
    ToastRack { margin-bottom: 1; }
    """

    def __init__(
        self,
        client: EngineClient,
        *,
        theme: str | None = None,
        confirm_leave: bool = True,
        ptt_taps: bool = False,
        hangs_up: bool = False,
        can_detach: bool = True,
        revive: Reviver | None = None,
        lobby: GoOnline | None = None,
        alerts: Alerts | None = None,
        clock: Clock | None = None,
    ) -> None:
        name = themes.theme_name(theme)
        super().__init__(driver_class=CallDriver)
        self.register_theme(themes.DARK)
        self.register_theme(themes.LIGHT)
        self.theme = name
        self.animation_level = "none"
        self._clock = clock or SystemClock()
        self.bridge = Bridge(client, self, self._clock, revive)
        self.ptt = PttControl(self.bridge.send, self._clock, taps_only=ptt_taps)
        self._departure = Departure(
            self, confirm_leave=confirm_leave, hangs_up=hangs_up, can_detach=can_detach
        )
        self.pace = MeterPace()
        self.set_up_lobby(self._clock, alerts, lobby)
        self.call_screen = CallScreen(self._clock, self.pace, self.bridge, self.lobby_data)
        self.install_screen(self.call_screen, "call")
        self.volume_wishes = VolumeWishes(self._clock)
        self._last_toast = ""
        self._last_toast_until = 0.0
        self.crash: BaseException | None = None
        """The first exception nobody caught: it closed the app. For the caller to report."""

    def on_mount(self) -> None:
        self.run_worker(self.bridge.run(), name="updates")
        self.go_online()

    async def on_unmount(self) -> None:
        await self.bridge.aclose()

    # What the bridge says

    def show(self, view: CallView) -> None:
        """Draw this state; close when there is nothing left to show."""
        self.call_screen.show(view)
        snapshot = view.snapshot
        self.see_ptt(snapshot)
        if isinstance(driver := self._driver, CallDriver):
            driver.set_title(self.title_of(view))
        self.see_call(view)
        if self._departure.is_due(view):
            self.exit(snapshot.ending)

    def hear(self, levels: Levels) -> None:
        """Move the meters."""
        self.call_screen.hear(levels)

    def hear_chat(self, message: ChatMessage) -> None:
        """Show what somebody said."""
        self.call_screen.hear_chat(message)

    def notify_user(self, notice: Notice) -> None:
        """Show a toast: what happened, and below it what to do."""
        text = plain(full_stop(notice.text, has_name_first=True))
        remedy = plain(full_stop(notice.remedy))
        message = f"{text}\n{remedy}" if remedy else text
        now = self._clock.monotonic()
        if message == self._last_toast and now < self._last_toast_until:
            return
        self._last_toast, self._last_toast_until = message, now + TOAST_S
        self.notify(message, severity=_SEVERITIES[notice.severity], markup=False, timeout=TOAST_S)

    # What the user does

    @on(StatePanel.Clicked)
    @on(Roster.OwnRowClicked)
    def action_mute(self) -> None:
        if self.is_in_call:
            self.bridge.send(ToggleMute())

    def action_deafen(self) -> None:
        if self.is_in_call:
            self.bridge.send(ToggleDeafen())

    def action_rejoin(self) -> None:
        view = self.bridge.view
        if view.is_engine_gone:
            self.run_worker(self.bridge.revive(), name="updates")
        elif can_rejoin(view.snapshot):
            self.bridge.send(Rejoin())

    def action_help(self) -> None:
        if isinstance(self.screen, HelpScreen):
            self.screen.dismiss(None)
        else:
            self.push_screen(HelpScreen(of_lobby=self.screen is self.lobby_screen))

    def action_palette(self) -> None:
        self.action_command_palette()

    def action_theme(self) -> None:
        self.theme = themes.other_look(is_dark=self.current_theme.dark)

    def action_scroll(self, way: str) -> None:
        (self.lobby_screen if self.screen is self.lobby_screen else self.call_screen).scroll_rows(
            way
        )

    async def action_chat(self, way: str = "toggle") -> None:
        await self.call_screen.turn_chat(way)

    def action_redraw(self) -> None:
        if isinstance(driver := self._driver, CallDriver):
            driver.redraw(*self.size)
        self.screen.refresh(layout=True)

    def action_detach(self) -> None:
        """Close the screen, and leave the call as it is."""
        self._departure.detach()

    def action_interrupt(self) -> None:
        """Leave as `q` does; a second time, at once."""
        self._departure.interrupt()

    @property
    def is_detached(self) -> bool:
        """Whether the user closed the screen of a call that goes on."""
        return self._departure.is_detached

    # What the system does

    def leave_by_signal(self) -> None:
        """Leave without asking. Call on the event loop, before the app runs or while it does."""
        _log.info("a signal: leaving")
        self.post_message(SignalCame())

    def close_by_signal(self) -> None:
        """The terminal is closed, or the session ends. As leave_by_signal."""
        _log.info("a signal: closing")
        self.post_message(TerminalLost())

    @on(SignalCame)
    def _on_signal_came(self) -> None:
        self._departure.leave()

    @on(TerminalLost)
    def _on_terminal_lost(self) -> None:
        self._departure.closed()

    def _handle_exception(self, error: Exception) -> None:
        """Where Textual brings every exception nobody caught, to print it; we keep it."""
        if self.crash is None:
            self.crash = error.error if isinstance(error, WorkerFailed) else error
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._close_messages_no_wait()

    def _print_error_renderables(self) -> None:
        """Print nothing: the caller tells the user, and the log has the details."""
        self._exit_renderables.clear()

    def on_resize(self, event: events.Resize) -> None:
        """A terminal may have moved or lost anything it showed."""
        if isinstance(driver := self._driver, CallDriver):
            driver.redraw(*event.size)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette: every action of the registry but the smallest steps."""
        for action in palette_actions(of_lobby=screen is self.lobby_screen):
            yield SystemCommand(action.label.capitalize(), action.help, self._runner(action.target))

    def _runner(self, action: str) -> Any:
        async def run() -> None:
            await self.run_action(action)

        return run
