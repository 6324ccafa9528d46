"""What the ring machine has others do, in this order."""

from dataclasses import dataclass
from typing import TypeAlias

from woxly_tui.call.ringing.view import RoomKind
from woxly_tui.types import RoomId, UserId

# To the server, over its socket


@dataclass(frozen=True, slots=True)
class SendRing:
    """Ring somebody into a room."""

    peer: UserId
    room: RoomId


@dataclass(frozen=True, slots=True)
class SendAccept:
    """Answer somebody's ring."""

    peer: UserId
    room: RoomId | None


@dataclass(frozen=True, slots=True)
class SendReject:
    """Refuse somebody's ring; `room` heals a membership that ringing took away."""

    peer: UserId
    room: RoomId | None


@dataclass(frozen=True, slots=True)
class SendCancel:
    """Ring one of several no more."""

    peer: UserId


@dataclass(frozen=True, slots=True)
class SendLeave:
    """Leave the call of a room, and ring nobody into it any more."""

    room: RoomId
    peers: tuple[UserId, ...] = ()
    """Whom to tell one by one, where the server does not do that by itself."""


@dataclass(frozen=True, slots=True)
class SendRejoin:
    """Say that we are still, or again, in the call of a room."""

    room: RoomId


@dataclass(frozen=True, slots=True)
class AskCall:
    """Ask whether a call or a ring with somebody stands."""

    peer: UserId


Send: TypeAlias = SendRing | SendAccept | SendReject | SendCancel | SendLeave | SendRejoin | AskCall

# To the server, over REST


@dataclass(frozen=True, slots=True)
class FindRoom:
    """Find or make the DM with somebody."""

    peer: UserId


@dataclass(frozen=True, slots=True)
class MakeGroup:
    """Make a group, whose members the server rings."""

    members: tuple[UserId, ...]
    name: str


@dataclass(frozen=True, slots=True)
class HealRoom:
    """Be an accepted member of a room again, as a ring may have changed that."""

    room: RoomId


# To the media


@dataclass(frozen=True, slots=True)
class EnterMedia:
    """Be in the call of a room, with the microphone as the user wants it."""

    room: RoomId
    kind: RoomKind


@dataclass(frozen=True, slots=True)
class LeaveMedia:
    """Be in no call."""


# To the user


@dataclass(frozen=True, slots=True)
class Refuse:
    """An act cannot be done: what to say, and the remedy."""

    message: str
    remedy: str = ""


RingCommand: TypeAlias = Send | FindRoom | MakeGroup | HealRoom | EnterMedia | LeaveMedia | Refuse
