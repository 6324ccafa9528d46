"""A world for the call machine: one media worker and two wires, each with things in flight.

Commands of the machine travel to the worker, and its reports back, in order but as late as
the test pleases. The worker here is the worker as promised: it publishes muted, does what it
is told, and says so.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from woxly_tui.call import commands as todo
from woxly_tui.call import events as happened
from woxly_tui.call.machine import CallMachine
from woxly_tui.call.snapshot import Ending, EndReason, Notice, PttMode, Snapshot
from woxly_tui.types import Identity, RoomName, Seconds

ME = Identity("me")


@dataclass
class Worker:
    """What the one process does and would be heard doing."""

    is_alive: bool = False
    session: int | None = None
    has_microphone: bool = False
    is_sending: bool = False
    is_deafened: bool = False

    def die(self) -> None:
        self.__init__()  # type: ignore[misc]


@dataclass
class World:
    is_muted: bool = False
    has_device: bool = True
    ptt_mode: PttMode = PttMode.TALK
    now: float = 1000.0
    worker: Worker = field(default_factory=Worker)
    to_worker: deque[todo.CallCommand] = field(default_factory=deque)
    to_machine: deque[happened.CallEvent] = field(default_factory=deque)
    joins: list[int] = field(default_factory=list)
    silent_joins: list[bool] = field(default_factory=list)
    opened: list[bool] = field(default_factory=list)
    on_open: Callable[[], None] = lambda: None
    """Called whenever the machine asks to open the microphone."""
    notices: list[Notice] = field(default_factory=list)
    ending: Ending | None = None

    def __post_init__(self) -> None:
        self.machine = CallMachine(random=lambda: 0.5)

    @property
    def join_asked(self) -> happened.JoinAsked:
        """The user's own wish to be in this call."""
        return happened.JoinAsked(
            RoomName("standup"), "sfu:7880", self.is_muted, ptt_mode=self.ptt_mode
        )

    @property
    def moment(self) -> happened.Moment:
        return happened.Moment(Seconds(self.now), Seconds(self.now + 1e9))

    def see(self) -> Snapshot:
        """What every front end is shown now."""
        return self.machine.snapshot(self.moment)

    def hold(self, is_down: bool, *, is_bound: bool = True) -> None:
        """The push-to-talk key goes down or up now."""
        self.feed(happened.PttSet(is_down, round(self.now * 1e9), is_bound))

    def feed(self, *events: happened.CallEvent) -> None:
        """The machine hears these at once."""
        for event in events:
            for command in self.machine.handle(event, self.moment):
                self._take(command)

    def _take(self, command: todo.CallCommand) -> None:
        match command:
            case todo.Say(notice=notice):
                self.notices.append(notice)
            case todo.Finish(ending=ending):
                self.ending = ending
            case _:
                if isinstance(command, todo.AskMicrophone) and command.is_open:
                    self.opened.append(self.machine.sound.wants_open)
                    self.on_open()
                self.to_worker.append(command)

    def deliver_command(self) -> None:
        """The oldest command in flight reaches the worker."""
        if not self.to_worker:
            return
        command = self.to_worker.popleft()
        match command:
            case todo.StartWorker():
                self.worker.is_alive = True
                self.to_machine.append(happened.WorkerReady())
            case todo.StopWorker():
                self.worker.die()
                # What a buried worker said is dropped by the engine.
                self.to_machine.clear()
            case _ if self.worker.is_alive:
                self._obey(command)

    def _obey(self, command: todo.CallCommand) -> None:
        match command:
            case todo.Join(session=session, is_deafened=is_deafened):
                self.joins.append(session)
                self.silent_joins.append(command.is_silent)
                self.worker.session = session
                self.worker.is_deafened = is_deafened
                self.worker.is_sending = False
                self.worker.has_microphone = self.has_device
                self.to_machine.append(happened.SessionConnected(session, ME, "Me"))
                self.to_machine.append(
                    happened.AudioStarted(session, "native", self.has_device, "")
                )
            case todo.AskMicrophone() if command.session == self.worker.session:
                self.worker.is_sending = command.is_open
                self.to_machine.append(
                    happened.MicrophoneApplied(command.session, command.request, command.is_open)
                )
            case todo.AskDeafen() if command.session == self.worker.session:
                self.worker.is_deafened = command.on
                self.to_machine.append(
                    happened.DeafenApplied(command.session, command.request, command.on)
                )

    def deliver_report(self) -> None:
        """The oldest report in flight reaches the machine."""
        if self.to_machine:
            self.feed(self.to_machine.popleft())

    def pass_time(self, seconds: float) -> None:
        """Time goes on; the machine is woken at each of its deadlines."""
        until = self.now + seconds
        while (due := self.machine.next_deadline(self.moment)) is not None and due <= until:
            self.now = max(self.now, due)
            self.feed(happened.TimePassed())
        self.now = until
        self.feed(happened.TimePassed())

    def settle(self) -> None:
        """Nothing new happens: everything in flight arrives."""
        while self.to_worker or self.to_machine:
            self.deliver_command()
            self.deliver_report()

    def crash_worker(self) -> None:
        """The process dies; what it said before still arrives."""
        if self.worker.is_alive:
            self.worker.die()
            self.to_machine.append(happened.WorkerLost("signal 9"))

    def report(self, event: happened.CallEvent) -> None:
        """The worker says something by itself."""
        if self.worker.is_alive and self.worker.session is not None:
            self.to_machine.append(event)

    def lose_session(self) -> None:
        if self.worker.session is not None:
            self.report(happened.SessionLost(self.worker.session, happened.Loss.SERVER_SHUTDOWN))
            self.worker.session = None
            self.worker.is_sending = False

    def close_session(self, reason: EndReason) -> None:
        if self.worker.session is not None:
            self.report(happened.SessionClosed(self.worker.session, reason))
            self.worker.session = None
            self.worker.is_sending = False


def in_call(
    *, is_muted: bool = False, has_device: bool = True, ptt_mode: PttMode = PttMode.TALK
) -> World:
    """A world in which the call is established and settled."""
    world = World(is_muted=is_muted, has_device=has_device, ptt_mode=ptt_mode)
    world.feed(world.join_asked)
    world.settle()
    return world
