"""Refuses large bodies before anything reads them."""

import asyncio
import contextlib
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from woxly_tui.server.problems import error_answer
from woxly_tui.server.texts import Text, choose_language
from woxly_tui.server.uploads import max_body_bytes

MAX_BODY_BYTES: Final = 100_000

LISTEN_S: Final = 5.0
LISTEN_BYTES: Final = 64 << 20
"""How much of a refused body is taken in: a connection that is closed on somebody who still
writes is reset, and the refusal lost with it."""


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
        max_bytes = max_body_bytes(scope["path"], self._max_bytes)
        if announced.isdigit() and int(announced) > max_bytes:
            await _refuse(scope, receive, send)
            return
        received, is_too_large = 0, False

        async def counted() -> Message:
            nonlocal received, is_too_large
            message = await receive()
            received += len(message.get("body", b""))
            if received > max_bytes:
                is_too_large = True
                raise _TooLarge
            return message

        async def noted(message: Message) -> None:
            if not is_too_large:  # else it is the answer of one who knows no better
                await send(message)

        with contextlib.suppress(_TooLarge):
            await self._app(scope, counted, noted)
        if is_too_large:
            await _refuse(scope, receive, send)


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    given = dict(scope["headers"])
    accept = given.get(b"accept-language", b"").decode("latin-1")
    answer = error_answer(413, Text.TOO_LARGE.say(choose_language(accept)))
    headers = MutableHeaders(raw=answer.raw_headers)
    headers["connection"] = "close"
    await send({"type": "http.response.start", "status": 413, "headers": headers.raw})
    await send({"type": "http.response.body", "body": answer.body, "more_body": True})
    if given.get(b"expect", b"").lower() != b"100-continue":  # that one waits for our word
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LISTEN_S):
                await _listen(receive)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _listen(receive: Receive) -> None:
    left = LISTEN_BYTES
    while left > 0:
        message = await receive()
        left -= len(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body"):
            return
