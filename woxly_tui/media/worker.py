"""The media worker: `python -P -m woxly_tui.media.worker`, a child of the engine.

    stdin  commands, JSON lines; its end is the end of this process, within END_GRACE_S
    stdout events, JSON lines, and nothing else
    stderr log

Whatever hangs - the loop, native code, the network - the process ends in time, so that the
microphone never outlives the engine.
"""

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from woxly_tui._lib.aio import TaskOwner
from woxly_tui._lib.logs import BoundedStream, RedactingFormatter
from woxly_tui.errors import ProtocolError
from woxly_tui.media.device_world import DeviceNews
from woxly_tui.media.levels import Pace
from woxly_tui.media.listening import Listening
from woxly_tui.media.messages import (
    COMMANDS,
    ChatFailed,
    ChatFailure,
    Connect,
    ConnectFailed,
    ConnectFailure,
    DetailsMeasured,
    Heartbeat,
    MeasureDetails,
    Ping,
    PlayBegin,
    PlayCue,
    PlayEnd,
    PlayPcm,
    SelectDevice,
    SendChat,
    SetDeafen,
    SetLevelsRate,
    SetMicrophone,
    SetRecording,
    SetShaping,
    SetVolume,
    Shutdown,
    Simulate,
    StopCue,
    TryMicrophone,
    TrySpeaker,
    WorkerCommand,
    WorkerEvent,
    WorkerReady,
)
from woxly_tui.media.peaks import Peaks
from woxly_tui.media.pipes import CommandReader, EventWriter, exit_within, stay_alive
from woxly_tui.media.priority import ask_for_process
from woxly_tui.media.sound_watch import SoundWatch

if TYPE_CHECKING:
    from woxly_tui.media.session import MediaSession

END_GRACE_S: Final = 0.75
"""How long we live on when the engine is gone."""

SHUTDOWN_GRACE_S: Final = 1.4
"""How long an orderly leave may take."""

HEARTBEAT_S: Final = 1.0

LIFELINE_S: Final = 6.0
"""A loop that does not beat for so long is killed by the kernel; the engine is quicker."""

ENGINE_SILENCE_S: Final = 5.0
"""An engine that pings, and then says nothing for so long, is frozen: nobody could mute us."""

SWITCH_S: Final = 0.0005
"""Longest that one thread keeps the interpreter from another; a frame of sound is 0.01."""

_log = logging.getLogger(__name__)


_SessionCommand: TypeAlias = (
    SetMicrophone
    | SetDeafen
    | SetVolume
    | SetShaping
    | SetRecording
    | PlayCue
    | StopCue
    | Simulate
    | PlayBegin
    | PlayPcm
    | PlayEnd
)

SessionFactory: TypeAlias = "Callable[[Connect, Pace, Callable[[WorkerEvent], None]], MediaSession]"


