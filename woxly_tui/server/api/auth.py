"""/api/auth: registering, signing in and out, codes by mail."""

from typing import Annotated, Final

from fastapi import APIRouter, Request
from pydantic import Field
from sqlalchemy.exc import IntegrityError

from woxly_tui.server import limiter, totp
from woxly_tui.server.fields import AnyPassword, Body, Code, Email, Line, Password, Token, Username
from woxly_tui.server.problems import Problem, language_of
from woxly_tui.server.services import Core, Me, Services, client_address, limit
from woxly_tui.server.sessions import UnknownUser
from woxly_tui.server.store import shapes, users
from woxly_tui.server.texts import Text
from woxly_tui.server.times import now_ms
from woxly_tui.server.tokens import InvalidToken
from woxly_tui.wire import rest

router: Final = APIRouter(prefix="/api/auth", tags=["auth"])


class RegisterBody(Body):
    email: Email
    username: Username
    password: Password


class LoginBody(Body):
    """`twoFactorCode` is needed by those who turned two-factor sign-in on."""

    email: Email
    password: AnyPassword
    two_factor_code: Code | None = None


class VerifyEmailBody(Body):
    email: Email
    code: Annotated[Line, Field(min_length=6, max_length=6)]


class RefreshBody(Body):
    refresh_token: Token | None = None


class RequestResetBody(Body):
    email: Email


class ResetBody(Body):
    email: Email
    code: Code
    new_password: Password


@router.post("/register", status_code=201)
async def register(body: RegisterBody, request: Request, core: Core) -> rest.RegisterAnswer:
    """Make an account, and sign in."""
    await limit(core, limiter.REGISTER, client_address(request))
    password_hash = await core.passwords.hash(body.password)
    try:
        async with core.db.write() as db:
            user = await users.create(
                db, email=body.email, username=body.username, password_hash=password_hash
            )
            code = await users.new_code(db, user.id, users.VERIFY)
    except IntegrityError:
        raise Problem(400, Text.EMAIL_TAKEN) from None
    core.mailer.send(user.email, "Woxly", f"Code: {code}")
    pair = await core.sessions.open(user.id)
    return rest.RegisterAnswer(
        user=shapes.registered_user(user),
        access_token=pair.access,
        refresh_token=pair.refresh,
        message=Text.REGISTERED.say(language_of(request)),
    )


@router.post("/login")
async def login(body: LoginBody, request: Request, core: Core) -> rest.LoginAnswer:
    """Sign in."""
    await limit(core, limiter.LOGIN_BY_ADDRESS, client_address(request))
    await limit(core, limiter.LOGIN_BY_EMAIL, body.email)
    async with core.db.read() as db:
        user = await users.by_email(db, body.email)
    stored = None if user is None else user.password_hash
    if not await core.passwords.is_right(stored, body.password) or user is None:
        raise Problem(401, Text.LOGIN_WRONG)
    if user.banned_at is not None:
        raise Problem(403, Text.BANNED)
    if user.two_factor_enabled:
        await _check_second_factor(core, user.id, body.two_factor_code)
    await core.limiter.forgive(limiter.LOGIN_BY_EMAIL, body.email)
    pair = await core.sessions.open(user.id)
    return rest.LoginAnswer(
        user=shapes.login_user(user), access_token=pair.access, refresh_token=pair.refresh
    )


async def _check_second_factor(core: Services, user_id: int, code: str | None) -> None:
    if not code:
        raise Problem(401, Text.TWO_FACTOR_NEEDED)
    async with core.db.write() as db:
        is_right = await totp.take(db, user_id, code)
    if not is_right:
        raise Problem(401, Text.TWO_FACTOR_WRONG)


@router.post("/refresh")
async def refresh(core: Core, body: RefreshBody | None = None) -> rest.RefreshAnswer:
    """Trade the refresh token for a new access token and a new refresh token.

    The one presented is used up: presenting it again ends the sign-in it came from.
    """
    if body is None or not body.refresh_token:
        raise Problem(401, Text.REFRESH_MISSING)
    try:
        pair = await core.sessions.refresh(body.refresh_token)
    except InvalidToken:
        raise Problem(401, Text.REFRESH_INVALID) from None
    except UnknownUser:
        raise Problem(401, Text.USER_UNKNOWN) from None
    return rest.RefreshAnswer(access_token=pair.access, refresh_token=pair.refresh)


@router.post("/logout")
async def logout(me: Me, request: Request, core: Core) -> rest.DoneAnswer:
    """Sign this device out: its access and refresh tokens end now."""
    await core.sessions.end(me.session_id)
    await core.notifier.disconnect_user(me.user_id, session_id=me.session_id)
    return rest.DoneAnswer(message=Text.LOGGED_OUT.say(language_of(request)))


@router.post("/logout-all")
async def logout_all(me: Me, request: Request, core: Core) -> rest.DoneAnswer:
    """Sign out everywhere."""
    await core.sessions.end_all(me.user_id)
    await core.notifier.disconnect_user(me.user_id)
    return rest.DoneAnswer(message=Text.LOGGED_OUT.say(language_of(request)))


@router.post("/verify-email")
async def verify_email(body: VerifyEmailBody, request: Request, core: Core) -> rest.DoneAnswer:
    """Prove that the address is one's own."""
    await limit(core, limiter.CODE, body.email)
    async with core.db.write() as db:
        user = await users.by_email(db, body.email)
        is_right = user is not None and await users.take_code(db, user.id, users.VERIFY, body.code)
        if user is not None and is_right:
            user.email_verified = True
            user.updated_at = now_ms()
    if user is None:
        raise Problem(404, Text.USER_UNKNOWN)
    if not is_right:
        raise Problem(400, Text.CODE_WRONG)
    return rest.DoneAnswer(message=Text.EMAIL_VERIFIED.say(language_of(request)))


@router.post("/request-password-reset")
async def request_reset(body: RequestResetBody, request: Request, core: Core) -> rest.DoneAnswer:
    """Have a code sent; the answer does not tell whether the address is known."""
    await limit(core, limiter.MAIL, body.email)
    await limit(core, limiter.LOGIN_BY_ADDRESS, client_address(request))
    async with core.db.write() as db:
        user = await users.by_email(db, body.email)
        code = "" if user is None else await users.new_code(db, user.id, users.RESET)
    if code:
        core.mailer.send(body.email, "Woxly", f"Code: {code}")
    return rest.DoneAnswer(message=Text.RESET_SENT.say(language_of(request)))


@router.post("/reset-password")
async def reset_password(body: ResetBody, request: Request, core: Core) -> rest.DoneAnswer:
    """Set a new password with the code; every device is signed out."""
    await limit(core, limiter.CODE, body.email)
    password_hash = await core.passwords.hash(body.new_password)
    async with core.db.write() as db:
        user = await users.by_email(db, body.email)
        is_right = user is not None and await users.take_code(db, user.id, users.RESET, body.code)
        if user is not None and is_right:
            user.password_hash = password_hash
            user.updated_at = now_ms()
    if user is None:
        raise Problem(404, Text.USER_UNKNOWN)
    if not is_right:
        raise Problem(400, Text.RESET_CODE_WRONG)
    await core.sessions.end_all(user.id)
    return rest.DoneAnswer(message=Text.PASSWORD_CHANGED.say(language_of(request)))
