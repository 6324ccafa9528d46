"""The engine's one call, as the lobby needs it."""

from collections.abc import Callable

from woxly_tui.call import events as happened
from woxly_tui.call.machine import CallMachine
from woxly_tui.control.messages import Join
from woxly_tui.engine.call_desk import CallDesk


class CallPort:
    """Enters and leaves calls for the lobby.

    Args:
        desk: Remembers which call it is.
        machine: The call.
        feed: Lets it know of an act.
    """

    def __init__(
        self, desk: CallDesk, machine: CallMachine, feed: Callable[[happened.CallEvent], None]
    ) -> None:
        self._desk = desk
        self._machine = machine
        self._feed = feed

    def enter_lobby_call(self, join: Join) -> None:
        """Join, and leave any other call for it."""
        self.leave_call()
        self._feed(self._desk.enter_lobby_call(join))

    def leave_call(self) -> None:
        """Leave whatever call there is."""
        if self._machine.is_in_call:
            self._feed(happened.LeaveAsked())

    @property
    def other_room(self) -> str:
        """The room of a call that the lobby has no part in; empty where there is none."""
        joined = self._desk.joined
        if joined is None or joined.asked.lobby is not None or not self._machine.is_in_call:
            return ""
        return joined.asked.room
