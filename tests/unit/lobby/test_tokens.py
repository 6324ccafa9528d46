"""When a token is renewed before a connection is opened with it."""

import jwt
import pytest

from woxly_tui.lobby.tokens import expires_at, is_stale
from woxly_tui.types import Seconds

NOW = Seconds(1_800_000_000.0)
DAY = 86_400.0


def token(ends: object) -> str:
    return jwt.encode({"userId": 1, "exp": ends}, "x" * 32, algorithm="HS256", sort_headers=True)


@pytest.mark.parametrize(
    ("left_s", "ahead_s", "stale"),
    [
        (900.0, 0.0, False),
        (59.0, 0.0, True),
        (-1.0, 0.0, True),
        # Our clock is a day ahead or behind: by the server's, the token is good, or is not.
        (900.0 - DAY, -DAY, False),
        (900.0 + DAY, DAY, False),
        (30.0 + DAY, DAY, True),
    ],
)
def test_what_counts_is_the_clock_of_the_server(left_s: float, ahead_s: float, stale: bool) -> None:
    assert is_stale(token(NOW + left_s), NOW, ahead_s) is stale


@pytest.mark.parametrize(
    "text", ["", "a.b", "a.b.c", "..", "a.bm90IGpzb24.c", "a.eyJleHAiOiJ4In0.c"]
)
def test_what_is_no_jwt_is_taken_for_good(text: str) -> None:
    assert expires_at(text) is None
    assert not is_stale(text, NOW, 0.0)
