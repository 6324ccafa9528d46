"""What front ends ask of the engine, and what it answers.

Commands set state and are idempotent; only the two toggles depend on what was before, and
the engine resolves those in one step. Every reply carries the state that resulted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from woxly_tui._lib.codec import LineCodec
from woxly_tui._lib.text import MAX_TEXT_BYTES
from woxly_tui.call.details import ParticipantDetails
from woxly_tui.call.snapshot import ChatMessage, Levels, Notice, PttMode, Snapshot
from woxly_tui.control.devices import DeviceWishes as DeviceWishes
from woxly_tui.control.devices import MicrophoneTried as MicrophoneTried
from woxly_tui.control.devices import TryMicrophone as TryMicrophone
from woxly_tui.control.devices import TrySpeaker as TrySpeaker
from woxly_tui.control.lobby import LobbyCall, LobbyCommand, LobbyState, LobbyUpdate
from woxly_tui.control.shaping import SetShaping as SetShaping
from woxly_tui.types import DeviceKind, Identity, RecordFormat, RoomName

MAX_CHAT_BYTES: Final = MAX_TEXT_BYTES
"""Longest chat message, in UTF-8, without what `_lib.text.clean_lines` removes."""


@dataclass(frozen=True, slots=True)
class GetSnapshot:
    """Ask for nothing but the state."""


@dataclass(frozen=True, slots=True)
class GetDetails:
    """How everybody's sound travels, over the time since it was asked last, or about a second.
    Measured only when asked: ask again to go on looking."""


@dataclass(frozen=True, slots=True)
class Join:
    """Join a room; refused while in a call in another one."""

    url: str
    """WebSocket URL of the LiveKit server."""
    server: str
    """Host and port of it, for people."""
    room: RoomName
    """For display where there is a token, which decides."""
    token: str = field(default="", repr=False)
    """A ready-made token; or else a key, from which the engine makes tokens."""
    token_file: str = ""
    """The configuration file the token stands in, to be read again before each attempt."""
    api_key: str = ""
    api_secret: str = field(default="", repr=False)
    woxly_server: str = ""
    """For a guest of an invitation: the Woxly server that gives further tokens."""
    guest_token: str = field(default="", repr=False)
    """And what it gives them for."""
    identity: Identity = Identity("")
    name: str = ""
    backend: str = "auto"
    is_muted: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables that say where sound comes from and goes to, as `PULSE_SERVER`: those of the
    terminal the call is asked for in, which the engine may not have. Where empty, its own."""
    ptt_mode: PttMode = PttMode.TALK
    shaping: SetShaping = field(default_factory=SetShaping)
    """What the user's settings say of it; it beats what was kept."""
    devices: DeviceWishes = field(default_factory=DeviceWishes)
    lobby: LobbyCall | None = None
    """For the call of a room of a Woxly server: the engine gets URL and tokens there."""


@dataclass(frozen=True, slots=True)
class SetMute:
    """Mute our microphone, or allow it to be open."""

    on: bool


@dataclass(frozen=True, slots=True)
class ToggleMute:
    """Flip the wanted mute state."""


@dataclass(frozen=True, slots=True)
class SetDeafen:
    """Hear nothing and send nothing, or return to the mute state from before."""

    on: bool


@dataclass(frozen=True, slots=True)
class ToggleDeafen:
    """Flip the wanted deafen state."""


@dataclass(frozen=True, slots=True)
class SetPtt:
    """The push-to-talk key went down or up. There is one key: the last one to act decides."""

    is_down: bool
    at_ns: int
    """When, on CLOCK_MONOTONIC of the engine's machine: of two that are not bound the later one
    counts, whichever comes first. 0: as it comes, for who has no such clock."""
    is_bound: bool = False
    """Released by itself when the connection that asked is gone. Its commands are in order
    already, so its clock, perhaps another machine's, orders nothing."""


@dataclass(frozen=True, slots=True)
class SetVolume:
    """How loud one participant is played to us; kept for later calls, by identity."""

    identity: Identity
    percent: int
    """0 to 200."""


@dataclass(frozen=True, slots=True)
class SetRecording:
    """Record the call, a file for each participant and one of all, or stop. Everybody is told
    before it begins; ok once it runs. Ends with the call."""

    on: bool
    directory: str = ""
    """Absolute: where its folder is made. Empty for `recordings` in the user's data."""
    format: RecordFormat = RecordFormat.WAV


@dataclass(frozen=True, slots=True)
class SelectDevice:
    """Use this microphone or speaker, now and in later calls, whenever it is plugged in."""

    kind: DeviceKind
    name: str
    """The sound server's name of it; empty follows the sound settings."""


@dataclass(frozen=True, slots=True)
class SetCues:
    """How the short sounds are played that say what happens, until the engine ends."""

    on: bool
    percent: int = 60
    """0 to 200."""
    quiet_above: int = 10
    """With more people than this in the call, nobody is heard coming or going."""


@dataclass(frozen=True, slots=True)
class StartPlay:
    """Play something into the call, on a track of its own; one at a time. It ends with the
    connection that began it."""

    play: str
    """A name for it, made up by whoever plays."""
    title: str
    """For the others to read."""
    rate_hz: int = 48000
    percent: int = 100
    """How loud, 0 to 200."""


@dataclass(frozen=True, slots=True)
class PlaySound:
    """The next of it; answered once more can be taken, in real time. Say it at least every five
    seconds, with nothing in it where there is nothing yet."""

    play: str
    data: str
    """Base64 of 16 bits, little endian, mono; a second or less."""


@dataclass(frozen=True, slots=True)
class StopPlay:
    """There is no more of it."""

    play: str = ""
    """Whatever is played, where empty."""
    is_now: bool = True
    """Or else once all that was sent is heard."""


@dataclass(frozen=True, slots=True)
class SendChat:
    """Say something in the chat of the call; ok once it is on its way."""

    text: str
    """Lines ended by line feeds, at most MAX_CHAT_BYTES; cleaned before it is sent."""


@dataclass(frozen=True, slots=True)
class Leave:
    """Leave the call."""


@dataclass(frozen=True, slots=True)
class Rejoin:
    """Join the same room again: now if waiting to, or after the call ended."""


@dataclass(frozen=True, slots=True)
class Drill:
    """Rehearse a failure: one of LiveKit's `simulate_scenario` kinds, as `full_reconnect`."""

    scenario: str


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one command, with the state after it."""

    ok: bool
    snapshot: Snapshot
    error: str = ""
    remedy: str = ""
    details: tuple[ParticipantDetails, ...] = ()
    """To GetDetails, ourselves first; of who sends nothing, there may be none."""
    lobby: LobbyState | None = None
    """Where somebody is online, with the answers to GetSnapshot and to commands of the lobby."""


Command: TypeAlias = (
    GetSnapshot
    | GetDetails
    | Join
    | SetMute
    | ToggleMute
    | SetDeafen
    | ToggleDeafen
    | SetPtt
    | SetVolume
    | SetShaping
    | SelectDevice
    | SetCues
    | TryMicrophone
    | TrySpeaker
    | SetRecording
    | StartPlay
    | PlaySound
    | StopPlay
    | SendChat
    | Leave
    | Rejoin
    | Drill
    | LobbyCommand
)
Update: TypeAlias = Snapshot | Levels | Notice | ChatMessage | MicrophoneTried | LobbyUpdate

COMMANDS: Final[LineCodec[Command]] = LineCodec(Command.__args__)
UPDATES: Final[LineCodec[Update | Reply]] = LineCodec((*Update.__args__, Reply))
