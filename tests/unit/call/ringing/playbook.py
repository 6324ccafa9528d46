"""A playbook: what happens, and what the ring machine must do about it."""

from typing import Final

from woxly_tui.call.events import Moment
from woxly_tui.call.ringing import commands as do
from woxly_tui.call.ringing import events as ev
from woxly_tui.call.ringing.machine import RingMachine
from woxly_tui.call.ringing.view import Outcome, RingPhase, RingView
from woxly_tui.types import RoomId, Seconds, UserId

ANN: Final = UserId(1)
BOB: Final = UserId(2)
CY: Final = UserId(3)
DM: Final = RoomId(12)
OTHER_DM: Final = RoomId(13)
GROUP: Final = RoomId(40)


class Playbook:
    """One machine, at one moment, with its link up."""

    def __init__(self, *, is_linked: bool = True) -> None:
        self.machine = RingMachine()
        self.now = 1000.0
        self.media: RoomId | None = None
        if is_linked:
            self.machine.handle(ev.LinkUp(), self.moment)

    @property
    def moment(self) -> Moment:
        return Moment(Seconds(self.now), Seconds(self.now + 1e9))

    @property
    def view(self) -> RingView:
        return self.machine.view()

    @property
    def phase(self) -> RingPhase:
        return self.view.phase

    @property
    def outcome(self) -> Outcome | None:
        ending = self.view.ending
        return None if ending is None else ending.outcome

    def feed(self, *events: ev.RingEvent) -> list[do.RingCommand]:
        """Let things happen; returns what the machine does."""
        done: list[do.RingCommand] = []
        for event in events:
            done += self.machine.handle(event, self.moment)
        for command in done:
            match command:
                case do.EnterMedia(room=room):
                    assert self.media is None
                    self.media = room
                case do.LeaveMedia():
                    self.media = None
        assert self.media is None or self.phase is RingPhase.TALKING
        return done

    def __call__(self, event: ev.RingEvent, *expected: do.RingCommand) -> "Playbook":
        """This happens, and exactly that is done about it."""
        assert self.feed(event) == list(expected)
        return self

    def wait(self, seconds: float) -> list[do.RingCommand]:
        """Time passes; the machine is woken when it wants to be."""
        done: list[do.RingCommand] = []
        until = self.now + seconds
        while (due := self.machine.next_deadline()) is not None and due <= until:
            self.now = max(due, self.now)
            done += self.feed(ev.TimePassed())
        self.now = until
        return done


def dialling(peer: UserId = BOB, room: RoomId = DM) -> Playbook:
    """We ring somebody."""
    play = Playbook()
    play(ev.CallAsked(peer), do.FindRoom(peer))
    return play(ev.RoomFound(peer, room), do.SendRing(peer, room))


def rung(caller: UserId = BOB, room: RoomId = DM) -> Playbook:
    """Somebody rings us."""
    return Playbook()(ev.Rung(caller, room))


def talking(peer: UserId = BOB, room: RoomId = DM) -> Playbook:
    """We rang somebody, they answered, and are there."""
    play = dialling(peer, room)
    play.feed(ev.PeerAccepted(peer), ev.MediaPeers(room, frozenset((peer,))))
    return play
