"""Addresses of Woxly servers, as people type them."""

import pytest

from woxly_tui.errors import UsageError
from woxly_tui.lobby.address import parse_origin


@pytest.mark.parametrize(
    "typed", ["https://woxly.example", " https://woxly.example/ ", "https://woxly.example/api/"]
)
def test_origin_origin_slash_and_api_are_the_same(typed: str) -> None:
    assert parse_origin(typed) == "https://woxly.example"


def test_a_server_on_this_machine_needs_no_tls() -> None:
    assert parse_origin("http://127.0.0.1:3001/api") == "http://127.0.0.1:3001"
    assert parse_origin("http://[::1]:3001") == "http://[::1]:3001"


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "empty"),
        ("woxly.example", "no scheme"),
        ("ftp://woxly.example", "https://"),
        ("https://", "host"),
        ("https://ann:secret@woxly.example", "more than"),
        ("https://woxly.example/rooms", "goes on"),
        ("https://woxly.example:x", "cannot be read"),
        ("http://woxly.example", "not encrypted"),
    ],
)
def test_what_is_no_address_is_said_in_a_sentence(typed: str, why: str) -> None:
    with pytest.raises(UsageError, match=why) as caught:
        parse_origin(typed)
    assert caught.value.remedy
    assert "secret" not in str(caught.value)
