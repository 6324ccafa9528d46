"""LiveKit tokens: what lets a member of a room into its call."""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Request
from sqlalchemy import bindparam, select

from woxly_tui.server.db.models import Member, User
from woxly_tui.server.problems import Problem
from woxly_tui.server.services import Core, Me, Services
from woxly_tui.server.settings import LivekitSettings
from woxly_tui.server.texts import Text
from woxly_tui.types import Identity, RoomName
from woxly_tui.wire import rest
from woxly_tui.wire.token import mint_token
from woxly_tui.wire.words import MAX_ID, MemberStatus, livekit_room

router: Final = APIRouter(prefix="/api/rooms", tags=["calls"])

TOKEN_TTL_S: Final = 10 * 60
"""How long a token lets somebody join; the call itself may last."""


_NAME_INSIDE: Final = (
    select(User.username)
    .join(Member, Member.user_id == User.id)
    .where(
        Member.room_id == bindparam("room"),
        Member.user_id == bindparam("user"),
        Member.status.in_((MemberStatus.ACCEPTED, MemberStatus.PENDING)),
    )
)
"""The name of a member, or of somebody asked to be one."""


@router.post("/{room_id}/livekit-token")
async def livekit_token(
    room_id: Annotated[int, Path(ge=1, le=MAX_ID)], me: Me, request: Request, core: Core
) -> rest.LivekitTokenAnswer:
    """A token for the call of a room, for its members and those asked to join it."""
    async with core.db.glance() as db:
        name = await db.scalar(_NAME_INSIDE, {"room": room_id, "user": me.user_id})
    if name is None:
        raise Problem(403, Text.ROOM_NOT_MEMBER)
    return token_answer(core, request, room_id, Identity(str(me.user_id)), name)


def token_answer(
    core: Services, request: Request, room_id: int, identity: Identity, name: str
) -> rest.LivekitTokenAnswer:
    """A token for somebody who was found to be allowed in.

    Raises:
        Problem: 500, there is no LiveKit server.
    """
    livekit = core.livekit
    if livekit is None:
        raise Problem(500, Text.LIVEKIT_FAILED)
    room = RoomName(livekit_room(room_id))
    token = mint_token(
        api_key=livekit.api_key,
        api_secret=livekit.api_secret.reveal(),
        room=room,
        identity=identity,
        name=name,
        ttl_s=TOKEN_TTL_S,
    )
    return rest.LivekitTokenAnswer(token=token, url=livekit_url(livekit, request), room_name=room)


def livekit_url(livekit: LivekitSettings, request: Request) -> str:
    """Where clients reach LiveKit: where it was said, else beside us, on the host they asked."""
    if livekit.public_url:
        return livekit.public_url
    host = request.url.hostname or "localhost"
    host = f"[{host}]" if ":" in host else host
    scheme = "wss" if request.url.scheme == "https" else "ws"
    return f"{scheme}://{host}:{livekit.port}"
