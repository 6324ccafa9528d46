"""What front ends draw: `Snapshot` on change, `Levels` while people talk, `Notice` now and then."""

from dataclasses import dataclass, field
from enum import StrEnum

from woxly_tui.call.shaping import Shaping as Shaping
from woxly_tui.call.state import CallPhase as CallPhase
from woxly_tui.call.state import MicState as MicState
from woxly_tui.call.state import StateWord as StateWord
from woxly_tui.call.state import state_word
from woxly_tui.types import Dbfs, DeviceKind, Identity, RoomName, Seconds


class Quality(StrEnum):
    """Connection quality as the SFU judges it."""

    UNKNOWN = "unknown"
    LOST = "lost"
    POOR = "poor"
    GOOD = "good"
    EXCELLENT = "excellent"


class EndReason(StrEnum):
    """Why a call is over."""

    LEFT = "left"
    TOKEN = "token"
    UNREACHABLE = "unreachable"
    EVICTED = "evicted"
    REMOVED = "removed"
    ROOM_CLOSED = "room_closed"
    MEDIA = "media"


class Severity(StrEnum):
    """How loud a notice is."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class PttMode(StrEnum):
    """What holding the push-to-talk key does."""

    TALK = "talk"
    """Opens the microphone while it is muted."""
    MUTE = "mute"
    """Mutes the microphone while it is open."""


@dataclass(frozen=True, slots=True)
class Ending:
    """Why the call ended, in words for people."""

    reason: EndReason
    message: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Ptt:
    """The push-to-talk key, wherever it is pressed."""

    mode: PttMode = PttMode.TALK
    is_down: bool = False
    """Held, or released so lately that the end of the word may still be on its way."""
    closes_at: Seconds | None = None
    """Wall-clock time at which it ends by itself, however long it is held."""


@dataclass(frozen=True, slots=True)
class Microphone:
    """Applied and wanted state of our own sound.

    `state` and `is_deafened` are what the worker confirmed; the `wanted_` fields are the
    user's last act. They differ for an instant after a key press, or while something fails.
    """

    state: MicState = MicState.ABSENT
    is_deafened: bool = False
    wanted_muted: bool = True
    wanted_deafened: bool = False
    is_starting: bool = False
    """The room is joined, but the sound does not run yet: nothing is known of the microphone."""
    is_pending: bool = False
    """A change was asked for and is not confirmed yet."""
    is_failing: bool = False
    """A change was asked for over a second ago and is still not confirmed."""
    backend: str = "null"
    """Audio backend in use: native, mixer or null."""
    cause: str = ""
    """Why there is no microphone, or none that works, with the remedy; else empty."""
    ptt: Ptt = Ptt()
    is_silent: bool = False
    """Open, but nothing is heard from the device; `cause` says why. May be heard at any time."""

    @property
    def is_settling(self) -> bool:
        """Whether a moment's patience shows what the last command led to."""
        is_in_tail = self.ptt.is_down and self.ptt.closes_at is None
        return is_in_tail or (self.is_pending and not self.is_failing)


@dataclass(frozen=True, slots=True)
class DeviceView:
    """A microphone or a speaker."""

    name: str
    """The sound server's own, the same whenever it is plugged in."""
    description: str
    """Cleaned for display."""
    is_phone_quality: bool = False


@dataclass(frozen=True, slots=True)
class DevicesView:
    """The sound devices, as far as they are known: while a call lasts, and on Linux."""

    microphones: tuple[DeviceView, ...] = ()
    speakers: tuple[DeviceView, ...] = ()
    microphone: str = ""
    """Name of the one in use; empty where none is, or the environment decides."""
    speaker: str = ""
    chosen_microphone: DeviceView | None = None
    """Used whenever it is plugged in; None follows the sound settings."""
    chosen_speaker: DeviceView | None = None

    def of(self, kind: DeviceKind) -> tuple[DeviceView, ...]:
        """Those of one kind."""
        return self.microphones if kind is DeviceKind.MICROPHONE else self.speakers

    def chosen(self, kind: DeviceKind) -> DeviceView | None:
        """The chosen one of a kind, whether or not it is there."""
        return self.chosen_microphone if kind is DeviceKind.MICROPHONE else self.chosen_speaker

    @property
    def phone_like(self) -> DeviceView | None:
        """One in use that sounds like a telephone, the microphone first."""
        used = [
            device
            for kind in (DeviceKind.MICROPHONE, DeviceKind.SPEAKER)
            for device in self.of(kind)
            if device.name == self.in_use(kind) and device.is_phone_quality
        ]
        return used[0] if used else None

    def in_use(self, kind: DeviceKind) -> str:
        """The name of the one in use."""
        return self.microphone if kind is DeviceKind.MICROPHONE else self.speaker


