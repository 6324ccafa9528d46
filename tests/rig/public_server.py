"""A scripted server that speaks as the public one does, bugs included: written from the contract.

    async with PublicServer() as server:
        ann = server.user("annie"), bob = server.user("bobby")
        server.befriend(ann, bob)
        ... a client of ours signs in at server.url as ann.email, PASSWORD ...
        await server.push(ann, "incoming-call", {"from": bob.id})

`server.quirks` has a switch for each oddity. `server.stage(...)` lets the next request fail;
`server.heard()` is what clients sent over Socket.IO. `python -m tests.rig.public_server` runs one
by hand, with four friends.
"""

import asyncio
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Self

import socketio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tests.rig.public_rest import LiveKit, PublicRest, Staged
from tests.rig.public_socket import PublicSocket
from tests.rig.public_state import Friendship, PublicState, Quirks, Room, User
from woxly_tui.server.listener import Listener, open_port

__all__ = ["PASSWORD", "LiveKit", "PublicServer", "Quirks", "Staged", "User", "WebPeer"]

PASSWORD: Final = "Correct-1-horse"

WAIT_S: Final = 5.0


class PublicServer:
    """One on a port of this machine. Use from one event loop, as a context."""

    def __init__(
        self, quirks: Quirks | None = None, livekit: LiveKit | None = None, port: int = 0
    ) -> None:
        self.quirks: Final = quirks or Quirks()
        self.state: Final = PublicState(self.quirks)
        self.socket: Final = PublicSocket(self.state)
        self.rest: Final = PublicRest(self.state, self.socket, livekit)
        methods = ["GET", "POST", "PUT", "DELETE"]
        app = Starlette(
            routes=[
                Route("/api/{path:path}", self.rest.answer, methods=methods),
                Route("/{path:path}", _no_page, methods=methods),
            ]
        )
        self._asgi = socketio.ASGIApp(self.socket.sio, app)
        self._port = port
        self._listener: Listener | None = None
        self._peers: list[WebPeer] = []

    @property
    def url(self) -> str:
        """The origin to sign in at."""
        return f"http://127.0.0.1:{self._port}"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for peer in self._peers:
            await peer.aclose()
        await self.stop()
        await self.socket.aclose()

    async def start(self) -> None:
        """Listen; after `stop` on the same port again, with all that was known."""
        self._listener = Listener(self._asgi, open_port("127.0.0.1", self._port))
        self._port = self._listener.port
        self._listener.start()

    async def stop(self) -> None:
        """Refuse connections, as a server that is down."""
        if self._listener is not None:
            for user in set(self.socket.sockets.values()):
                await self.socket.drop(user)
            await self._listener.aclose()
            self._listener = None

    # --- the stage -----------------------------------------------------------------------

    def user(self, name: str) -> User:
        """Somebody who has an account; their password is PASSWORD."""
        return self.state.add_user(f"{name}@example.org", name, PASSWORD)

    def befriend(self, one: User, other: User) -> Friendship:
        """Make two friends."""
        return self.state.befriend(one.id, other.id)

    def room(self, kind: str, owner: User, *invited: User, name: str = "") -> Room:
        """Make a room: invited to a DM are in it, to others asked."""
        return self.state.add_room(kind, name, owner.id, [one.id for one in invited])

    def stage(self, staged: Staged) -> None:
        """What the next request (for its path) gets in place of an answer."""
        self.rest.staged.append(staged)

    async def push(self, user: User, event: str, payload: dict[str, Any]) -> None:
        """Send an event to every device of somebody."""
        await self.socket.to_user(user.id, event, payload)

    def heard(self, event: str, user: User | None = None) -> list[Any]:
        """Payloads of one event that clients sent, and that were not lost."""
        return [
            payload
            for who, name, payload in self.socket.heard
            if name == event and user in (None, self.state.users.get(who))
        ]

    async def hears(self, event: str, count: int = 1) -> list[Any]:
        """The same, once there are so many.

        Raises:
            TimeoutError: They do not come.
        """
        await self.until(lambda: len(self.heard(event)) >= count)
        return self.heard(event)

    async def until(self, is_so: Callable[[], object]) -> None:
        """Wait until something is so.

        Raises:
            TimeoutError: It does not become so.
        """
        async with asyncio.timeout(WAIT_S):
            while not is_so():
                self.socket.news.clear()
                await self.socket.news.wait()

    async def web_peer(self, user: User) -> "WebPeer":
        """Somebody at a stock web page: answers rings, and speaks peer to peer only."""
        peer = WebPeer(self.url, self.state.access_token(user.id))
        self._peers.append(peer)
        await peer.start()
        await self.until(lambda: user.id in {self.socket.sockets[one] for one in self.socket.ready})
        return peer


async def _no_page(request: Request) -> Response:
    text = f"<!DOCTYPE html><pre>Cannot {request.method} {request.url.path}</pre>"
    return HTMLResponse(text, 404)


class WebPeer:
    """The stock web client's side of section 4: it answers with `webrtc-offer`, and sends no
    sound anywhere else. Leaves by `leave-call`, never by `end-call`."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._token = token
        self._client = socketio.AsyncClient(reconnection=False)
        self.rang: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._client.on("incoming-call", self.rang.put)

    async def start(self) -> None:
        await self._client.connect(self._url, auth={"token": self._token}, wait_timeout=10)

    async def aclose(self) -> None:
        await self._client.disconnect()

    async def ring(self, friend: User, room: int | None) -> None:
        """4.2: ring, and offer to talk at once."""
        payload = {"friendId": friend.id} | ({} if room is None else {"roomId": room})
        await self._client.emit("call-friend", payload)
        await self.offer(friend.id)

    async def answer(self) -> dict[str, Any]:
        """4.3: accept the next ring, and offer to talk peer to peer."""
        rang = await asyncio.wait_for(self.rang.get(), WAIT_S)
        await self._client.emit("accept-call", {"from": rang["from"]})
        await self.offer(rang["from"])
        return rang

    async def reject(self) -> None:
        """4.3."""
        rang = await asyncio.wait_for(self.rang.get(), WAIT_S)
        await self._client.emit("reject-call", {"from": rang["from"]})

    async def offer(self, peer: int) -> None:
        """What gives a stock web client away."""
        offer = {"to": peer, "offer": {"type": "offer", "sdp": "v=0\r\n"}}
        await self._client.emit("webrtc-offer", offer)

    async def leave(self, room: int) -> None:
        """4.2, point 5."""
        await self._client.emit("leave-call", {"roomId": room})


async def _by_hand() -> None:
    async with PublicServer(port=int(sys.argv[1]) if len(sys.argv) > 1 else 0) as server:
        people = [server.user(name) for name in ("annie", "bobby", "carol", "danny")]
        for other in people[1:]:
            server.befriend(people[0], other)
        sys.stdout.write(f"{server.url}  {people[0].email}  {PASSWORD}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    import contextlib

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_by_hand())
