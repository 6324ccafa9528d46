"""Refuses large bodies before anything reads them."""

import contextlib
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from woxly_tui.server.problems import error_answer
from woxly_tui.server.texts import Text, choose_language

MAX_BODY_BYTES: Final = 100_000


class _TooLarge(Exception):
    """More came than was allowed."""


class BodyLimit:
    """ASGI middleware: 413 for a body above the limit, whether its length is announced or not."""

    def __init__(self, app: ASGIApp, max_bytes: int = MAX_BODY_BYTES) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        announced = headers.get(b"content-length", b"")
        if announced.isdigit() and int(announced) > self._max_bytes:
            await self._refuse(scope, receive, send)
            return
        received, is_too_large = 0, False

        async def counted() -> Message:
            nonlocal received, is_too_large
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._max_bytes:
                is_too_large = True
                raise _TooLarge
            return message

        async def noted(message: Message) -> None:
            if not is_too_large:  # else it is the answer of one who knows no better
                await send(message)

        with contextlib.suppress(_TooLarge):
            await self._app(scope, counted, noted)
        if is_too_large:
            await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        accept = dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1")
        answer = error_answer(413, Text.TOO_LARGE.say(choose_language(accept)))
        answer.headers["connection"] = "close"
        await answer(scope, receive, send)
