"""/metrics: for Prometheus, from this machine or with the token of the secrets file."""

import secrets
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from woxly_tui.config.urls import is_loopback
from woxly_tui.server.problems import Problem
from woxly_tui.server.services import Core
from woxly_tui.server.texts import Text

router: Final = APIRouter(include_in_schema=False)


@router.get("/metrics")
async def metrics(request: Request, core: Core) -> Response:
    """The server's figures."""
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    has_token = secrets.compare_digest(given.encode(), core.keys.metrics_token.encode())
    is_forwarded = "x-forwarded-for" in request.headers or "forwarded" in request.headers
    is_here = request.client is not None and is_loopback(request.client.host)
    if not has_token and (is_forwarded or not is_here):
        raise Problem(401, Text.TOKEN_MISSING)
    rings, callers = await core.ringer.book.counts()
    figures = core.metrics
    figures.rings.set(rings)
    figures.callers.set(callers)
    figures.rung.set(core.ringer.rung)
    figures.devices.set(core.presence.count_here())
    return Response(figures.text(), media_type="text/plain; version=0.0.4; charset=utf-8")
