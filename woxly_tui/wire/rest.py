"""What a Woxly server answers over REST; each `…Answer` is the body of a response."""

from woxly_tui.wire.shape import payload


@payload
class ErrorAnswer:
    """Every handled error."""

    error: str


@payload
class DoneAnswer:
    """Something was done, and there is nothing to show for it."""

    message: str


@payload
class SuccessAnswer:
    success: bool


# --- users -------------------------------------------------------------------------------


@payload
class Nameplate:
    """The least there is to say about a user."""

    id: int
    username: str
    avatar_url: str | None


@payload
class BadgedNameplate(Nameplate):
    badge: str | None
    badge_color: str | None


@payload
class PublicUser:
    """A user as everybody may see them."""

    id: int
    woxly_id: str
    username: str
    user_tag: str
    avatar_url: str | None
    status: str
    badge: str | None
    badge_color: str | None


@payload
class Profile(PublicUser):
    """A user looked up."""

    bio: str | None
    created_at: str


@payload
class RegisteredUser(PublicUser):
    """Oneself, just registered."""

    email: str
    email_verified: bool
    created_at: str


@payload
class OwnUser(RegisteredUser):
    """Oneself."""

    bio: str | None
    updated_at: str


@payload
class LoginUser(OwnUser):
    """Oneself, just signed in."""

    public_key: str | None
    two_factor_enabled: bool


@payload
class RegisterAnswer:
    user: RegisteredUser
    access_token: str
    refresh_token: str
    message: str


@payload
class LoginAnswer:
    user: LoginUser
    access_token: str
    refresh_token: str


@payload
class RefreshAnswer:
    """A new access token, and the refresh token that replaces the one presented."""

    access_token: str
    refresh_token: str


@payload
class OwnUserAnswer:
    user: OwnUser


@payload
class UserStatusShown:
    id: int
    status: str


@payload
class StatusAnswer:
    user: UserStatusShown


@payload
class ProfileAnswer:
    user: Profile
    friendship_status: str | None
    friendship_id: int | None
    note: str | None


@payload
class PublicKeyAnswer:
    user_id: int
    public_key: str | None


@payload
class TwoFactorAnswer:
    enabled: bool


@payload
class TwoFactorSetupAnswer:
    """The secret as text, and as a picture in a data URL."""

    secret: str
    qr_code: str


@payload
class TwoFactorDoneAnswer:
    success: bool
    message: str


# --- friends -----------------------------------------------------------------------------


@payload
class Friend(PublicUser):
    note: str | None
    friendship_id: int
    created_at: str


@payload
class FriendsAnswer:
    friends: list[Friend]


@payload
class Friendship:
    """`note` is that of the user who asks: the other side's is never shown."""

    id: int
    user_id: int
    friend_id: int
    status: str
    note: str | None
    created_at: str
    updated_at: str


@payload
class FriendRequest(Friendship):
    user: PublicUser


@payload
class FriendRequestsAnswer:
    requests: list[FriendRequest]


@payload
class UsersAnswer:
    users: list[PublicUser]


@payload
class FriendshipAnswer:
    friendship: Friendship


@payload
class AutoAcceptedAnswer(FriendshipAnswer):
    auto_accepted: bool


# --- rooms -------------------------------------------------------------------------------


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


# --- messages ----------------------------------------------------------------------------


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


# --- calls -------------------------------------------------------------------------------


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


# --- health ------------------------------------------------------------------------------


@payload
class HealthAnswer:
    """`status` is ok when everything is; the others are ok or say what is wrong."""

    status: str
    database: str
    livekit: str
    version: str
