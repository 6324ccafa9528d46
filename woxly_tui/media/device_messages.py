"""What engine and media worker say to each other about sound devices; see `messages`."""

from dataclasses import dataclass
from enum import StrEnum

from woxly_tui.types import Dbfs, DeviceKind


@dataclass(frozen=True, slots=True)
class Device:
    """A sound device that can be chosen."""

    name: str
    """The sound server's own, the same whenever it is plugged in."""
    description: str
    """For people; already cleaned for display."""
    is_phone_quality: bool = False
    """It sounds like a telephone, as a Bluetooth headset that carries both ways."""


@dataclass(frozen=True, slots=True)
class SelectDevice:
    """Use this device from now on, as long as it is there; the default one where not."""

    kind: DeviceKind
    name: str
    """Empty for the default."""


@dataclass(frozen=True, slots=True)
class TryMicrophone:
    """Measure a microphone for a few seconds, sending nothing of it; answered again and again by
    MicrophoneTried. One at a time."""

    name: str
    """Empty for the default."""
    is_on: bool
    """False ends it at once."""


@dataclass(frozen=True, slots=True)
class TrySpeaker:
    """Play a tone there; our own microphone sends nothing meanwhile. Answered by SpeakerTried."""

    name: str
    """Empty for the default."""


@dataclass(frozen=True, slots=True)
class MicrophoneTried:
    """How loud the microphone is that is tried; said when it changed by at least 1 dB."""

    name: str
    level_dbfs: Dbfs
    is_deaf: bool = False
    """It delivers nothing: gone, or in the hands of somebody else."""


@dataclass(frozen=True, slots=True)
class SpeakerTried:
    """The tone is over."""

    name: str
    was_played: bool
    """False where the device took nothing; what was cut short on purpose was played."""


class Hint(StrEnum):
    """What the sound of our microphone tells about us."""

    TOO_LOUD = "too_loud"
    """The device cuts off what it cannot take."""
    SPOKE_WHILE_MUTED = "spoke_while_muted"


class MutedHint(StrEnum):
    """When to listen, here only, for speech while muted.

    AUTO does where the microphone is open anyway, which is with the mixer; ALWAYS opens it.
    """

    OFF = "off"
    AUTO = "auto"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class MicrophoneHint:
    """Something the user should know; the same not again within a minute."""

    session: int
    hint: Hint


class Coupling(StrEnum):
    """Whether the microphone hears the speaker."""

    UNKNOWN = "unknown"
    APART = "apart"
    COUPLED = "coupled"
    UNMEASURED = "unmeasured"
    """It cannot be found out here."""


@dataclass(frozen=True, slots=True)
class CouplingLearnt:
    """What is known of the devices in use; said when it changed, and before a session's sound
    where it is known by then."""

    coupling: Coupling
    microphone: str
    speaker: str


@dataclass(frozen=True, slots=True)
class SoundReturned:
    """There is more sound to be had than when this session began; a fresh worker takes it."""

    session: int


@dataclass(frozen=True, slots=True)
class MicrophoneSilent:
    """An open microphone delivers exact zeros, or does no more."""

    session: int
    cause: str
    """Why, perhaps, and what to do; empty once there is sound."""


@dataclass(frozen=True, slots=True)
class DevicesChanged:
    """The sound devices there are, and those in use; said when either changes."""

    is_server_there: bool
    microphones: tuple[Device, ...] = ()
    speakers: tuple[Device, ...] = ()
    microphone: str = ""
    """Name of the one in use; empty where none is."""
    speaker: str = ""
