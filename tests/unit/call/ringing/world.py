"""Three people with a ring machine each, a server, and links that break with things in flight.

The server is one as the contract has it at its best: it knows rings and calls, answers what it
is sent, ends rings by its clock, and tells a device that comes who rings it. What travels does
so in order, and as late as the test pleases; a link that breaks loses what was on it.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from woxly_tui.call.events import Moment
from woxly_tui.call.ringing import commands as do
from woxly_tui.call.ringing import events as ev
from woxly_tui.call.ringing.machine import RingMachine
from woxly_tui.call.ringing.view import Outcome, RingPhase, RoomKind
from woxly_tui.types import RoomId, Seconds, UserId

SERVER_RING_LIMIT: Final = 45.0
GONE_AFTER: Final = 15.0


@dataclass
class Entry:
    peer: UserId
    room: RoomId | None
    has_media: bool = False


@dataclass
class Phone:
    me: UserId
    machine: RingMachine = field(default_factory=RingMachine)
    is_linked: bool = False
    up: deque[do.Send] = field(default_factory=deque)
    down: deque[tuple[ev.RingEvent, do.Send | None]] = field(default_factory=deque)
    """News, and answers with what they answer."""
    rest: deque[ev.RingEvent] = field(default_factory=deque)
    """Answers over REST, which need no socket."""
    sfu: deque[ev.MediaPeers] = field(default_factory=deque)
    media: RoomId | None = None
    gone_at: float | None = None
    consents: set[UserId] = field(default_factory=set)
    """Whom the user rang or answered."""


@dataclass
class Server:
    world: "World"
    rings: dict[tuple[UserId, UserId], tuple[RoomId, float]] = field(default_factory=dict)
    entries: dict[UserId, Entry] = field(default_factory=dict)
    kinds: dict[RoomId, RoomKind] = field(default_factory=dict)

    def tell(self, user: UserId, *news: ev.RingEvent, of: do.Send | None = None) -> None:
        phone = self.world.phones[user]
        if phone.is_linked:
            phone.down.extend((one, of) for one in news)

    def take(self, me: UserId, command: do.Send) -> None:
        match command:
            case do.SendRing(peer=peer, room=room):
                self.ring(me, peer, room, command)
            case do.SendAccept(peer=peer):
                is_there = self.accept(me, peer)
                answer = ev.AcceptConfirmed(peer) if is_there else ev.AcceptRefused(peer)
                self.tell(me, answer, of=command)
            case do.SendReject(peer=peer):
                if self.rings.pop((peer, me), None) is not None or self.strike_pair(me, peer):
                    self.tell(peer, ev.PeerRefused(me, Outcome.DECLINED))
            case do.SendCancel(peer=peer):
                if self.rings.pop((me, peer), None) is not None:
                    self.tell(peer, ev.RingStopped(me, Outcome.CANCELLED))
            case do.SendLeave(room=room):
                self.leave(me, room)
            case do.SendRejoin(room=room):
                self.rejoin(me, room)
            case do.AskCall(peer=peer):
                stands, into = self.stands(me, peer)
                found = ev.CallStands(peer, into) if stands else ev.NoCallStands(peer)
                self.tell(me, found)

    def ring(self, me: UserId, peer: UserId, room: RoomId, of: do.Send | None) -> None:
        if of is not None and (peer, me) in self.rings:
            answered = self.rings[peer, me][0]
            self.accept(me, peer)
            self.tell(me, ev.RingAnswered(peer, Outcome.ANSWERED, answered), of=of)
            return
        if (standing := self.rings.get((me, peer))) is not None:
            if standing[0] == room:
                return
            del self.rings[me, peer]
        if self.is_busy(me, peer, room):
            self.tell(me, ev.RingAnswered(peer, Outcome.BUSY), of=of)
            self.tell(me, ev.PeerRefused(peer, Outcome.BUSY))
            return
        self.rings[me, peer] = (room, self.world.now + SERVER_RING_LIMIT)
        self.tell(peer, ev.Rung(me, room, self.kinds[room]))

    def is_busy(self, me: UserId, peer: UserId, room: RoomId) -> bool:
        if any(caller == peer and callee != me for caller, callee in self.rings):
            return True
        entry = self.entries.get(peer)
        if entry is None or entry.peer == me:
            return False
        mine = self.entries.get(me)
        return not (entry.room == room or (mine is not None and mine.room == entry.room))

    def accept(self, me: UserId, caller: UserId) -> bool:
        ring = self.rings.pop((caller, me), None)
        if ring is None:
            return False
        for user, peer in ((caller, me), (me, caller)):
            old = self.entries.get(user)
            if old is None or old.room != ring[0]:
                has_media = self.world.phones[user].media == ring[0]
                self.entries[user] = Entry(peer, ring[0], has_media)
        self.tell(caller, ev.PeerAccepted(me))
        return True

    def strike_pair(self, me: UserId, peer: UserId) -> bool:
        mine, theirs = self.entries.get(me), self.entries.get(peer)
        struck = False
        if mine is not None and mine.peer == peer:
            del self.entries[me]
            struck = True
        if theirs is not None and theirs.peer == me:
            rest = [u for u, e in self.entries.items() if e.room == theirs.room]
            if rest == [peer]:
                del self.entries[peer]
                struck = True
        return struck

    def leave(self, me: UserId, room: RoomId) -> None:
        for (caller, callee), (into, _) in list(self.rings.items()):
            if caller == me and into == room:
                del self.rings[caller, callee]
                self.tell(callee, ev.RingStopped(me, Outcome.CANCELLED))
        if (entry := self.entries.get(me)) is not None and entry.room == room:
            del self.entries[me]
        self.tell_room(me, room)

    def tell_room(self, me: UserId, room: RoomId) -> None:
        for user in self.world.members[room] - {me}:
            self.tell(user, ev.PeerLeftRoom(me, room))

    def rejoin(self, me: UserId, room: RoomId) -> None:
        others = [u for u, e in self.entries.items() if u != me and e.room == room]
        if others:
            has_media = self.world.phones[me].media == room
            self.entries[me] = Entry(others[0], room, has_media)

    def stands(self, me: UserId, peer: UserId) -> tuple[bool, RoomId | None]:
        theirs, mine = self.entries.get(peer), self.entries.get(me)
        if theirs is not None and theirs.peer == me:
            return True, theirs.room
        if theirs is not None and mine is not None and theirs.room == mine.room:
            return True, theirs.room
        ring = self.rings.get((me, peer)) or self.rings.get((peer, me))
        return ring is not None, None if ring is None else ring[0]

    def media_changed(self, user: UserId, room: RoomId, *, is_in: bool) -> None:
        entry = self.entries.get(user)
        if entry is None or entry.room != room:
            return
        if is_in:
            entry.has_media = True
        elif entry.has_media:
            del self.entries[user]
            self.tell_room(user, room)

    def sweep(self) -> None:
        now = self.world.now
        for (caller, callee), (_, ends_at) in list(self.rings.items()):
            if now >= ends_at:
                del self.rings[caller, callee]
                self.tell(caller, ev.PeerRefused(callee, Outcome.TIMEOUT))
                self.tell(callee, ev.RingStopped(caller, Outcome.TIMEOUT))
        for user, phone in self.world.phones.items():
            if phone.gone_at is not None and now >= phone.gone_at + GONE_AFTER:
                self.user_gone(user)

    def user_gone(self, user: UserId) -> None:
        for caller, callee in list(self.rings):
            if caller == user:
                del self.rings[caller, callee]
                self.tell(callee, ev.RingStopped(user, Outcome.CALLER_GONE))
        entry = self.entries.get(user)
        if entry is not None and not entry.has_media:
            del self.entries[user]
            if entry.room is not None:
                self.tell_room(user, entry.room)

    def device_came(self, user: UserId) -> None:
        for (caller, callee), (room, _) in self.rings.items():
            if callee == user:
                self.tell(user, ev.Rung(caller, room, self.kinds[room]))


class World:
    """Everything; each method is one thing that happens."""

    def __init__(self, people: int = 3) -> None:
        self.now = 1000.0
        self.phones = {UserId(n): Phone(UserId(n)) for n in range(1, people + 1)}
        self.server = Server(self)
        self.members: dict[RoomId, set[UserId]] = {}
        for user in self.phones:
            self.heal(user)

    @property
    def moment(self) -> Moment:
        return Moment(Seconds(self.now), Seconds(self.now + 1e9))

    def room(self, kind: RoomKind, members: set[UserId]) -> RoomId:
        if kind is RoomKind.DM:
            found = RoomId(sum(10**user for user in members))
        else:
            found = RoomId(100_000 + len(self.members))
        self.server.kinds[found] = kind
        self.members[found] = members
        return found

    # What happens

    def feed(self, me: UserId, event: ev.RingEvent) -> None:
        phone = self.phones[me]
        match event:
            case ev.CallAsked(peer=peer):
                phone.consents.add(peer)
            case ev.GroupCallAsked(members=members):
                phone.consents |= set(members)
            case ev.AddAsked(peer=peer):
                phone.consents.add(peer)
            case ev.AcceptAsked(caller=caller):
                phone.consents.add(caller)
        for command in phone.machine.handle(event, self.moment):
            self.carry_out(phone, command)
        self.check(phone)

    def carry_out(self, phone: Phone, command: do.RingCommand) -> None:
        match command:
            case do.FindRoom(peer=peer):
                room = self.room(RoomKind.DM, {phone.me, peer})
                phone.rest.append(ev.RoomFound(peer, room))
            case do.MakeGroup(members=members):
                room = self.room(RoomKind.GROUP, {phone.me, *members})
                phone.rest.append(ev.GroupMade(room, members))
                while phone.up:
                    self.deliver_up(phone.me)  # whoever carries it out keeps this order
                for member in members:
                    self.server.ring(phone.me, member, room, None)
            case do.EnterMedia(room=room):
                assert phone.media is None, "in two calls"
                self.move(phone, room)
            case do.LeaveMedia():
                self.move(phone, None)
            case do.HealRoom() | do.Refuse():
                pass
            case _:
                assert phone.is_linked, "said into a broken link"
                phone.up.append(command)

    def move(self, phone: Phone, room: RoomId | None) -> None:
        before, phone.media = phone.media, room
        if before is not None:
            self.server.media_changed(phone.me, before, is_in=False)
        if room is not None:
            self.server.media_changed(phone.me, room, is_in=True)
        phone.sfu.clear()
        for other in self.phones.values():
            if other.media is not None and other.media in (before, room):
                inside = {p.me for p in self.phones.values() if p.media == other.media}
                other.sfu.append(ev.MediaPeers(other.media, frozenset(inside - {other.me})))

    def deliver_up(self, me: UserId) -> None:
        if self.phones[me].up:
            self.server.take(me, self.phones[me].up.popleft())

    def deliver_down(self, me: UserId) -> None:
        if self.phones[me].down:
            self.feed(me, self.phones[me].down.popleft()[0])

    def deliver_rest(self, me: UserId) -> None:
        if self.phones[me].rest:
            self.feed(me, self.phones[me].rest.popleft())

    def deliver_sfu(self, me: UserId) -> None:
        if self.phones[me].sfu:
            self.feed(me, self.phones[me].sfu.popleft())

    def cut(self, me: UserId) -> None:
        phone = self.phones[me]
        if not phone.is_linked:
            return
        phone.is_linked, phone.gone_at = False, self.now
        lost = [*phone.up, *(of for _, of in phone.down if of is not None)]
        phone.up.clear()
        phone.down.clear()
        self.feed(me, ev.LinkDown())
        for command in lost:
            self.feed(me, ev.Unsent(command))

    def heal(self, me: UserId) -> None:
        phone = self.phones[me]
        if phone.is_linked:
            return
        phone.is_linked, phone.gone_at = True, None
        self.server.device_came(me)
        self.feed(me, ev.LinkUp())

    def wait(self, seconds: float) -> None:
        until = self.now + seconds
        while True:
            dues = [phone.machine.next_deadline() for phone in self.phones.values()]
            due = min((at for at in dues if at is not None), default=until)
            self.now = min(max(due, self.now), until)
            self.server.sweep()
            for user in self.phones:
                self.feed(user, ev.TimePassed())
            if self.now >= until:
                return

    def settle(self, seconds: float) -> None:
        """Everything arrives at once, for so long."""
        until = self.now + seconds
        while self.now < until:
            self.drain()
            self.wait(min(0.5, until - self.now))
        self.drain()

    def drain(self) -> None:
        deliver = (self.deliver_up, self.deliver_down, self.deliver_rest, self.deliver_sfu)
        for _ in range(10_000):
            if not any(p.up or p.down or p.rest or p.sfu for p in self.phones.values()):
                return
            for user in self.phones:
                for step in deliver:
                    step(user)
        raise AssertionError("they never stop talking")

    # What must hold

    def check(self, phone: Phone) -> None:
        view = phone.machine.view()
        is_talking = view.phase is RingPhase.TALKING
        assert phone.media is None or (is_talking and view.room == phone.media)
        if phone.media is not None:
            partners = {view.peer} if view.peer is not None else self.members[phone.media]
            assert phone.consents & partners, "the microphone may open, and nobody asked for it"

    def check_agreement(self) -> None:
        """What phones and server believe of rings and calls is the same."""
        rings = set(self.server.rings)
        shown_out, shown_in = set(), set()
        for me, phone in self.phones.items():
            view = phone.machine.view()
            shown_out |= {(me, peer.user) for peer in view.ringing if peer.outcome is None}
            shown_in |= {(ring.caller, me) for ring in view.incoming}
        assert shown_out == rings, "rings of ours"
        assert shown_in == rings, "rings to us"
        for me, phone in self.phones.items():
            view, entry = phone.machine.view(), self.server.entries.get(me)
            if view.phase is RingPhase.OUTGOING:
                continue  # an answer that got lost may have put us somewhere; the ring decides
            believed = view.room if view.phase is RingPhase.TALKING else None
            if believed is not None and entry is None and view.kind is RoomKind.GROUP:
                # Alone in a group's room: no call to the server, and the user's to leave.
                assert [p.me for p in self.phones.values() if p.media == believed] == [me]
                continue
            assert believed == (entry.room if entry is not None else None), f"the call of {me}"
