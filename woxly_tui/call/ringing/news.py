"""What the server tells of rings and calls."""

from woxly_tui.call.events import Moment
from woxly_tui.call.ringing import commands as do
from woxly_tui.call.ringing import events as ev
from woxly_tui.call.ringing.book import Commands, RingBook
from woxly_tui.call.ringing.state import INCOMING_LIMIT, MAX_INCOMING, Dial, Incoming, Talk
from woxly_tui.call.ringing.view import Outcome, RoomKind
from woxly_tui.types import RoomId, Seconds, UserId


def hear(book: RingBook, news: ev.News, now: Moment) -> Commands:
    """Take note of news."""
    match news:
        case ev.Rung():
            return _rung(book, news, now)
        case ev.RingStopped(caller=caller, outcome=outcome):
            return _ring_stopped(book, caller, outcome, now)
        case ev.PeerAccepted(peer=peer):
            book.note_early(news)
            return accepted(book, peer, now)
        case ev.PeerRefused(peer=peer, outcome=outcome):
            if news.is_bare and book.is_left_over(peer, now):
                return []
            book.note_early(news)
            return book.refused(peer, outcome, now)
        case ev.PeerEnded(peer=peer):
            return _peer_ended(book, peer, now)
        case ev.PeerLeftRoom(peer=peer, room=room):
            talk = book.talk
            is_ours = talk is not None and talk.room == room and talk.peer == peer
            return book.end_talk(Outcome.PEER_LEFT, now) if is_ours else []
        case ev.OfferHeard(peer=peer):
            book.web_peers.add(peer)
            return []
        case ev.CallStands() | ev.NoCallStands():
            return _standing(book, news, now)


def _rung(book: RingBook, news: ev.Rung, now: Moment) -> Commands:
    caller, talk, dial = news.caller, book.talk, book.dial
    if talk is not None and _is_into(talk, news):
        # They do not know that we are in that call: an answer of ours was lost.
        talk.ringing.pop(caller, None)
        return book.say(do.SendAccept(caller, talk.room))
    if dial is not None and caller in dial.ringing and _is_same(dial, news):
        return _glare(book, dial, news, now)
    if caller not in book.incoming and len(book.incoming) >= MAX_INCOMING:
        return []
    known = book.incoming.get(caller)
    began = now if known is None else known.began
    ends_at = Seconds(began.monotonic + INCOMING_LIMIT)
    book.incoming[caller] = Incoming(caller, news.room, news.kind, began, ends_at)
    return []


def _is_into(talk: Talk, news: ev.Rung) -> bool:
    if news.room is None or talk.room is None:
        return news.caller in (talk.peer, talk.accepted_from)
    return news.room == talk.room


def _is_same(dial: Dial, news: ev.Rung) -> bool:
    return dial.peer == news.caller or dial.room == news.room


def _glare(book: RingBook, dial: Dial, news: ev.Rung, now: Moment) -> Commands:
    """Both ring each other: both want one call, and choose its room by the same rule."""
    rooms = [room for room in (dial.room, news.room) if room is not None]
    is_dm = news.kind is RoomKind.DM
    room = min(rooms, default=None) if is_dm else news.room
    kind = dial.kind if is_dm else news.kind
    rest = {user: rung for user, rung in dial.peers.items() if user != news.caller}
    said = [] if is_dm or dial.room is None else book.say(do.SendLeave(dial.room))
    said += book.accept(Incoming(news.caller, room, kind, now, now.monotonic), now)
    if book.talk is not None:
        book.talk.ringing = rest
    return said


def _ring_stopped(book: RingBook, caller: UserId, outcome: Outcome, now: Moment) -> Commands:
    ring = book.incoming.pop(caller, None)
    if ring is None:
        return book.doubt_talk(caller, outcome, now)
    book.note_incoming(outcome, ring)
    return [] if ring.room is None else [do.HealRoom(ring.room)]


def accepted(book: RingBook, peer: UserId, now: Moment, room: RoomId | None = None) -> Commands:
    """Somebody answered us, in a room that the server names where we asked for that."""
    dial, talk = book.dial, book.talk
    if dial is not None and peer in dial.ringing:
        began = Talk(room or dial.room, dial.kind, now, dial.peer, is_confirmed=True)
        began.ringing = {user: rung for user, rung in dial.peers.items() if user != peer}
        return book.begin(began, now)
    if talk is None:
        return []
    if peer not in (talk.peer, talk.accepted_from, *talk.ringing):
        return book.reassert()  # a server that answered for us has us in the wrong call
    talk.ringing.pop(peer, None)
    talk.is_confirmed = True
    if room is None or room == talk.room or talk.peers:
        return []
    leave: Commands = [] if talk.room is None else [do.LeaveMedia()]
    talk.room = room
    return [*leave, do.EnterMedia(room, talk.kind)]


def _peer_ended(book: RingBook, peer: UserId, now: Moment) -> Commands:
    if peer in book.incoming:
        return _ring_stopped(book, peer, Outcome.CANCELLED, now)
    if book.talk is not None and book.talk.peer == peer:
        return book.end_talk(Outcome.PEER_LEFT, now)
    return [] if book.is_left_over(peer, now) else book.refused(peer, Outcome.DECLINED, now)


def _standing(book: RingBook, news: ev.CallStands | ev.NoCallStands, now: Moment) -> Commands:
    """After a break of the link: what the server still knows of."""
    peer = news.peer
    if peer not in book.asked:
        return []
    book.asked.discard(peer)
    stands = isinstance(news, ev.CallStands)
    if not stands and peer in book.incoming:
        return _ring_stopped(book, peer, Outcome.CANCELLED, now)
    rung, talk = book.rung(peer), book.talk
    if rung is not None and rung.is_rung:
        return _ring_standing(book, news, now)
    if stands or talk is None or peer in talk.peers:
        return []
    if talk.peer == peer:
        return book.end_talk(Outcome.PEER_LEFT, now)
    return book.doubt_talk(peer, Outcome.CANCELLED, now)


def _ring_standing(book: RingBook, news: ev.CallStands | ev.NoCallStands, now: Moment) -> Commands:
    peer, rung, owner = news.peer, book.rung(news.peer), book.dial or book.talk
    room = owner.room if owner is not None else None
    if rung is None or room is None:
        return []
    if isinstance(news, ev.NoCallStands) and not rung.is_unsent:
        return book.refused(peer, Outcome.FAILED, now, "the ring was lost with the link")
    # The same ring again changes nothing, and whoever answered it says so again.
    rung.is_unsent, rung.is_resent = False, True
    ring = do.SendRing(peer, room)
    stands_in = news.room if isinstance(news, ev.CallStands) else None
    if stands_in is None or stands_in == room:
        return book.say(ring)
    # The server answered for us in another room, and we did not hear of it.
    return book.say(do.SendLeave(stands_in), ring)
