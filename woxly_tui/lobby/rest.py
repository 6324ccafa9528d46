"""REST of a Woxly server: every answer is JSON that was looked at, or one sentence and a remedy."""

import asyncio
import contextlib
import os
import ssl
import time
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import Any, Final, Self

import httpx

from woxly_tui._lib.text import clean_name
from woxly_tui.errors import (
    LobbyFailed,
    LobbyRefused,
    ServerUnreachable,
    SignInNeeded,
    UsageError,
)
from woxly_tui.lobby.accounts import Account, AccountStore
from woxly_tui.lobby.said import in_english
from woxly_tui.lobby.tokens import is_stale
from woxly_tui.types import Seconds
from woxly_tui.wire.words import MAX_ID

ANSWER_LIMIT_S: Final = 12.0
"""Longest wait for an answer."""

MAIL_LIMIT_S: Final = 130.0
"""The same where a server may wait for its mail server first: registering."""

MAX_ANSWER_BYTES: Final = 8_000_000

_NOT_WOXLY: Final = "check the address: it is that of the web page, as https://woxly.example"


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and JSON object of a response."""

    status: int
    body: dict[str, Any]

    def text(self, key: str) -> str:
        """A string that must be there.

        Raises:
            LobbyRefused: It is not.
        """
        value = self.body.get(key)
        if not isinstance(value, str) or not value:
            raise _odd(key)
        return value

    def thing(self, key: str) -> dict[str, Any]:
        """An object that must be there.

        Raises:
            LobbyRefused: It is not.
        """
        value = self.body.get(key)
        if not isinstance(value, dict):
            raise _odd(key)
        return value

    def things(self, key: str) -> list[dict[str, Any]]:
        """A list that must be there; what in it is no object is passed over.

        Raises:
            LobbyRefused: It is not.
        """
        value = self.body.get(key)
        if not isinstance(value, list):
            raise _odd(key)
        return [item for item in value if isinstance(item, dict)]


def _odd(key: str) -> LobbyRefused:
    return LobbyRefused(
        f"the server's answer has no `{key}`: it may be no Woxly server", _NOT_WOXLY
    )


def id_of(raw: dict[str, Any], key: str = "id") -> int:
    """An id as the contract has it.

    Raises:
        LobbyRefused: It is none.
    """
    value = raw.get(key)
    if type(value) is not int or not 0 < value <= MAX_ID:
        raise _odd(key)
    return value


class RestClient:
    """Requests to one server. Use from one event loop; close it, or use it as a context.

    Args:
        origin: As of `parse_origin`.
        transport: Tests put a server here.
    """

    def __init__(self, origin: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.origin: Final = origin
        self.ahead_s = 0.0
        """How much the server's clock is ahead of ours, as its last answer said."""
        self._http = httpx.AsyncClient(
            base_url=f"{origin}/api", timeout=ANSWER_LIMIT_S, transport=transport
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def ask(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        token: str = "",
        params: dict[str, str] | None = None,
        limit_s: float = ANSWER_LIMIT_S,
    ) -> Answer:
        """Send a request.

        Raises:
            ServerUnreachable: No answer, or not that of a Woxly server.
            SignInNeeded: 401.
            LobbyRefused: Any other refusal, in the server's words.
            UsageError: Some of it is half a character.
        """
        headers = {"Accept": "application/json", "Accept-Language": "en"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        try:
            async with asyncio.timeout(limit_s):
                response = await self._http.request(
                    method, path, json=body, headers=headers, params=params, timeout=limit_s
                )
        except (TimeoutError, httpx.TimeoutException):
            raise ServerUnreachable(
                f"{self.origin} did not answer within {limit_s:.0f} seconds", "try again later"
            ) from None
        except UnicodeEncodeError:
            raise UsageError("what was typed is no text in UTF-8", "type it anew") from None
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as error:
            raise self._unreachable(error) from error
        self._compare_clocks(response)
        return self._read(response)

    def _compare_clocks(self, response: httpx.Response) -> None:
        with contextlib.suppress(ValueError):
            told = parsedate_to_datetime(response.headers.get("date", ""))
            self.ahead_s = told.timestamp() - time.time()

    def _unreachable(self, error: Exception) -> ServerUnreachable:
        why = clean_name(str(error) or type(error).__name__)
        if "CERTIFICATE" in str(error).upper() or "ssl" in str(error).lower():
            return ServerUnreachable(
                f"{self.origin} does not prove who it is ({why})",
                "check the address and the clock of this machine",
            )
        return ServerUnreachable(
            f"{self.origin} cannot be reached ({why})", "check the address and the network"
        )

    def _read(self, response: httpx.Response) -> Answer:
        if response.is_redirect:
            where = clean_name(response.headers.get("location", ""), "another place")
            raise ServerUnreachable(
                f"{self.origin} sends us elsewhere, to {where}: it is no Woxly server", _NOT_WOXLY
            )
        body = _json_of(response)
        status = response.status_code
        if response.is_success and body is not None:
            return Answer(status, body)
        told = body.get("error") if body is not None else None
        words = clean_name(in_english(told), fallback="") if isinstance(told, str) else ""
        if status == 401:
            raise SignInNeeded(words or "the server does not know us", "`woxly login` signs in")
        if status == 429:
            raise LobbyRefused("the server has had enough of us for now", _wait(response))
        if body is None and (response.is_success or status == 404):
            raise ServerUnreachable(f"what answers at {self.origin} is no Woxly server", _NOT_WOXLY)
        if status >= 500:
            raise LobbyFailed(
                f"the server failed: {words or f'status {status}'}",
                "it may not know what was asked for; try again later",
            )
        raise LobbyRefused(f"the server refuses: {words or f'status {status}'}")


def _json_of(response: httpx.Response) -> dict[str, Any] | None:
    is_json = "json" in response.headers.get("content-type", "")
    if not is_json or len(response.content) > MAX_ANSWER_BYTES:
        return None
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _wait(response: httpx.Response) -> str:
    after = response.headers.get("retry-after", "")
    return f"try again in {after} seconds" if after.isdecimal() else "try again in a minute"


class SignedIn:
    """Requests of one account: a token that has run out is renewed once, and kept.

    Args:
        rest: The server.
        account: Who asks.
        store: Where new tokens go.
    """

    def __init__(self, rest: RestClient, account: Account, store: AccountStore) -> None:
        self._rest = rest
        self._store = store
        self._renewing = asyncio.Lock()
        self.account = account

    async def ask(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        params: dict[str, str] | None = None,
    ) -> Answer:
        """As of RestClient.

        Raises:
            SignInNeeded: Only a password helps.
            WoxlyError: As of RestClient.
        """
        token = self.account.access_token
        try:
            return await self._rest.ask(method, path, body, token=token, params=params)
        except SignInNeeded:
            token = await self.renew(token)
        return await self._rest.ask(method, path, body, token=token, params=params)

    async def token(self, refused: str = "") -> str:
        """A token to open a connection with: renewed first where it has run out, or is about to.

        Args:
            refused: One that the server did not take, so another is needed.

        Raises:
            SignInNeeded: Only a password helps.
            WoxlyError: As of RestClient.
        """
        token = self.account.access_token
        is_old = is_stale(token, Seconds(time.time()), self._rest.ahead_s)
        return await self.renew(token) if is_old or token == refused else token

    async def renew(self, stale: str) -> str:
        """A token in place of one that has run out; asked for once, however many wait.

        Raises:
            SignInNeeded: Only a password helps.
            WoxlyError: As of RestClient.
        """
        async with self._renewing:
            lock = await asyncio.to_thread(self._store.lock)
            try:
                return await self._renewed(stale)
            finally:
                os.close(lock)

    async def _renewed(self, stale: str) -> str:
        known = await asyncio.to_thread(self._store.get, self.account)
        if known is not None:
            self.account = known  # another process may have renewed it
        if self.account.access_token != stale:
            return self.account.access_token
        if known is not None:
            # A refresh token is good for once: where its heir cannot be kept, it is not used.
            await asyncio.to_thread(self._store.reserve, self.account)
        try:
            body = {"refreshToken": self.account.refresh_token}
            answer = await self._rest.ask("POST", "/auth/refresh", body)
        except SignInNeeded:
            raise SignInNeeded(
                f"the sign-in of {self.account.name} is over",
                f"`woxly login {self.account.origin}` signs in again",
            ) from None
        access = answer.text("accessToken")
        # The public server hands out no new one: the old one stays good.
        refresh = answer.body.get("refreshToken")
        kept = refresh if isinstance(refresh, str) and refresh else self.account.refresh_token
        self.account = replace(self.account, access_token=access, refresh_token=kept)
        self.account = await asyncio.to_thread(self._store.renew, self.account, access, kept)
        return access


async def sign_in(
    rest: RestClient, email: str, password: str, username: str = "", *, code: str = ""
) -> Account:
    """Sign in, or register where a user name is given. Of the answer only what is needed is kept.

    Raises:
        WoxlyError: As of RestClient.
    """
    body = {"email": email, "password": password}
    if username:
        path, limit_s = "/auth/register", MAIL_LIMIT_S
        body["username"] = username
    else:
        path, limit_s = "/auth/login", ANSWER_LIMIT_S
    if code:
        body["twoFactorCode"] = code
    try:
        answer = await rest.ask("POST", path, body, limit_s=limit_s)
    except SignInNeeded as error:
        raise LobbyRefused(
            f"the server refuses: {error.message}", "check e-mail address and password"
        ) from None
    user = answer.thing("user")
    return Account(
        origin=rest.origin,
        user_id=id_of(user),
        username=clean_name(str(user.get("username", ""))),
        woxly_id=clean_name(str(user.get("woxlyId", "")), fallback=""),
        access_token=answer.text("accessToken"),
        refresh_token=answer.text("refreshToken"),
    )


async def sign_out(me: SignedIn, *, everywhere: bool = False) -> bool:
    """Tell the server; False where it does not take that, as the public one.

    Args:
        me: Who.
        everywhere: On every device, not on this one alone.

    Raises:
        ServerUnreachable: Nobody knows whether it was told.
    """
    try:
        await me.ask("POST", "/auth/logout-all" if everywhere else "/auth/logout")
    except LobbyRefused:
        return False
    return True
