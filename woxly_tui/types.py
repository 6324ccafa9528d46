"""Identifiers and units as types, so that a mistaken one fails the type check."""

from typing import Final, NewType

Identity = NewType("Identity", str)
"""Key of a participant, unique in its room; a second join with it evicts the first."""

RoomName = NewType("RoomName", str)
"""Name of a room as the SFU knows it."""

TrackSid = NewType("TrackSid", str)
"""Server-made id of a publication; re-issued by a full reconnect, so never a lasting key."""

Dbfs = NewType("Dbfs", float)
"""Level relative to full scale: 0 is a full-scale square wave, silence is SILENCE_DBFS."""

Seconds = NewType("Seconds", float)
"""A span, or an instant on a monotonic clock."""

DurationMs = NewType("DurationMs", int)
"""A span in milliseconds."""

SILENCE_DBFS: Final = Dbfs(-90.0)
"""Lowest level ever reported; anything quieter reads as this."""
