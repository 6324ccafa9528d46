"""What front ends ask of the lobby, and what it shows. Part of the control messages.

The engine holds the link to the Woxly server; each update is the whole of its topic, so that a
slow reader needs the newest of each only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from woxly_tui.call.ringing.view import RingView
from woxly_tui.call.snapshot import PttMode
from woxly_tui.control.devices import DeviceWishes
from woxly_tui.control.shaping import SetShaping
from woxly_tui.social.model import (
    Friend,
    FriendRequest,
    PastCall,
    Person,
    Presence,
    Room,
    RoomMessage,
)
from woxly_tui.social.model import LinkState as LinkState
from woxly_tui.types import MessageId, RoomId, RoomKind, Seconds, UserId

# Commands


@dataclass(frozen=True, slots=True)
class CallStyle:
    """How calls of the lobby are joined: the settings, and where the sound of a terminal is."""

    backend: str = "auto"
    is_muted: bool = False
    ptt_mode: PttMode = PttMode.TALK
    environment: Mapping[str, str] = field(default_factory=dict)
    shaping: SetShaping = field(default_factory=SetShaping)
    devices: DeviceWishes = field(default_factory=DeviceWishes)
    """As of `Join`, these three."""
    livekit_url: str = ""
    """Used where the Woxly server names a LiveKit server that only its own machine reaches."""


@dataclass(frozen=True, slots=True)
class GoOnline:
    """Link to a Woxly server, and stay so while a front end is there or a ring or call goes on."""

    account: str = ""
    """Which one, as `woxly accounts` names it; empty for the one last used."""
    style: CallStyle | None = None
    """None for the settings as the engine finds them."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Takes the place of the style's, where it is not empty."""


@dataclass(frozen=True, slots=True)
class GoOffline:
    """Be linked to none. Refused in a call that came of it."""


@dataclass(frozen=True, slots=True)
class ListAccounts:
    """Ask which accounts there are; `AccountsListed` answers."""


@dataclass(frozen=True, slots=True)
class UseAccount:
    """Be online as that one of `AccountsListed` from now on; not while a call or a ring is on."""

    account: str


@dataclass(frozen=True, slots=True)
class RefreshLobby:
    """Ask the server for everything again."""


@dataclass(frozen=True, slots=True)
class SetPresence:
    """What friends see of us; dnd lets rings come without a sound."""

    presence: Presence


@dataclass(frozen=True, slots=True)
class CallFriend:
    """Ring somebody; where they ring us, that answers them."""

    user: UserId


