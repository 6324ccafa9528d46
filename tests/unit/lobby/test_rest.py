"""Answers of servers that fail, of some that are none, and of the public one, oddities included."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.unit.lobby.test_accounts import ANN
from woxly_tui.errors import (
    LobbyRefused,
    ServerUnreachable,
    SignInNeeded,
    UsageError,
    WoxlyError,
)
from woxly_tui.lobby.accounts import Account, AccountStore
from woxly_tui.lobby.rest import RestClient, SignedIn, sign_in

Answering = Callable[[httpx.Request], httpx.Response]


def client(answering: Answering) -> RestClient:
    return RestClient(ANN.origin, httpx.MockTransport(answering))


def always(response: httpx.Response) -> RestClient:
    return client(lambda _: response)


HTML = {"content-type": "text/html"}


@pytest.mark.parametrize(
    ("response", "kind", "words"),
    [
        (httpx.Response(200, headers=HTML, text="<h1>hi"), ServerUnreachable, "no Woxly server"),
        (httpx.Response(404, headers=HTML, text="<h1>no"), ServerUnreachable, "no Woxly server"),
        (httpx.Response(302, headers={"location": "/login"}), ServerUnreachable, "elsewhere"),
        (httpx.Response(413, headers=HTML, text="<h1>no"), LobbyRefused, "413"),
        (httpx.Response(500, json={"error": "Ошибка входа"}), LobbyRefused, "signing in failed"),
        (httpx.Response(502, headers=HTML, text="<h1>bad gateway"), LobbyRefused, "502"),
        (httpx.Response(429, headers={"retry-after": "9"}, json={}), LobbyRefused, "enough"),
        (
            httpx.Response(401, json={"error": "Недействительный токен"}),
            SignInNeeded,
            "the token is not valid",
        ),
        (httpx.Response(200, json=[1]), ServerUnreachable, "no Woxly server"),
        (httpx.Response(400, json={"error": "a\x1b]0;evil\x07b"}), LobbyRefused, "refuses"),
    ],
)
async def test_what_a_server_may_say_instead_becomes_one_sentence(
    response: httpx.Response, kind: type[WoxlyError], words: str
) -> None:
    async with always(response) as rest:
        with pytest.raises(kind, match=words) as caught:
            await rest.ask("GET", "/rooms")
    assert "\x1b" not in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_a_server_that_is_not_there_or_does_not_answer_is_said_to() -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("All connection attempts failed")

    async def sleep(_: httpx.Request) -> httpx.Response:
        await asyncio.sleep(60)
        return httpx.Response(200, json={})

    async with client(refuse) as rest:
        with pytest.raises(ServerUnreachable, match="cannot be reached"):
            await rest.ask("GET", "/health")
    async with RestClient(ANN.origin, httpx.MockTransport(sleep)) as rest:
        with pytest.raises(ServerUnreachable, match="did not answer"):
            await rest.ask("GET", "/health", limit_s=0.01)


@pytest.mark.parametrize(
    "asked",
    [{"body": {"password": "x\udcff"}}, {"params": {"q": "x\udcff"}}, {"path": "/users/\udcff"}],
)
async def test_what_is_no_text_is_not_sent(asked: dict[str, Any]) -> None:
    async with always(httpx.Response(200, json={})) as rest:
        with pytest.raises(UsageError, match="no text"):
            await rest.ask("POST", **{"path": "/friends/add", **asked})


async def test_a_certificate_that_does_not_fit_is_named_as_that() -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate has expired")

    async with client(refuse) as rest:
        with pytest.raises(ServerUnreachable, match="prove who it is") as caught:
            await rest.ask("GET", "/health")
    assert "clock" in caught.value.remedy


class TokenServer:
    """Takes one access token at a time; hands out the next for the right refresh token."""

    def __init__(self, *, rotates: bool) -> None:
        self.rotates = rotates
        self.access, self.refresh = "access-2", "refresh-1"
        self.refreshed = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/auth/refresh":
            if self.refresh.encode() not in request.content:
                return httpx.Response(401, json={"error": "Недействительный refresh token"})
            self.refreshed += 1
            made: dict[str, Any] = {"accessToken": self.access}
            if self.rotates:
                self.refresh = made["refreshToken"] = "refresh-2"
            return httpx.Response(200, json=made)
        if request.headers["authorization"] != f"Bearer {self.access}":
            return httpx.Response(401, json={"error": "Недействительный токен"})
        return httpx.Response(200, json={"rooms": []})


@pytest.mark.parametrize("rotates", [True, False])
async def test_a_token_that_ran_out_is_renewed_once_for_all_who_wait(
    tmp_path: Path, rotates: bool
) -> None:
    store, server = AccountStore(tmp_path / "accounts.json"), TokenServer(rotates=rotates)
    store.put(ANN)
    async with client(server) as rest:
        me = SignedIn(rest, ANN, store)
        await asyncio.gather(*(me.ask("GET", "/rooms") for _ in range(5)))
    assert server.refreshed == 1
    kept = store.find()
    assert kept is not None
    assert kept.access_token == "access-2"
    assert kept.refresh_token == ("refresh-2" if rotates else "refresh-1")


async def test_two_processes_do_not_use_one_refresh_token_twice(tmp_path: Path) -> None:
    store, server = AccountStore(tmp_path / "accounts.json"), TokenServer(rotates=True)
    store.put(ANN)
    async with client(server) as one, client(server) as other:
        both = (SignedIn(one, ANN, store), SignedIn(other, ANN, AccountStore(store.path)))
        await asyncio.gather(*(me.ask("GET", "/rooms") for me in both))
    assert server.refreshed == 1


async def test_a_refresh_token_is_not_used_up_where_its_heir_cannot_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, server = AccountStore(tmp_path / "accounts.json"), TokenServer(rotates=True)
    store.put(ANN)

    def full(_: AccountStore, accounts: list[Account]) -> None:
        raise WoxlyError(f"{len(accounts)} accounts cannot be written (No space left on device)")

    async with client(server) as rest:
        me = SignedIn(rest, ANN, store)
        with monkeypatch.context() as disk:
            disk.setattr(AccountStore, "_write", full)
            with pytest.raises(WoxlyError, match="No space left"):
                await me.ask("GET", "/rooms")
        assert server.refreshed == 0
        await me.ask("GET", "/rooms")
    assert server.refreshed == 1


async def test_a_token_renewed_by_another_process_is_used(tmp_path: Path) -> None:
    store, server = AccountStore(tmp_path / "accounts.json"), TokenServer(rotates=True)
    renewed = ("access-2", "refresh-2")
    store.put(Account(ANN.origin, ANN.user_id, ANN.username, ANN.woxly_id, *renewed))
    async with client(server) as rest:
        await SignedIn(rest, ANN, store).ask("GET", "/rooms")
    assert server.refreshed == 0


async def test_a_dead_refresh_token_asks_for_a_password_once(tmp_path: Path) -> None:
    store, server = AccountStore(tmp_path / "accounts.json"), TokenServer(rotates=True)
    server.refresh = "another"
    store.put(ANN)
    async with client(server) as rest:
        with pytest.raises(
            SignInNeeded, match=r"the sign-in of ann@one\.example is over"
        ) as caught:
            await SignedIn(rest, ANN, store).ask("GET", "/rooms")
    assert "woxly login" in caught.value.remedy


async def test_of_the_answer_to_a_login_nothing_secret_is_kept() -> None:
    user = {"id": 3, "username": "ann", "woxlyId": "WX1", "twoFactorSecret": "S", "emailCode": "1"}
    answer = {"user": user, "accessToken": "a", "refreshToken": "r"}
    async with always(httpx.Response(200, json=answer)) as rest:
        account = await sign_in(rest, "ann@example.org", "pw")
    assert (account.user_id, account.username, account.refresh_token) == (3, "ann", "r")


async def test_a_wrong_password_is_no_reason_to_sign_in() -> None:
    async with always(httpx.Response(401, json={"error": "Неверный email или пароль"})) as rest:
        with pytest.raises(LobbyRefused, match="wrong e-mail address or password") as caught:
            await sign_in(rest, "ann@example.org", "pw")
    assert not isinstance(caught.value, SignInNeeded)


@pytest.mark.parametrize("answer", [{}, {"user": {"id": "3"}, "accessToken": "a"}, {"user": 4}])
async def test_an_unknown_answer_to_a_login_is_said_to_be_one(answer: dict[str, Any]) -> None:
    async with always(httpx.Response(200, json=answer)) as rest:
        with pytest.raises(LobbyRefused, match="may be no Woxly server"):
            await sign_in(rest, "ann@example.org", "pw")