class Worker:
    """Takes commands, holds at most one session. Lives in one event loop.

    Args:
        commands: Read end of the engine's pipe.
        events: Write end of ours.
        load: Loads the library; returns what makes a session, and the library's version.
        devices: Watches the sound devices.
        listening: Measures them.
    """

    def __init__(
        self,
        commands: int,
        events: int,
        load: Callable[[], tuple[SessionFactory, str]],
        devices: SoundWatch | None = None,
        listening: Listening | None = None,
    ) -> None:
        self._tasks = TaskOwner("worker")
        self._writer = EventWriter(events, self.shut_down)
        self._reader = CommandReader(commands, self._on_line, self.shut_down, END_GRACE_S)
        self._load = load
        self._devices = devices or SoundWatch(self._writer.write)
        self._listening = listening or Listening(self._writer.write, self._take_peaks)
        self._make_session: SessionFactory | None = None
        self._pace = Pace()
        self._session: MediaSession | None = None
        self._joining: asyncio.Task[None] | None = None
        self._is_shutting_down = False
        self._is_pinged = False
        self._is_engine_frozen = False
        self._heard_at = time.monotonic()

    def start(self) -> None:
        """Load the library, say that we are ready, and take commands.

        The pipe is watched before that: an engine may die at any time.
        """
        self._reader.start()
        self._make_session, version = self._load()
        self._devices.start()
        self._writer.write(WorkerReady(os.getpid(), version))
        self._beat()

    def shut_down(self) -> None:
        """Leave the room, free the devices, end the process. Harmless to repeat."""
        exit_within(SHUTDOWN_GRACE_S)
        if not self._is_shutting_down:
            self._is_shutting_down = True
            self._tasks.start(self._leave(), name="leave")

    async def _leave(self) -> None:
        try:
            if self._session is not None:
                await self._session.aclose()
        finally:
            logging.shutdown()
            # The library's own clean-up at exit blocks without limit.
            os._exit(0)

    def _beat(self) -> None:
        if self._is_shutting_down:
            return
        stay_alive(LIFELINE_S)
        self._writer.write(Heartbeat())
        self._listen_for_engine()
        asyncio.get_running_loop().call_later(HEARTBEAT_S, self._beat)

    def _listen_for_engine(self) -> None:
        silence_s = time.monotonic() - self._heard_at
        if self._is_pinged and not self._is_engine_frozen and silence_s > ENGINE_SILENCE_S:
            _log.warning("the engine is silent; the microphone is closed until it speaks")
            self._is_engine_frozen = True
        if self._is_engine_frozen and self._session is not None:
            self._session.suspend_microphone()

    def _hear_engine(self) -> None:
        self._heard_at = time.monotonic()
        if self._is_engine_frozen:
            self._is_engine_frozen = False
            if self._session is not None:
                self._session.resume_microphone()

    def _on_line(self, line: bytes) -> None:
        if self._is_shutting_down:
            return
        try:
            command = COMMANDS.decode(line)
        except ProtocolError as error:
            _log.error("unreadable command: %s", error.message)
            return
        self._carry_out(command)
        self._hear_engine()  # last: a wish to be muted comes before what was wished earlier

    def _carry_out(self, command: WorkerCommand) -> None:
        session = self._session
        match command:
            case Ping():
                self._is_pinged = True
            case Connect():
                self._connect(command)
            case SetLevelsRate():
                self._pace.set_rate(command.rate_hz)
                if session is not None:
                    session.hurry()
            case Shutdown():
                self.shut_down()
            case SelectDevice() | TryMicrophone() | TrySpeaker():
                self._tell_devices(command)
            case SendChat():
                self._send_chat(command)
            case MeasureDetails():
                self._tasks.start(self._measure(command.request), name="details")
            case _ if session is not None:
                self._tell(session, command)

    def _tell(
        self,
        session: "MediaSession",
        command: _SessionCommand,
    ) -> None:
        match command:
            case SetVolume():
                session.set_volume(command.identity, command.percent)
            case SetRecording():
                session.recording.set(command)
            case SetShaping():
                session.shape(command.shaping)
            case PlayCue() | StopCue():
                session.cue(command)
            case PlayBegin() | PlayPcm() | PlayEnd():
                session.play(command)
            case Simulate():
                self._tasks.start(session.simulate(command.scenario), name="drill")
            case SetMicrophone() if session.number == command.session:
                self._listening.hush()  # what is opened now must not hear the tone
                if command.is_open and command.first is not None:
                    self._listening.sound_first(command.first, lambda: self._open(command))
                else:
                    session.set_microphone(command.request, command.is_open)
            case SetDeafen() if session.number == command.session:
                session.set_deafened(command.request, command.on)

    def _open(self, command: SetMicrophone) -> None:
        """The cue is over that was to be sounded first."""
        session = self._session
        if session is None or session.number != command.session:
            return
        session.set_microphone(command.request, command.is_open)
        if self._is_engine_frozen:
            session.suspend_microphone()

    def _tell_devices(self, command: SelectDevice | TryMicrophone | TrySpeaker) -> None:
        match command:
            case SelectDevice(kind=kind, name=name):
                self._devices.choose(kind, name)
            case TryMicrophone():
                self._listening.try_microphone(command)
            case TrySpeaker(name=name):
                self._listening.hurry()
                if self._session is not None:
                    self._session.suspend_microphone()
                self._listening.play_tone(name, self._on_tone_over)

    def _on_tone_over(self) -> None:
        if self._session is not None and not self._is_engine_frozen:
            self._session.resume_microphone()

    def _take_peaks(self) -> Peaks | None:
        return self._session.take_peaks() if self._session is not None else None

    def _emit(self, event: WorkerEvent) -> None:
        """Say what a session says."""
        self._writer.write(event)
        self._listening.note(event)

    def _send_chat(self, command: SendChat) -> None:
        if self._session is not None:
            self._session.chat.send(command.request, command.text)
        else:
            self._writer.write(ChatFailed(command.request, ChatFailure.NOT_CONNECTED))

    async def _measure(self, request: int) -> None:
        people = await self._session.details.measure() if self._session is not None else ()
        self._writer.write(DetailsMeasured(request, people))

    def _connect(self, command: Connect) -> None:
        if self._make_session is None:
            return
        old, joining = self._session, self._joining
        session = self._make_session(command, self._pace, self._emit)
        self._session = session
        self._listening.begin(command)

        def see(news: DeviceNews) -> None:
            session.see_devices(news)
            self._listening.see(news)

        self._devices.follow(see)

        async def replace() -> None:
            if old is not None:
                await old.aclose()
            if joining is not None:
                await asyncio.wait([joining])  # never cancelled
            if self._session is session:
                await self._join(session, command.session)

        self._joining = self._tasks.start(replace(), name=f"join {command.session}")

    async def _join(self, session: "MediaSession", number: int) -> None:
        try:
            await session.join()
        except Exception as error:  # noqa: BLE001 - the SDK's own surprises; nobody else would say
            _log.exception("joining failed")
            self._writer.write(
                ConnectFailed(number, ConnectFailure.OTHER, f"{type(error).__name__} in the worker")
            )


