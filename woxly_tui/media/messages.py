"""Messages between engine and media worker, JSON lines over the child's own pipes.

    engine ── Connect, SetMicrophone, SetDeafen … ──► stdin  worker
    engine ◄── WorkerReady, Connected, LevelsMeasured … stdout worker

Imports nothing heavy: the engine reads this module without loading livekit.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias

from woxly_tui._lib.codec import LineCodec
from woxly_tui.media.chat_messages import ChatFailed as ChatFailed
from woxly_tui.media.chat_messages import ChatFailure as ChatFailure
from woxly_tui.media.chat_messages import ChatFlooded as ChatFlooded
from woxly_tui.media.chat_messages import ChatReceived as ChatReceived
from woxly_tui.media.chat_messages import ChatSent as ChatSent
from woxly_tui.media.chat_messages import SendChat as SendChat
from woxly_tui.media.cue_messages import PlayCue as PlayCue
from woxly_tui.media.cue_messages import StopCue as StopCue
from woxly_tui.media.detail_messages import DetailsMeasured as DetailsMeasured
from woxly_tui.media.detail_messages import MeasureDetails as MeasureDetails
from woxly_tui.media.device_messages import Coupling as Coupling
from woxly_tui.media.device_messages import CouplingLearnt as CouplingLearnt
from woxly_tui.media.device_messages import Device as Device
from woxly_tui.media.device_messages import DevicesChanged as DevicesChanged
from woxly_tui.media.device_messages import Hint as Hint
from woxly_tui.media.device_messages import MicrophoneHint as MicrophoneHint
from woxly_tui.media.device_messages import MicrophoneSilent as MicrophoneSilent
from woxly_tui.media.device_messages import MicrophoneTried as MicrophoneTried
from woxly_tui.media.device_messages import MutedHint as MutedHint
from woxly_tui.media.device_messages import SelectDevice as SelectDevice
from woxly_tui.media.device_messages import SoundReturned as SoundReturned
from woxly_tui.media.device_messages import SpeakerTried as SpeakerTried
from woxly_tui.media.device_messages import TryMicrophone as TryMicrophone
from woxly_tui.media.device_messages import TrySpeaker as TrySpeaker
from woxly_tui.media.play_messages import PlayBegin as PlayBegin
from woxly_tui.media.play_messages import PlayBegun as PlayBegun
from woxly_tui.media.play_messages import PlayEnd as PlayEnd
from woxly_tui.media.play_messages import PlayEnded as PlayEnded
from woxly_tui.media.play_messages import PlayPcm as PlayPcm
from woxly_tui.media.play_messages import PlayTaken as PlayTaken
from woxly_tui.media.record_messages import RecordingChanged as RecordingChanged
from woxly_tui.media.record_messages import SetRecording as SetRecording
from woxly_tui.media.sound_messages import CaptureMeasured as CaptureMeasured
from woxly_tui.media.sound_messages import SetShaping as SetShaping
from woxly_tui.media.sound_messages import Shaping as Shaping
from woxly_tui.media.sound_messages import SuppressionLost as SuppressionLost
from woxly_tui.media.sound_messages import XrunsCounted as XrunsCounted
from woxly_tui.types import Dbfs, Identity, RoomName


class BackendChoice(StrEnum):
    """Which audio backend to use.

    AUTO takes native, the mixer while somebody's volume needs it or where native cannot start,
    and null where neither can.
    """

    AUTO = "auto"
    NATIVE = "native"
    MIXER = "mixer"
    NULL = "null"


class ConnectFailure(StrEnum):
    """Why a connection attempt failed."""

    TOKEN_EXPIRED = "token_expired"
    TOKEN_INVALID = "token_invalid"
    TOKEN_KEY_UNKNOWN = "token_key_unknown"
    TOKEN_NOT_ALLOWED = "token_not_allowed"
    UNREACHABLE = "unreachable"
    NOT_LIVEKIT = "not_livekit"
    TLS = "tls"
    MEDIA_BLOCKED = "media_blocked"
    """Signalling works, but no media path (UDP, TCP or TURN) could be opened."""
    OTHER = "other"


class DisconnectCause(StrEnum):
    """Why a connected room was lost; named after LiveKit's DisconnectReason."""

    CLIENT_INITIATED = "client_initiated"
    DUPLICATE_IDENTITY = "duplicate_identity"
    SERVER_SHUTDOWN = "server_shutdown"
    PARTICIPANT_REMOVED = "participant_removed"
    ROOM_DELETED = "room_deleted"
    JOIN_FAILURE = "join_failure"
    OTHER = "other"


