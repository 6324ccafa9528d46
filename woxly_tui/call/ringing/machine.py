"""Rings as a state machine: events in, commands out. No I/O, no clock, no chance of its own.

            CallAsked ──► Dial ──PeerAccepted─► Talk ──hung up, peer left, media ended─► over
    Rung ──► Incoming ──AcceptAsked──────────►   ▲
                 └─ RoomAsked (no ring at all) ──┘

At most one Dial or Talk exists; any number of Incoming rings wait beside it. Media is entered
with a Talk and left with it, so no ring ever opens a microphone. Every ring ends by our own
clock if by nothing else. What could not be said is owed to the server until the link is back.
"""

from woxly_tui.call.events import Moment
from woxly_tui.call.ringing import acts, answers, news, world
from woxly_tui.call.ringing import events as ev
from woxly_tui.call.ringing.book import Commands, RingBook
from woxly_tui.call.ringing.state import Dialled
from woxly_tui.call.ringing.view import IncomingRing, RingingPeer, RingPhase, RingView
from woxly_tui.types import Seconds, UserId


class RingMachine:
    """The rings of one user, and the call that came of one.

    Args:
        ended: How many rings and calls of other users ended before; their number goes on.
    """

    def __init__(self, ended: int = 0) -> None:
        self._book = RingBook(ended)

    @property
    def ended(self) -> int:
        """How many rings and calls have ended."""
        return self._book.ended

    def handle(self, event: ev.RingEvent, now: Moment) -> Commands:
        """Take one event; returns what to do, in order."""
        if isinstance(event, ev.UserAct):
            return acts.act(self._book, event, now)
        if isinstance(event, ev.Answer):
            return answers.take(self._book, event, now)
        if isinstance(event, ev.News):
            return news.hear(self._book, event, now)
        return world.meet(self._book, event, now)

    def next_deadline(self) -> Seconds | None:
        """When TimePassed is due, on the monotonic clock."""
        return min(world.deadlines(self._book), default=None)

    @property
    def is_needed(self) -> bool:
        """Whether a ring or a call goes on."""
        book = self._book
        return bool(book.dial or book.talk or book.incoming or book.is_making_group)

    def view(self) -> RingView:
        """The present state."""
        book = self._book
        incoming = tuple(
            IncomingRing(ring.caller, ring.room, ring.kind, ring.began.wall)
            for ring in book.incoming.values()
        )
        if (dial := book.dial) is not None:
            return RingView(
                phase=RingPhase.OUTGOING,
                room=dial.room,
                kind=dial.kind,
                peer=dial.peer,
                ringing=_ringing(dial.peers),
                since=dial.began.wall,
                incoming=incoming,
                ending=book.ending,
            )
        if (talk := book.talk) is None:
            return RingView(incoming=incoming, ending=book.ending)
        return RingView(
            phase=RingPhase.TALKING,
            room=talk.room,
            kind=talk.kind,
            peer=talk.peer,
            ringing=_ringing(talk.ringing),
            since=talk.began.wall,
            is_web_only=talk.peer in book.web_peers,
            incoming=incoming,
            ending=book.ending,
        )


def _ringing(peers: dict[UserId, Dialled]) -> tuple[RingingPeer, ...]:
    return tuple(RingingPeer(user, rung.outcome) for user, rung in peers.items())
