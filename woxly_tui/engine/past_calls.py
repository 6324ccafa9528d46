"""Rings and calls of ours that are over, as the list of recent calls shows them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from woxly_tui._lib.clock import Clock
from woxly_tui.call.ringing.view import Outcome, RingEnding, RingView
from woxly_tui.social.model import PastCall
from woxly_tui.types import Seconds

if TYPE_CHECKING:
    from woxly_tui.engine.lobby_session import LobbySession
    from woxly_tui.lobby.book import Book

MISSED: Final = frozenset({Outcome.TIMEOUT, Outcome.CANCELLED, Outcome.CALLER_GONE})


def past_calls(
    before: RingView, after: RingView, session: "LobbySession", clock: Clock
) -> "list[Callable[[Book], Book]]":
    """What the end of a ring or a call, if there is one between two views, adds to the book."""
    ending = after.ending
    if ending is None or (before.ending is not None and before.ending.number == ending.number):
        return []
    from woxly_tui.lobby.book import with_call

    call = PastCall(
        room=ending.room,
        with_whom=_with_whom(ending, session),
        began_at=_began_at(before, ending, clock),
        seconds=ending.seconds,
        is_incoming=ending.is_incoming,
        is_missed=(is_missed := ending.is_incoming and ending.outcome in MISSED),
        caller=ending.user,
        is_seen=not is_missed,
        outcome=ending.outcome.value,
    )
    return [lambda book: with_call(book, call)]


def _with_whom(ending: RingEnding, session: "LobbySession") -> str:
    if ending.user is not None:
        return session.who(ending.user).name
    room = session.book.room(ending.room) if ending.room is not None else None
    return room.name if room is not None else "a group"


def _began_at(before: RingView, ending: RingEnding, clock: Clock) -> Seconds:
    if ending.seconds is not None:
        return Seconds(clock.wall() - ending.seconds)
    rung = (ring.began_at for ring in before.incoming if ring.caller == ending.user)
    began = next(rung, None) if ending.is_incoming else before.since
    return began if began is not None else clock.wall()
