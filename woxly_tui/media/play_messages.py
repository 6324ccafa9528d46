"""What engine and media worker say to each other about a file played into the call.

    PlayBegin ─► PlayBegun ─► (PlayPcm ─► PlayTaken)* ─► PlayEnd ─► PlayEnded

One at a time. PlayEnded may come at any moment, with the cause.
"""

from dataclasses import dataclass
from typing import Final

TRACK_PREFIX: Final = "woxly play: "
"""How the track is named, before the title: by that others know it from a voice."""


@dataclass(frozen=True, slots=True)
class PlayBegin:
    """Publish a track of its own; answered by PlayBegun or PlayEnded."""

    play: str
    title: str
    """Cleaned, and no longer than a line."""
    rate_hz: int
    percent: int
    """100 is as loud as it is."""


@dataclass(frozen=True, slots=True)
class PlayPcm:
    """The next of its sound; answered by PlayTaken once there is room for more."""

    play: str
    data: str
    """Base64 of 16 bits, little endian, mono."""


@dataclass(frozen=True, slots=True)
class PlayEnd:
    """There is no more, or there shall be no more; answered by PlayEnded."""

    play: str
    is_now: bool = False
    """Leave out what is not heard yet."""


@dataclass(frozen=True, slots=True)
class PlayBegun:
    """The track is published."""

    play: str


@dataclass(frozen=True, slots=True)
class PlayTaken:
    """More may come."""

    play: str


@dataclass(frozen=True, slots=True)
class PlayEnded:
    """The track is withdrawn."""

    play: str
    cause: str = ""
    """Why, where nobody asked for it."""
