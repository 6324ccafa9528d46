"""The front ends attached to an engine: who gets what of its updates."""

from woxly_tui.call.snapshot import Levels
from woxly_tui.control.mailbox import Mailbox
from woxly_tui.control.messages import MicrophoneTried, Update


class Audience:
    """The mailboxes of an engine. Use from one event loop."""

    def __init__(self) -> None:
        self._mailboxes: dict[Mailbox, bool] = {}

    @property
    def wants_levels(self) -> bool:
        """Whether anybody watches levels."""
        return any(self._mailboxes.values())

    def add(self, mailbox: Mailbox, *, wants_levels: bool) -> None:
        """Put updates into it from now on."""
        self._mailboxes[mailbox] = wants_levels

    def drop(self, mailbox: Mailbox) -> bool:
        """Put nothing more into it; returns whether it was there."""
        return self._mailboxes.pop(mailbox, None) is not None

    def put(self, update: Update) -> None:
        """Tell everybody whom it concerns."""
        for mailbox, wants_levels in self._mailboxes.items():
            if wants_levels or not isinstance(update, Levels | MicrophoneTried):
                mailbox.put(update)

    def close(self) -> None:
        """End everybody's updates."""
        for mailbox in self._mailboxes:
            mailbox.close()
        self._mailboxes.clear()
