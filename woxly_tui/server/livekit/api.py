"""Asks a LiveKit server who is there, and sends people out of rooms."""

import time
from dataclasses import dataclass
from typing import Any, Final

import httpx

from woxly_tui.errors import ServerUnreachable, TokenError
from woxly_tui.server.settings import LivekitSettings

_TIMEOUT: Final = httpx.Timeout(5.0, connect=3.0)
_TOKEN_TTL_S: Final = 60


@dataclass(frozen=True, slots=True)
class RoomSeen:
    """A room that exists on the LiveKit server."""

    name: str
    sid: str
    created_s: int
    participant_count: int


@dataclass(frozen=True, slots=True)
class ParticipantSeen:
    """Somebody in a room."""

    sid: str
    identity: str
    name: str
    joined_s: int


class LivekitApi:
    """LiveKit's room service. Use from one event loop."""

    def __init__(self, settings: LivekitSettings) -> None:
        self._settings = settings
        base = settings.api_url.replace("ws", "http", 1)
        self._http = httpx.AsyncClient(base_url=base, timeout=_TIMEOUT)

    async def rooms(self) -> list[RoomSeen]:
        """All rooms.

        Raises:
            ServerUnreachable: The server does not answer, or not as one of LiveKit does.
            TokenError: It does not take our key and secret.
        """
        answer = await self._ask("ListRooms", {"roomList": True}, {})
        return [
            RoomSeen(
                name=str(room.get("name", "")),
                sid=str(room.get("sid", "")),
                created_s=_number(room, "creation_time", "creationTime"),
                participant_count=_number(room, "num_participants", "numParticipants"),
            )
            for room in answer.get("rooms", [])
        ]

    async def participants(self, room: str) -> list[ParticipantSeen]:
        """Who is in a room.

        Raises:
            ServerUnreachable: The server does not answer, or not as one of LiveKit does.
            TokenError: It does not take our key and secret.
        """
        grants = {"roomAdmin": True, "room": room}
        answer = await self._ask("ListParticipants", grants, {"room": room})
        return [
            ParticipantSeen(
                sid=str(found.get("sid", "")),
                identity=str(found.get("identity", "")),
                name=str(found.get("name", "")),
                joined_s=_number(found, "joined_at", "joinedAt"),
            )
            for found in answer.get("participants", [])
        ]

    async def remove(self, room: str, identity: str) -> None:
        """Send somebody out of a room; nothing where they are not in it.

        Raises:
            ServerUnreachable: The server does not answer, or not as one of LiveKit does.
            TokenError: It does not take our key and secret.
        """
        grants = {"roomAdmin": True, "room": room}
        await self._ask("RemoveParticipant", grants, {"room": room, "identity": identity})

    async def is_healthy(self) -> bool:
        """Whether the server answers and takes our key."""
        try:
            await self.rooms()
        except (ServerUnreachable, TokenError):
            return False
        return True

    async def _ask(
        self, method: str, grants: dict[str, Any], body: dict[str, Any]
    ) -> dict[str, Any]:
        url = self._settings.api_url
        try:
            answer = await self._http.post(
                f"/twirp/livekit.RoomService/{method}",
                json=body,
                headers={"Authorization": f"Bearer {self._token(grants)}"},
            )
            found = answer.json() if answer.status_code == 200 else {}
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise ServerUnreachable(
                f"Cannot connect to LiveKit server at {url}",
                "check that it runs and that LIVEKIT_URL names it: ws://localhost:7880 "
                "for one in Docker here, wss://PROJECT.livekit.cloud for one in the Cloud",
            ) from error
        if answer.status_code in (401, 403):
            raise TokenError(
                f"the LiveKit server at {url} does not take the API key and secret",
                "LIVEKIT_API_KEY and LIVEKIT_API_SECRET must be a pair that it knows",
            )
        if answer.status_code == 404:
            return {}  # room or participant: gone meanwhile
        if answer.status_code != 200 or not isinstance(found, dict):
            raise ServerUnreachable(
                f"Cannot connect to LiveKit server at {url}: it answers {answer.status_code}",
                "check that LIVEKIT_URL names a LiveKit server",
            )
        return found

    def _token(self, grants: dict[str, Any]) -> str:
        import jwt

        now = int(time.time())
        claims = {
            "iss": self._settings.api_key,
            "nbf": now - 60,
            "exp": now + _TOKEN_TTL_S,
            "video": grants,
        }
        return jwt.encode(claims, self._settings.api_secret.reveal(), algorithm="HS256")

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()


async def check_livekit(livekit: LivekitSettings) -> None:
    """Ask a LiveKit server something that needs the key.

    Raises:
        ServerUnreachable: Nothing, or no LiveKit server, answers.
        TokenError: It does not take the key and secret.
    """
    api = LivekitApi(livekit)
    try:
        await api.rooms()
    finally:
        await api.aclose()


def _number(found: dict[str, Any], *names: str) -> int:
    """A number of protobuf's JSON, which writes large ones as text."""
    for name in names:
        value = found.get(name)
        if isinstance(value, int) or (isinstance(value, str) and value.isdigit()):
            return int(value)
    return 0
