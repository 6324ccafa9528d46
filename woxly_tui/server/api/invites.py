"""Invites into a room's calls: made and withdrawn by members, redeemed by guests.

Whatever is wrong with a code, the answer is the same 404.
"""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request
from pydantic import AfterValidator, Field

from woxly_tui._lib.text import clean_name
from woxly_tui.server import limiter
from woxly_tui.server.api.livekit import token_answer
from woxly_tui.server.db.models import Invite, Room
from woxly_tui.server.fields import Body, Line, refused
from woxly_tui.server.problems import Problem, language_of
from woxly_tui.server.services import Core, Me, Services, client_address, limit
from woxly_tui.server.store import invites, live, messages
from woxly_tui.server.store.invites import (
    DEFAULT_EXPIRY_S,
    DEFAULT_USES,
    MAX_EXPIRY_S,
    MAX_OPEN,
    MAX_USES,
    MIN_EXPIRY_S,
    Admitted,
)
from woxly_tui.server.texts import Text
from woxly_tui.server.times import now_ms
from woxly_tui.types import Identity
from woxly_tui.wire import rest
from woxly_tui.wire.shape import wire_time
from woxly_tui.wire.words import MAX_ID

router: Final = APIRouter(prefix="/api", tags=["invites"])

RoomId = Annotated[int, Path(ge=1, le=MAX_ID)]
Code = Annotated[str, Path(max_length=200)]


def _guest_name(value: str) -> str:
    if not (name := clean_name(value, "")):
        raise refused(Text.GUEST_NAME_NEEDED)
    return name


class MakeBody(Body):
    """`expiresIn` is in seconds."""

    expires_in: Annotated[int, Field(ge=MIN_EXPIRY_S, le=MAX_EXPIRY_S)] = DEFAULT_EXPIRY_S
    max_uses: Annotated[int, Field(ge=1, le=MAX_USES)] = DEFAULT_USES


class RedeemBody(Body):
    name: Annotated[Line, Field(max_length=1000), AfterValidator(_guest_name)]


# --- members -----------------------------------------------------------------------------


@router.post("/rooms/{room_id}/invites", status_code=201)
async def make_invite(
    room_id: RoomId, me: Me, request: Request, core: Core, body: MakeBody | None = None
) -> rest.InviteAnswer:
    """Make a link that lets guests into the room's calls; for members."""
    await limit(core, limiter.ASK, me.user_id)
    wanted = body or MakeBody()
    async with core.db.write() as db:
        await messages.check_member(db, room_id, me.user_id)
        if await invites.count_open(db, room_id) >= MAX_OPEN:
            raise Problem(409, Text.INVITES_MANY)
        invite, code = await invites.make(
            db, room_id, me.user_id, wanted.expires_in, wanted.max_uses
        )
    base = core.settings.public_url or str(request.base_url).rstrip("/")
    made = rest.NewInvite(**_shown(invite), code=code, url=f"{base}/j/{code}")
    return rest.InviteAnswer(invite=made)


@router.get("/rooms/{room_id}/invites")
async def list_invites(room_id: RoomId, me: Me, core: Core) -> rest.InvitesAnswer:
    """Invites that have not ended, without their codes; for members."""
    async with core.db.read() as db:
        await messages.check_member(db, room_id, me.user_id)
        return rest.InvitesAnswer(
            invites=[_listed(invite) for invite in await invites.listed(db, room_id)]
        )


@router.delete("/rooms/{room_id}/invites/{invite_id}")
async def revoke_invite(
    room_id: RoomId,
    invite_id: Annotated[int, Path(ge=1, le=MAX_ID)],
    me: Me,
    request: Request,
    core: Core,
) -> rest.DoneAnswer:
    """Withdraw an invite: its guests are sent out. For its maker and the room's owner."""
    async with core.db.write() as db:
        await messages.check_member(db, room_id, me.user_id)
        invite = await invites.in_room(db, room_id, invite_id)
        if invite is None:
            raise Problem(404, Text.INVITE_NONE_SUCH)
        room = await db.get_one(Room, room_id)
        if me.user_id not in (invite.created_by, room.owner_id):
            raise Problem(403, Text.INVITE_NO_REVOKE)
        if invite.revoked_at is None:
            invite.revoked_at = now_ms()
    core.guests.hurry()
    return rest.DoneAnswer(message=Text.INVITE_REVOKED.say(language_of(request)))


def _listed(invite: Invite) -> rest.Invite:
    return rest.Invite(**_shown(invite))


def _shown(invite: Invite) -> dict[str, Any]:
    return {
        "id": invite.id,
        "room_id": invite.room_id,
        "created_by": invite.created_by,
        "created_at": wire_time(invite.created_at),
        "expires_at": wire_time(invite.expires_at),
        "max_uses": invite.max_uses,
        "uses": invite.uses,
    }


# --- guests ------------------------------------------------------------------------------


@router.get("/invites/{code}")
async def show_invite(code: Code, request: Request, core: Core) -> rest.InviteShownAnswer:
    """What a link leads to; looking uses nothing up."""
    await limit(core, limiter.INVITE, client_address(request))
    return await shown_invite(core, code)


async def shown_invite(core: Services, code: str) -> rest.InviteShownAnswer:
    """What a code leads to.

    Raises:
        Problem: 404, it leads nowhere.
    """
    async with core.db.read() as db:
        found = await invites.find(db, code)
        if found is None:
            raise Problem(404, Text.INVITE_UNKNOWN)
        invite, room, maker = found
        inside = await live.live_answer(db, invite.room_id)
    return rest.InviteShownAnswer(
        room=clean_name(room.name, ""),
        invited_by=None if maker is None else clean_name(maker),
        people_inside=len(inside.participants),
        expires_at=wire_time(invite.expires_at),
    )


@router.post("/invites/{code}/redeem")
async def redeem_invite(
    body: RedeemBody, code: Code, request: Request, core: Core
) -> rest.GuestTokenAnswer:
    """Become a guest: a name, a LiveKit token for that room only, and a guest token."""
    await limit(core, limiter.INVITE, client_address(request))
    if core.livekit is None:
        raise Problem(500, Text.LIVEKIT_FAILED)
    async with core.db.write() as db:
        found = await invites.redeem(db, code, body.name)
    if found is None:
        raise Problem(404, Text.INVITE_UNKNOWN)
    return _let_in(core, request, *found)


@router.post("/guests/livekit-token")
async def guest_livekit_token(request: Request, core: Core) -> rest.GuestTokenAnswer:
    """A fresh LiveKit token for the guest whose guest token is the Bearer token."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise Problem(401, Text.TOKEN_MISSING)
    await limit(core, limiter.INVITE, client_address(request))
    async with core.db.read() as db:
        guest = await invites.admitted(db, token)
    if guest is None:
        raise Problem(404, Text.INVITE_UNKNOWN)
    await limit(core, limiter.GUEST_TOKEN, guest.identity)
    return _let_in(core, request, guest, token)


def _let_in(
    core: Services, request: Request, guest: Admitted, guest_token: str
) -> rest.GuestTokenAnswer:
    way = token_answer(core, request, guest.room_id, Identity(guest.identity), guest.name)
    return rest.GuestTokenAnswer(
        token=way.token,
        url=way.url,
        room_name=way.room_name,
        room=guest.room_name,
        identity=guest.identity,
        name=guest.name,
        guest_token=guest_token,
        guest_until=wire_time(guest.until_ms),
    )
