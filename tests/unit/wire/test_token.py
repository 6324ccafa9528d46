import time
import warnings
from typing import Any

import jwt
import pytest

from woxly_tui.errors import TokenError
from woxly_tui.types import Identity, RoomName
from woxly_tui.wire.token import mint_token, read_token

DEV_SECRET = "secret"
SECRET = "a-secret-of-at-least-thirty-two-bytes"


def mint(**changes: Any) -> str:
    given: dict[str, Any] = {
        "api_key": "key",
        "api_secret": SECRET,
        "room": RoomName("lobby"),
        "identity": Identity("ann-1"),
        "name": "Ann",
    }
    return mint_token(**(given | changes))


def signed(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, SECRET, algorithm="HS256")


def test_what_is_minted_reads_back() -> None:
    before = int(time.time())
    claims = read_token(mint(ttl_s=100))
    assert (claims.room, claims.identity, claims.name) == ("lobby", "ann-1", "Ann")
    assert claims.api_key == "key"
    assert claims.expires_at is not None
    assert before + 100 <= claims.expires_at <= time.time() + 100


def test_grants_are_what_a_call_needs_and_no_more() -> None:
    claims = jwt.decode(mint(), SECRET, algorithms=["HS256"])
    assert claims["video"] == {
        "roomJoin": True,
        "room": "lobby",
        "canPublish": True,
        "canSubscribe": True,
        "canPublishData": True,
        "canUpdateOwnMetadata": True,
        "canPublishSources": ["microphone"],
    }


def test_a_server_whose_clock_is_behind_accepts_it() -> None:
    not_before = read_token(mint()).not_before
    assert not_before is not None
    assert not_before <= time.time() - 30


def test_the_short_secret_of_a_dev_server_warns_nobody() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_token(mint(api_secret=DEV_SECRET)).room == "lobby"


@pytest.mark.parametrize("part", ["api_key", "api_secret", "room", "identity"])
def test_nothing_is_minted_from_an_empty_part(part: str) -> None:
    with pytest.raises(TokenError, match="empty"):
        mint(**{part: ""})


def test_white_space_around_a_token_is_forgiven() -> None:
    assert read_token(f"  {mint()}\n").room == "lobby"


def test_an_expired_token_can_be_read() -> None:
    expires_at = read_token(mint(ttl_s=-3600)).expires_at
    assert expires_at is not None
    assert expires_at < time.time()


@pytest.mark.parametrize(
    ("token", "why"),
    [
        ("", "empty"),
        ("nonsense", "1 part"),
        ("a.b", "2 part"),
        ("a.b.c", "damaged"),
        ("é.ü.ö", "damaged"),
        (mint()[:60], "part"),
        (signed({"sub": "ann"}), "no grants"),
        (signed({"sub": "ann", "video": {"room": "r"}}), "roomJoin"),
        (signed({"sub": "ann", "video": {"roomJoin": True}}), "names no room"),
        (signed({"video": {"roomJoin": True, "room": "r"}}), "no identity"),
        (signed({"sub": "a", "exp": "soon", "video": {"roomJoin": True, "room": "r"}}), "`exp`"),
    ],
)
def test_what_is_wrong_with_a_token_is_said(token: str, why: str) -> None:
    with pytest.raises(TokenError, match=why) as caught:
        read_token(token)
    assert caught.value.remedy
    assert not token or token not in str(caught.value)


def test_a_token_that_names_nobody_has_an_empty_name() -> None:
    token = signed({"sub": "ann", "video": {"roomJoin": True, "room": "r"}})
    claims = read_token(token)
    assert (claims.name, claims.expires_at, claims.not_before) == ("", None, None)
