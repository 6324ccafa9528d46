"""How the screen ends: by leaving the call, by detaching from it, or because it is over."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from woxly_tui.call.ringing.view import RingPhase
from woxly_tui.call.snapshot import CallPhase, Notice, Severity
from woxly_tui.control.lobby import HangUp
from woxly_tui.tui.bridge import CallView
from woxly_tui.tui.screens.leave import Answer, LeaveScreen

if TYPE_CHECKING:
    from woxly_tui.tui.app import WoxlyApp

LEAVE_PATIENCE_S: Final = 2.0
"""The engine gets this long to leave politely before the screen closes anyway."""


class Departure:
    """Everything that closes the app. Use from the app's event loop.

    Args:
        app: What is closed.
        confirm_leave: Ask before leaving others.
        hangs_up: Leave the call when the terminal is closed.
        can_detach: Whether the call can go on without this screen.
    """

    def __init__(
        self, app: "WoxlyApp", *, confirm_leave: bool, hangs_up: bool, can_detach: bool
    ) -> None:
        self._app = app
        self._confirm_leave = confirm_leave
        self._hangs_up = hangs_up
        self._can_detach = can_detach
        self.is_leaving = False
        self.is_detached = False
        """The screen was closed, and the call goes on."""

    @property
    def is_over(self) -> bool:
        """Whether there is no call to leave any more."""
        view = self._app.bridge.view
        is_ended = view.is_engine_gone or view.snapshot.phase is CallPhase.ENDED
        return is_ended or self._app.is_idle

    def is_due(self, view: CallView) -> bool:
        """Whether there is nothing left to show: the call was left, or never began."""
        is_over = view.is_engine_gone or view.snapshot.phase is CallPhase.ENDED
        if self._app.lobby_screen is not None:
            return self.is_leaving and self.is_over
        is_mendable = view.can_revive if view.is_engine_gone else view.doing.startswith("rejoin")
        has_begun = view.snapshot.established_at is not None
        return is_over and (self.is_leaving or not (has_begun or is_mendable))

    def ask(self) -> None:
        """Leave, after asking if others are there."""
        if not isinstance(self._app.screen, LeaveScreen) and not self.question(self._answered):
            self.leave()

    def question(self, answered: Callable[[Answer | None], None]) -> bool:
        """Ask, if others are there and the user wants to be asked; returns whether it does."""
        snapshot = self._app.bridge.view.snapshot
        others = len(snapshot.others)
        is_asking = self._confirm_leave and others and self._app.is_in_call
        if not is_asking or self.is_leaving:
            return False
        question = LeaveScreen(snapshot.room, others, can_detach=self._can_detach)
        self._app.push_screen(question, answered)
        return True

    def interrupt(self) -> None:
        """Leave as `ask` does; a second time, at once."""
        if self.is_leaving or isinstance(self._app.screen, LeaveScreen):
            self.close()
        else:
            self.ask()

    def _answered(self, answer: Answer | None) -> None:
        if answer is Answer.LEAVE:
            self.leave()
        elif answer is Answer.DETACH:
            self.detach()

    def leave(self) -> None:
        """Leave the call, then close."""
        if self._app.lobby_data.state.rings.phase is RingPhase.OUTGOING:
            self._app.bridge.send(HangUp())
        if self.is_leaving or self.is_over:
            self.close()
            return
        self.is_leaving = True
        self._app.bridge.send(self._app.leaving)
        self._app.set_timer(LEAVE_PATIENCE_S, self.close, name="leave patience")

    def detach(self) -> None:
        """Close the screen, and leave the call as it is."""
        if self.is_over:
            self.close()
        elif self._can_detach:
            self.is_detached = True
            self._app.exit(None)
        else:
            self._app.notify_user(
                Notice(Severity.INFO, "This call ends with its screen", "press q to leave it")
            )

    def closed(self) -> None:
        """The terminal was closed, or the session ends."""
        if self._hangs_up or not self._can_detach or self.is_leaving:
            if not self.is_leaving:
                self.leave()
        else:
            self.detach()

    def close(self) -> None:
        """Close the screen now."""
        self._app.exit(self._app.bridge.view.snapshot.ending)
