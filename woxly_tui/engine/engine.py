"""The engine: runs the call machine, drives the media worker, keeps front ends informed.

front ends ──Command──► Engine ──CallEvent──► CallMachine
    ▲ mailboxes           │ ◄──CallCommand───────┘
    └── Snapshot, Levels  └──WorkerCommand──► worker ──WorkerEvent──► Engine
"""

import asyncio
import logging
import random
from collections import deque

from woxly_tui._lib.aio import TaskOwner
from woxly_tui._lib.clock import Clock, SystemClock
from woxly_tui.call import commands as todo
from woxly_tui.call import events as happened
from woxly_tui.call.machine import CallMachine
from woxly_tui.call.snapshot import Ending, Snapshot
from woxly_tui.call.xrun_news import XrunNews
from woxly_tui.control import messages as control
from woxly_tui.control.call_file import CallKeeper
from woxly_tui.control.client import EngineClient
from woxly_tui.control.local_client import LocalEngineClient
from woxly_tui.control.mailbox import Mailbox
from woxly_tui.engine.ask_desk import AskDesk
from woxly_tui.engine.audience import Audience
from woxly_tui.engine.call_desk import CallDesk
from woxly_tui.engine.call_port import CallPort
from woxly_tui.engine.chat import Chat
from woxly_tui.engine.credentials import CredentialFactory, credentials_for, credentials_with
from woxly_tui.engine.cues import CueDesk, NoPlayer, Player
from woxly_tui.engine.front_desk import Call, Desks, FrontDesk
from woxly_tui.engine.guests import GuestNews, guests_in
from woxly_tui.engine.levels_desk import LevelsDesk
from woxly_tui.engine.lobby_desk import LobbyDesk
from woxly_tui.engine.media_link import MediaLink
from woxly_tui.engine.play_desk import PlayDesk
from woxly_tui.engine.preferences import Preferences, Stores
from woxly_tui.engine.ring_cues import RingCues
from woxly_tui.engine.sleep_watch import SleepWatch
from woxly_tui.engine.translate import credentials_failed, session_report
from woxly_tui.engine.worker_keeper import LinkFactory, WorkerKeeper
from woxly_tui.errors import WoxlyError
from woxly_tui.media import messages as media
from woxly_tui.social.model import RoomMessage

_log = logging.getLogger(__name__)


