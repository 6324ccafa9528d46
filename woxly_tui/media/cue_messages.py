"""What is asked of whoever plays cues: the media worker's mixer, or the cue player."""

from dataclasses import dataclass
from typing import Final, TypeAlias

from woxly_tui._lib.codec import LineCodec
from woxly_tui.types import Cue


@dataclass(frozen=True, slots=True)
class PlayCue:
    """Play a cue now, after what is still being played. Nothing is answered."""

    cue: Cue
    percent: int
    """How loud: 100 peaks at TONE_DBFS of `media.tones`."""
    is_looped: bool = False
    """Again and again until StopCue; takes the place of a loop that goes on."""
    speaker: str = ""
    """The sound server's name of the device; empty follows the sound settings."""


@dataclass(frozen=True, slots=True)
class StopCue:
    """End the loop within a frame; what is played once is played to its end."""


CueCommand: TypeAlias = PlayCue | StopCue

CUE_COMMANDS: Final[LineCodec[CueCommand]] = LineCodec(CueCommand.__args__)