@dataclass(frozen=True, slots=True)
class CuesView:
    """How the short sounds are played that say what happens."""

    is_on: bool = True
    percent: int = 60
    quiet_above: int = 10
    """With more people than this in the call, nobody is heard coming or going."""


@dataclass(frozen=True, slots=True)
class RecordingView:
    """Our own recording of the call. Who else records is in the rows of the participants."""

    is_on: bool = False
    """Confirmed: everybody was told before it began."""
    folder: str = ""
    """Where it is written, or the last one was."""
    began_at: Seconds | None = None
    """Wall-clock time."""
    lost_s: float = 0.0
    """Sound that came faster than the disk took it; there is silence instead."""


@dataclass(frozen=True, slots=True)
class ParticipantView:
    """One row: a participant of the call, ourselves included."""

    identity: Identity
    name: str
    """Cleaned for display: one line, no control characters."""
    is_local: bool = False
    is_muted: bool = False
    is_deafened: bool = False
    has_microphone: bool = True
    is_connecting: bool = False
    quality: Quality = Quality.UNKNOWN
    volume_percent: int = 100
    """How loud we play them: 0 is silence, 200 the most."""
    hears_us: bool | None = None
    """Whether our sound is played there, by its own word; None where it tells nothing, as a
    browser, or while we are muted."""
    is_recording: bool = False
    plays: str = ""
    """What they play into the call beside their voice; empty for nothing."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything a front end needs to draw a call. `rev` grows with every change."""

    rev: int = 0
    phase: CallPhase = CallPhase.IDLE
    room: RoomName = RoomName("")
    server: str = ""
    """Host and port of the SFU."""
    established_at: Seconds | None = None
    """Wall-clock time of the first join, kept across reconnects."""
    microphone: Microphone = Microphone()
    quality: Quality = Quality.UNKNOWN
    rtt_ms: int | None = None
    trouble: str = ""
    """Why we are reconnecting; empty otherwise."""
    retry_at: Seconds | None = None
    """Wall-clock time of the next attempt, while waiting for one."""
    ending: Ending | None = None
    participants: tuple[ParticipantView, ...] = ()
    """Ourselves first, then the others in the order they came."""
    devices: DevicesView = DevicesView()
    recording: RecordingView = RecordingView()
    shaping: Shaping = field(default_factory=Shaping)
    """Gains and cleaning, as wanted from now on, in a call or not."""
    cues: CuesView = CuesView()
    xruns: int | None = None
    """Moments in which sound was lost or invented since it began, by devices and buffers; one,
    however many people were lost in it. None where that is not counted, as outside the mixer."""
    plays: str = ""
    """What we play into the call; empty for nothing."""

    @property
    def state_word(self) -> StateWord:
        """The one word that says what others can hear of us."""
        mic = self.microphone
        return state_word(
            self.phase,
            mic.state,
            is_starting=mic.is_starting,
            is_deafened=mic.is_deafened,
            is_silent=mic.is_silent,
        )

    @property
    def recorders(self) -> tuple[ParticipantView, ...]:
        """Whoever records the call, ourselves included."""
        return tuple(p for p in self.participants if p.is_recording)

    @property
    def others(self) -> tuple[ParticipantView, ...]:
        """Everyone but ourselves."""
        return tuple(p for p in self.participants if not p.is_local)


@dataclass(frozen=True, slots=True)
class ParticipantLevel:
    """How loud one participant is now."""

    identity: Identity
    level_dbfs: Dbfs
    is_speaking: bool


@dataclass(frozen=True, slots=True)
class GateLevel:
    """Our microphone as it comes to the voice gate: what the threshold is set by."""

    level_dbfs: Dbfs
    threshold_dbfs: Dbfs
    is_open: bool
    """Whether it is let through now."""


@dataclass(frozen=True, slots=True)
class Levels:
    """Levels that changed since the last message, ourselves included."""

    levels: tuple[ParticipantLevel, ...] = ()
    gate: GateLevel | None = None
    """None where no gate is set, or nothing new is known of it."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A toast: what happened, why, and what to do."""

    severity: Severity
    text: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """A line of the chat beside the call."""

    number: int
    """Counts the messages this engine has seen, from 1; tells what a front end has shown."""
    identity: Identity
    name: str
    """Cleaned for display: one line, no control characters."""
    text: str
    """As sent, cleaned of control characters other than the line feed; bounded."""
    sent_at: Seconds
    """Wall-clock time."""
    is_local: bool = False
