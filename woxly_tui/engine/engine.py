"""The engine: runs the call machine, drives the media worker, keeps front ends informed.

front ends ──Command──► Engine ──CallEvent──► CallMachine
    ▲ mailboxes           │ ◄──CallCommand───────┘
    └── Snapshot, Levels  └──WorkerCommand──► worker ──WorkerEvent──► Engine
"""

import asyncio
import logging
import random
from collections import deque
from typing import Final

from woxly_tui._lib.aio import TaskOwner
from woxly_tui._lib.clock import Clock, SystemClock
from woxly_tui.call import commands as todo
from woxly_tui.call import events as happened
from woxly_tui.call.details import ParticipantDetails
from woxly_tui.call.machine import CallMachine
from woxly_tui.call.snapshot import CallPhase, Ending, Snapshot
from woxly_tui.call.sound_acts import ptt_refusal
from woxly_tui.control import messages as control
from woxly_tui.control.call_file import CallKeeper
from woxly_tui.control.client import EngineClient
from woxly_tui.control.local_client import LocalEngineClient
from woxly_tui.control.mailbox import Mailbox
from woxly_tui.engine.audience import Audience
from woxly_tui.engine.call_desk import CallDesk
from woxly_tui.engine.chat import Chat
from woxly_tui.engine.credentials import CredentialFactory, credentials_for
from woxly_tui.engine.cues import CueDesk, CueWishes, NoPlayer, Player
from woxly_tui.engine.details_desk import DetailsDesk
from woxly_tui.engine.levels_desk import LevelsDesk
from woxly_tui.engine.media_link import MediaLink
from woxly_tui.engine.preferences import Preference, Preferences, Stores
from woxly_tui.engine.sleep_watch import SleepWatch
from woxly_tui.engine.translate import credentials_failed, session_report, sound_act
from woxly_tui.engine.worker_keeper import LinkFactory, WorkerKeeper
from woxly_tui.errors import WoxlyError
from woxly_tui.media import messages as media
from woxly_tui.types import Seconds

SETTLE_LIMIT: Final = Seconds(1.2)
"""How long a reply waits for the worker's confirmation; just past `is_failing`."""

_log = logging.getLogger(__name__)


