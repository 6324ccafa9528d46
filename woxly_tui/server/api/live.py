"""Who is in a room's call, who was, and the way LiveKit tells us."""

import logging
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request

from woxly_tui.server.livekit.webhook import UnbelievableWebhook, read_webhook
from woxly_tui.server.problems import Problem
from woxly_tui.server.services import Core, Me
from woxly_tui.server.store import live, messages, rooms
from woxly_tui.server.texts import Text
from woxly_tui.wire import rest
from woxly_tui.wire.words import MAX_ID

router: Final = APIRouter(prefix="/api", tags=["calls"])

RoomId = Annotated[int, Path(ge=1, le=MAX_ID)]

_log = logging.getLogger(__name__)


@router.get("/rooms/{room_id}/live")
async def room_live(room_id: RoomId, me: Me, core: Core) -> rest.LiveAnswer:
    """Who is in the room's call now; for those who are in the room or asked to be."""
    async with core.db.read() as db:
        await rooms.check_visible(db, room_id, me.user_id)
        return await live.live_answer(db, room_id)


@router.get("/rooms/{room_id}/calls")
async def call_history(
    room_id: RoomId,
    me: Me,
    core: Core,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    before: Annotated[int | None, Query(ge=1, le=MAX_ID)] = None,
) -> rest.CallHistoryAnswer:
    """The room's calls, newest first; `before` is the id of a call."""
    async with core.db.read() as db:
        await messages.check_member(db, room_id, me.user_id)
        return rest.CallHistoryAnswer(calls=await live.history(db, room_id, limit, before))


@router.post("/livekit/webhook")
async def webhook(request: Request, core: Core) -> rest.SuccessAnswer:
    """LiveKit's events, signed with the API secret over the body's hash."""
    body = await request.body()
    if core.livekit is None:
        raise Problem(401, Text.WEBHOOK_REFUSED)
    try:
        happening = read_webhook(core.livekit, request.headers.get("authorization", ""), body)
    except UnbelievableWebhook as error:
        _log.warning("a webhook was refused: %s", error)
        raise Problem(401, Text.WEBHOOK_REFUSED) from None
    await core.live.take(happening)
    return rest.SuccessAnswer(success=True)
