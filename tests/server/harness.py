"""A whole server in this process, and people who use it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import httpx
import socketio
from argon2 import PasswordHasher

from woxly_tui.config import Secret
from woxly_tui.server.app import Parts, WoxlyServer
from woxly_tui.server.keys import load_keys
from woxly_tui.server.listener import Listener, open_port
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


class ServedWorld(World):
    """A server on a port of this machine, for sockets."""

    listener: Listener

    @classmethod
    async def start(cls, folder: Path, **changes: Any) -> Self:
        server = make_server(folder, **changes)
        await server.start()
        listener = Listener(server.asgi, open_port("127.0.0.1", 0))
        listener.start()
        world = cls(server, httpx.AsyncClient(base_url=f"http://127.0.0.1:{listener.port}"))
        world.listener = listener
        world.phones = []
        return world

    phones: list["Phone"]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.port}"

    async def device(self, person: Person, **options: Any) -> "Phone":
        """Connect a device of somebody."""
        phone = Phone()
        await phone.connect(self.url, person.access, **options)
        self.phones.append(phone)
        return phone

    async def aclose(self) -> None:
        for phone in self.phones:
            await phone.close()
        await self.http.aclose()
        await self.listener.aclose()
        await self.server.aclose()


class Phone:
    """A Socket.IO client as anybody would write it from the contract, that keeps what it hears."""

    def __init__(self) -> None:
        self.client = socketio.AsyncClient(reconnection=False)
        self._heard: list[tuple[str, Any]] = []
        self._news = asyncio.Event()
        self.client.on("*", self._on_event)

    async def connect(self, url: str, token: str, **options: Any) -> None:
        options = {"transports": ["websocket"], "wait_timeout": 10, **options}
        await self.client.connect(url, auth={"token": token}, **options)

    async def close(self) -> None:
        await self.client.disconnect()

    async def _on_event(self, event: str, data: Any = None) -> None:
        self._heard.append((event, data))
        self._news.set()

    async def emit(self, event: str, data: Any = None) -> None:
        await self.client.emit(event, data)

    async def ask(self, event: str, data: Any = None) -> Any:
        """Send an event and return its acknowledgement."""
        return await self.client.call(event, data, timeout=5)

    async def hears(self, event: str, **wanted: Any) -> Any:
        """Wait for an event that holds the wanted values, take it out, and return its data."""
        async with asyncio.timeout(5):
            while True:
                for index, (name, data) in enumerate(self._heard):
                    fits = all(data.get(key) == value for key, value in wanted.items())
                    if name == event and fits:
                        del self._heard[index]
                        return data
                self._news.clear()
                await self._news.wait()

    async def heard_so_far(self, event: str) -> list[Any]:
        """Everything of one kind that came, up to now: a question and its answer are waited for."""
        await self.ask("check-active-call", {"friendId": 1})
        return [data for name, data in self._heard if name == event]
