"""What engine and media worker say to each other about sound devices; see `messages`."""

from dataclasses import dataclass

from woxly_tui.types import DeviceKind


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
