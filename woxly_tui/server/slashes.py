"""A slash at the end of an API path says nothing, as on every other Woxly server."""

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

_PREFIX: Final = "/api/"


class TrailingSlash:
    """ASGI middleware: `/api/rooms/` is `/api/rooms`. No redirect, which would lose a body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] == "http" and path.startswith(_PREFIX) and path.endswith("/"):
            scope = {**scope, "path": path.rstrip("/")}
        await self._app(scope, receive, send)
