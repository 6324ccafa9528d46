"""/api/users: oneself and others."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Path, Request
from pydantic import Field

from woxly_tui.server import limiter, totp
from woxly_tui.server.db.models import User
from woxly_tui.server.fields import (
    AnyPassword,
    Body,
    Code,
    Line,
    UserTag,
    username_problem,
)
from woxly_tui.server.problems import Problem, language_of
from woxly_tui.server.qr import qr_data_url
from woxly_tui.server.services import Core, Me, Services, limit
from woxly_tui.server.store import friendships, shapes, users
from woxly_tui.server.texts import Text
from woxly_tui.server.times import now_ms
from woxly_tui.wire import rest
from woxly_tui.wire.events import FriendProfileUpdated, FriendStatusChanged, ServerEvent
from woxly_tui.wire.words import (
    MAX_BIO_CHARS,
    MAX_PASSWORD_CHARS,
    MIN_PASSWORD_CHARS,
    UserStatus,
)

router: Final = APIRouter(prefix="/api/users", tags=["users"])

UserId = Annotated[int, Path(ge=1, le=2**31 - 1)]


class UpdateMeBody(Body):
    username: Annotated[Line, Field(max_length=64)] | None = None
    user_tag: UserTag | None = None
    bio: Annotated[Line, Field(max_length=MAX_BIO_CHARS)] | None = None


class StatusBody(Body):
    status: Literal["online", "away", "busy", "offline"]


class ChangePasswordBody(Body):
    current_password: AnyPassword
    new_password: AnyPassword
    confirm_password: AnyPassword


class PublicKeyBody(Body):
    public_key: Annotated[Line, Field(min_length=1, max_length=10_000)]


class TwoFactorBody(Body):
    token: Code


class TwoFactorOffBody(Body):
    token: Code
    password: AnyPassword


async def me_or_404(core: Services, me: Me) -> User:
    """The user who asks."""
    async with core.db.read() as db:
        user = await db.get(User, me.user_id)
    if user is None:
        raise Problem(404, Text.USER_UNKNOWN)
    return user


@router.get("/me")
async def get_me(me: Me, core: Core) -> rest.OwnUserAnswer:
    """Oneself."""
    return rest.OwnUserAnswer(user=shapes.own_user(await me_or_404(core, me)))


@router.put("/me")
async def update_me(body: UpdateMeBody, me: Me, core: Core) -> rest.OwnUserAnswer:
    """Change name, tag or bio."""
    async with core.db.write() as db:
        user = await db.get(User, me.user_id)
        if user is None:
            raise Problem(404, Text.USER_UNKNOWN)
        if body.username is not None and body.username != user.username:
            _check_new_name(body.username)
            if await users.is_name_taken(db, body.username, user.id):
                raise Problem(400, Text.USERNAME_TAKEN)
            user.username, user.username_key = body.username, body.username.casefold()
        if body.user_tag is not None and body.user_tag != user.user_tag:
            if await users.is_tag_taken(db, body.user_tag, user.id):
                raise Problem(400, Text.USER_TAG_TAKEN)
            user.user_tag = body.user_tag
        if body.bio is not None:
            user.bio = body.bio
        user.updated_at = now_ms()
        friends = await users.friend_ids(db, user.id)
    await tell_profile(core, user, friends)
    return rest.OwnUserAnswer(user=shapes.own_user(user))


async def tell_profile(core: Services, user: User, friends: list[int]) -> None:
    """Tell friends how somebody looks now."""
    news = FriendProfileUpdated(user_id=user.id, username=user.username, avatar_url=user.avatar_url)
    for friend_id in friends:
        await core.notifier.to_user(friend_id, ServerEvent.FRIEND_PROFILE_UPDATED, news)


def _check_new_name(name: str) -> None:
    if (text := username_problem(name)) is not None:
        raise Problem(400, text)


@router.put("/me/status")
async def set_status(body: StatusBody, me: Me, core: Core) -> rest.StatusAnswer:
    """Say how one is; friends are told."""
    await change_status(core, me.user_id, UserStatus(body.status))
    return rest.StatusAnswer(user=rest.UserStatusShown(id=me.user_id, status=body.status))


async def change_status(core: Services, user_id: int, status: UserStatus) -> None:
    """Store a status, and tell friends where it changed."""
    async with core.db.write() as db:
        user = await db.get(User, user_id)
        if user is None or user.status == status:
            return
        user.status = status.value
        friends = await users.friend_ids(db, user_id)
    await _tell_status(core, user_id, status, friends)


async def settle_status(core: Services, user_id: int) -> None:
    """Make a status fit the devices that are connected now, and tell friends where it changed.

    What counts is the moment of writing: of two who come and go at once, either order is right.
    """
    async with core.db.write() as db:
        user = await db.get(User, user_id)
        is_online = await core.presence.is_online(user_id)
        if user is None or is_online is (user.status != UserStatus.OFFLINE):
            return
        status = UserStatus.ONLINE if is_online else UserStatus.OFFLINE
        user.status = status.value
        friends = await users.friend_ids(db, user_id)
    await _tell_status(core, user_id, status, friends)


async def _tell_status(
    core: Services, user_id: int, status: UserStatus, friends: list[int]
) -> None:
    news = FriendStatusChanged(user_id=user_id, status=status.value)
    for friend_id in friends:
        await core.notifier.to_user(friend_id, ServerEvent.FRIEND_STATUS_CHANGED, news)


@router.put("/me/password")
async def change_password(
    body: ChangePasswordBody, me: Me, request: Request, core: Core
) -> rest.DoneAnswer:
    """Change the password; every other device is signed out."""
    await limit(core, limiter.CODE, me.user_id)
    if body.new_password != body.confirm_password:
        raise Problem(400, Text.PASSWORDS_DIFFER)
    if len(body.new_password) < MIN_PASSWORD_CHARS:
        raise Problem(400, Text.NEW_PASSWORD_SHORT)
    if len(body.new_password) > MAX_PASSWORD_CHARS:
        raise Problem(400, Text.PASSWORD_LONG)
    user = await me_or_404(core, me)
    if not await core.passwords.is_right(user.password_hash, body.current_password):
        raise Problem(400, Text.OLD_PASSWORD_WRONG)
    password_hash = await core.passwords.hash(body.new_password)
    async with core.db.write() as db:
        if (row := await db.get(User, me.user_id)) is not None:
            row.password_hash, row.updated_at = password_hash, now_ms()
    await core.sessions.end_all(me.user_id, but=me.session_id)
    return rest.DoneAnswer(message=Text.PASSWORD_CHANGED.say(language_of(request)))


@router.post("/me/public-key")
async def set_public_key(body: PublicKeyBody, me: Me, core: Core) -> rest.SuccessAnswer:
    """Store a key for others to read."""
    async with core.db.write() as db:
        if (user := await db.get(User, me.user_id)) is not None:
            user.public_key = body.public_key
    return rest.SuccessAnswer(success=True)


@router.get("/me/2fa/status")
async def two_factor_status(me: Me, core: Core) -> rest.TwoFactorAnswer:
    """Whether two-factor sign-in is on."""
    return rest.TwoFactorAnswer(enabled=(await me_or_404(core, me)).two_factor_enabled)


@router.post("/me/2fa/setup")
async def two_factor_setup(me: Me, core: Core) -> rest.TwoFactorSetupAnswer:
    """Make a secret for an authenticator app; it counts once a code of it was seen."""
    async with core.db.write() as db:
        user = await db.get(User, me.user_id)
        if user is None:
            raise Problem(404, Text.USER_UNKNOWN)
        if user.two_factor_enabled:
            raise Problem(400, Text.TWO_FACTOR_ON)
        secret = user.two_factor_secret = totp.new_secret()
    return rest.TwoFactorSetupAnswer(
        secret=secret, qr_code=qr_data_url(totp.uri(secret, user.email))
    )


@router.post("/me/2fa/verify")
async def two_factor_verify(
    body: TwoFactorBody, me: Me, request: Request, core: Core
) -> rest.TwoFactorDoneAnswer:
    """Turn two-factor sign-in on, with a first code."""
    await limit(core, limiter.CODE, me.user_id)
    if (await me_or_404(core, me)).two_factor_secret is None:
        raise Problem(400, Text.TWO_FACTOR_FIRST)
    async with core.db.write() as db:
        is_right = await totp.take(db, me.user_id, body.token)
        user = await db.get(User, me.user_id)
        if user is not None and is_right:
            user.two_factor_enabled = True
    if not is_right:
        raise Problem(400, Text.CODE_WRONG)
    return rest.TwoFactorDoneAnswer(
        success=True, message=Text.TWO_FACTOR_DONE_ON.say(language_of(request))
    )


@router.post("/me/2fa/disable")
async def two_factor_disable(
    body: TwoFactorOffBody, me: Me, request: Request, core: Core
) -> rest.TwoFactorDoneAnswer:
    """Turn two-factor sign-in off, with password and code."""
    await limit(core, limiter.CODE, me.user_id)
    user = await me_or_404(core, me)
    if not user.two_factor_enabled:
        raise Problem(400, Text.TWO_FACTOR_OFF)
    if not await core.passwords.is_right(user.password_hash, body.password):
        raise Problem(400, Text.PASSWORD_WRONG)
    async with core.db.write() as db:
        is_right = await totp.take(db, me.user_id, body.token)
        row = await db.get(User, me.user_id)
        if row is not None and is_right:
            row.two_factor_enabled, row.two_factor_secret = False, None
    if not is_right:
        raise Problem(400, Text.TWO_FACTOR_WRONG)
    return rest.TwoFactorDoneAnswer(
        success=True, message=Text.TWO_FACTOR_DONE_OFF.say(language_of(request))
    )


@router.get("/{user_id}/public-key")
async def get_public_key(user_id: UserId, me: Me, core: Core) -> rest.PublicKeyAnswer:  # noqa: ARG001 - for those signed in
    """Somebody's key."""
    async with core.db.read() as db:
        user = await db.get(User, user_id)
    if user is None:
        raise Problem(404, Text.USER_UNKNOWN)
    return rest.PublicKeyAnswer(user_id=user.id, public_key=user.public_key)


@router.get("/{user_id}")
async def get_user(user_id: UserId, me: Me, core: Core) -> rest.ProfileAnswer:
    """Somebody, and how one stands to them."""
    async with core.db.read() as db:
        user = await db.get(User, user_id)
        row = await friendships.between(db, me.user_id, user_id)
    if user is None:
        raise Problem(404, Text.USER_UNKNOWN)
    status = None if row is None else friendships.status_for(row, me.user_id)
    return rest.ProfileAnswer(
        user=shapes.profile(user),
        friendship_status=status,
        friendship_id=None if row is None or status is None else row.id,
        note=None if row is None else shapes.note_of(row, me.user_id),
    )