def main() -> None:
    """Prepare the process, load the library, run until told to end."""
    if sys.flags.optimize:
        _start_again_unoptimised()
    commands, events = _take_pipes()
    _prepare_environment()
    _set_up_logging()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(_run(commands, events))


async def _run(commands: int, events: int) -> None:
    worker = Worker(commands, events, _load)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, worker.shut_down)
    worker.start()
    await asyncio.Event().wait()


def _load() -> tuple[SessionFactory, str]:
    from woxly_tui.media.pulse_config import find_sound

    _log.info("sound server: %s", find_sound().name)
    # Not before: the library reads the environment, and may print, when it is loaded.
    from livekit import rtc

    from woxly_tui.media import ffi
    from woxly_tui.media.session import MediaSession

    ffi.quiet_native_logs()
    return MediaSession, rtc.__version__


def _start_again_unoptimised() -> None:
    """The SDK guards its native handles with asserts, which -O removes."""
    env = {key: value for key, value in os.environ.items() if key != "PYTHONOPTIMIZE"}
    os.execve(sys.executable, [sys.executable, "-P", "-m", "woxly_tui.media.worker"], env)  # noqa: S606


def _take_pipes() -> tuple[int, int]:
    """Our ends of the engine's pipes, out of reach of whatever reads 0 or prints to 1."""
    commands, events = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return commands, events


def _prepare_environment() -> None:
    # With a display the native library polls the keyboard on every block it captures.
    os.environ.pop("DISPLAY", None)
    os.environ["TOKIO_WORKER_THREADS"] = "2"
    os.environ.setdefault("RUST_LOG", "off")
    ask_for_process()
    # Threads that serve the sound card wait for the interpreter no longer than this.
    sys.setswitchinterval(SWITCH_S)


def _set_up_logging() -> None:
    handler = BoundedStream(sys.stderr)
    handler.setFormatter(RedactingFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.captureWarnings(capture=True)


if __name__ == "__main__":
    main()
