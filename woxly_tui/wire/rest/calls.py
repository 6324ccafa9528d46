"""Calls: missed, going on, and over."""

from woxly_tui.wire.rest.people import Nameplate
from woxly_tui.wire.shape import payload


@payload
class MissedCall:
    """A ring that was not answered; `reason` is a RingEnd."""

    id: int
    caller: Nameplate
    room_id: int | None
    reason: str
    rang_at: str
    seen_at: str | None


@payload
class MissedCallsAnswer:
    missed_calls: list[MissedCall]
    unseen_count: int


@payload
class LiveParticipant:
    """Somebody in a room's call now; `user_id` is null for a guest."""

    identity: str
    user_id: int | None
    name: str
    joined_at: str | None


@payload
class LiveAnswer:
    """Who is in a room's call now; `started_at` is null when nobody is."""

    room_id: int
    is_live: bool
    started_at: str | None
    participants: list[LiveParticipant]


@payload
class PastParticipant:
    """Somebody who was in a call; `seconds` counts what they spent in it so far."""

    identity: str
    user_id: int | None
    name: str
    joined_at: str
    left_at: str | None
    seconds: int


@payload
class PastCall:
    """One call of a room, from the first who joined to the last who left."""

    id: int
    room_id: int
    started_at: str
    ended_at: str | None
    seconds: int
    participants: list[PastParticipant]


@payload
class CallHistoryAnswer:
    calls: list[PastCall]
