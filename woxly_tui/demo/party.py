"""Who is in the demo of the lobby, what they are told, and how each of them behaves. Pure."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from woxly_tui._lib.codec import LineCodec
from woxly_tui.types import RoomId, RoomKind, Seconds, UserId


class Role(StrEnum):
    """What somebody does, all by themselves."""

    ANSWERS = "answers"
    """Takes every call, and talks."""
    REJECTS = "rejects"
    """Takes none, and writes why."""
    CALLS = "calls"
    """Calls the guest soon after they came; else, as ANSWERS."""
    SITS = "sits"
    """Is in the voice room, and comes into groups."""


NAMES: Final = {
    Role.ANSWERS: "Annie",
    Role.REJECTS: "Benny",
    Role.CALLS: "Clara",
    Role.SITS: "Doris",
}

CALLS_AFTER: Final = Seconds(20.0)
"""How long after the guest is there."""

ANSWERS_AFTER: Final = Seconds(2.5)
REJECTS_AFTER: Final = Seconds(3.0)

VOICE_ROOM: Final = "kitchen"

HELLO: Final = "press c on my name, and I pick up"
SORRY: Final = "cannot talk now - later?"


@dataclass(frozen=True, slots=True)
class Regular:
    """A bot, and its account."""

    role: Role
    user_id: UserId
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    room: RoomId
    """Its DM with the guest; the voice room of who sits there."""


@dataclass(frozen=True, slots=True)
class Party:
    """All that the process of the bots is told."""

    origin: str
    folder: str
    """Where they keep their tokens; goes with the demo."""
    guest: UserId
    regulars: tuple[Regular, ...]
    calls_after_s: float = CALLS_AFTER


CODEC: Final[LineCodec[Party]] = LineCodec((Party,))


@dataclass(frozen=True, slots=True)
class Reaction:
    """What somebody does about a ring, and when."""

    after: Seconds
    is_taken: bool
    says: str = ""


def reaction(role: Role, kind: RoomKind, *, is_in_call: bool) -> Reaction:
    """How a ring is met.

    Args:
        role: Whose.
        kind: Of the room it is for.
        is_in_call: They talk with somebody already; the voice room does not count.
    """
    if is_in_call:
        return Reaction(Seconds(0.5), is_taken=False)
    if role is Role.REJECTS:
        says = SORRY if kind is RoomKind.DM else ""
        return Reaction(REJECTS_AFTER, is_taken=False, says=says)
    return Reaction(ANSWERS_AFTER, is_taken=True)


def username_of(name: str) -> str:
    """A name that a server takes: 5 to 13 letters, digits, dots and underscores."""
    kept = "".join(char if char.isascii() and char.isalnum() else "_" for char in name)[:13]
    return kept if len(kept) >= 5 else f"{kept}_guest"[:13]
