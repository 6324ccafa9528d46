"""Identifiers and units as types, so that a mistaken one fails the type check."""

from enum import StrEnum
from typing import Final, NewType

Identity = NewType("Identity", str)
"""Key of a participant, unique in its room; a second join with it evicts the first."""

RoomName = NewType("RoomName", str)
"""Name of a room as the SFU knows it."""

Dbfs = NewType("Dbfs", float)
"""Level relative to full scale: 0 is a full-scale square wave, silence is SILENCE_DBFS."""

Seconds = NewType("Seconds", float)
"""A span, or an instant on a monotonic clock."""

SILENCE_DBFS: Final = Dbfs(-90.0)
"""Lowest level ever reported; anything quieter reads as this."""

UserId = NewType("UserId", int)
"""A user of a Woxly server; as decimal digits it is their identity in calls."""

RoomId = NewType("RoomId", int)
"""A room of a Woxly server."""


MessageId = NewType("MessageId", int)
"""A message in a room of a Woxly server."""


class RoomKind(StrEnum):
    """DM: two people. GROUP: a call by invitation. VOICE: a room to drop in."""

    DM = "DM"
    GROUP = "GROUP"
    VOICE = "VOICE"


class DeviceKind(StrEnum):
    """What a sound device is for."""

    MICROPHONE = "microphone"
    SPEAKER = "speaker"


class Cue(StrEnum):
    """A short sound that says what happened; each has its words on the screen as well."""

    JOIN = "join"
    LEAVE = "leave"
    MUTE = "mute"
    UNMUTE = "unmute"
    DEAFEN = "deafen"
    UNDEAFEN = "undeafen"
    RING = "ring"
    """Somebody calls us; repeated until it is answered."""
    RINGBACK = "ringback"
    """It rings where we call."""
    DISCONNECT = "disconnect"
    RECORDING = "recording"


class RecordFormat(StrEnum):
    """What a recording is written as."""

    WAV = "wav"
    """16 bits, nothing lost, ready for any program; 5.8 MB a minute for each person."""
    FLAC = "flac"
    """The same sound, packed to about half of that or less."""


_MAX_DIGITS: Final = 18
"""What a server numbers its users with is no longer; Python reads no number of any length."""


def user_of(identity: Identity) -> UserId | None:
    """Which user of a Woxly server takes part in a call of it; None for a guest."""
    is_number = identity.isascii() and identity.isdigit() and len(identity) <= _MAX_DIGITS
    return UserId(int(identity)) if is_number else None
