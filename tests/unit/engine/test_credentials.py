"""Tokens for each attempt."""

import os
from pathlib import Path

import pytest

from woxly_tui.control.messages import Join
from woxly_tui.engine.credentials import MintedCredentials, StaticCredentials, credentials_for
from woxly_tui.errors import TokenError
from woxly_tui.types import Identity, RoomName
from woxly_tui.wire.token import mint_token, read_token

KEYS = {"api_key": "devkey", "api_secret": "secret"}


def token(ttl_s: int) -> str:
    return mint_token(
        **KEYS, room=RoomName("standup"), identity=Identity("ann"), name="Ann", ttl_s=ttl_s
    )


async def test_a_minted_token_keeps_the_identity() -> None:
    source = MintedCredentials(
        url="ws://sfu",
        **KEYS,
        room=RoomName("standup"),
        identity=Identity("ann-1"),
        name="Ann",
    )
    claims = [read_token((await source.fetch()).token) for _ in range(2)]
    assert {c.identity for c in claims} == {"ann-1"}
    assert "secret" not in repr(source)


async def test_a_static_token_is_read_anew_each_time() -> None:
    tokens = [token(-3700), token(60)]
    source = StaticCredentials("ws://sfu", lambda: tokens.pop(0))
    with pytest.raises(TokenError, match="expired 1 hour ago"):
        await source.fetch()
    assert (await source.fetch()).token


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with a name")
async def test_a_pipe_the_token_came_from_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    given = token(60)
    asked = Join("ws://sfu", "sfu", RoomName("standup"), token=given, token_file=str(pipe))
    assert (await credentials_for(asked).fetch()).token == given


async def test_an_expired_token_gives_way_to_the_one_from_the_server() -> None:
    newest = token(600)
    source = StaticCredentials("ws://sfu", lambda: token(-3700))
    source.keep(newest)
    assert (await source.fetch()).token == newest
    assert newest not in repr(source)
