"""Friends, rooms, calls and messages as plain data, which every room of the code may name.

Names and texts are cleaned and bounded by whoever makes these (`lobby/`); a screen draws them as
they are. Names are not unique: ids are. Times are wall-clock, as the server told them.
"""

from dataclasses import dataclass
from enum import StrEnum

from woxly_tui.types import Identity, RoomId, RoomKind, Seconds, UserId


class Presence(StrEnum):
    """What friends see of a user. Only of ourselves is DO_NOT_DISTURB known; friends see BUSY."""

    ONLINE = "online"
    AWAY = "away"
    BUSY = "busy"
    DO_NOT_DISTURB = "do-not-disturb"
    OFFLINE = "offline"

    @property
    def is_silent(self) -> bool:
        """Whether a ring makes no sound and sends no notification."""
        return self is Presence.DO_NOT_DISTURB

    @property
    def told(self) -> "Presence":
        """What the server and friends get to know."""
        return Presence.BUSY if self is Presence.DO_NOT_DISTURB else self


class MessageKind(StrEnum):
    """What a message holds."""

    TEXT = "text"
    IMAGE = "image"
    FILE = "file"
    VOICE = "voice"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Person:
    """A user as found by a search."""

    user_id: UserId
    name: str
    woxly_id: str = ""
    """As WX1234; unique."""
    presence: Presence = Presence.OFFLINE


@dataclass(frozen=True, slots=True)
class Friend:
    """Somebody who is a friend."""

    user_id: UserId
    name: str
    woxly_id: str = ""
    presence: Presence = Presence.OFFLINE
    """A hint: a server may show somebody offline of whom one device is still there."""
    note: str = ""
    friendship_id: int = 0


@dataclass(frozen=True, slots=True)
class FriendRequest:
    """Somebody who asks to be a friend."""

    friendship_id: int
    user_id: UserId
    name: str
    woxly_id: str = ""
    asked_at: Seconds | None = None


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody in the call of a room now; `user_id` is None for a guest."""

    identity: Identity
    name: str
    user_id: UserId | None = None
    joined_at: Seconds | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who belongs to a room, or is invited to it."""

    user_id: UserId
    name: str
    woxly_id: str = ""
    presence: Presence = Presence.OFFLINE
    is_invited: bool = False
    """Asked, but has not come yet."""
    read_at: Seconds | None = None
    """Up to when they have read the room's messages."""


@dataclass(frozen=True, slots=True)
class Room:
    """A room we are in, or invited to."""

    room_id: RoomId
    kind: RoomKind
    name: str
    """To be shown: in a DM, and where a group has none, the others' names."""
    members: tuple[Member, ...] = ()
    """The others; not those who left."""
    peer: UserId | None = None
    """The other one, in a DM."""
    unread: int = 0
    is_invited: bool = False
    """We were asked, and have not come yet."""
    last_text: str = ""
    """The newest message, in one line."""
    last_at: Seconds | None = None
    live: tuple[Participant, ...] = ()
    """Who is in its call now."""
    live_since: Seconds | None = None
    is_live_known: bool = False
    """The server tells who is in the call; the public one does not, so empty says nothing."""

    @property
    def is_live(self) -> bool:
        """Whether a call runs, as far as is known."""
        return bool(self.live)


@dataclass(frozen=True, slots=True)
class CallRecord:
    """A call, or a ring, that is over."""

    began_at: Seconds
    name: str
    """With whom, or in which room: to be shown."""
    peer: UserId | None = None
    """None in a group or a voice room."""
    room_id: RoomId | None = None
    is_incoming: bool | None = None
    """None where that is not known."""
    is_missed: bool = False
    is_seen: bool = True
    seconds: int | None = None
    """How long it was; None where it stayed a ring, or goes on."""
    outcome: str = ""
    """Value of a `call.ringing.view.Outcome`; empty where the server does not say."""
    server_id: int | None = None
    """Its number on the server; None where only we remember it."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """One emoji on a message, and who set it."""

    emoji: str
    users: tuple[UserId, ...] = ()

    @property
    def count(self) -> int:
        """By how many."""
        return len(self.users)


@dataclass(frozen=True, slots=True)
class RepliedTo:
    """What a message answers; empty text where that is deleted."""

    message_id: int
    user_id: UserId
    name: str
    text: str
    """In one line."""


@dataclass(frozen=True, slots=True)
class SharedFile:
    """A file, a picture or a voice message. Nothing is fetched before the user asks for it."""

    url: str
    """Absolute, http or https; empty where the server's cannot be one."""
    name: str
    size_bytes: int | None = None
    mime_type: str = ""
    seconds: int | None = None
    """How long a voice message is."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message of a room."""

    message_id: int
    room_id: RoomId
    user_id: UserId
    """Who wrote it."""
    name: str
    text: str
    """Lines ended by line feeds; empty where it was deleted."""
    sent_at: Seconds
    kind: MessageKind = MessageKind.TEXT
    reply_to: RepliedTo | None = None
    reactions: tuple[Reaction, ...] = ()
    file: SharedFile | None = None
    is_edited: bool = False
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class Typist:
    """Somebody who is writing in a room."""

    room_id: RoomId
    user_id: UserId
    until: Seconds
    """Monotonic time at which that is believed no more: a server may never tell of the end."""


@dataclass(frozen=True, slots=True)
class Thread:
    """The newest messages of a room, oldest first."""

    room_id: RoomId
    messages: tuple[Message, ...] = ()
    has_older: bool = True
    """There may be more on the server."""
