"""What the server must still be told: it was said while the link was down, or got lost."""

from typing import Final

from woxly_tui.call.ringing.commands import (
    AskCall,
    Send,
    SendLeave,
    SendRejoin,
    SendRing,
)
from woxly_tui.types import Seconds

RETRY_AFTER: Final = Seconds(2.0)
"""Wait before saying again what got lost on a link that stands."""

MAX_DEBTS: Final = 64


class Debts:
    """The last word to each peer, and about each room, that did not arrive."""

    def __init__(self) -> None:
        self.is_linked = False
        self.due_at: Seconds | None = None
        """When something is to be said again although the link never broke."""
        self._owed: dict[tuple[str, int], Send] = {}

    def admit(self, command: Send) -> bool:
        """Whether to say it now; else it is owed."""
        key = _key(command)
        self._owed.pop(key, None)
        if not self.is_linked:
            self._keep(key, command)
        return self.is_linked

    def lost(self, command: Send, now: Seconds) -> None:
        """It did not arrive; a later word to the same peer stands."""
        key = _key(command)
        if key not in self._owed:
            self._keep(key, command)
        if self.is_linked:
            self.due_at = Seconds(now + RETRY_AFTER)

    def _keep(self, key: tuple[str, int], command: Send) -> None:
        # Questions are asked afresh, and a ring only once it is known that none stands.
        if not isinstance(command, AskCall | SendRing):
            self._owed[key] = command
            if len(self._owed) > MAX_DEBTS:
                del self._owed[next(iter(self._owed))]

    def forget(self, peer: int) -> None:
        """What was owed to a peer is of a ring before the present one."""
        self._owed.pop(("peer", peer), None)

    def pay(self) -> list[Send]:
        """Everything owed, which is not owed any more."""
        owed, self._owed = list(self._owed.values()), {}
        self.due_at = None
        return owed


def _key(command: Send) -> tuple[str, int]:
    if isinstance(command, SendLeave | SendRejoin):
        return "room", command.room
    return "peer", command.peer
