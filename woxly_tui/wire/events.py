"""Socket.IO events of a Woxly server and what they carry."""

from enum import StrEnum

from woxly_tui.wire.rest import LiveParticipant, PublicUser, Reaction
from woxly_tui.wire.shape import payload, sparse_payload


class ClientEvent(StrEnum):
    """What a client sends."""

    JOIN_ROOM = "join-room"
    LEAVE_ROOM = "leave-room"
    SEND_MESSAGE = "send-message"
    TYPING_START = "typing-start"
    STATUS_CHANGE = "status-change"
    CALL_FRIEND = "call-friend"
    ACCEPT_CALL = "accept-call"
    REJECT_CALL = "reject-call"
    CANCEL_CALL = "cancel-call"
    END_CALL = "end-call"
    LEAVE_CALL = "leave-call"
    REJOIN_CALL = "rejoin-call"
    CHECK_ACTIVE_CALL = "check-active-call"
    RESTORE_CALL = "restore-call"
    START_SPEAKING = "start-speaking"
    STOP_SPEAKING = "stop-speaking"
    WEBRTC_OFFER = "webrtc-offer"
    WEBRTC_ANSWER = "webrtc-answer"
    ICE_CANDIDATE = "ice-candidate"


class ServerEvent(StrEnum):
    """What a server sends."""

    FRIEND_STATUS_CHANGED = "friend-status-changed"
    FRIEND_PROFILE_UPDATED = "friend-profile-updated"
    FRIEND_REQUEST = "friend-request"
    FRIEND_ACCEPTED = "friend-accepted"
    FRIEND_DECLINED = "friend-declined"
    FRIEND_REMOVED = "friend-removed"
    ROOM_INVITATION = "room-invitation"
    ROOM_UPDATED = "room-updated"
    ROOM_LIVE = "room-live"
    USER_JOINED_ROOM = "user-joined-room"
    USER_LEFT_ROOM = "user-left-room"
    NEW_MESSAGE = "new-message"
    MESSAGE_UPDATED = "message-updated"
    MESSAGE_DELETED = "message-deleted"
    MESSAGE_REACTION = "message-reaction"
    MESSAGES_READ = "messages-read"
    TYPING = "typing"
    USER_SPEAKING = "user-speaking"
    INCOMING_CALL = "incoming-call"
    CALL_ACCEPTED = "call-accepted"
    CALL_REJECTED = "call-rejected"
    CALL_BUSY = "call-busy"
    CALL_TIMEOUT = "call-timeout"
    CALL_CANCELLED = "call-cancelled"
    CALL_ANSWERED_ELSEWHERE = "call-answered-elsewhere"
    CALL_MISSED = "call-missed"
    CALL_ENDED = "call-ended"
    CALL_RESTORED = "call-restored"
    ACTIVE_CALL_FOUND = "active-call-found"
    NO_ACTIVE_CALL = "no-active-call"
    USER_LEFT_CALL = "user-left-call"
    USER_REJOINED_CALL = "user-rejoined-call"
    WEBRTC_OFFER = "webrtc-offer"
    WEBRTC_ANSWER = "webrtc-answer"
    ICE_CANDIDATE = "ice-candidate"
    ERROR = "error"


@sparse_payload
class EventRefused:
    """`error`: what the client sent under `event` was not done, and why."""

    event: str
    error: str
    retry_after: int | None = None


@sparse_payload
class Ack:
    """What an acknowledgement holds, where the client asks for one."""

    ok: bool
    error: str | None = None
    retry_after: int | None = None
    outcome: str | None = None
    room_id: int | None = None
    message_id: int | None = None


@sparse_payload
class FriendStatusChanged:
    user_id: int
    status: str


@payload
class FriendProfileUpdated:
    user_id: int
    username: str
    avatar_url: str | None = None


@sparse_payload
class FriendAccepted:
    friendship_id: int
    friend: PublicUser


@sparse_payload
class FriendGone:
    """`friend-removed` and `friend-declined`."""

    user_id: int
    friendship_id: int


@sparse_payload
class UserAndRoom:
    """`user-joined-room`, `user-left-room`, `user-left-call`, `user-rejoined-call`."""

    user_id: int
    room_id: int


@sparse_payload
class RoomNamed:
    """`room-invitation` and `room-updated`."""

    room_id: int
    name: str
    type: str
    by: int


@sparse_payload
class MessageGone:
    id: int
    room_id: int


@sparse_payload
class MessageReacted:
    message_id: int
    room_id: int
    user_id: int
    emoji: str
    action: str
    reactions: list[Reaction]


@sparse_payload
class MessagesRead:
    room_id: int
    user_id: int
    last_read_at: str


@sparse_payload
class Typing:
    user_id: int
    room_id: int
    is_typing: bool


@sparse_payload
class UserSpeaking:
    user_id: int
    room_id: int
    is_speaking: bool


@sparse_payload
class ActiveCallFound:
    friend_id: int
    started_at: str
    room_id: int | None = None


@sparse_payload
class NoActiveCall:
    friend_id: int


@sparse_payload
class CallRestored:
    friend_id: int
    room_id: int


@sparse_payload
class RoomLive:
    """Who is in a room's call now, sent when that changes."""

    room_id: int
    is_live: bool
    started_at: str | None = None
    participants: list[LiveParticipant]


def from_user(sender: int | dict[str, object], **rest: object) -> dict[str, object]:
    """A payload that begins with `from`, a word Python keeps for itself; None is left out."""
    return {"from": sender, **{key: item for key, item in rest.items() if item is not None}}
