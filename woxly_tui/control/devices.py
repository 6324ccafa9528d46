"""What front ends ask of sound devices beside choosing them, and what they hear of it."""

from dataclasses import dataclass

from woxly_tui.types import Dbfs


@dataclass(frozen=True, slots=True)
class DeviceWishes:
    """What the user's settings say of devices; it beats what was chosen in a call before."""

    microphone: str = ""
    """Its name, or enough of its beginning; used whenever it is plugged in. Empty: none."""
    speaker: str = ""
    muted_hint: str = "auto"
    """When to listen, on this machine only, for speech while muted: off, auto or always."""


@dataclass(frozen=True, slots=True)
class TryMicrophone:
    """Measure a microphone for four seconds, sending nothing of it, whether muted or not; ask
    again in time for more. `microphone_tried` says how loud it is. One at a time."""

    name: str
    """The sound server's name of it; empty for the default."""
    is_on: bool = True
    """False ends it at once."""


@dataclass(frozen=True, slots=True)
class TrySpeaker:
    """Play a tone there. Our microphone sends nothing meanwhile; opening it ends the tone."""

    name: str
    """The sound server's name of it; empty for the default."""


@dataclass(frozen=True, slots=True)
class MicrophoneTried:
    """How loud the microphone is that is tried; the newest counts."""

    name: str
    level_dbfs: Dbfs
    is_deaf: bool = False
    """It delivers nothing: gone, or in use by somebody who does not share it."""
