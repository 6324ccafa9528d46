"""Users and friends."""

from woxly_tui.wire.shape import payload


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
class AvatarAnswer:
    """Somebody, and where their picture is."""

    user: Nameplate


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
