"""What is known of rings and of the call, and the steps that change it from several sides."""

from typing import Final

from woxly_tui.call.events import Moment
from woxly_tui.call.ringing import commands as do
from woxly_tui.call.ringing import events as ev
from woxly_tui.call.ringing.debts import Debts
from woxly_tui.call.ringing.state import (
    LEFT_OVER_LIMIT,
    NOBODY_LIMIT,
    OUTGOING_LIMIT,
    Dial,
    Dialled,
    Incoming,
    Talk,
    WebPeers,
)
from woxly_tui.call.ringing.view import Outcome, RingEnding, RoomKind
from woxly_tui.types import RoomId, Seconds, UserId

Commands = list[do.RingCommand]

_MAX_EARLY: Final = 128


class RingBook:
    """The state of the ring machine. At most one of `dial` and `talk` is there.

    Args:
        ended: How many rings and calls have ended before.
    """

    def __init__(self, ended: int = 0) -> None:
        self.ended = ended
        self.debts: Final = Debts()
        self.dial: Dial | None = None
        self.talk: Talk | None = None
        self.incoming: Final[dict[UserId, Incoming]] = {}
        self.is_making_group = False
        self.is_group_unwanted = False
        """Hung up while the group was being made."""
        self.is_group_doubtful = False
        """The link broke while the group was being made: answers may be lost."""
        self.early: Final[list[ev.PeerAccepted | ev.PeerRefused]] = []
        """Answers of its members that came before the word that it is made."""
        self.asked: Final[set[UserId]] = set()
        """With whom the server was asked whether a call stands."""
        self.ending: RingEnding | None = None
        self._parted: tuple[UserId, Seconds] | None = None
        """Who ended the last call of two, and when."""
        self.web_peers: Final = WebPeers()

    def say(self, *commands: do.Send) -> Commands:
        """What of this can be sent now; the rest is owed."""
        return [command for command in commands if self.debts.admit(command)]

    def note_early(self, answer: ev.PeerAccepted | ev.PeerRefused) -> None:
        """It may be of a group that is just being made."""
        if self.is_making_group and len(self.early) < _MAX_EARLY:
            self.early.append(answer)

    def forget(self, peer: UserId) -> None:
        """What was asked or owed about a peer is of a ring before the present one."""
        self.asked.discard(peer)
        self.debts.forget(peer)

    def rung(self, peer: UserId) -> Dialled | None:
        """One whom we ring, or rang just now."""
        if self.dial is not None:
            return self.dial.peers.get(peer)
        return self.talk.ringing.get(peer) if self.talk is not None else None

    # Into the call

    def accept(self, ring: Incoming, now: Moment) -> Commands:
        """Answer a ring."""
        self.forget(ring.caller)
        self.incoming.pop(ring.caller, None)
        peer = ring.caller if ring.kind is RoomKind.DM else None
        talk = Talk(ring.room, ring.kind, now, peer, accepted_from=ring.caller)
        said = self.say(do.SendAccept(ring.caller, ring.room))
        if ring.room is None:
            said.append(do.FindRoom(ring.caller))
        return said + self.begin(talk, now)

    def begin(self, talk: Talk, now: Moment) -> Commands:
        """Be in a call from now on."""
        self.dial, self.talk = None, talk
        if talk.peer is not None:
            talk.lonely_until = Seconds(now.monotonic + NOBODY_LIMIT)
        return [] if talk.room is None else [do.EnterMedia(talk.room, talk.kind)]

    def reassert(self) -> Commands:
        """Tell the server which call we are in, where it may have come to believe another."""
        if self.talk is None or self.talk.room is None:
            return []
        return self.say(do.SendRejoin(self.talk.room))

    # Out of it

    def hang_up(self, now: Moment) -> Commands:
        """Leave whatever there is."""
        self.is_group_unwanted = self.is_making_group
        if (dial := self.dial) is None:
            return self.end_talk(Outcome.HUNG_UP, now)
        self.dial = None
        self.note_dial(Outcome.CANCELLED, dial)
        if dial.room is None:
            return []  # nobody was rung yet
        return self.say(do.SendLeave(dial.room, tuple(dial.ringing)))

    def end_talk(
        self, outcome: Outcome, now: Moment, *, is_silent: bool = False, detail: str = ""
    ) -> Commands:
        """The call is over.

        Args:
            outcome: Why.
            now: When.
            is_silent: The server knows; only those whom we still ring are told.
            detail: For people.
        """
        if (talk := self.talk) is None:
            return []
        self.talk = None
        if outcome is Outcome.PEER_LEFT and talk.peer is not None:
            self._parted = (talk.peer, now.monotonic)
        seconds = int(now.monotonic - talk.began.monotonic)
        is_incoming = talk.accepted_from is not None
        self._note(outcome, talk.peer, talk.room, is_incoming, seconds, detail)
        rung = tuple(user for user, one in talk.ringing.items() if one.is_rung)
        if talk.room is None:
            caller = talk.accepted_from
            return self.say(do.SendReject(caller, None)) if caller and not is_silent else []
        if is_silent:
            return [do.LeaveMedia(), *self.say(*(do.SendCancel(user) for user in rung))]
        told = rung if talk.peer is None else (talk.peer, *rung)
        return [do.LeaveMedia(), *self.say(do.SendLeave(talk.room, told))]

    def stop_ringing(self, peer: UserId) -> Commands:
        """Ring somebody no more; call it before their ring is noted as over."""
        if self.dial is not None and self.dial.peer == peer and self.dial.room is not None:
            return self.say(do.SendLeave(self.dial.room, (peer,)))
        return self.say(do.SendCancel(peer))

    def doubt_talk(self, caller: UserId, outcome: Outcome, now: Moment) -> Commands:
        """The ring that we answered was over when we did, unless we know better."""
        talk = self.talk
        if talk is None or talk.accepted_from != caller or talk.is_confirmed:
            return []
        return self.end_talk(outcome, now, is_silent=True)

    def is_left_over(self, peer: UserId, now: Moment) -> bool:
        """Whether word that somebody ends or refuses is of the call that they just ended.

        Leaving says so more than once, and a ring of ours may be on its way already.
        """
        if self._parted is None or self.dial is None or self.dial.peer != peer:
            return False
        who, at = self._parted
        return who == peer and now.monotonic - at <= LEFT_OVER_LIMIT

    def refused(self, peer: UserId, outcome: Outcome, now: Moment, detail: str = "") -> Commands:
        """A ring of ours came to nothing."""
        rung = self.rung(peer)
        if rung is not None and rung.is_rung:
            said = self.stop_ringing(peer) if rung.is_resent else []
            rung.outcome = outcome
            return said + self._finish_dial(detail)
        talk = self.talk
        if talk is not None and talk.peer == peer and peer not in talk.peers:
            return self.end_talk(outcome, now, is_silent=True)
        return []

    def _finish_dial(self, detail: str) -> Commands:
        dial = self.dial
        if dial is None or dial.ringing:
            return []
        self.dial = None
        self.note_dial(dial.outcome, dial, detail)
        is_group = dial.peer is None and dial.room is not None
        return self.say(do.SendLeave(dial.room)) if is_group and dial.room else []

    # What is told of it

    def note_dial(self, outcome: Outcome, dial: Dial, detail: str = "") -> None:
        """A ring of ours is over."""
        self._note(outcome, dial.peer, dial.room, False, None, detail)

    def note_incoming(self, outcome: Outcome, ring: Incoming) -> None:
        """A ring to us is over."""
        self._note(outcome, ring.caller, ring.room, True, None, "")

    def _note(
        self,
        outcome: Outcome,
        user: UserId | None,
        room: RoomId | None,
        is_incoming: bool,
        seconds: int | None,
        detail: str,
    ) -> None:
        self.ended += 1
        self.ending = RingEnding(self.ended, outcome, user, room, is_incoming, seconds, detail)


def dialled(now: Moment) -> Dialled:
    """One whom we begin to ring."""
    return Dialled(Seconds(now.monotonic + OUTGOING_LIMIT))
