"""LiveKit tokens: what lets a member of a room into its call."""

from collections.abc import Callable, Coroutine
from functools import lru_cache
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Path, Request
from fastapi.routing import APIRoute
from sqlalchemy import and_, bindparam, select
from starlette.responses import JSONResponse, Response

from woxly_tui.server.db.models import AuthSession, Member, User
from woxly_tui.server.db.questions import Question
from woxly_tui.server.problems import Problem
from woxly_tui.server.services import Core, Me, Services, bearer
from woxly_tui.server.settings import LivekitSettings
from woxly_tui.server.texts import Text
from woxly_tui.server.tokens import InvalidToken
from woxly_tui.types import Identity, RoomName
from woxly_tui.wire import rest
from woxly_tui.wire.shape import dump
from woxly_tui.wire.words import MAX_ID, MemberStatus, livekit_room

TOKEN_TTL_S: Final = 10 * 60
"""How long a token lets somebody join; the call itself may last."""

_INSIDE: Final = frozenset({MemberStatus.ACCEPTED, MemberStatus.PENDING})

_KNOWN_HOSTS: Final = 256

_WHO_ASKS: Final = Question(
    select(User.id, User.username, Member.status)
    .join(AuthSession, AuthSession.user_id == User.id)
    .outerjoin(Member, and_(Member.user_id == User.id, Member.room_id == bindparam("room")))
    .where(
        AuthSession.id == bindparam("session"),
        AuthSession.revoked_at.is_(None),
        User.banned_at.is_(None),
    )
)
"""Whose a sign-in is, if it stands, and how they stand to a room."""


class _Direct(APIRoute):
    """The route that everybody asks at once: described as all are, but taken apart by hand."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        async def handle(request: Request) -> Response:
            core: Services = request.app.state.services
            token = bearer(request)
            room_id = _room_id(request.path_params["room_id"])
            try:
                if room_id is None:  # whoever may not ask is not told what is wrong
                    await core.sessions.check(token)
                    raise Problem(400, Text.ID_INVALID)
                claims = core.sessions.read(token)
            except InvalidToken:
                raise Problem(401, Text.TOKEN_INVALID) from None
            return JSONResponse(dump(await self.endpoint(room_id, claims, request, core)))

        return handle


router: Final = APIRouter(prefix="/api/rooms", tags=["calls"], route_class=_Direct)


@router.post("/{room_id}/livekit-token")
async def livekit_token(
    room_id: Annotated[int, Path(ge=1, le=MAX_ID)], me: Me, request: Request, core: Core
) -> rest.LivekitTokenAnswer:
    """A token for the call of a room, for its members and those asked to join it."""
    row = await core.db.ask(_WHO_ASKS, session=me.session_id, room=room_id)
    if row is None or row[0] != me.user_id:
        raise Problem(401, Text.TOKEN_INVALID)
    _, name, status = row
    if status not in _INSIDE:
        raise Problem(403, Text.ROOM_NOT_MEMBER)
    return token_answer(core, request, room_id, Identity(str(me.user_id)), name)


def _room_id(text: str) -> int | None:
    if not (text.isascii() and text.isdigit() and len(text) < 11):
        return None
    return found if 1 <= (found := int(text)) <= MAX_ID else None


def token_answer(
    core: Services, request: Request, room_id: int, identity: Identity, name: str
) -> rest.LivekitTokenAnswer:
    """A token for somebody who was found to be allowed in.

    Raises:
        Problem: 500, there is no LiveKit server.
    """
    if core.livekit is None or core.minter is None:
        raise Problem(500, Text.LIVEKIT_FAILED)
    room = RoomName(livekit_room(room_id))
    token = core.minter.mint(room, identity, name, TOKEN_TTL_S)
    url = livekit_url(core.livekit, request)
    return rest.LivekitTokenAnswer(token=token, url=url, room_name=room)


def livekit_url(livekit: LivekitSettings, request: Request) -> str:
    """Where clients reach LiveKit: where it was said, else beside us, on the host they asked."""
    if livekit.public_url:
        return livekit.public_url
    return _beside(request.scope["scheme"], request.headers.get("host", ""), livekit.port)


@lru_cache(_KNOWN_HOSTS)
def _beside(scheme: str, host_header: str, port: int) -> str:
    try:
        host = urlsplit(f"//{host_header}").hostname or "localhost"
    except ValueError:
        host = "localhost"
    host = f"[{host}]" if ":" in host else host
    return f"{'wss' if scheme == 'https' else 'ws'}://{host}:{port}"
