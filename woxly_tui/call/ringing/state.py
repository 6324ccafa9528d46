"""What the ring machine remembers: a ring of ours, rings to us, and the call."""

from dataclasses import dataclass, field
from typing import Final

from woxly_tui.call.events import Moment
from woxly_tui.call.ringing.view import Outcome, RoomKind
from woxly_tui.types import RoomId, Seconds, UserId

OUTGOING_LIMIT: Final = Seconds(50.0)
"""How long we ring; `woxly serve` ends a ring after 45 s, others never do."""

INCOMING_LIMIT: Final = Seconds(60.0)
"""How long we are rung; a server that never tells of a cancelled ring needs this."""

NOBODY_LIMIT: Final = Seconds(30.0)
"""How long to wait in a call of two for the other one to come."""

GONE_LIMIT: Final = Seconds(10.0)
"""How long the other one may be gone from a call of two; a media worker is replaced in less."""

LEFT_OVER_LIMIT: Final = Seconds(1.0)
"""How long after a call the last words about it may come; nobody answers a ring so soon."""

MAX_INCOMING: Final = 8
"""Rings to us at once; more would only hide each other."""

_MAX_WEB_PEERS: Final = 64

_WORST_TO_BEST: Final = (
    Outcome.FAILED,
    Outcome.OFFLINE,
    Outcome.TIMEOUT,
    Outcome.BUSY,
    Outcome.DECLINED,
)
"""What is said of a group's ring that nobody answered: the outcome that says most."""


@dataclass(slots=True)
class Dialled:
    """One whom we ring."""

    ends_at: Seconds
    outcome: Outcome | None = None
    is_unsent: bool = False
    """The ring did not reach the server, or nobody knows whether it did."""

    is_resent: bool = False
    """Rung again after a break of the link: a refusal may be of the ring before."""

    @property
    def is_rung(self) -> bool:
        """Whether it still rings there."""
        return self.outcome is None


@dataclass(slots=True)
class Dial:
    """A ring of ours, to one or to a group; no media yet."""

    room: RoomId | None
    kind: RoomKind
    began: Moment
    peers: dict[UserId, Dialled]
    detail: str = ""

    @property
    def peer(self) -> UserId | None:
        """Whom we ring, where that is one."""
        return next(iter(self.peers)) if self.kind is RoomKind.DM else None

    @property
    def ringing(self) -> list[UserId]:
        """Who has not answered yet."""
        return [user for user, dialled in self.peers.items() if dialled.outcome is None]

    @property
    def outcome(self) -> Outcome:
        """What came of it, once nobody is rung any more."""
        found = {dialled.outcome for dialled in self.peers.values()}
        return next((one for one in reversed(_WORST_TO_BEST) if one in found), Outcome.FAILED)


@dataclass(slots=True)
class Incoming:
    """Somebody rings us."""

    caller: UserId
    room: RoomId | None
    kind: RoomKind
    began: Moment
    ends_at: Seconds


@dataclass(slots=True)
class Talk:
    """The call: we are, or are about to be, in the media of its room."""

    room: RoomId | None
    """None until it is found."""
    kind: RoomKind
    began: Moment
    peer: UserId | None = None
    """The other one, in a call of two."""
    accepted_from: UserId | None = None
    """Whose ring we answered."""
    is_confirmed: bool = False
    """That there is a call is known from more than our own answer."""
    peers: frozenset[UserId] = frozenset()
    """Who else is in the media."""
    lonely_until: Seconds | None = None
    """When a call of two ends for want of the other one."""
    has_met: bool = False
    """Whether the other one of a call of two was ever in the media."""
    ringing: dict[UserId, Dialled] = field(default_factory=dict)
    """Who else is rung into it."""


class WebPeers:
    """Who was heard to speak peer to peer, as the web client does."""

    def __init__(self) -> None:
        self._peers: dict[UserId, None] = {}

    def __contains__(self, peer: UserId | None) -> bool:
        return peer in self._peers

    def add(self, peer: UserId) -> None:
        """Somebody tries to; the oldest of many is forgotten."""
        self._peers[peer] = None
        if len(self._peers) > _MAX_WEB_PEERS:
            del self._peers[next(iter(self._peers))]

    def clear(self, peers: frozenset[UserId]) -> None:
        """These are in the media after all."""
        for peer in peers:
            self._peers.pop(peer, None)
