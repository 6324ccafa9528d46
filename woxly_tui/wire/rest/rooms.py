"""Rooms and messages."""

from woxly_tui.wire.rest.people import BadgedNameplate, PublicUser
from woxly_tui.wire.shape import payload


@payload
class MemberUser(BadgedNameplate):
    woxly_id: str
    status: str


@payload
class ParticipantUser(MemberUser):
    user_tag: str


@payload
class Member:
    id: int
    room_id: int
    user_id: int
    status: str
    joined_at: str | None
    left_at: str | None
    last_read_at: str | None
    custom_room_name: str | None
    custom_room_avatar: str | None
    created_at: str
    user: ParticipantUser


@payload
class Room:
    """A DM's name is empty: show the other member's."""

    id: int
    name: str
    type: str
    owner_id: int
    is_private: bool
    avatar_url: str | None
    created_at: str
    updated_at: str
    owner: BadgedNameplate
    members: list[Member]


@payload
class MessageSender:
    id: int
    username: str


@payload
class LastMessage:
    id: int
    content: str
    type: str
    created_at: str
    sender_id: int
    sender: MessageSender


@payload
class ListedRoom(Room):
    last_message: LastMessage | None
    unread_count: int


@payload
class RoomsAnswer:
    rooms: list[ListedRoom]


@payload
class RoomAnswer:
    room: Room


@payload
class ParticipantsAnswer:
    participants: list[Member]


@payload
class LivekitTokenAnswer:
    """Where to connect, and what opens it."""

    token: str
    url: str
    room_name: str


@payload
class Reaction:
    emoji: str
    count: int
    users: list[MessageSender]


@payload
class RepliedMessage:
    """What a reply answers; empty content once that is deleted."""

    id: int
    content: str
    type: str
    sender_id: int
    sender: MessageSender


@payload
class Message:
    id: int
    room_id: int
    sender_id: int
    content: str
    type: str
    reply_to_id: int | None
    file_url: str | None
    file_name: str | None
    file_size: int | None
    file_mime_type: str | None
    duration: int | None
    is_encrypted: bool
    is_edited: bool
    created_at: str
    updated_at: str
    deleted_at: str | None
    sender: PublicUser
    reply_to: RepliedMessage | None
    reactions: list[Reaction]


@payload
class MessageAnswer:
    message: Message


@payload
class MessagesAnswer:
    messages: list[Message]


@payload
class ReactedAnswer:
    action: str
    emoji: str


@payload
class ReactionsAnswer:
    reactions: list[Reaction]
