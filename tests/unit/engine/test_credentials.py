"""Tokens for each attempt."""

import os
from pathlib import Path

import pytest

from woxly_tui.control.messages import Join
from woxly_tui.engine.credentials import (
    GuestCredentials,
    MintedCredentials,
    StaticCredentials,
    credentials_for,
)
from woxly_tui.errors import ServerUnreachable, TokenError, WoxlyError
from woxly_tui.lobby.invites import GuestPass
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


class Door:
    """A Woxly server that gives tokens, or does not."""

    def __init__(self, *answers: str | WoxlyError) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, str]] = []

    async def renew(self, server: str, guest_token: str) -> GuestPass:
        self.asked.append((server, guest_token))
        answer = self.answers.pop(0)
        if isinstance(answer, WoxlyError):
            raise answer
        return GuestPass(
            url="ws://moved",
            token=answer,
            room=RoomName("standup"),
            identity=Identity("guest-1"),
            name="Ann",
            server=server,
            guest_token=guest_token,
        )


def guest(first: str, door: Door) -> GuestCredentials:
    return GuestCredentials("ws://sfu", first, "https://woxly", "gu3st", renew=door.renew)


async def test_a_guest_joins_with_what_the_invitation_gave_and_rejoins_with_a_fresh_token() -> None:
    first, second = token(600), token(601)
    door = Door(second)
    source = guest(first, door)
    assert (await source.fetch()).token == first
    again = await source.fetch()
    assert (again.url, again.token) == ("ws://moved", second)
    assert door.asked == [("https://woxly", "gu3st")]
    assert "gu3st" not in repr(source)


async def test_a_guest_whose_token_is_old_asks_at_once() -> None:
    fresh = token(600)
    assert (await guest(token(-3700), Door(fresh)).fetch()).token == fresh


async def test_while_the_woxly_server_is_away_the_newest_token_serves_a_guest() -> None:
    away = ServerUnreachable("away")
    newest = token(700)
    source = guest(token(600), Door(away, away))
    await source.fetch()
    source.keep(newest)
    assert (await source.fetch()).token == newest
    source.keep(token(-3700))
    with pytest.raises(ServerUnreachable):
        await source.fetch()


async def test_an_invitation_that_ended_ends_the_rejoining() -> None:
    source = guest(token(600), Door(TokenError("it has ended")))
    await source.fetch()
    with pytest.raises(TokenError):
        await source.fetch()


def test_a_guest_s_join_is_joined_as_a_guest() -> None:
    join = Join(
        url="ws://sfu",
        server="sfu",
        room=RoomName("standup"),
        token="t",  # noqa: S106 - no secret of anybody
        woxly_server="https://woxly",
        guest_token="gu3st",  # noqa: S106
    )
    source = credentials_for(join)
    assert isinstance(source, GuestCredentials)
    assert (source.woxly_server, source.guest_token) == ("https://woxly", "gu3st")
    assert "gu3st" not in repr(join)
