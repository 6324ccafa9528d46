"""Loads a server with devices that ring one another, and with requests for tokens.

One process, one event loop, and as little in it as can be: it must not be what is measured. How
late it sent what it was to send, and how much of a core it used, say whether it was.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from woxly_tui._lib.aio import TaskOwner

CONNECT_AT_ONCE: Final = 40


@dataclass(frozen=True, slots=True)
class User:
    """Somebody, whom they ring, and where."""

    id: int
    token: str
    friend_id: int
    room_id: int


@dataclass(slots=True)
class Rings:
    """What came of the rings."""

    sent: int = 0
    refused: int = 0
    took_ms: list[float] = field(default_factory=list)
    """From `call-friend` written to `incoming-call` read."""
    late_ms: list[float] = field(default_factory=list)
    """By which the generator itself was late."""
    core_share: float = 0.0
    """Of a core that the generator used."""


class Device:
    """A connected client that refuses every ring at once, so that it can be rung again."""

    def __init__(self, user: User, rings: Rings, rung_at: dict[int, float]) -> None:
        self.user = user
        self._rings = rings
        self._rung_at = rung_at
        self._socket: ClientConnection | None = None
        self._count = 0

    async def connect(self, port: int) -> None:
        url = f"ws://127.0.0.1:{port}/socket.io/?EIO=4&transport=websocket"
        self._socket = await connect(url, compression=None, ping_interval=None, proxy=None)
        await self._socket.recv()
        await self._socket.send("40" + json.dumps({"token": self.user.token}))
        answer = await self._socket.recv()
        if not str(answer).startswith("40"):
            raise RuntimeError(f"refused: {answer!r}")

    async def _emit(self, event: str, **data: int) -> None:
        assert self._socket is not None  # noqa: S101 - connected before it is used
        self._count += 1
        await self._socket.send(f"42{self._count}" + json.dumps([event, data]))

    async def ring(self) -> None:
        self._rings.sent += 1
        self._rung_at[self.user.id] = time.perf_counter()
        await self._emit("call-friend", friendId=self.user.friend_id, roomId=self.user.room_id)

    async def listen(self) -> None:
        """Read until the connection ends."""
        with contextlib.suppress(ConnectionClosed):  # in the middle of an answer
            await self._listen()

    async def _listen(self) -> None:
        assert self._socket is not None  # noqa: S101 - connected before it is used
        async for packet in self._socket:
            text = str(packet)
            if text == "2":
                await self._socket.send("3")
            elif text.startswith('42["incoming-call"'):
                now = time.perf_counter()
                caller = json.loads(text[2:])[1]["from"]
                if (began := self._rung_at.pop(caller, None)) is not None:
                    self._rings.took_ms.append(1000 * (now - began))
                await self._emit("reject-call", **{"from": caller})
            elif text.startswith("43") and '"ok":false' in text.replace(" ", ""):
                self._rings.refused += 1

    async def close(self) -> None:
        if self._socket is not None:
            await self._socket.close()


class Crowd:
    """All devices, connected."""

    def __init__(self, port: int, users: Sequence[User]) -> None:
        self._port = port
        self.rings = Rings()
        rung_at: dict[int, float] = {}
        self.devices = [Device(user, self.rings, rung_at) for user in users]
        self._tasks = TaskOwner("crowd")

    async def connect(self) -> None:
        """Connect everybody, some at a time."""
        for first in range(0, len(self.devices), CONNECT_AT_ONCE):
            some = self.devices[first : first + CONNECT_AT_ONCE]
            await asyncio.gather(*(device.connect(self._port) for device in some))
        for device in self.devices:
            self._tasks.start(device.listen(), name=str(device.user.id))

    async def ring(self, rate: int, seconds: float) -> Rings:
        """Ring that often for that long, however fast answers come; what came of it."""
        callers = self.devices[: len(self.devices) // 2]
        rings = self.rings
        rings.sent = rings.refused = 0
        rings.took_ms.clear()
        rings.late_ms.clear()
        began, cpu = time.perf_counter(), time.process_time()
        for number in range(int(rate * seconds)):
            due = began + number / rate
            if (wait_s := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait_s)
            rings.late_ms.append(1000 * max(0.0, time.perf_counter() - due))
            await callers[number % len(callers)].ring()
        await asyncio.sleep(1.0)  # for the last answers
        rings.core_share = (time.process_time() - cpu) / (time.perf_counter() - began)
        return rings

    async def aclose(self) -> None:
        await asyncio.gather(*(device.close() for device in self.devices), return_exceptions=True)
        await self._tasks.aclose()


async def requests(
    port: int, path: str, users: Sequence[User], seconds: float, *, connections: int = 32
) -> dict[str, Any]:
    """POST without a pause on some kept connections; how many were answered, a second."""
    ends, answered, failed = time.perf_counter() + seconds, 0, 0

    async def ask(user: User) -> None:
        nonlocal answered, failed
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        request = (
            f"POST {path.format(room=user.room_id)} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Bearer {user.token}\r\nContent-Type: application/json\r\n"
            "Content-Length: 2\r\n\r\n{}"
        ).encode()
        while time.perf_counter() < ends:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            answered += 1
            failed += not head.startswith(b"HTTP/1.1 200")
        writer.close()

    cpu, began = time.process_time(), time.perf_counter()
    await asyncio.gather(*(ask(user) for user in users[:connections]))
    took_s = time.perf_counter() - began
    return {
        "answered": answered,
        "per_s": round(answered / took_s),
        "failed": failed,
        "generator_core_share": round((time.process_time() - cpu) / took_s, 2),
    }
