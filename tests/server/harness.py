"""A whole server in this process, and people who use it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import httpx
from argon2 import PasswordHasher

from woxly_tui.config import Secret
from woxly_tui.server.app import Parts, WoxlyServer
from woxly_tui.server.keys import load_keys
from woxly_tui.server.settings import LivekitSettings, ServerSettings

PASSWORD: Final = "Correct-1-horse"

FAST_HASHER: Final = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

LIVEKIT: Final = LivekitSettings(
    api_url="ws://127.0.0.1:9",
    api_key="devkey",
    api_secret=Secret("a secret of at least thirty-two characters"),
)


def make_server(folder: Path, **changes: Any) -> WoxlyServer:
    """A server on SQLite in a folder; call inside the event loop that runs it."""
    parts = {name: changes.pop(name) for name in list(changes) if name in Parts.__slots__}
    settings: dict[str, Any] = {
        "data_folder": folder,
        "livekit": LIVEKIT,
        "has_rate_limits": False,
        **changes,
    }
    return WoxlyServer(
        ServerSettings(**settings), load_keys(folder), Parts(**{"hasher": FAST_HASHER, **parts})
    )


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account, and their way to the server."""

    id: int
    woxly_id: str
    email: str
    username: str
    access: str
    refresh: str
    http: httpx.AsyncClient

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        status: int | None = 200,
        headers: Mapping[str, str] | None = None,
        **params: Any,
    ) -> Any:
        """Send a request, expect a status, and return the JSON."""
        answer = await self.http.request(
            method,
            f"/api{path}",
            json=body,
            params=params or None,
            headers={"Authorization": f"Bearer {self.access}", **(headers or {})},
        )
        assert status in (None, answer.status_code), f"{answer.status_code}: {answer.text}"
        return answer.json()


class World:
    """A server and whoever uses it."""

    def __init__(self, server: WoxlyServer, http: httpx.AsyncClient) -> None:
        self.server = server
        self.http = http
        self._count = 0

    @classmethod
    async def start(cls, folder: Path, **changes: Any) -> Self:
        """A server that answers, without a port."""
        server = make_server(folder, **changes)
        await server.start()
        transport = httpx.ASGITransport(server.asgi, raise_app_exceptions=False)
        return cls(server, httpx.AsyncClient(transport=transport, base_url="http://woxly.test"))

    async def aclose(self) -> None:
        await self.http.aclose()
        await self.server.aclose()

    async def person(self, name: str = "") -> Person:
        """Register somebody."""
        self._count += 1
        username = (name or "person") + str(self._count).rjust(5 - len(name or "person"), "0")
        email = f"{username.lower()}@example.org"
        answer = await self.http.post(
            "/api/auth/register",
            json={"email": email, "username": username, "password": PASSWORD},
        )
        assert answer.status_code == 201, answer.text
        made = answer.json()
        user = made["user"]
        return Person(
            id=user["id"],
            woxly_id=user["woxlyId"],
            email=email,
            username=username,
            access=made["accessToken"],
            refresh=made["refreshToken"],
            http=self.http,
        )

    async def friends(self, *names: str) -> list[Person]:
        """Register some people who are all friends of the first."""
        people = [await self.person(name) for name in names]
        for friend in people[1:]:
            await people[0].ask("POST", "/friends/add", {"friendId": friend.id}, status=201)
            await friend.ask("POST", "/friends/add", {"friendId": people[0].id})
        return people


async def dm(one: Person, other: Person) -> int:
    """The id of the DM of two people."""
    body = {"type": "DM", "name": "", "isPrivate": True, "invitedFriends": [other.id]}
    return int((await one.ask("POST", "/rooms", body, status=None))["room"]["id"])
