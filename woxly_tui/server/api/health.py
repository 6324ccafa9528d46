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
    """Look at the database and LiveKit; 503 where one does not work."""
    has_database, has_livekit = await core.health.look()
    is_well = has_database and has_livekit
    answer = rest.HealthAnswer(
        status="ok" if is_well else "degraded",
        database="ok" if has_database else "unreachable",
        livekit="ok" if has_livekit else "unreachable",
        version=__version__,
    )
    return JSONResponse(dump(answer), 200 if is_well else 503)
