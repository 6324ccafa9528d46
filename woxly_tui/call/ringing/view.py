"""What front ends draw of rings and of the call that came of one."""

from dataclasses import dataclass
from enum import StrEnum

from woxly_tui.types import RoomId, Seconds, UserId
from woxly_tui.types import RoomKind as RoomKind


class RingPhase(StrEnum):
    """How a ring of ours, or the call, stands."""

    IDLE = "idle"
    OUTGOING = "outgoing"
    TALKING = "talking"


class Outcome(StrEnum):
    """What came of a ring, or why a call is over."""

    ANSWERED = "answered"
    DECLINED = "declined"
    BUSY = "busy"
    TIMEOUT = "timeout"
    OFFLINE = "offline"
    CANCELLED = "cancelled"
    FAILED = "failed"
    CALLER_GONE = "caller-gone"
    ANSWERED_ELSEWHERE = "answered-elsewhere"
    REJECTED_ELSEWHERE = "rejected-elsewhere"
    HUNG_UP = "hung-up"
    PEER_LEFT = "peer-left"
    NOBODY_CAME = "nobody-came"
    WEB_ONLY = "web-only"
    JOINED_ELSEWHERE = "joined-elsewhere"


@dataclass(frozen=True, slots=True)
class RingingPeer:
    """Somebody whom we ring."""

    user: UserId
    outcome: Outcome | None = None
    """None while it rings."""


@dataclass(frozen=True, slots=True)
class IncomingRing:
    """Somebody rings us."""

    caller: UserId
    room: RoomId | None
    kind: RoomKind
    began_at: Seconds
    """Wall-clock time."""


@dataclass(frozen=True, slots=True)
class RingEnding:
    """The last ring or call that is over."""

    number: int
    """Counts them, from 1; tells what a front end has shown."""
    outcome: Outcome
    user: UserId | None
    """Whom it was with; None in a group or a voice room."""
    room: RoomId | None
    is_incoming: bool
    seconds: int | None
    """How long the call was; None where it stayed a ring."""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class RingView:
    """Everything there is to draw of rings."""

    phase: RingPhase = RingPhase.IDLE
    room: RoomId | None = None
    kind: RoomKind = RoomKind.DM
    peer: UserId | None = None
    """Whom we ring or talk with; None in a group or a voice room."""
    ringing: tuple[RingingPeer, ...] = ()
    """Whom we ring, or rang just now."""
    since: Seconds | None = None
    """Wall-clock time at which the ring or the call began."""
    is_web_only: bool = False
    """The other side speaks peer to peer only: no sound can reach it."""
    incoming: tuple[IncomingRing, ...] = ()
    ending: RingEnding | None = None
