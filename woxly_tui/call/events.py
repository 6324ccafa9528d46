"""What can happen to a call: acts of the user, reports about the media worker, time.

The engine translates; the machine sees nothing else of the world.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from woxly_tui.call.snapshot import EndReason, ParticipantView, PttMode, Quality
from woxly_tui.types import Identity, RoomName, Seconds


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant on both clocks: deadlines use `monotonic`, people read `wall`."""

    monotonic: Seconds
    wall: Seconds


class Loss(StrEnum):
    """Why an established session is gone."""

    SERVER_SHUTDOWN = "the server shut down"
    CONNECTION = "the connection to the server was lost"
    TOKEN_REFUSED = "the server refused the token"
    AUDIO = "the sound system stopped answering"
    WORKER = "the media worker stopped"
    SLEEP = "the machine was asleep"
    ASKED = "you asked to join again"
    SOUND_BACK = "the sound is back, and the call joins again with it"


# Acts of the user


@dataclass(frozen=True, slots=True)
class JoinAsked:
    """Join a room; also after a call ended. Ignored while in one."""

    room: RoomName
    """For display; the token decides."""
    server: str
    """Host and port, for display."""
    is_muted: bool
    is_deafened: bool = False
    ptt_mode: PttMode = PttMode.TALK


@dataclass(frozen=True, slots=True)
class RetryAsked:
    """Do not wait for the next attempt; after the call ended, join the same room again."""


@dataclass(frozen=True, slots=True)
class LeaveAsked:
    """Leave for good."""


@dataclass(frozen=True, slots=True)
class MuteSet:
    on: bool


@dataclass(frozen=True, slots=True)
class MuteToggled:
    pass


@dataclass(frozen=True, slots=True)
class DeafenSet:
    on: bool


@dataclass(frozen=True, slots=True)
class DeafenToggled:
    pass


@dataclass(frozen=True, slots=True)
class PttSet:
    """The push-to-talk key went down or up."""

    is_down: bool
    at_ns: int
    """When, on a monotonic clock. It names the hold, and orders presses that are not bound."""
    is_bound: bool = False
    """Pressed over a connection that lasts, and keeps its presses in order."""


@dataclass(frozen=True, slots=True)
class PttAbandoned:
    """The connection is gone over which the key was pressed at that moment."""

    at_ns: int


# Reports about the media worker


@dataclass(frozen=True, slots=True)
class WorkerReady:
    """The worker takes commands."""


@dataclass(frozen=True, slots=True)
class WorkerLost:
    """The worker died or stopped answering; the engine has buried it."""

    detail: str


@dataclass(frozen=True, slots=True)
class JoinFailed:
    """An attempt failed: no credentials, a refused token, or no server."""

    session: int
    reason: EndReason
    message: str
    remedy: str
    is_final: bool = False
    """Nothing but the user can change this: do not try again."""


@dataclass(frozen=True, slots=True)
class SessionConnected:
    session: int
    identity: Identity
    name: str


@dataclass(frozen=True, slots=True)
class SessionInterrupted:
    """The SDK tries to resume by itself."""

    session: int


@dataclass(frozen=True, slots=True)
class SessionResumed:
    session: int


@dataclass(frozen=True, slots=True)
class SessionLost:
    """The SDK gave up, or the sound did; a fresh session may help."""

    session: int
    loss: Loss
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SessionClosed:
    """The server ended our part; joining again by ourselves would be wrong."""

    session: int
    reason: EndReason


@dataclass(frozen=True, slots=True)
class AudioStarted:
    session: int
    backend: str
    has_microphone: bool
    cause: str


@dataclass(frozen=True, slots=True)
class MicrophoneSilent:
    """An open microphone delivers exact zeros; with an empty cause, it does no more."""

    session: int
    cause: str


@dataclass(frozen=True, slots=True)
class SoundReturned:
    """There is more sound to be had than when the session began; a fresh one takes it."""

    session: int


@dataclass(frozen=True, slots=True)
class MicrophoneApplied:
    """`request` 0: the server muted us."""

    session: int
    request: int
    is_open: bool


@dataclass(frozen=True, slots=True)
class DeafenApplied:
    session: int
    request: int
    on: bool


@dataclass(frozen=True, slots=True)
class RemoteChanged:
    session: int
    participant: ParticipantView


@dataclass(frozen=True, slots=True)
class RemoteGone:
    session: int
    identity: Identity


@dataclass(frozen=True, slots=True)
class LinkChanged:
    session: int
    quality: Quality
    rtt_ms: int | None


# Time


@dataclass(frozen=True, slots=True)
class TimePassed:
    """A deadline of the machine is due."""


@dataclass(frozen=True, slots=True)
class MachineSlept:
    """The wall clock ran ahead of the monotonic one: every connection is stale."""


SoundAct: TypeAlias = MuteSet | MuteToggled | DeafenSet | DeafenToggled | PttSet | PttAbandoned
UserAct: TypeAlias = JoinAsked | RetryAsked | LeaveAsked | SoundAct
SessionReport: TypeAlias = (
    JoinFailed
    | SessionConnected
    | SessionInterrupted
    | SessionResumed
    | SessionLost
    | SessionClosed
    | AudioStarted
    | SoundReturned
    | MicrophoneSilent
    | MicrophoneApplied
    | DeafenApplied
    | RemoteChanged
    | RemoteGone
    | LinkChanged
)
CallEvent: TypeAlias = (
    UserAct | WorkerReady | WorkerLost | SessionReport | TimePassed | MachineSlept
)
