"""/j/CODE: what a link opens in a browser."""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Request
from starlette.responses import JSONResponse, Response

from woxly_tui.server import limiter
from woxly_tui.server.api.invites import Code, shown_invite
from woxly_tui.server.api.livekit import livekit_url
from woxly_tui.server.problems import Problem, error_answer
from woxly_tui.server.services import Core, client_address, limit
from woxly_tui.server.web.client import SCRIPT
from woxly_tui.server.web.files import WebFile, page_policy
from woxly_tui.wire.shape import dump

router: Final = APIRouter(include_in_schema=False)


@router.get("/j/{code}")
async def guest_page(code: Code, request: Request, core: Core) -> Response:
    """The page of a good link, and one that says so for any other; JSON for who asks for that."""
    await limit(core, limiter.INVITE, client_address(request))
    wants_json = _prefers_json(request.headers.get("accept", ""))
    try:
        shown = await shown_invite(core, code)
    except Problem:
        if wants_json:
            raise
        return _page(request, core, "gone.html", 404)
    return JSONResponse(dump(shown)) if wants_json else _page(request, core, "join.html", 200)


def _prefers_json(accept: str) -> bool:
    return "application/json" in accept and "text/html" not in accept


def _page(request: Request, core: Core, name: str, status: int) -> Response:
    url = "" if core.livekit is None else livekit_url(core.livekit, request)
    headers = {
        "Content-Security-Policy": page_policy(url),
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
        "Cross-Origin-Opener-Policy": "same-origin",
        "X-Robots-Tag": "noindex",
    }
    file = core.web_files[name]
    return Response(file.body, status, headers, media_type=file.kind)


@router.get("/web/{name}")
async def web_file(
    name: Annotated[str, Path(max_length=100)], request: Request, core: Core
) -> Response:
    """A file of the page, or the livekit-client it runs."""
    if name == SCRIPT:
        if core.script.file is not None:
            return _file(request, core.script.file)
        why = core.script.trouble
        wait = {} if why is not None else {"Retry-After": "2"}
        return error_answer(
            503, why.message if why else "livekit-client is on its way", headers=wait
        )
    file = core.web_files.get(name)
    if file is None or name.endswith(".html"):
        return error_answer(404, "Route not found", path="/", method="GET")
    return _file(request, file)


def _file(request: Request, file: WebFile) -> Response:
    headers = {"ETag": file.etag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if file.etag in request.headers.get("if-none-match", ""):
        return Response(None, 304, headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(file.packed, 200, headers, media_type=file.kind)
    return Response(file.body, 200, headers, media_type=file.kind)
