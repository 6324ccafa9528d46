import time

import jwt
import pytest
from livekit import rtc

from woxly_tui.media.failures import (
    MAX_DETAIL_CHARS,
    classify_connect_error,
    disconnect_cause,
    safe_detail,
)
from woxly_tui.media.messages import ConnectFailure, DisconnectCause

UNAUTHORIZED = "engine: signal failure: client error: 401 Unauthorized - "


def token(exp: float) -> str:
    return jwt.encode({"iss": "key", "exp": int(exp)}, "s" * 32, algorithm="HS256")


FRESH, STALE = token(time.time() + 3600), token(time.time() - 3600)


@pytest.mark.parametrize(
    ("message", "failure"),
    [
        (
            UNAUTHORIZED + f"invalid token: {FRESH}, error: go-jose: signature is invalid",
            ConnectFailure.TOKEN_INVALID,
        ),
        (
            UNAUTHORIZED + f"invalid token: {FRESH}, error: token has invalid claims: "
            "token is expired",
            ConnectFailure.TOKEN_EXPIRED,
        ),
        (UNAUTHORIZED + "invalid API key: xx", ConnectFailure.TOKEN_KEY_UNKNOWN),
        (UNAUTHORIZED + "permissions denied", ConnectFailure.TOKEN_NOT_ALLOWED),
        (UNAUTHORIZED + "invalid authorization token", ConnectFailure.TOKEN_INVALID),
        (
            "engine: signal failure: client error: 400 Bad Request - no room name",
            ConnectFailure.TOKEN_INVALID,
        ),
        (
            "engine: signal failure: transport connection error: IO error: "
            "Connection refused (os error 111)",
            ConnectFailure.UNREACHABLE,
        ),
        (
            "engine: signal failure: transport connection error: IO error: "
            "failed to lookup address information: Name or service not known",
            ConnectFailure.UNREACHABLE,
        ),
        ("engine: signal failure: transport timed out", ConnectFailure.UNREACHABLE),
        ("engine: signal failure: signal connection timed out", ConnectFailure.UNREACHABLE),
        (
            "engine: signal failure: transport connection error: IO error: "
            "received corrupt message of type InvalidContentType",
            ConnectFailure.TLS,
        ),
        (
            "engine: signal failure: transport connection error: IO error: "
            "invalid peer certificate: UnknownIssuer",
            ConnectFailure.TLS,
        ),
        (
            "engine: signal failure: client error: 404 Not Found - <!DOCTYPE HTML>\n<html>",
            ConnectFailure.NOT_LIVEKIT,
        ),
        (
            "engine: signal failure: transport connection error: WebSocket protocol error: "
            "httparse error: invalid HTTP version",
            ConnectFailure.NOT_LIVEKIT,
        ),
        ("engine: connection error: wait_pc_connection timed out", ConnectFailure.MEDIA_BLOCKED),
        ("engine: something new", ConnectFailure.OTHER),
    ],
)
def test_messages_of_the_sdk_are_told_apart(message: str, failure: ConnectFailure) -> None:
    found, detail = classify_connect_error(message, FRESH)
    assert found is failure
    assert FRESH not in detail
    assert "eyJ" not in detail


def test_a_token_past_its_time_is_expired_whatever_else_is_wrong_with_it() -> None:
    message = UNAUTHORIZED + f"invalid token: {STALE}, error: signature is invalid"
    assert classify_connect_error(message, STALE)[0] is ConnectFailure.TOKEN_EXPIRED


@pytest.mark.parametrize("junk", ["", "abc", "a.b.c", "eyJ.eyJ.x", "a.e30.c", "a.W10.c"])
def test_a_token_that_is_none_is_invalid(junk: str) -> None:
    found, _ = classify_connect_error(UNAUTHORIZED + "invalid token", junk)
    assert found is ConnectFailure.TOKEN_INVALID


def test_details_are_one_short_printable_line() -> None:
    detail = safe_detail("a\n\x1b[31mred\x07\r\n" + "x" * 999)
    assert detail.startswith("a [31mred xxx")
    assert len(detail) == MAX_DETAIL_CHARS
    assert detail.isprintable()


def test_a_token_of_another_shape_is_hidden_too() -> None:
    assert safe_detail("no: opaque-token-1", "opaque-token-1") == "no: <token>"


def test_reasons_of_livekit_become_causes() -> None:
    reasons = rtc.DisconnectReason
    assert disconnect_cause(reasons.DUPLICATE_IDENTITY) is DisconnectCause.DUPLICATE_IDENTITY
    assert disconnect_cause(reasons.ROOM_CLOSED) is DisconnectCause.ROOM_DELETED
    assert disconnect_cause(reasons.MIGRATION) is DisconnectCause.OTHER
    assert disconnect_cause(99) is DisconnectCause.OTHER
