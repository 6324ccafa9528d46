"""/api/health: whether the parts work."""

from typing import Final

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from woxly_tui import __version__
from woxly_tui.server.services import Core
from woxly_tui.wire import rest
from woxly_tui.wire.shape import dump

router: Final = APIRouter(prefix="/api", tags=["health"])


@router.get(
    "/health",
    response_model=rest.HealthAnswer,
    responses={503: {"model": rest.HealthAnswer, "description": "A part does not work"}},
)
async def health(core: Core) -> JSONResponse:
    """Look at the database, LiveKit and, with several processes, Redis; 503 where one fails."""
    seen = await core.health.look()
    is_well = seen.database and seen.livekit and seen.redis is not False
    answer = rest.HealthAnswer(
        status="ok" if is_well else "degraded",
        database=_said(seen.database),
        livekit=_said(seen.livekit),
        redis=None if seen.redis is None else _said(seen.redis),
        version=__version__,
    )
    return JSONResponse(dump(answer), 200 if is_well else 503)


def _said(is_well: bool) -> str:
    return "ok" if is_well else "unreachable"
