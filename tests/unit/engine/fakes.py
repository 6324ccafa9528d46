"""An engine's surroundings, scripted: a worker that obeys, or does not, and a clock."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from woxly_tui.control.call_file import CallKeeper
from woxly_tui.control.messages import Join, Reply
from woxly_tui.engine.credentials import Credentials
from woxly_tui.engine.engine import Engine
from woxly_tui.errors import WoxlyError
from woxly_tui.media import messages as media
from woxly_tui.types import Identity, RoomName

URL = "ws://sfu:7880"


@dataclass
class FakeLink:
    """A worker without a process. It does what it is told unless `is_deaf_to` says otherwise."""

    on_event: Callable[[media.WorkerEvent], None]
    on_lost: Callable[[str], None]
    is_deaf_to: tuple[type[media.WorkerCommand], ...] = ()
    fails_to_start: bool = False
    heard: list[media.WorkerCommand] = field(default_factory=list)
    is_stopped: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)

    async def start(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        if self.fails_to_start:
            raise OSError(2, "No such file or directory")
        self.on_event(media.WorkerReady(pid=1, sdk_version="fake"))

    def send(self, command: media.WorkerCommand) -> None:
        self.heard.append(command)
        if isinstance(command, self.is_deaf_to):
            return
        match command:
            case media.Connect(session=session):
                self.on_event(media.Connected(session, RoomName("standup"), Identity("me"), "Me"))
                self.on_event(media.AudioReady(session, media.BackendChoice.NATIVE, True))
            case media.SetMicrophone():
                self.on_event(
                    media.MicrophoneApplied(command.session, command.request, command.is_open)
                )
            case media.SendChat(request=request):
                self.on_event(media.ChatSent(request))
            case media.PlayBegin(play=play):
                self.on_event(media.PlayBegun(play))
            case media.SetDeafen():
                self.on_event(media.DeafenApplied(command.session, command.request, command.on))

    async def stop(self) -> None:
        self.is_stopped = True


@dataclass
class FakeCredentials:
    """Credentials that can be withheld."""

    error: WoxlyError | None = None
    fetched: int = 0
    kept: list[str] = field(default_factory=list)

    async def fetch(self) -> Credentials:
        self.fetched += 1
        if self.error is not None:
            raise self.error
        return Credentials(URL, f"token {self.fetched}")

    def keep(self, token: str) -> None:
        self.kept.append(token)


class Bench:
    """An engine and every worker link it ever made."""

    def __init__(
        self,
        *,
        is_muted: bool = False,
        is_deaf_to: tuple[type[media.WorkerCommand], ...] = (),
        fails_to_start: bool = False,
        error: WoxlyError | None = None,
        call_file: Path | None = None,
    ) -> None:
        self.links: list[FakeLink] = []
        self.credentials = FakeCredentials(error)

        def make(
            on_event: Callable[[media.WorkerEvent], None], on_lost: Callable[[str], None]
        ) -> FakeLink:
            link = FakeLink(on_event, on_lost, is_deaf_to, fails_to_start)
            self.links.append(link)
            return link

        self.is_muted = is_muted
        self.joins: list[Join] = []
        self.keeper = CallKeeper(call_file)
        self.engine = Engine(credentials=self._credentials_for, keeper=self.keeper, link=make)

    def _credentials_for(self, join: Join) -> FakeCredentials:
        self.joins.append(join)
        return self.credentials

    async def join(self, room: str = "standup") -> Reply:
        """Ask for a call; what comes of it is seen in the snapshots."""
        join = Join(url=URL, server="sfu:7880", room=RoomName(room), is_muted=self.is_muted)
        return await self.engine.handle(join)

    @property
    def link(self) -> FakeLink:
        """The newest worker."""
        return self.links[-1]

    def session(self) -> int:
        """The session the newest worker joined last."""
        return [c.session for c in self.link.heard if isinstance(c, media.Connect)][-1]
