"""/api/calls: what one missed."""

from typing import Annotated, Final

from fastapi import APIRouter, Query

from woxly_tui.server.services import Core, Me
from woxly_tui.server.store import calls
from woxly_tui.wire import rest

router: Final = APIRouter(prefix="/api/calls", tags=["calls"])


@router.get("/missed")
async def list_missed(
    me: Me, core: Core, limit: Annotated[int, Query(ge=1, le=calls.MAX_MISSED)] = 50
) -> rest.MissedCallsAnswer:
    """Calls that nobody answered, newest first."""
    async with core.db.read() as db:
        found = await calls.missed_by(db, me.user_id, limit)
        unseen = await calls.unseen_count(db, me.user_id)
    return rest.MissedCallsAnswer(missed_calls=found, unseen_count=unseen)


@router.post("/missed/seen")
async def mark_seen(me: Me, core: Core) -> rest.SuccessAnswer:
    """Say that they were seen."""
    async with core.db.write() as db:
        await calls.mark_seen(db, me.user_id)
    return rest.SuccessAnswer(success=True)
