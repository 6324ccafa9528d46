"""What can happen to rings: acts of the user, news of the server, news of the media.

Whoever feeds the machine translates; what a server does not say (acknowledgements, a time-out)
simply never comes, and the machine ends by its own clock.
"""

from dataclasses import dataclass
from typing import TypeAlias

from woxly_tui.call.ringing.commands import Send
from woxly_tui.call.ringing.view import Outcome, RoomKind
from woxly_tui.types import RoomId, UserId

# Acts of the user


@dataclass(frozen=True, slots=True)
class CallAsked:
    """Ring somebody; where they ring us, that answers them."""

    peer: UserId


@dataclass(frozen=True, slots=True)
class GroupCallAsked:
    """Make a group of us and some others, and ring them all."""

    members: tuple[UserId, ...]
    name: str


@dataclass(frozen=True, slots=True)
class RoomAsked:
    """Enter the call of a room without ringing anybody: a voice room, or to come back."""

    room: RoomId
    kind: RoomKind
    peer: UserId | None = None
    """The other one, in a DM."""


@dataclass(frozen=True, slots=True)
class AddAsked:
    """Ring one more into the call; a call of two becomes a group."""

    peer: UserId
    name: str


@dataclass(frozen=True, slots=True)
class AcceptAsked:
    """Answer a ring; a call we are in is left."""

    caller: UserId


@dataclass(frozen=True, slots=True)
class RejectAsked:
    """Refuse a ring."""

    caller: UserId


@dataclass(frozen=True, slots=True)
class HangUpAsked:
    """Leave the call, or stop ringing."""


UserAct: TypeAlias = (
    CallAsked | GroupCallAsked | RoomAsked | AddAsked | AcceptAsked | RejectAsked | HangUpAsked
)

# What became of our own requests


@dataclass(frozen=True, slots=True)
class RoomFound:
    """The room to talk with somebody in; answers FindRoom."""

    peer: UserId
    room: RoomId


@dataclass(frozen=True, slots=True)
class GroupMade:
    """Answers MakeGroup; the server rings its members."""

    room: RoomId
    members: tuple[UserId, ...]


@dataclass(frozen=True, slots=True)
class RequestFailed:
    """FindRoom (with `peer`) or MakeGroup could not be done."""

    peer: UserId | None
    detail: str


@dataclass(frozen=True, slots=True)
class RingAnswered:
    """What the server says of a ring of ours: ANSWERED in glare, BUSY, OFFLINE, or FAILED.

    A ring that goes on is not reported.
    """

    peer: UserId
    outcome: Outcome
    room: RoomId | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class AcceptConfirmed:
    """The server says that we are in the call."""

    caller: UserId


@dataclass(frozen=True, slots=True)
class AcceptRefused:
    """The ring that we answered was over."""

    caller: UserId


@dataclass(frozen=True, slots=True)
class Unsent:
    """This did not reach the server, or nobody knows whether it did."""

    command: Send


Answer: TypeAlias = (
    RoomFound | GroupMade | RequestFailed | RingAnswered | AcceptConfirmed | AcceptRefused | Unsent
)

# News of the server


@dataclass(frozen=True, slots=True)
class Rung:
    """Somebody rings us; may come twice, and while we are in a call."""

    caller: UserId
    room: RoomId | None
    kind: RoomKind = RoomKind.DM


@dataclass(frozen=True, slots=True)
class RingStopped:
    """A ring to us is over: CANCELLED, TIMEOUT, CALLER_GONE, or answered on another device."""

    caller: UserId
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class PeerAccepted:
    """Somebody answered. The room a server names may be of another call, so it is not told."""

    peer: UserId


@dataclass(frozen=True, slots=True)
class PeerRefused:
    """A ring of ours is over: DECLINED, BUSY, or TIMEOUT."""

    peer: UserId
    outcome: Outcome
    is_bare: bool = False
    """The server does not say why: it may be of the call before, as the public one's are."""


@dataclass(frozen=True, slots=True)
class PeerEnded:
    """Somebody ended the call with us, or the ring."""

    peer: UserId


@dataclass(frozen=True, slots=True)
class PeerLeftRoom:
    """Somebody left the call of a room."""

    peer: UserId
    room: RoomId


@dataclass(frozen=True, slots=True)
class OfferHeard:
    """Somebody tries to talk peer to peer, as the web client does."""

    peer: UserId


@dataclass(frozen=True, slots=True)
class CallStands:
    """There is a call, or a ring, with somebody; answers AskCall."""

    peer: UserId
    room: RoomId | None = None


@dataclass(frozen=True, slots=True)
class NoCallStands:
    """There is none; answers AskCall."""

    peer: UserId


News: TypeAlias = (
    Rung
    | RingStopped
    | PeerAccepted
    | PeerRefused
    | PeerEnded
    | PeerLeftRoom
    | OfferHeard
    | CallStands
    | NoCallStands
)

# Link, media, time


@dataclass(frozen=True, slots=True)
class LinkUp:
    """The server hears us, and we it."""


@dataclass(frozen=True, slots=True)
class LinkDown:
    """It does not."""


@dataclass(frozen=True, slots=True)
class MediaPeers:
    """Who else is in the room of the call now, as the SFU says; the first one says we are in."""

    room: RoomId
    peers: frozenset[UserId]


@dataclass(frozen=True, slots=True)
class MediaEnded:
    """We are in the room of the call no more, and will not be again by ourselves."""

    room: RoomId
    outcome: Outcome
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TimePassed:
    """A deadline may be over."""


World: TypeAlias = LinkUp | LinkDown | MediaPeers | MediaEnded | TimePassed

RingEvent: TypeAlias = UserAct | Answer | News | World
