"""Guests in the call of a room: without an account, so what members write is passed on to them."""

from collections.abc import Iterable

from woxly_tui.call.hearers import some_names
from woxly_tui.call.snapshot import CallPhase, Notice, ParticipantView, Severity, Snapshot
from woxly_tui.types import Identity, user_of


def guests_in(snapshot: Snapshot) -> tuple[ParticipantView, ...]:
    """Who is in an established call without an account: the identity of a user is a number."""
    if snapshot.phase is not CallPhase.ESTABLISHED:
        return ()
    return tuple(one for one in snapshot.others if user_of(one.identity) is None)


class GuestNews:
    """Says once of each guest of a call that they see what members write."""

    def __init__(self) -> None:
        self._known: frozenset[Identity] = frozenset()

    def take(self, snapshot: Snapshot, *, is_in_room: bool) -> Notice | None:
        """What there is to say of the present state.

        Args:
            snapshot: The call.
            is_in_room: It is the call of a room, whose users write to the room.
        """
        if not is_in_room:
            self._known = frozenset()
            return None
        fresh = [one for one in guests_in(snapshot) if one.identity not in self._known]
        if not fresh:
            return None
        self._known |= {one.identity for one in fresh}
        return Notice(Severity.INFO, _words([one.name for one in fresh]))


def _words(names: Iterable[str]) -> str:
    known = list(names)
    who = some_names(tuple(known), 3)
    if len(known) == 1:
        return f"{who} is a guest, and sees what members write while this call is on"
    return f"{who} are guests, and see what members write while this call is on"