class LinkQuality(StrEnum):
    """LiveKit's ConnectionQuality."""

    UNKNOWN = "unknown"
    LOST = "lost"
    POOR = "poor"
    GOOD = "good"
    EXCELLENT = "excellent"


# Engine to worker


@dataclass(frozen=True, slots=True)
class Connect:
    """Join a room with a fresh `rtc.Room`; the microphone is published muted.

    `session` numbers the attempt; the worker repeats it in everything it says about it.
    """

    session: int
    url: str
    token: str
    backend: BackendChoice
    is_deafened: bool = False
    """Start with every remote participant silenced."""
    volumes: dict[Identity, int] = field(default_factory=dict)
    """How loud each is played, in percent, where that is not 100."""
    is_silent: bool = False
    """Begin without sound, though the backend says otherwise: devices failed too often."""
    muted_hint: MutedHint = MutedHint.AUTO
    shaping: Shaping = field(default_factory=Shaping)


@dataclass(frozen=True, slots=True)
class SetMicrophone:
    """Open or mute our microphone track; answered by MicrophoneApplied."""

    session: int
    request: int
    is_open: bool
    first: PlayCue | None = None
    """Sounded before it opens, which tells whether the microphone hears the speaker."""


@dataclass(frozen=True, slots=True)
class SetDeafen:
    """Silence every remote participant, or hear them again; answered by DeafenApplied."""

    session: int
    request: int
    on: bool


@dataclass(frozen=True, slots=True)
class SetVolume:
    """How loud one participant is played, now and whenever it publishes anew."""

    identity: Identity
    percent: int
    """0 is silence, 200 the most."""


@dataclass(frozen=True, slots=True)
class SetLevelsRate:
    """How often levels are measured, in Hz; 0 stops them."""

    rate_hz: float


@dataclass(frozen=True, slots=True)
class Simulate:
    """Run one of LiveKit's `simulate_scenario` drills, by its lower-case name."""

    scenario: str


@dataclass(frozen=True, slots=True)
class Ping:
    """Said once a second. A worker that hears nothing for long assumes a frozen engine, and
    closes the microphone until it hears something again."""


@dataclass(frozen=True, slots=True)
class Shutdown:
    """Leave the room and end the process."""


# Worker to engine


@dataclass(frozen=True, slots=True)
class WorkerReady:
    """The worker has loaded its libraries and takes commands."""

    pid: int
    sdk_version: str


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Said once a second; its absence means a blocked worker."""


@dataclass(frozen=True, slots=True)
class Connected:
    """The room is joined; AudioReady follows."""

    session: int
    room: RoomName
    identity: Identity
    name: str


@dataclass(frozen=True, slots=True)
class ConnectFailed:
    """The attempt is over; the worker can take another Connect."""

    session: int
    failure: ConnectFailure
    detail: str


@dataclass(frozen=True, slots=True)
class AudioReady:
    """The backend runs. A microphone, if any, is published and muted."""

    session: int
    backend: BackendChoice
    has_microphone: bool
    cause: str = ""
    """Why there is no sound or no microphone, and what to do; empty where all is well."""


@dataclass(frozen=True, slots=True)
class AudioLost:
    """The microphone or the whole backend stopped delivering; a fresh worker cures it."""

    session: int
    cause: str


@dataclass(frozen=True, slots=True)
class MicrophoneApplied:
    """The microphone track is now open or muted. `request` 0: not asked for (the server did it)."""

    session: int
    request: int
    is_open: bool


@dataclass(frozen=True, slots=True)
class DeafenApplied:
    """All remote sound is now silenced, or audible again."""

    session: int
    request: int
    on: bool


@dataclass(frozen=True, slots=True)
class VolumesRefused:
    """The mixer cannot be had: all but the silenced are played at 100, and shaping is native's."""

    session: int
    cause: str


