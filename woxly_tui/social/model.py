"""Friends, requests, rooms, messages and past calls of one account. Pure data.

Every text in here is cleaned (`_lib.text`) by whoever read it from a server.
"""

from dataclasses import dataclass
from enum import StrEnum

from woxly_tui.types import MessageId, RoomId, RoomKind, Seconds, UserId


class Presence(StrEnum):
    """What is seen of somebody. A server tells no dnd: that is ours, and shows as busy."""

    ONLINE = "online"
    AWAY = "away"
    BUSY = "busy"
    DND = "dnd"
    OFFLINE = "offline"


class LinkState(StrEnum):
    """How we stand to the Woxly server."""

    SIGNED_OUT = "signed-out"
    """No account, or its sign-in is over: `woxly login`."""
    OFFLINE = "offline"
    CONNECTING = "connecting"
    ONLINE = "online"


class MessageKind(StrEnum):
    """What a message holds."""

    TEXT = "text"
    IMAGE = "image"
    FILE = "file"
    VOICE = "voice"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Person:
    """A user of the server; names are not unique, ids are."""

    user: UserId
    name: str
    woxly_id: str = ""


@dataclass(frozen=True, slots=True)
class Friend:
    """Somebody who is a friend."""

    person: Person
    presence: Presence = Presence.OFFLINE
    note: str = ""


@dataclass(frozen=True, slots=True)
class FriendRequest:
    """Somebody who asks to be one."""

    friendship: int
    person: Person


@dataclass(frozen=True, slots=True)
class ReadMark:
    """Up to when somebody else has read a room."""

    user: UserId
    read_at: Seconds
    """Wall clock."""


@dataclass(frozen=True, slots=True)
class Room:
    """A room we are in."""

    room: RoomId
    kind: RoomKind
    name: str
    """As shown: a DM bears the other one's name."""
    peer: UserId | None = None
    """The other one, in a DM."""
    members: tuple[Person, ...] = ()
    unread: int = 0
    last_text: str = ""
    """The beginning of the newest message, one line."""
    last_at: Seconds | None = None
    """When it was sent, wall clock."""
    live: tuple[Person, ...] | None = ()
    """Who is in its call now, guests with the user id 0; None where the server does not tell."""
    live_since: Seconds | None = None
    """Wall clock."""
    is_invited: bool = False
    """We were asked, and have not come yet."""
    read: tuple[ReadMark, ...] = ()


@dataclass(frozen=True, slots=True)
class PastCall:
    """A call that is over, or a ring nobody answered."""

    room: RoomId | None
    with_whom: str
    began_at: Seconds
    """Wall clock."""
    seconds: int | None
    """How long it was; None where nobody answered."""
    is_incoming: bool
    is_missed: bool = False
    caller: UserId | None = None
    """The other one: who rang us, or whom we talked with; None in a group or a voice room."""
    is_seen: bool = True
    outcome: str = ""
    """Value of a `call.ringing.view.Outcome`, or why the server says it rang in vain."""
    server_id: int | None = None
    """Its number on the server; None where only we remember it."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """One emoji under a message."""

    emoji: str
    users: tuple[UserId, ...]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file or a voice message."""

    name: str
    size_bytes: int
    url: str
    seconds: int | None = None
    """How long a voice message is."""


@dataclass(frozen=True, slots=True)
class RoomMessage:
    """A message of a room."""

    message: MessageId
    room: RoomId
    sender: Person
    text: str
    """Lines ended by line feeds."""
    sent_at: Seconds
    """Wall clock."""
    kind: MessageKind = MessageKind.TEXT
    reply_to: MessageId | None = None
    reply_text: str = ""
    """The beginning of what it answers, one line, with the name of who said it."""
    reactions: tuple[Reaction, ...] = ()
    is_edited: bool = False
    is_deleted: bool = False
    attachment: Attachment | None = None
