"""What became of our own requests."""

from woxly_tui.call.events import Moment
from woxly_tui.call.ringing import commands as do
from woxly_tui.call.ringing import events as ev
from woxly_tui.call.ringing import news, world
from woxly_tui.call.ringing.book import Commands, RingBook, dialled
from woxly_tui.call.ringing.state import Dial
from woxly_tui.call.ringing.view import Outcome, RoomKind
from woxly_tui.types import RoomId, UserId


def take(book: RingBook, answer: ev.Answer, now: Moment) -> Commands:
    """Take note of an answer."""
    match answer:
        case ev.RoomFound(peer=peer, room=room):
            return _room_found(book, peer, room, now)
        case ev.GroupMade():
            return _group_made(book, answer, now)
        case ev.RequestFailed():
            return _failed(book, answer, now)
        case ev.RingAnswered():
            return _ring_answered(book, answer, now)
        case ev.AcceptConfirmed(caller=caller):
            if book.talk is not None and book.talk.accepted_from == caller:
                book.talk.is_confirmed = True
            # Told anew before the server heard of our answer, which was the end of that ring.
            book.incoming.pop(caller, None)
            return []
        case ev.AcceptRefused(caller=caller):
            return book.doubt_talk(caller, Outcome.CANCELLED, now)
        case ev.Unsent(command=command):
            return _unsent(book, command, now)


def _room_found(book: RingBook, peer: UserId, room: RoomId, now: Moment) -> Commands:
    dial, talk = book.dial, book.talk
    if dial is not None and dial.peer == peer and dial.room is None:
        dial.room = room
        dial.peers[peer] = dialled(now)
        dial.peers[peer].is_unsent = not book.debts.is_linked
        return book.say(do.SendRing(peer, room))
    if talk is not None and talk.room is None and talk.accepted_from == peer:
        talk.room = room
        return [do.EnterMedia(room, talk.kind)]
    return []


def _group_made(book: RingBook, made: ev.GroupMade, now: Moment) -> Commands:
    early, is_doubtful = list(book.early), book.is_group_doubtful
    book.is_group_doubtful = False
    book.early.clear()
    is_wanted = book.is_making_group and not book.is_group_unwanted and book.dial is None
    book.is_making_group = book.is_group_unwanted = False
    if not is_wanted:
        return book.say(do.SendLeave(made.room, made.members)) + book.reassert()
    left = book.end_talk(Outcome.HUNG_UP, now)
    for user in made.members:
        book.forget(user)
    peers = {user: dialled(now) for user in made.members}
    book.dial = Dial(made.room, RoomKind.GROUP, now, peers)
    left += [done for answer in early for done in news.hear(book, answer, now)]
    return left + (world.ask_again(book) if is_doubtful else [])


def _failed(book: RingBook, failed: ev.RequestFailed, now: Moment) -> Commands:
    if failed.peer is None:
        is_news = book.is_making_group and not book.is_group_unwanted
        book.is_making_group = book.is_group_unwanted = False
        book.early.clear()
        return [do.Refuse(failed.detail)] if is_news else []
    dial, talk = book.dial, book.talk
    if dial is not None and dial.peer == failed.peer and dial.room is None:
        return book.refused(failed.peer, Outcome.FAILED, now, failed.detail)
    if talk is not None and talk.room is None and talk.accepted_from == failed.peer:
        return book.end_talk(Outcome.FAILED, now, detail=failed.detail)
    return []


def _ring_answered(book: RingBook, answer: ev.RingAnswered, now: Moment) -> Commands:
    if answer.outcome is Outcome.ANSWERED:
        return news.accepted(book, answer.peer, now, answer.room)
    is_rung = (rung := book.rung(answer.peer)) is not None and rung.is_rung
    said: Commands = []
    if is_rung and answer.outcome is Outcome.OFFLINE:
        said = book.stop_ringing(answer.peer)  # or it would ring once they come
    return said + book.refused(answer.peer, answer.outcome, now, answer.detail)


def _unsent(book: RingBook, command: do.Send, now: Moment) -> Commands:
    if isinstance(command, do.SendRing):
        rung = book.rung(command.peer)
        if rung is None or not rung.is_rung:
            return []
        rung.is_unsent = True
    book.debts.lost(command, now.monotonic)
    return []
