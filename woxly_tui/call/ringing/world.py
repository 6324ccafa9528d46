"""What the link, the media and the clock do to rings and calls."""

from collections.abc import Iterator

from woxly_tui.call.events import Moment
from woxly_tui.call.ringing import commands as do
from woxly_tui.call.ringing import events as ev
from woxly_tui.call.ringing.book import Commands, RingBook
from woxly_tui.call.ringing.state import GONE_LIMIT, Talk
from woxly_tui.call.ringing.view import Outcome
from woxly_tui.types import Seconds, UserId


def meet(book: RingBook, event: ev.World, now: Moment) -> Commands:
    """Take what happens."""
    match event:
        case ev.LinkUp():
            return _link_up(book)
        case ev.LinkDown():
            book.debts.is_linked = False
            book.is_group_doubtful = book.is_making_group
            book.asked.clear()
            return []
        case ev.MediaPeers():
            return _media_peers(book, event, now)
        case ev.MediaEnded():
            return _media_ended(book, event, now)
        case ev.TimePassed():
            return _pass_time(book, now)


def _link_up(book: RingBook) -> Commands:
    book.debts.is_linked = True
    owed = list(book.debts.pay())
    answered = [cmd.peer for cmd in owed if isinstance(cmd, do.SendReject | do.SendAccept)]
    talk = book.talk
    if talk is not None and talk.room is not None and talk.is_confirmed:
        owed.append(do.SendRejoin(talk.room))
    # A ring that the server told of before it heard of our answer is over, too.
    return [*owed, *ask_again(book, *answered)]


def ask_again(book: RingBook, *others: UserId) -> Commands:
    """Ask about everything whose end may have passed unheard."""
    talk = book.talk
    doubtful: list[UserId] = [*others, *book.incoming]
    if book.dial is not None and book.dial.room is not None:
        doubtful += book.dial.ringing
    if talk is not None:
        doubtful += [user for user, rung in talk.ringing.items() if rung.is_rung]
        unseen = talk.peer if talk.peer is not None else talk.accepted_from
        if unseen is not None and unseen not in talk.peers:
            doubtful.append(unseen)
    asked = dict.fromkeys(doubtful)
    book.asked.update(asked)
    return book.say(*(do.AskCall(user) for user in asked))


def _media_peers(book: RingBook, event: ev.MediaPeers, now: Moment) -> Commands:
    talk = book.talk
    if talk is None or talk.room != event.room:
        return []
    book.web_peers.clear(event.peers)
    had_peers, talk.peers = talk.peers, event.peers
    talk.is_confirmed = talk.is_confirmed or bool(event.peers)
    for user in event.peers:
        talk.ringing.pop(user, None)
    if talk.peer is None:
        return []
    if talk.peer in event.peers:
        talk.has_met, talk.lonely_until = True, None
    elif talk.peer in had_peers:
        talk.lonely_until = Seconds(now.monotonic + GONE_LIMIT)
    return []


def _media_ended(book: RingBook, event: ev.MediaEnded, now: Moment) -> Commands:
    if book.talk is None or book.talk.room != event.room:
        return []
    # Another device of ours goes on with the call: nobody is told that it is over.
    is_silent = event.outcome is Outcome.JOINED_ELSEWHERE
    return book.end_talk(event.outcome, now, is_silent=is_silent, detail=event.detail)


def _pass_time(book: RingBook, now: Moment) -> Commands:
    said: Commands = []
    for caller, ring in list(book.incoming.items()):
        if now.monotonic >= ring.ends_at:
            del book.incoming[caller]
            book.note_incoming(Outcome.TIMEOUT, ring)
            said += [] if ring.room is None else [do.HealRoom(ring.room)]
    owner = book.dial.peers if book.dial is not None else {}
    owner = book.talk.ringing if book.talk is not None else owner
    for user, rung in list(owner.items()):
        if rung.is_rung and now.monotonic >= rung.ends_at:
            said += book.stop_ringing(user)
            said += book.refused(user, Outcome.TIMEOUT, now)
    if (talk := book.talk) is not None and _is_past(talk.lonely_until, now):
        said += book.end_talk(_loneliness(book, talk), now)
    if _is_past(book.debts.due_at, now):
        said += [*book.debts.pay(), *ask_again(book)]
    return said


def _is_past(at: Seconds | None, now: Moment) -> bool:
    return at is not None and now.monotonic >= at


def _loneliness(book: RingBook, talk: Talk) -> Outcome:
    if talk.has_met:
        return Outcome.PEER_LEFT
    return Outcome.WEB_ONLY if talk.peer in book.web_peers else Outcome.NOBODY_CAME


def deadlines(book: RingBook) -> Iterator[Seconds]:
    """When TimePassed is due, on the monotonic clock."""
    yield from (ring.ends_at for ring in book.incoming.values())
    rung = [*(book.dial.peers.values() if book.dial is not None else ())]
    if book.talk is not None:
        rung += book.talk.ringing.values()
        if book.talk.lonely_until is not None:
            yield book.talk.lonely_until
    yield from (one.ends_at for one in rung if one.is_rung)
    if book.debts.due_at is not None:
        yield book.debts.due_at