@dataclass(frozen=True, slots=True)
class CallGroup:
    """Make a group and ring them all."""

    members: tuple[UserId, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class AddToCall:
    """Ring one more into the call; a call of two becomes a group."""

    user: UserId


@dataclass(frozen=True, slots=True)
class EnterRoom:
    """Be in the call of a room without ringing anybody: a voice room, or to come back."""

    room: RoomId


@dataclass(frozen=True, slots=True)
class AcceptRing:
    """Answer; a call we are in is left."""

    caller: UserId


@dataclass(frozen=True, slots=True)
class RejectRing:
    """Refuse, and perhaps say something in the room of it."""

    caller: UserId
    message: str = ""


@dataclass(frozen=True, slots=True)
class HangUp:
    """Leave the call, or ring no more."""


@dataclass(frozen=True, slots=True)
class SearchPeople:
    """Look for people by name or Woxly id; `PeopleFound` answers."""

    query: str


@dataclass(frozen=True, slots=True)
class AddFriend:
    """Ask somebody to be a friend."""

    user: UserId


@dataclass(frozen=True, slots=True)
class AnswerRequest:
    """Accept or decline somebody who asks."""

    friendship: int
    accept: bool


@dataclass(frozen=True, slots=True)
class RemoveFriend:
    """Be friends no more."""

    user: UserId


@dataclass(frozen=True, slots=True)
class BlockUser:
    """Hear nothing of somebody any more."""

    user: UserId


@dataclass(frozen=True, slots=True)
class SetNote:
    """The note beside a friend's name."""

    user: UserId
    note: str


@dataclass(frozen=True, slots=True)
class CreateRoom:
    """Make a room without calling anybody."""

    name: str
    kind: RoomKind
    members: tuple[UserId, ...] = ()


@dataclass(frozen=True, slots=True)
class LeaveRoom:
    """Be a member no more."""

    room: RoomId


@dataclass(frozen=True, slots=True)
class OpenRoom:
    """Load the messages of a room and follow them; `RoomMessages` answers."""

    room: RoomId


@dataclass(frozen=True, slots=True)
class LoadOlder:
    """One page more of an open room."""

    room: RoomId


@dataclass(frozen=True, slots=True)
class SendMessage:
    """Say something in a room."""

    room: RoomId
    text: str
    reply_to: MessageId | None = None


@dataclass(frozen=True, slots=True)
class EditMessage:
    """Change what we said."""

    room: RoomId
    message: MessageId
    text: str


@dataclass(frozen=True, slots=True)
class DeleteMessage:
    """Take back what we said."""

    room: RoomId
    message: MessageId


@dataclass(frozen=True, slots=True)
class React:
    """Put an emoji under a message, or take ours away."""

    room: RoomId
    message: MessageId
    emoji: str


@dataclass(frozen=True, slots=True)
class MarkRead:
    """We have seen what there is."""

    room: RoomId


@dataclass(frozen=True, slots=True)
class SetTyping:
    """Tell the others that we write, or do no more."""

    room: RoomId
    on: bool


@dataclass(frozen=True, slots=True)
class MarkCallsSeen:
    """The missed calls were looked at."""


@dataclass(frozen=True, slots=True)
class SaveAttachment:
    """Fetch a file into the downloads folder; the reply's notice says where."""

    room: RoomId
    message: MessageId


@dataclass(frozen=True, slots=True)
class LobbyCall:
    """Which room of which account a call is in; part of `Join`."""

    account: str
    room: RoomId
    kind: RoomKind
    peer: UserId | None = None
    """The other one, in a DM."""


# Updates


@dataclass(frozen=True, slots=True)
class LobbyState:
    """The account, the link, and the rings; sent first on attach, and at every change.

    Until somebody goes online nothing is sent: the default is what holds.
    """

    link: LinkState = LinkState.SIGNED_OUT
    account: str = ""
    """As `woxly accounts` names it; empty where there is none."""
    me: Person | None = None
    presence: Presence = Presence.OFFLINE
    detail: str = ""
    """Why not online, and the remedy."""
    retry_at: Seconds | None = None
    """Wall clock."""
    as_of: Seconds | None = None
    """When the lists were true, wall clock; None where nothing is known."""
    rings: RingView = field(default_factory=RingView)
    is_calling_anybody: bool = False
    """A ring or a call stands that came of the lobby."""
    people: tuple[Person, ...] = ()
    """Whoever is meant by an id in `rings`, friend or not."""


@dataclass(frozen=True, slots=True)
class FriendsListed:
    """All friends and requests."""

    friends: tuple[Friend, ...]
    requests: tuple[FriendRequest, ...] = ()


@dataclass(frozen=True, slots=True)
class RoomsListed:
    """All rooms, the newest message first."""

    rooms: tuple[Room, ...]


@dataclass(frozen=True, slots=True)
class CallsListed:
    """Recent and missed calls, the newest first."""

    calls: tuple[PastCall, ...]


@dataclass(frozen=True, slots=True)
class PeopleFound:
    """Answers SearchPeople."""

    query: str
    people: tuple[Person, ...]
    error: str = ""


@dataclass(frozen=True, slots=True)
class AccountsListed:
    """Answers ListAccounts: the one in use first, each name for one account only."""

    accounts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoomMessages:
    """The messages of an open room, the oldest first; the newest 200 or so."""

    room: RoomId
    messages: tuple[RoomMessage, ...]
    has_older: bool = False
    typing: tuple[Person, ...] = ()


LobbyCommand: TypeAlias = (
    GoOnline
    | GoOffline
    | ListAccounts
    | UseAccount
    | RefreshLobby
    | SetPresence
    | CallFriend
    | CallGroup
    | AddToCall
    | EnterRoom
    | AcceptRing
    | RejectRing
    | HangUp
    | SearchPeople
    | AddFriend
    | AnswerRequest
    | RemoveFriend
    | BlockUser
    | SetNote
    | CreateRoom
    | LeaveRoom
    | OpenRoom
    | LoadOlder
    | SendMessage
    | EditMessage
    | DeleteMessage
    | React
    | MarkRead
    | SetTyping
    | MarkCallsSeen
    | SaveAttachment
)
LobbyUpdate: TypeAlias = (
    LobbyState
    | FriendsListed
    | RoomsListed
    | CallsListed
    | PeopleFound
    | AccountsListed
    | RoomMessages
)