@dataclass(frozen=True, slots=True)
class RemoteUpdated:
    """A remote participant came or changed; sent for each one present after Connected."""

    session: int
    identity: Identity
    name: str
    """Already cleaned for display."""
    is_muted: bool
    is_deafened: bool
    has_microphone: bool
    is_connecting: bool
    quality: LinkQuality
    hears_us: bool | None = None
    """By its own word; None where it tells nothing."""
    is_recording: bool = False
    """By its own word."""
    plays: str = ""
    """What it plays into the call beside its voice; cleaned, empty for nothing."""


@dataclass(frozen=True, slots=True)
class RemoteLeft:
    """A remote participant is gone; may be back within a second after a full reconnect."""

    session: int
    identity: Identity


@dataclass(frozen=True, slots=True)
class LinkMeasured:
    """Our own connection, at most once a second and only when it changed."""

    session: int
    quality: LinkQuality
    rtt_ms: int | None


@dataclass(frozen=True, slots=True)
class LevelsMeasured:
    """Levels of everyone whose level changed by at least 1 dB, ourselves included."""

    session: int
    levels_dbfs: dict[Identity, Dbfs]


@dataclass(frozen=True, slots=True)
class Reconnecting:
    """The SDK lost the connection and is trying to resume it."""

    session: int


@dataclass(frozen=True, slots=True)
class Reconnected:
    """The SDK is back; mute and deafen were re-applied before this is said."""

    session: int


@dataclass(frozen=True, slots=True)
class TokenRefreshed:
    """The server handed out a newer token, valid for at least ten more minutes."""

    session: int
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The room is lost for good; the SDK will not retry."""

    session: int
    cause: DisconnectCause


WorkerCommand: TypeAlias = (
    Connect
    | SetMicrophone
    | SetDeafen
    | SetVolume
    | SetShaping
    | SelectDevice
    | PlayCue
    | StopCue
    | TryMicrophone
    | TrySpeaker
    | PlayBegin
    | PlayPcm
    | PlayEnd
    | SendChat
    | SetLevelsRate
    | MeasureDetails
    | SetRecording
    | Simulate
    | Ping
    | Shutdown
)
WorkerEvent: TypeAlias = (
    WorkerReady
    | Heartbeat
    | Connected
    | ConnectFailed
    | AudioReady
    | AudioLost
    | SoundReturned
    | MicrophoneSilent
    | MicrophoneHint
    | MicrophoneTried
    | CouplingLearnt
    | SpeakerTried
    | DevicesChanged
    | MicrophoneApplied
    | DeafenApplied
    | VolumesRefused
    | SuppressionLost
    | XrunsCounted
    | CaptureMeasured
    | PlayBegun
    | PlayTaken
    | PlayEnded
    | RemoteUpdated
    | RemoteLeft
    | LinkMeasured
    | LevelsMeasured
    | DetailsMeasured
    | RecordingChanged
    | ChatReceived
    | ChatFlooded
    | ChatSent
    | ChatFailed
    | Reconnecting
    | Reconnected
    | TokenRefreshed
    | Disconnected
)

COMMANDS: Final[LineCodec[WorkerCommand]] = LineCodec(WorkerCommand.__args__)
EVENTS: Final[LineCodec[WorkerEvent]] = LineCodec(WorkerEvent.__args__)
