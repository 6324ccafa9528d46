"""Between the engine and the screen: updates in, commands out, and nobody waits.

client.updates() ──► Bridge.run ──► Listener.show / hear / notify_user
key press ──► Bridge.send ──► a task per command ──► client.send
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeAlias

from woxly_tui._lib.aio import TaskOwner
from woxly_tui._lib.clock import Clock
from woxly_tui.call.details import ParticipantDetails
from woxly_tui.call.snapshot import (
    CallPhase,
    ChatMessage,
    GateLevel,
    Levels,
    Notice,
    Severity,
    Snapshot,
)
from woxly_tui.control.client import EngineClient
from woxly_tui.control.lobby import HangUp, LobbyCommand, LobbyUpdate
from woxly_tui.control.messages import (
    Command,
    GetDetails,
    Leave,
    MicrophoneTried,
    SelectDevice,
    SendChat,
    SetMute,
    SetPtt,
    SetShaping,
    SetVolume,
    TryMicrophone,
    TrySpeaker,
)
from woxly_tui.errors import WoxlyError
from woxly_tui.tui import words
from woxly_tui.types import Seconds

PATIENCE_S: Final = 1.0
"""A command not answered by then is shown as failing."""

Reviver: TypeAlias = Callable[[], Awaitable[EngineClient]]

MAX_UNANSWERED: Final = 8
"""More commands than this are refused while the engine answers none."""

MAX_ASKED: Final = 64
"""The same for texts and what the lobby asks, each of which is told its own refusal."""

_OF_THE_LOBBY: Final = tuple(kind for kind in LobbyCommand.__args__ if kind is not HangUp)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CallView:
    """A snapshot, and what only this front end knows: what it asked for and is waiting for."""

    snapshot: Snapshot = field(default_factory=Snapshot)
    doing: str = ""
    """What was asked for and is not confirmed, as `muting…`."""
    warning: str = ""
    """Why the user must not rely on that."""
    ended_at: Seconds | None = None
    """Wall-clock time at which the call was seen to be over."""
    is_engine_gone: bool = False
    can_revive: bool = False
    """Another engine may be started in place of one that is gone."""


class Listener(Protocol):
    """Where the bridge puts what it learns. Called on the event loop; must not block."""

    def show(self, view: CallView) -> None: ...

    def hear(self, levels: Levels) -> None: ...

    def hear_chat(self, message: ChatMessage) -> None: ...

    def notify_user(self, notice: Notice) -> None: ...

    def hear_lobby(self, update: LobbyUpdate) -> None: ...


@dataclass(eq=False, slots=True)
class _Request:
    command: Command
    doing: str
    is_overdue: bool = False


class Bridge:
    """One front end's conversation with the engine. Use from one event loop.

    Args:
        client: The engine.
        listener: Who shows what it says.
        clock: Where the time comes from.
        revive: Makes the link to another engine, should this one be gone.
    """

    def __init__(
        self,
        client: EngineClient,
        listener: Listener,
        clock: Clock,
        revive: Reviver | None = None,
    ) -> None:
        self.client = client
        """The engine; another one after `revive`."""
        self.tried: MicrophoneTried | None = None
        """The newest level of a microphone that is tried; kept for who asked for it."""
        self.gate: GateLevel | None = None
        """The newest level that came to the voice gate."""
        self._revive = revive
        self._is_reviving = False
        self._listener = listener
        self._clock = clock
        self._tasks = TaskOwner("bridge")
        self._unanswered: deque[_Request] = deque()
        self._asked = 0
        self._settled = asyncio.Event()
        self._snapshot = Snapshot()
        self._ended_at: Seconds | None = None
        self._is_engine_gone = False

    @property
    def view(self) -> CallView:
        """What is to be shown now."""
        mic = self._snapshot.microphone
        doing = words.doing_now(mic)
        if not doing and self._unanswered:
            doing = self._unanswered[-1].doing
        if self._is_reviving:
            doing = "rejoining…"
        is_failing = mic.is_failing or any(
            r.is_overdue for r in self._unanswered if _is_about_us(r.command)
        )
        return CallView(
            snapshot=self._snapshot,
            doing=doing,
            warning=words.unconfirmed(self._snapshot) if is_failing else "",
            ended_at=self._ended_at,
            is_engine_gone=self._is_engine_gone,
            can_revive=self._revive is not None,
        )

    async def run(self) -> None:
        """Pass updates on until the engine ends them."""
        try:
            async for update in self.client.updates():
                match update:
                    case Snapshot():
                        self._take(update)
                    case Levels():
                        self.gate = update.gate or self.gate
                        self._listener.hear(update)
                    case ChatMessage():
                        self._listener.hear_chat(update)
                    case Notice():
                        self._listener.notify_user(update)
                    case MicrophoneTried():
                        self.tried = update
                    case _:
                        self._listener.hear_lobby(update)
        except WoxlyError as error:
            _log.warning("updates ended: %s", type(error).__name__)
            self._listener.notify_user(Notice(Severity.ERROR, error.message, error.remedy))
        self._is_engine_gone = True
        self._note_end()
        self._listener.show(self.view)

    async def revive(self) -> None:
        """Have another engine in place of one that is gone, and pass its updates on."""
        if self._revive is None or self._is_reviving or not self._is_engine_gone:
            return
        self._is_reviving = True
        self._listener.show(self.view)
        gone = self.client
        try:
            self.client = await self._revive()
        except WoxlyError as error:
            self._listener.notify_user(Notice(Severity.ERROR, error.message, error.remedy))
            return
        finally:
            self._is_reviving = False
            self._listener.show(self.view)
        await gone.aclose()
        self._snapshot, self._ended_at, self._is_engine_gone = Snapshot(), None, False
        await self.run()

    def _take(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._note_end()
        self._listener.show(self.view)

    def _note_end(self) -> None:
        if not self._is_engine_gone and self._snapshot.phase is not CallPhase.ENDED:
            self._ended_at = None
        elif self._ended_at is None:
            self._ended_at = self._clock.wall()

    def send(self, command: Command) -> None:
        """Ask the engine for something, without waiting for it."""
        if self._is_engine_gone:
            return
        if isinstance(command, _OF_THE_LOBBY):
            # However slow a server is, that says nothing about the microphone.
            self.ask(command, self._tell_refusal)
            return
        if len(self._unanswered) >= MAX_UNANSWERED and not _closes(command):
            notice = Notice(Severity.WARNING, "woxly does not answer", "Ctrl-C twice leaves")
            self._listener.notify_user(notice)
            return
        request = _Request(command, words.doing_command(command, self._snapshot))
        self._unanswered.append(request)
        self._tasks.start(self._ask(request), name="command")
        self._listener.show(self.view)

    async def _ask(self, request: _Request) -> None:
        overdue = asyncio.get_running_loop().call_later(PATIENCE_S, self._overdue, request)
        try:
            reply = await self.client.send(request.command)
        except WoxlyError as error:
            notice = Notice(Severity.ERROR, error.message, error.remedy)
            self._listener.notify_user(notice)
        else:
            if reply.snapshot.rev > self._snapshot.rev:
                self._snapshot = reply.snapshot
            if not reply.ok:
                self._listener.notify_user(Notice(Severity.WARNING, reply.error, reply.remedy))
        finally:
            overdue.cancel()
            self._unanswered.remove(request)
            self._settled.set()
        self._note_end()
        self._listener.show(self.view)

    def say(self, text: str, answer: Callable[[str], None]) -> None:
        """Send a chat message; `answer` is called once, with why it was not sent, or ""."""
        self.ask(SendChat(text), answer)

    def ask(self, command: Command, answer: Callable[[str], None]) -> None:
        """Send a command; `answer` is called once, with why it was refused, or ""."""
        if self._is_engine_gone:
            answer("woxly's engine is gone")
        elif self._asked >= MAX_ASKED:
            answer("woxly does not answer: try again later")
        else:
            self._asked += 1
            self._tasks.start(self._put(command, answer), name="ask")

    async def _put(self, command: Command, answer: Callable[[str], None]) -> None:
        try:
            reply = await self.client.send(command)
        except WoxlyError as error:
            answer(str(error))
        else:
            remedy = f": {reply.remedy}" if reply.remedy else ""
            answer("" if reply.ok else f"{reply.error}{remedy}")
        finally:
            self._asked -= 1

    async def details(self) -> tuple[tuple[ParticipantDetails, ...], str]:
        """How everybody's sound travels, or why that is not known."""
        if self._is_engine_gone:
            return (), "woxly's engine is gone"
        try:
            reply = await self.client.send(GetDetails())
        except WoxlyError as error:
            return (), error.message
        return reply.details, "" if reply.ok else reply.error

    def _tell_refusal(self, error: str) -> None:
        if error:
            self._listener.notify_user(Notice(Severity.WARNING, error))

    async def answered(self) -> None:
        """Wait until nothing is unanswered."""
        while self._unanswered:
            self._settled.clear()
            await self._settled.wait()

    def _overdue(self, request: _Request) -> None:
        request.is_overdue = True
        self._listener.show(self.view)

    async def aclose(self) -> None:
        """Stop waiting for answers."""
        await self._tasks.aclose()


def _is_about_us(command: Command) -> bool:
    """Whether it decides what others hear of us."""
    return not isinstance(
        command, SetVolume | SetShaping | SelectDevice | TryMicrophone | TrySpeaker
    )


def _closes(command: Command) -> bool:
    """Whether it takes something back, and must not be lost."""
    match command:
        case Leave() | HangUp():
            return True
        case SetPtt(is_down=is_down):
            return not is_down
        case SetMute(on=on):
            return on
        case _:
            return False
