"""What front ends ask of the engine, and what it answers.

Commands set state and are idempotent; only the two toggles depend on what was before, and
the engine resolves those in one step. Every reply carries the state that resulted.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

from woxly_tui._lib.codec import LineCodec
from woxly_tui.call.snapshot import Levels, Notice, Snapshot


@dataclass(frozen=True, slots=True)
class GetSnapshot:
    """Ask for nothing but the state."""


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


Command: TypeAlias = (
    GetSnapshot | SetMute | ToggleMute | SetDeafen | ToggleDeafen | Leave | Rejoin | Drill
)
Update: TypeAlias = Snapshot | Levels | Notice

COMMANDS: Final[LineCodec[Command]] = LineCodec(Command.__args__)
UPDATES: Final[LineCodec[Update | Reply]] = LineCodec((Snapshot, Levels, Notice, Reply))
