"""What engine and media worker say to each other about recording; see `messages`."""

from dataclasses import dataclass

from woxly_tui.types import RecordFormat


@dataclass(frozen=True, slots=True)
class SetRecording:
    """Record the call into a new folder, or stop; answered by RecordingChanged."""

    request: int
    on: bool
    directory: str = ""
    """Where the folder is made."""
    format: RecordFormat = RecordFormat.WAV


@dataclass(frozen=True, slots=True)
class RecordingChanged:
    """A recording runs, or does no more. `request` 0: not asked for (it stopped by itself)."""

    session: int
    request: int
    is_on: bool
    folder: str = ""
    """Where it is written, or was; empty where nothing was."""
    cause: str = ""
    """Why it stopped by itself or did not begin, in words for people; else empty."""
    lost_s: float = 0.0
    """Sound that came faster than the disk took it, of all people together; silence is there."""
