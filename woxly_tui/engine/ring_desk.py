"""Drives the ring machine: acts, news and time in; words to the server, and a call, out.

acts, news, media, timer ──► RingMachine ──► Send* ──► socket, in order ──► answers
                                         ──► FindRoom, MakeGroup, HealRoom ──► REST
                                         ──► EnterMedia, LeaveMedia ──► the call
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from woxly_tui._lib.aio import TaskOwner
from woxly_tui._lib.clock import Clock
from woxly_tui.call.events import Moment
from woxly_tui.call.ringing import commands as do
from woxly_tui.call.ringing import events as ev
from woxly_tui.call.ringing.machine import RingMachine
from woxly_tui.call.ringing.view import Outcome, RingView, RoomKind
from woxly_tui.call.snapshot import CallPhase, EndReason, Snapshot
from woxly_tui.engine import ring_wire
from woxly_tui.errors import WoxlyError
from woxly_tui.lobby.link import Receipt
from woxly_tui.types import RoomId, UserId, user_of

SENDS_LIMIT_S: Final = 6.0
"""How long making a group waits for what was said before it."""

_OUTCOMES: Final = {EndReason.LEFT: Outcome.HUNG_UP, EndReason.EVICTED: Outcome.JOINED_ELSEWHERE}

_log = logging.getLogger(__name__)


class Switchboard(Protocol):
    """The Woxly server as rings need it; what fails raises a WoxlyError."""

    @property
    def acks(self) -> bool:
        """Whether the server acknowledges what it is sent."""

    async def say(self, saying: ring_wire.Saying) -> Receipt:
        """Emit; what is started before another one is sent before it. Never raises."""

    async def find_dm(self, peer: UserId) -> RoomId:
        """The DM with somebody."""

    async def make_group(self, members: tuple[UserId, ...], name: str) -> RoomId:
        """A group whose members the server rings."""

    async def heal(self, room: RoomId) -> None:
        """Be a member again of a room that a ring locked us out of; nothing where none does."""

    def known_dm(self, peer: UserId) -> RoomId | None:
        """The DM with somebody, where it is known without asking."""


class CallPort(Protocol):
    """The one call of the engine, and the way out of it."""

    def enter(self, room: RoomId, kind: RoomKind, peer: UserId | None) -> None:
        """Join the call of a room; another one is left."""

    def leave(self) -> None:
        """Be in no call."""


class RingDesk:
    """The rings of one account. Use from one event loop.

    Args:
        call: The engine's call.
        clock: Where the time comes from.
        on_change: Called when what there is to draw may have changed.
        on_refused: Told what a command that came too late to be answered ended with.
    """

    def __init__(
        self,
        call: CallPort,
        clock: Clock,
        *,
        on_change: Callable[[], None],
        on_refused: Callable[[do.Refuse], None],
    ) -> None:
        self._call = call
        self._clock = clock
        self._on_change = on_change
        self._on_refused = on_refused
        self._machine = RingMachine()
        self._tasks = TaskOwner("rings")
        self._board: Switchboard | None = None
        self._events: deque[ev.RingEvent] = deque()
        self._is_feeding = False
        self._refusals: list[do.Refuse] = []
        self._sends: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._entered: RoomId | None = None
        self._peers: frozenset[UserId] | None = None

    @property
    def is_needed(self) -> bool:
        """Whether a ring or a call goes on."""
        return self._machine.is_needed

    @property
    def entered(self) -> RoomId | None:
        """The room whose call the engine is in for us."""
        return self._entered

    def view(self) -> RingView:
        """The present state."""
        return self._machine.view()

    async def aclose(self) -> None:
        """Say what there is to say, as far as that is quick, and stop."""
        if self._timer is not None:
            self._timer.cancel()
        if self._sends:
            await asyncio.wait(self._sends, timeout=1.0)
        await self._tasks.aclose()

    def connect(self, board: Switchboard | None) -> None:
        """Ring over this server from now on; nothing may go on over another one."""
        self._board = board

    def start_over(self) -> None:
        """Be those of another account, which knows nothing of what the one before rang."""
        self._machine = RingMachine(self._machine.ended)

    # What happens

    def act(self, act: ev.UserAct) -> do.Refuse | None:
        """Do what the user asked for; why not, where it cannot be done."""
        self._refusals = []
        self.feed(act)
        return self._refusals[0] if self._refusals else None

    def feed(self, event: ev.RingEvent) -> None:
        """Let the machine know of something."""
        self._events.append(event)
        if self._is_feeding:
            return
        self._is_feeding = True
        try:
            while self._events:
                event = self._events.popleft()
                is_act = isinstance(event, ev.UserAct)
                for command in self._machine.handle(event, self._now()):
                    self._execute(command, is_act=is_act)
        finally:
            self._is_feeding = False
        self._arm_timer()
        self._on_change()

    def on_call(self, snapshot: Snapshot) -> None:
        """The call changed."""
        if (room := self._entered) is None:
            return
        if snapshot.phase in (CallPhase.IDLE, CallPhase.ENDED):
            self._entered = None
            ending = snapshot.ending
            reason = EndReason.LEFT if ending is None else ending.reason
            outcome = _OUTCOMES.get(reason, Outcome.FAILED)
            detail = "" if ending is None or outcome is Outcome.HUNG_UP else ending.message
            self.feed(ev.MediaEnded(room, outcome, detail))
        elif snapshot.phase is CallPhase.ESTABLISHED:
            peers = frozenset(
                user for person in snapshot.others if (user := user_of(person.identity)) is not None
            )
            if peers != self._peers:
                self._peers = peers
                self.feed(ev.MediaPeers(room, peers))

    # What to do

    def _now(self) -> Moment:
        return Moment(self._clock.monotonic(), self._clock.wall())

    def _execute(self, command: do.RingCommand, *, is_act: bool) -> None:
        match command:
            case do.FindRoom(peer=peer):
                self._find_room(peer)
            case do.MakeGroup():
                self._tasks.start(self._make_group(command), name="make group")
            case do.HealRoom(room=room):
                self._tasks.start(self._heal(room), name="heal")
            case do.EnterMedia(room=room, kind=kind):
                self._enter(room, kind)
            case do.LeaveMedia():
                if self._entered is not None:
                    self._entered = None
                    self._call.leave()
            case do.Refuse():
                if is_act:
                    self._refusals.append(command)
                else:
                    self._on_refused(command)
            case _:
                task = self._tasks.start(self._send(command), name="send")
                self._sends.add(task)
                task.add_done_callback(self._sends.discard)

    def _enter(self, room: RoomId, kind: RoomKind) -> None:
        # The call is left before it is entered: its end is not that of the next one.
        self._entered = None
        self._peers = None
        peer = self._machine.view().peer
        self._call.enter(room, kind, peer)
        self._entered = room

    def _find_room(self, peer: UserId) -> None:
        board = self._board
        if board is not None and (room := board.known_dm(peer)) is not None:
            self.feed(ev.RoomFound(peer, room))
        else:
            self._tasks.start(self._ask_room(peer), name="find room")

    async def _ask_room(self, peer: UserId) -> None:
        try:
            room = await self._the_board().find_dm(peer)
        except WoxlyError as error:
            self.feed(ev.RequestFailed(peer, str(error)))
        else:
            self.feed(ev.RoomFound(peer, room))

    async def _make_group(self, command: do.MakeGroup) -> None:
        try:
            if self._sends:
                await asyncio.wait(self._sends, timeout=SENDS_LIMIT_S)
            room = await self._the_board().make_group(command.members, command.name)
        except WoxlyError as error:
            self.feed(ev.RequestFailed(None, str(error)))
        else:
            self.feed(ev.GroupMade(room, command.members))

    async def _heal(self, room: RoomId) -> None:
        try:
            await self._the_board().heal(room)
        except WoxlyError as error:
            _log.info("a room could not be healed: %s", type(error).__name__)

    async def _send(self, command: do.Send) -> None:
        board = self._board
        if board is None:
            self.feed(ev.Unsent(command))
            return
        says = ring_wire.sayings(command, acks=board.acks)
        receipts = await asyncio.gather(*(board.say(saying) for saying in says))
        if (answer := ring_wire.learned(command, receipts)) is not None:
            self.feed(answer)
        if isinstance(command, do.SendAccept | do.SendReject) and command.room is not None:
            # Others make whoever is rung a pending member, and an answer does not always end that.
            await self._heal(command.room)

    def _the_board(self) -> Switchboard:
        if self._board is None:
            raise WoxlyError("you are not online", "go online first")
        return self._board

    def _arm_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if (due := self._machine.next_deadline()) is not None:
            delay = max(due - self._clock.monotonic(), 0.0)
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(delay, self.feed, ev.TimePassed())