class Engine:
    """One call at a time and everything it needs. Use from one event loop.

    Args:
        credentials: Makes what is asked for a token before every attempt at a call.
        keeper: Remembers the call for the engine after a crash.
        clock: Where the time comes from.
        link: Makes the link to a media worker; tests put a fake here.
        stores: Where preferences are kept from one call to the next; nowhere by default.
        cue_player: Plays those that no mixer plays; nobody by default.
    """

    def __init__(
        self,
        *,
        credentials: CredentialFactory = credentials_for,
        keeper: CallKeeper | None = None,
        clock: Clock | None = None,
        link: LinkFactory = MediaLink,
        stores: Stores | None = None,
        cue_player: Player | None = None,
    ) -> None:
        self._clock = clock or SystemClock()
        self._desk = CallDesk(
            credentials_with(credentials, lambda call: self._lobby.credentials(call)),
            keeper or CallKeeper(),
        )
        self._machine = CallMachine(random=random.random)
        self._tasks = TaskOwner("engine")
        self._worker = WorkerKeeper(link, self._on_worker_event, self._on_worker_lost)
        self._audience = Audience()
        self._xruns = XrunNews()
        self._levels = LevelsDesk(self._audience, self._clock)
        self.cues = CueDesk(cue_player or NoPlayer(), self._worker.send)
        self._preferences = Preferences(
            self._machine.volumes,
            self._machine.show,
            self._worker.send,
            self._audience.put,
            stores or Stores(),
            self.cues,
        )
        self._guests = GuestNews()
        self._chat = Chat(self._worker.send, self._audience.put, self._clock)
        self._asks = self._ask_desk()
        self._play = PlayDesk(self._worker.send, self._machine.show, self._publish)
        self._lobby = LobbyDesk(
            CallPort(self._desk, self._machine, self._feed),
            self._audience.put,
            self._clock,
            on_message=self._hear_room,
            on_rings=RingCues(self.cues).see,
        )
        self._changed = asyncio.Event()
        self._front = self._front_desk()
        self._events: deque[happened.CallEvent] = deque()
        self._is_feeding = False
        self._ended = asyncio.Event()
        self._ending: Ending | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._last_rev = 0
        self._sleep = SleepWatch(self._clock)

    def _ask_desk(self) -> AskDesk:
        return AskDesk(
            self._chat,
            self._worker.send,
            self._machine.show,
            self._audience.put,
            self._snapshot,
            self._clock,
            self._tasks,
        )

    def _front_desk(self) -> FrontDesk:
        return FrontDesk(
            Desks(
                self._desk,
                self._worker,
                self._preferences,
                self._asks,
                self._lobby,
                self._play,
            ),
            Call(
                self._feed,
                self._snapshot,
                lambda: self.is_in_call,
                self._publish,
                self._changed,
            ),
            self._clock,
        )

    # Life

    @property
    def is_in_call(self) -> bool:
        """Whether a call is joined, being joined, or to be joined again."""
        return self._machine.is_in_call

    @property
    def is_needed(self) -> bool:
        """Whether a call or a ring goes on."""
        return self.is_in_call or self._lobby.is_needed

    @property
    def lost_room(self) -> str:
        """The room of a call that an engine before this one died in; empty where none did."""
        return self._desk.lost_room

    def client(self, *, wants_levels: bool = True) -> EngineClient:
        """A client in this process, any number of them."""
        return LocalEngineClient(self, wants_levels=wants_levels)

    async def ended(self) -> Ending:
        """Wait until the call that was asked for is over."""
        while self._ending is None:
            await self._ended.wait()
        return self._ending

    async def aclose(self) -> None:
        """Leave, stop the worker, and end every client's updates; within two seconds or so."""
        self._feed(happened.LeaveAsked())
        await self._lobby.aclose()
        if self._timer is not None:
            self._timer.cancel()
        await self._worker.aclose()
        await self.cues.aclose()
        self._audience.close()
        await self._tasks.aclose()

    # Front ends

    async def handle(self, command: control.Command) -> control.Reply:
        """Carry out a command, and wait for the worker's confirmation where there is one."""
        return await self._front.handle(command)

    def abandon_ptt(self, at_ns: int) -> None:
        """End the hold that began with the press of that moment: its connection is gone."""
        self._feed(happened.PttAbandoned(at_ns))

    def attach(self, mailbox: Mailbox, *, wants_levels: bool) -> None:
        """Send updates to a mailbox, beginning with the present snapshot."""
        self._audience.add(mailbox, wants_levels=wants_levels)
        mailbox.put(self._snapshot())
        self._lobby.attach(mailbox)
        self._chat.tell(mailbox)
        self._send_levels_rate()

    def watch_levels(self, mailbox: Mailbox, *, is_watching: bool) -> None:
        """Begin or stop to send levels to an attached mailbox."""
        self._audience.add(mailbox, wants_levels=is_watching)
        self._send_levels_rate()

    def detach(self, mailbox: Mailbox) -> None:
        """Send no more to it."""
        if self._audience.drop(mailbox):
            self._send_levels_rate()

    def _send_levels_rate(self) -> None:
        self._worker.send(self._levels.rate)

    # The machine

    def _now(self) -> happened.Moment:
        return happened.Moment(self._clock.monotonic(), self._clock.wall())

    def _snapshot(self) -> Snapshot:
        return self._machine.snapshot(self._now())

    def _feed(self, event: happened.CallEvent) -> None:
        # What a command causes at once is heard after the commands beside it.
        if isinstance(event, happened.JoinAsked) and (joined := self._desk.joined) is not None:
            self._preferences.join(joined.asked, joined.backend)
        self._events.append(event)
        if self._is_feeding:
            return
        self._is_feeding = True
        try:
            while self._events:
                commands = self._machine.handle(self._events.popleft(), self._now())
                # Before anything is opened or confirmed: an engine after us must know the last act.
                self._desk.note(self._machine.sound, is_in_call=self.is_in_call)
                for command in commands:
                    self._execute(command)
        finally:
            self._is_feeding = False
        self._publish()
        self._arm_timer()

    def _execute(self, command: todo.CallCommand) -> None:
        match command:
            case todo.StartWorker():
                self._ended.clear()
                self._ending = None
                self.cues.environment = self._desk.environment
                self._worker.start(self._desk.environment)
            case todo.StopWorker():
                self._fall_silent()
                self._worker.stop()
            case todo.Join():
                self._tasks.start(self._join(command), name="join")
            case todo.AskMicrophone(session=session, request=request, is_open=is_open):
                first = self.cues.before_opening(self._snapshot()) if is_open else None
                self._worker.send(media.SetMicrophone(session, request, is_open, first))
            case todo.AskDeafen(session=session, request=request, on=on):
                self._worker.send(media.SetDeafen(session, request, on))
            case todo.Say(notice=notice):
                self._audience.put(notice)
            case todo.Finish(ending=ending):
                _log.info("call ended: %s", ending.reason)
                self._chat.finish(ending)
                self._asks.recording.finish()
                self._ending = ending
                self._ended.set()

    def _count_xruns(self, count: int | None) -> None:
        self._machine.show(xruns=count)
        if (notice := self._xruns.take(count, self._clock.monotonic())) is not None:
            self._audience.put(notice)
        self._publish()

    def _fall_silent(self) -> None:
        """The worker is gone, and all that it measured."""
        self._machine.show(xruns=None)
        self._levels.silence()
        self._asks.recording.lose()
        self._chat.lose()
        self._play.lose()

    def _publish(self) -> None:
        snapshot = self._snapshot()
        if snapshot.rev != self._last_rev:
            self._last_rev = snapshot.rev
            self._audience.put(snapshot)
            self._changed.set()
            self._preferences.see(snapshot)
            self.cues.see(snapshot)
            self._lobby.on_call(snapshot)
            if (notice := self._guests.take(snapshot, is_in_room=self._lobby.has_call)) is not None:
                self._audience.put(notice)

    def _hear_room(self, message: RoomMessage, *, is_local: bool) -> None:
        self._chat.show(message, is_local=is_local)
        if is_local and guests_in(self._snapshot()):
            self._chat.pass_on(message)

    # Time

    def _arm_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        deadlines = (
            self._machine.next_deadline(self._now()),
            self._levels.next_deadline(),
            self._sleep.due,
        )
        due = min(at for at in deadlines if at is not None)
        delay = max(due - self._clock.monotonic(), 0.0)
        self._timer = asyncio.get_running_loop().call_later(delay, self._on_timer)

    def _on_timer(self) -> None:
        if has_slept := self._sleep.has_slept():
            self._lobby.on_slept()
        self._levels.hear({})
        self._feed(happened.MachineSlept() if has_slept else happened.TimePassed())

    # The worker

    async def _join(self, command: todo.Join) -> None:
        try:
            connect = await self._desk.connect(command, self._machine.volumes.all())
        except WoxlyError as error:
            self._feed(credentials_failed(command.session, error))
        else:
            self._worker.send(self._preferences.fit(connect))

    def _on_worker_event(self, event: media.WorkerEvent) -> None:
        match event:
            case media.WorkerReady(pid=pid, sdk_version=version):
                _log.info("media worker %d ready, livekit %s", pid, version)
                self._send_levels_rate()
                self._preferences.tell_worker()
                self._feed(happened.WorkerReady())
            case media.LevelsMeasured() | media.CaptureMeasured():
                self._levels.take(event)
                self._arm_timer()
            case media.VolumesRefused() | media.SuppressionLost():
                self._preferences.give_up(event)
                self._publish()
            case media.XrunsCounted(count=count):
                self._count_xruns(count)
            case media.TokenRefreshed(token=token):
                if self._desk.joined is not None:
                    self._desk.joined.credentials.keep(token)
            case media.DetailsMeasured() | media.RecordingChanged():
                self._asks.hear(event)
                self._publish()
            case (
                media.DevicesChanged()
                | media.MicrophoneTried()
                | media.SpeakerTried()
                | media.MicrophoneHint()
                | media.CouplingLearnt()
            ):
                self._preferences.take_devices(event, self._snapshot())
                self._publish()
            case media.ChatReceived() | media.ChatFlooded() | media.ChatSent() | media.ChatFailed():
                self._chat.hear(event, is_in_room=self._lobby.has_call)
            case _:
                self._on_session_event(event)

    def _on_session_event(self, event: media.WorkerEvent) -> None:
        if isinstance(event, media.RemoteLeft):
            self._levels.forget(event.identity)
        if isinstance(event, media.AudioReady):
            self._asks.recording.resume()
        if isinstance(event, media.PlayBegun | media.PlayTaken | media.PlayEnded):
            self._play.hear(event)
        if isinstance(event, media.Connected):
            self._chat.enter(self._desk.server, event.room)
        if (report := session_report(event, self._desk.server)) is not None:
            self._feed(report)

    def _on_worker_lost(self, detail: str) -> None:
        self._fall_silent()
        self._feed(happened.WorkerLost(detail))
