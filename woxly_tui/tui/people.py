"""Which of the people the keys are about, and the keys for any of them."""

from typing import TYPE_CHECKING, Any, cast

from textual.app import App

from woxly_tui.call.snapshot import CallPhase, Notice, ParticipantView, Severity
from woxly_tui.control.messages import SetRecording
from woxly_tui.tui.bridge import Bridge
from woxly_tui.tui.screens.details import DetailsScreen
from woxly_tui.tui.widgets.roster import Roster

if TYPE_CHECKING:
    from woxly_tui.tui.screens.call import CallScreen


class PeopleActions:
    """The part of the app that chooses people; goes before the App among its bases."""

    bridge: Bridge
    call_screen: "CallScreen"

    def notify_user(self, notice: Notice) -> None:
        """Show a toast; the app does."""
        raise NotImplementedError

    def action_people(self) -> None:
        """Choose among the people, or let go of them."""
        roster = self.roster
        if roster.has_focus:
            roster.screen.set_focus(None)
        else:
            roster.focus()

    def action_details(self) -> None:
        """Look at how somebody's sound travels, or stop looking."""
        app = cast("App[Any]", self)
        if isinstance(app.screen, DetailsScreen):
            app.screen.dismiss(None)
            return
        # A choice typed just before takes effect in the roster's own time.
        self.roster.call_later(self._look_at_chosen)

    def _look_at_chosen(self) -> None:
        people = self.bridge.view.snapshot.participants
        if people:
            screen = DetailsScreen(self.bridge, self.roster.chosen or people[0].identity)
            cast("App[Any]", self).push_screen(screen)

    def action_record(self) -> None:
        """Record the call, or end that."""
        snapshot = self.bridge.view.snapshot
        if snapshot.phase is CallPhase.ESTABLISHED:
            self.bridge.send(SetRecording(not snapshot.recording.is_on))

    def on_roster_chosen_clicked(self) -> None:
        self.action_details()

    def chosen_person(self) -> ParticipantView | None:
        """Whom the keys are about: the one chosen, or the only one there is."""
        others = self.bridge.view.snapshot.others
        chosen = self.roster.chosen
        person = next((p for p in others if p.identity == chosen), None)
        if person is None and len(others) == 1:
            return others[0]
        if person is None and others:
            self.notify_user(
                Notice(Severity.INFO, "Whose volume?", "p, then ↑ or ↓, chooses a person")
            )
        return person

    @property
    def roster(self) -> Roster:
        """The rows of the call screen, whatever is shown over it."""
        return self.call_screen.query_one(Roster)
