"""An engine without a call: implements EngineClient, does as the test says."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import asdict, replace

from woxly_tui._lib.aio import TaskOwner
from woxly_tui.call.details import ParticipantDetails
from woxly_tui.call.snapshot import (
    CallPhase,
    ChatMessage,
    Ending,
    EndReason,
    GateLevel,
    Levels,
    Microphone,
    MicState,
    Notice,
    ParticipantLevel,
    ParticipantView,
    PttMode,
    Quality,
    RecordingView,
    Snapshot,
)
from woxly_tui.control.mailbox import Mailbox
from woxly_tui.control.messages import (
    Command,
    GetDetails,
    Leave,
    MicrophoneTried,
    Rejoin,
    Reply,
    SendChat,
    SetDeafen,
    SetMute,
    SetPtt,
    SetRecording,
    SetShaping,
    SetVolume,
    ToggleDeafen,
    ToggleMute,
    Update,
)
from woxly_tui.errors import ProtocolError
from woxly_tui.types import Dbfs, Identity, RoomName, Seconds

NOON = Seconds(1_750_000_000.0)
"""The instant at which a stilled clock stands."""


class StillClock:
    """Time that only the test moves."""

    def __init__(self, wall: float = NOON) -> None:
        self.now = 1000.0
        self._offset = wall - self.now

    def monotonic(self) -> Seconds:
        return Seconds(self.now)

    def boot(self) -> Seconds:
        return Seconds(self.now)

    def wall(self) -> Seconds:
        return Seconds(self.now + self._offset)


def person(name: str, **fields: object) -> ParticipantView:
    """A participant whose identity is made from the name."""
    view = ParticipantView(identity=Identity(f"id-{name}"), name=name, quality=Quality.GOOD)
    return replace(view, **fields)  # type: ignore[arg-type]  # the test names real fields


YOU = person("Ines", is_local=True)
FRIENDS = (YOU, person("ann"), person("bob", is_muted=True), person("Echo"))


def in_call(people: Iterable[ParticipantView] = FRIENDS, **fields: object) -> Snapshot:
    """An established call, twelve minutes old, microphone open."""
    snapshot = Snapshot(
        rev=1,
        phase=CallPhase.ESTABLISHED,
        room=RoomName("standup"),
        server="127.0.0.1:7880",
        established_at=Seconds(NOON - 761),
        microphone=Microphone(state=MicState.OPEN, wanted_muted=False, backend="native"),
        quality=Quality.GOOD,
        rtt_ms=38,
        participants=tuple(people),
    )
    return replace(snapshot, **fields)  # type: ignore[arg-type]  # the test names real fields


class FakeEngine:
    """Scripted: how soon it confirms, what it refuses, when it ends.

    Args:
        snapshot: The state to begin with.
        confirm_after_s: Delay of every answer; None answers never.
    """

    def __init__(self, snapshot: Snapshot, confirm_after_s: float | None = 0.0) -> None:
        self.snapshot = snapshot
        self.confirm_after_s = confirm_after_s
        self.refusal = ""
        self.details: tuple[ParticipantDetails, ...] = ()
        self.sent: list[Command] = []
        self.gate = asyncio.Event()
        """Set it to let answers through when `confirm_after_s` is None."""
        self._mailbox = Mailbox()
        self._mailbox.put(snapshot)
        self._said = 0
        self._tasks = TaskOwner("fake engine")

    async def send(self, command: Command) -> Reply:
        self.sent.append(command)
        if isinstance(command, GetDetails) and not self.refusal:
            return Reply(ok=True, snapshot=self.snapshot, details=self.details)
        if self.confirm_after_s is None:
            await self.gate.wait()
        else:
            await asyncio.sleep(self.confirm_after_s)
        if self.refusal:
            return Reply(ok=False, snapshot=self.snapshot, error=self.refusal, remedy="try later")
        self.put(self._applied(command))
        return Reply(ok=True, snapshot=self.snapshot)

    def _applied(self, command: Command) -> Snapshot:
        mic = self.snapshot.microphone
        match command:
            case ToggleMute() | SetMute():
                is_muted = not mic.wanted_muted
                return self._muted(command.on if isinstance(command, SetMute) else is_muted)
            case ToggleDeafen() | SetDeafen():
                is_deaf = not mic.wanted_deafened
                return self._deafened(command.on if isinstance(command, SetDeafen) else is_deaf)
            case SendChat(text=text):
                self.write(text, is_local=True)
                return self.snapshot
            case SetPtt(is_down=is_down):
                return self._held(is_down)
            case Leave():
                ending = Ending(EndReason.LEFT, "You left the call")
                return replace(self.snapshot, phase=CallPhase.ENDED, ending=ending)
            case Rejoin():
                return replace(self.snapshot, phase=CallPhase.CONNECTING, ending=None)
            case SetShaping():
                return self._shaped(command)
            case SetRecording() | SetVolume():
                return self._with_people(command)
            case _:
                return self.snapshot

    def _with_people(self, command: SetRecording | SetVolume) -> Snapshot:
        you, *others = self.snapshot.participants
        if isinstance(command, SetRecording):
            people = (replace(you, is_recording=command.on), *others)
            view = RecordingView(is_on=command.on, folder="/home/ines/standup")
            return replace(self.snapshot, participants=people, recording=view)
        people = tuple(
            replace(p, volume_percent=command.percent) if p.identity == command.identity else p
            for p in (you, *others)
        )
        return replace(self.snapshot, participants=people)

    def _shaped(self, command: SetShaping) -> Snapshot:
        given = {key: value for key, value in asdict(command).items() if value is not None}
        return replace(self.snapshot, shaping=replace(self.snapshot.shaping, **given))

    def _muted(self, on: bool) -> Snapshot:
        state = MicState.MUTED if on else MicState.OPEN
        mic = replace(self.snapshot.microphone, state=state, wanted_muted=on)
        return self._with_own(replace(self.snapshot, microphone=mic), is_muted=on)

    def _held(self, is_down: bool) -> Snapshot:
        mic = self.snapshot.microphone
        closes_at = Seconds(NOON + 60) if is_down else None
        mic = replace(mic, ptt=replace(mic.ptt, is_down=is_down, closes_at=closes_at))
        is_open = not mic.wanted_muted
        if is_down:
            is_open = mic.ptt.mode is PttMode.TALK
        mic = replace(mic, state=MicState.OPEN if is_open else MicState.MUTED)
        changed = replace(self.snapshot, microphone=mic)
        return self._with_own(changed, is_muted=not is_open)

    def _deafened(self, on: bool) -> Snapshot:
        mic = self.snapshot.microphone
        is_muted = on or mic.wanted_muted
        state = MicState.MUTED if is_muted else MicState.OPEN
        mic = replace(mic, state=state, is_deafened=on, wanted_deafened=on)
        changed = replace(self.snapshot, microphone=mic)
        return self._with_own(changed, is_muted=is_muted, is_deafened=on)

    @staticmethod
    def _with_own(snapshot: Snapshot, **fields: bool) -> Snapshot:
        people = (
            replace(p, **fields) if p.is_local else p  # type: ignore[arg-type]  # bool fields only
            for p in snapshot.participants
        )
        return replace(snapshot, participants=tuple(people))

    def put(self, snapshot: Snapshot) -> None:
        """A new state, one revision on."""
        self.snapshot = replace(snapshot, rev=self.snapshot.rev + 1)
        self._mailbox.put(self.snapshot)

    def change(self, **fields: object) -> None:
        """A new state that differs in these fields."""
        self.put(replace(self.snapshot, **fields))  # type: ignore[arg-type]  # real fields

    def say(self, levels: dict[str, float], *, speaking_from: float = -50.0) -> None:
        """Levels by name."""
        self._mailbox.put(
            Levels(
                tuple(
                    ParticipantLevel(Identity(f"id-{name}"), Dbfs(level), level > speaking_from)
                    for name, level in levels.items()
                )
            )
        )

    def write(self, text: str, name: str = "ann", *, is_local: bool = False) -> None:
        """Somebody said something, a minute after what was said before."""
        self._said += 1
        name = YOU.name if is_local else name
        at = Seconds(NOON + 60 * self._said)
        identity = Identity(f"id-{name}")
        self.chat(ChatMessage(self._said, identity, name, text, at, is_local))

    def hear_microphone(self, tried: MicrophoneTried) -> None:
        """The microphone that is tried is that loud."""
        self._mailbox.put(tried)

    def hear_gate(self, gate: GateLevel) -> None:
        """That much comes to the voice gate."""
        self._mailbox.put(Levels(gate=gate))

    def note(self, notice: Notice) -> None:
        self._mailbox.put(notice)

    def chat(self, message: ChatMessage) -> None:
        self._mailbox.put(message)

    def die(self) -> None:
        """The engine is gone: updates end, and commands fail."""
        self.refusal = ""
        self._mailbox.close()

    async def updates(self) -> AsyncIterator[Update]:
        async for update in self._mailbox.read():
            yield update

    async def start(self) -> None:
        """It is in the call already."""

    async def aclose(self) -> None:
        self.gate.set()
        await self._tasks.aclose()


class BrokenEngine(FakeEngine):
    """Fails every command as a closed socket would."""

    async def send(self, command: Command) -> Reply:
        self.sent.append(command)
        raise ProtocolError("the engine is gone", "start woxly again")
