"""Whatever goes wrong is answered as `{"error": …}`, in the reader's language."""

import logging
from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import IntegrityError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from woxly_tui.server.texts import Language, Text, choose_language

_TYPES: Final = {
    "int": "number",
    "float": "number",
    "string": "string",
    "bool": "boolean",
    "list": "array",
    "model_attributes": "object",
    "model": "object",
    "dict": "object",
}

_log = logging.getLogger(__name__)


class Problem(Exception):
    """A request that is refused.

    Args:
        status: HTTP status code.
        text: Why.
        retry_after: Seconds after which it may be tried again.
    """

    def __init__(self, status: int, text: Text, *, retry_after: int | None = None) -> None:
        super().__init__(text.name)
        self.status = status
        self.text = text
        self.retry_after = retry_after


def language_of(request: Request) -> Language:
    """The language to answer a request in."""
    return choose_language(request.headers.get("accept-language"))


def install_handlers(app: FastAPI) -> None:
    """Make every failure of an app a JSON answer."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(IntegrityError, _on_conflict)
    app.add_exception_handler(Exception, _on_failure)


def error_answer(
    status: int, error: str, *, headers: Mapping[str, str] | None = None, **more: Any
) -> JSONResponse:
    """An error in the form all errors have."""
    return JSONResponse({"error": error, **more}, status, headers)


async def _on_problem(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)  # noqa: S101 - registered for it only
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    return error_answer(error.status, error.text.say(language_of(request)), headers=headers)


async def _on_invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it only
    first = error.errors()[0]
    if first["loc"][0] == "path":
        return error_answer(400, Text.ID_INVALID.say(language_of(request)))
    return error_answer(400, say_invalid(first, language_of(request)))


async def _on_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it only
    if error.status_code in (404, 405):
        return error_answer(404, "Route not found", path="/", method=request.method)
    if error.status_code == 400:
        return error_answer(400, Text.PAYLOAD_INVALID.say(language_of(request)))
    return error_answer(error.status_code, error.detail)


async def _on_conflict(request: Request, error: Exception) -> JSONResponse:
    """Two did the same at the same moment, in several processes or connections."""
    _log.warning("%s met another: %s", request.scope.get("path"), type(error).__name__)
    return error_answer(409, Text.CONFLICT.say(language_of(request)))


async def _on_failure(request: Request, error: Exception) -> JSONResponse:
    _log.error("%s failed", request.scope.get("path"), exc_info=error)
    return error_answer(500, Text.INTERNAL.say(language_of(request)))


def say_invalid(found: Mapping[str, Any], language: Language) -> str:
    """The first thing wrong with a payload; English where Woxly servers have no Russian for it."""
    kind: str = found["type"]
    context: Mapping[str, Any] = found.get("ctx") or {}
    if kind == "woxly":
        return Text[context["text"]].say(language)
    if kind == "missing":
        return "Required"
    if kind == "json_invalid":
        return Text.PAYLOAD_INVALID.say(language)
    if kind in ("literal_error", "enum"):
        expected = str(context.get("expected", "")).replace(", ", " | ").replace(" or ", " | ")
        return f"Invalid enum value. Expected {expected}"
    if kind == "int_parsing":
        return "Expected number, received string"
    if kind == "int_type" and isinstance(found.get("input"), float):
        return "Expected integer, received float"
    if kind.endswith("_type"):
        wanted = _TYPES.get(kind.removesuffix("_type"), "another type")
        return f"Expected {wanted}, received {_type_name(found.get('input'))}"
    return _say_bound(kind, context, found.get("input")) or str(found.get("msg", "Invalid input"))


def _say_bound(kind: str, context: Mapping[str, Any], value: Any) -> str:
    """What is said of a value too long, short, large or small; empty for any other."""
    low, high = context.get("min_length"), context.get("max_length")
    counted = "element(s)" if isinstance(value, list) else "character(s)"
    what = "Array" if isinstance(value, list) else "String"
    if kind.endswith("too_long"):
        return f"{what} must contain at most {high} {counted}"
    if kind.endswith("too_short"):
        return f"{what} must contain at least {low} {counted}"
    if kind == "greater_than_equal":
        return f"Number must be greater than or equal to {context.get('ge')}"
    if kind == "less_than_equal":
        return f"Number must be less than or equal to {context.get('le')}"
    return ""


def _type_name(value: Any) -> str:
    if value is None:
        return "null"
    for types, name in (
        (bool, "boolean"),
        ((int, float), "number"),
        (str, "string"),
        (list, "array"),
    ):
        if isinstance(value, types):
            return name
    return "object"
