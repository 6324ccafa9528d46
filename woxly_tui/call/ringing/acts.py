"""What the user does about rings and calls."""

from typing import Final

from woxly_tui.call.events import Moment
from woxly_tui.call.ringing import commands as do
from woxly_tui.call.ringing import events as ev
from woxly_tui.call.ringing.book import Commands, RingBook, dialled
from woxly_tui.call.ringing.state import Dial, Talk
from woxly_tui.call.ringing.view import Outcome, RoomKind
from woxly_tui.types import UserId

_OFFLINE: Final = do.Refuse(
    "The server cannot be reached", "wait until the link is back; woxly tries by itself"
)
_IN_CALL: Final = do.Refuse("You are in a call already", "hang up first, or add people to it")


def act(book: RingBook, asked: ev.UserAct, now: Moment) -> Commands:
    """Do what the user asked for."""
    match asked:
        case ev.CallAsked(peer=peer):
            return _call(book, peer, now)
        case ev.GroupCallAsked(members=members, name=name):
            return _call_group(book, members, name)
        case ev.AddAsked(peer=peer, name=name):
            return _add(book, peer, name, now)
        case ev.RoomAsked():
            return _enter(book, asked, now)
        case ev.AcceptAsked(caller=caller):
            return _accept(book, caller, now)
        case ev.RejectAsked(caller=caller):
            return _reject(book, caller)
        case ev.HangUpAsked():
            return book.hang_up(now)


def _call(book: RingBook, peer: UserId, now: Moment) -> Commands:
    if peer in book.incoming and book.dial is None and book.talk is None:
        return _accept(book, peer, now)
    if book.dial is not None and book.dial.peer == peer:
        return []
    if (refusal := _refusal(book)) is not None:
        return [refusal]
    book.forget(peer)
    book.dial = Dial(None, RoomKind.DM, now, {peer: dialled(now)})
    return [do.FindRoom(peer)]


def _call_group(book: RingBook, members: tuple[UserId, ...], name: str) -> Commands:
    if (refusal := _refusal(book)) is not None:
        return [refusal]
    book.is_making_group = True
    return [do.MakeGroup(members, name)]


def _refusal(book: RingBook) -> do.Refuse | None:
    if book.dial is not None or book.talk is not None or book.is_making_group:
        return _IN_CALL
    return None if book.debts.is_linked else _OFFLINE


def _add(book: RingBook, peer: UserId, name: str, now: Moment) -> Commands:
    talk = book.talk
    if talk is None or talk.room is None:
        return [do.Refuse("There is no call to add anybody to", "call them instead")]
    if not book.debts.is_linked:
        return [_OFFLINE]
    if peer in talk.peers or peer == talk.peer or book.is_making_group:
        return []
    if talk.peer is not None:
        book.is_making_group = True
        return [do.MakeGroup((talk.peer, peer), name)]
    if (rung := talk.ringing.get(peer)) is not None and rung.is_rung:
        return []
    book.forget(peer)
    talk.ringing[peer] = dialled(now)
    return book.say(do.SendRing(peer, talk.room))


def _enter(book: RingBook, asked: ev.RoomAsked, now: Moment) -> Commands:
    if book.talk is not None and book.talk.room == asked.room:
        return []
    if book.dial is not None or book.talk is not None or book.is_making_group:
        return [_IN_CALL]
    talk = Talk(asked.room, asked.kind, now, asked.peer, is_confirmed=True)
    return [*book.begin(talk, now), *book.say(do.SendRejoin(asked.room))]


def _accept(book: RingBook, caller: UserId, now: Moment) -> Commands:
    ring = book.incoming.pop(caller, None)
    if ring is None:
        return [do.Refuse("That ring is over", "call back")]
    return book.hang_up(now) + book.accept(ring, now)


def _reject(book: RingBook, caller: UserId) -> Commands:
    ring = book.incoming.pop(caller, None)
    if ring is None:
        return []
    book.note_incoming(Outcome.DECLINED, ring)
    if book.talk is not None and book.talk.peer == caller:
        # A refusal that comes late would end the call with them: let that ring time out.
        return []
    return book.say(do.SendReject(caller, ring.room))