class Engine:
    """One call at a time and everything it needs. Use from one event loop.

    Args:
        credentials: Makes what is asked for a token before every attempt at a call.
        keeper: Remembers the call for the engine after a crash.
        clock: Where the time comes from.
        link: Makes the link to a media worker; tests put a fake here.
        stores: Where preferences are kept from one call to the next; nowhere by default.
        cues: What the settings say of cues.
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
        cues: CueWishes | None = None,
        cue_player: Player | None = None,
    ) -> None:
        self._desk = CallDesk(credentials, keeper or CallKeeper())
        self._clock = clock or SystemClock()
        self._machine = CallMachine(random=random.random)
        self._tasks = TaskOwner("engine")
        self._worker = WorkerKeeper(link, self._on_worker_event, self._on_worker_lost)
        self._audience = Audience()
        self._levels = LevelsDesk(self._audience, self._clock)
        self._preferences = Preferences(
            self._machine.volumes,
            self._machine.show,
            self._worker.send,
            self._audience.put,
            stores or Stores(),
        )
        self.cues = CueDesk(cue_player or NoPlayer(), self._worker.send, cues)
        self._chat = Chat(self._worker.send, self._audience.put, self._clock)
        self._details = DetailsDesk(self._worker.send)
        self._events: deque[happened.CallEvent] = deque()
        self._is_feeding = False
        self._changed = asyncio.Event()
        self._ended = asyncio.Event()
        self._ending: Ending | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._last_rev = 0
        self._sleep = SleepWatch(self._clock)

    # Life

    @property
    def is_in_call(self) -> bool:
        """Whether a call is joined, being joined, or to be joined again."""
        return self._machine.is_in_call

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
        if self._timer is not None:
            self._timer.cancel()
        await self._worker.aclose()
        await self.cues.aclose()
        self._audience.close()
        await self._tasks.aclose()

    # Front ends

    async def handle(self, command: control.Command) -> control.Reply:
        """Carry out a command, and wait for the worker's confirmation where there is one."""
        match command:
            case (
                control.SetMute()
                | control.ToggleMute()
                | control.SetDeafen()
                | control.ToggleDeafen()
            ):
                self._feed(sound_act(command))
            case control.SetPtt():
                return await self._hold(command)
            case control.Join() | control.Rejoin() | control.Leave():
                return await self._come_or_go(command)
            case control.Drill(scenario=scenario):
                return self._drill(scenario)
            case (
                control.SetVolume()
                | control.SelectDevice()
                | control.SetShaping()
                | control.TryMicrophone()
                | control.TrySpeaker()
            ):
                return self._prefer(command)
            case control.SetCues(on=on, percent=percent, quiet_above=quiet_above):
                self.cues.change(CueWishes(on, percent, quiet_above))
            case control.SendChat() | control.GetDetails():
                return await self._ask(command)
        return await self._settled()

    async def _ask(self, command: control.SendChat | control.GetDetails) -> control.Reply:
        details: tuple[ParticipantDetails, ...] = ()
        try:
            if isinstance(command, control.SendChat):
                await self._chat.say(command.text, self._snapshot())
            else:
                details = await self._details.ask(self._snapshot())
        except WoxlyError as error:
            return self._refused(error.message, error.remedy)
        return control.Reply(ok=True, snapshot=self._snapshot(), details=details)

    async def _settled(self) -> control.Reply:
        limit = self._clock.monotonic() + SETTLE_LIMIT
        snapshot = self._snapshot()
        while snapshot.microphone.is_settling:
            wait = limit - self._clock.monotonic()
            if wait <= 0:
                break
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), wait)
            except TimeoutError:
                break
            snapshot = self._snapshot()
        if snapshot.microphone.is_pending:
            return self._refused(
                "The media worker has not confirmed this",
                "it is replaced, muted, if it does not answer soon",
            )
        return control.Reply(ok=True, snapshot=snapshot)

    async def _hold(self, command: control.SetPtt) -> control.Reply:
        if command.is_down and (refusal := ptt_refusal(self._snapshot())) is not None:
            return self._refused(*refusal)
        # A clock that runs ahead must not make every later press an old one.
        now_ns = round(self._clock.monotonic() * 1e9)
        at_ns = command.at_ns if command.is_bound else min(command.at_ns or now_ns, now_ns)
        self._feed(happened.PttSet(command.is_down, at_ns, command.is_bound))
        return await self._settled()

    def abandon_ptt(self, at_ns: int) -> None:
        """End the hold that began with the press of that moment: its connection is gone."""
        self._feed(happened.PttAbandoned(at_ns))

    async def _come_or_go(
        self, command: control.Join | control.Rejoin | control.Leave
    ) -> control.Reply:
        try:
            act = self._desk.take(command, is_in_call=self.is_in_call)
        except WoxlyError as error:
            return self._refused(error.message, error.remedy)
        if act is not None:
            if isinstance(act, happened.JoinAsked) and (joined := self._desk.joined) is not None:
                self._preferences.join(joined.asked, joined.backend)
            self._feed(act)
        if isinstance(command, control.Leave):
            await self._worker.settled()  # or the microphone might still be open
        return control.Reply(ok=True, snapshot=self._snapshot())

    def _refused(self, error: str, remedy: str = "") -> control.Reply:
        return control.Reply(ok=False, snapshot=self._snapshot(), error=error, remedy=remedy)

    def _drill(self, scenario: str) -> control.Reply:
        if self._snapshot().phase is not CallPhase.ESTABLISHED:
            return self._refused("A drill needs a running call", "wait until it is established")
        self._worker.send(media.Simulate(scenario))
        return control.Reply(ok=True, snapshot=self._snapshot())

    def _prefer(self, asked: Preference) -> control.Reply:
        refusal = self._preferences.set(asked, self._snapshot(), self._desk.backend)
        self._publish()
        return self._refused(*refusal) if refusal else control.Reply(True, self._snapshot())

    def attach(self, mailbox: Mailbox, *, wants_levels: bool) -> None:
        """Send updates to a mailbox, beginning with the present snapshot."""
        self._audience.add(mailbox, wants_levels=wants_levels)
        mailbox.put(self._snapshot())
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
                self._worker.send(media.SetMicrophone(session, request, is_open))
            case todo.AskDeafen(session=session, request=request, on=on):
                self._worker.send(media.SetDeafen(session, request, on))
            case todo.Say(notice=notice):
                self._audience.put(notice)
            case todo.Finish(ending=ending):
                _log.info("call ended: %s", ending.reason)
                self._chat.finish(ending)
                self._ending = ending
                self._ended.set()

    def _fall_silent(self) -> None:
        """The worker is gone, and all that it measured."""
        self._machine.show(xruns=None)
        self._levels.silence()
        self._chat.lose()

    def _publish(self) -> None:
        snapshot = self._snapshot()
        if snapshot.rev != self._last_rev:
            self._last_rev = snapshot.rev
            self._audience.put(snapshot)
            self._changed.set()
            self.cues.see(snapshot)

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
        has_slept = self._sleep.has_slept()
        self._levels.hear({})
        self._feed(happened.MachineSlept() if has_slept else happened.TimePassed())

    # The worker

    async def _join(self, command: todo.Join) -> None:
        if (joined := self._desk.joined) is None:
            return
        try:
            credentials = await joined.credentials.fetch()
        except WoxlyError as error:
            self._feed(credentials_failed(command.session, error))
            return
        self._worker.send(
            media.Connect(
                command.session,
                credentials.url,
                credentials.token,
                joined.backend,
                command.is_deafened,
                self._machine.volumes.all(),
                command.is_silent,
                shaping=self._preferences.shaping.for_worker(),
                muted_hint=self._preferences.muted_hint,
            )
        )

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
            case media.VolumesRefused(cause=cause):
                self._preferences.give_up_mixer(cause)
                self._publish()
            case media.XrunsCounted(count=count):
                self._machine.show(xruns=count)
                self._publish()
            case media.TokenRefreshed(token=token):
                if self._desk.joined is not None:
                    self._desk.joined.credentials.keep(token)
            case media.DetailsMeasured():
                self._details.hear(event)
            case (
                media.DevicesChanged()
                | media.MicrophoneTried()
                | media.SpeakerTried()
                | media.MicrophoneHint()
            ):
                self._preferences.take_devices(event, self._snapshot())
                self._publish()
            case media.ChatReceived() | media.ChatFlooded() | media.ChatSent() | media.ChatFailed():
                self._chat.hear(event)
            case _:
                self._on_session_event(event)

    def _on_session_event(self, event: media.WorkerEvent) -> None:
        if isinstance(event, media.RemoteLeft):
            self._levels.forget(event.identity)
        if isinstance(event, media.Connected):
            self._chat.enter(self._desk.server, event.room)
        if (report := session_report(event, self._desk.server)) is not None:
            self._feed(report)

    def _on_worker_lost(self, detail: str) -> None:
        self._fall_silent()
        self._feed(happened.WorkerLost(detail))
