"""A Woxly server as rings and calls need it. Loads httpx, as `lobby_session` does."""

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from woxly_tui.config.urls import is_loopback, parse_server_url
from woxly_tui.engine import ring_wire
from woxly_tui.engine.credentials import Credentials
from woxly_tui.errors import (
    LobbyFailed,
    LobbyRefused,
    ServerUnreachable,
    SignInNeeded,
    TokenError,
    WoxlyError,
)
from woxly_tui.lobby import rooms
from woxly_tui.lobby.book import Part
from woxly_tui.lobby.link import Receipt
from woxly_tui.types import RoomId, RoomKind, UserId
from woxly_tui.wire.events import ServerEvent

if TYPE_CHECKING:
    from woxly_tui.engine.lobby_session import LobbySession

MAX_KINDS: Final = 256


class SessionBoard:
    """The `ring_desk.Switchboard` of one session."""

    def __init__(self, session: "LobbySession") -> None:
        self._session = session
        self._kinds: dict[RoomId, RoomKind] = {}

    @property
    def acks(self) -> bool:
        """Whether the server acknowledges what it is sent."""
        return self._session.acks

    async def say(self, saying: ring_wire.Saying) -> Receipt:
        """Send an event."""
        return await self._session.say(saying)

    def note_kind(self, event: str, payload: dict[str, Any]) -> None:
        """Remember what kind of room we were invited to."""
        room, kind = ring_wire.number(payload, "roomId"), ring_wire.kind_of(payload.get("type"))
        if event == ServerEvent.ROOM_INVITATION and room is not None and kind is not None:
            self._kinds[RoomId(room)] = kind
            if len(self._kinds) > MAX_KINDS:
                del self._kinds[next(iter(self._kinds))]

    def known_dm(self, peer: UserId) -> RoomId | None:
        """The DM with somebody, where it is known without asking."""
        found = (
            one for one in self._session.book.rooms if one.kind is RoomKind.DM and one.peer == peer
        )
        return next((one.room for one in found if not one.is_invited), None)

    async def find_dm(self, peer: UserId) -> RoomId:
        """The DM with somebody; made where there is none."""
        room = await rooms.dm_with(self._session.me, peer)
        self._note_new(room, RoomKind.DM)
        return room

    async def make_group(self, members: tuple[UserId, ...], name: str) -> RoomId:
        """A group whose members the server rings."""
        room = await rooms.make_group(self._session.me, name, members)
        self._note_new(room, RoomKind.GROUP)
        return room

    def _note_new(self, room: RoomId, kind: RoomKind) -> None:
        self._kinds[room] = kind
        if self._session.book.room(room) is None:
            self._session.want((Part.ROOMS,))

    async def heal(self, room: RoomId) -> None:
        """Be a member again of a DM that a ring locked us out of; `woxly serve` needs none of it.

        A ring that we answered made us one for good in any room.
        """
        if not self.acks and self.kind_known(room) is not RoomKind.GROUP:
            await rooms.join(self._session.me, room)

    def kind_known(self, room: RoomId | None) -> RoomKind | None:
        """What kind of room it is, where that is known without asking."""
        if room is None:
            return RoomKind.DM
        known = self._session.book.room(room)
        return known.kind if known is not None else self._kinds.get(room)

    async def kind_asked(self, room: RoomId) -> RoomKind:
        """The same, asked for; a DM where nobody can tell."""
        try:
            listed = await rooms.rooms_of(self._session.me)
        except WoxlyError:
            listed = []
        self._session.want((Part.ROOMS,))
        found = next((one.kind for one in listed if one.room == room), RoomKind.DM)
        self._kinds[room] = found
        return found

    async def media(self, room: RoomId, instead: str) -> Credentials:
        """What lets us into the call of a room.

        Args:
            room: Which.
            instead: A LiveKit server to use in place of one that only its own machine reaches.

        Raises:
            TokenError: We may not.
            ServerUnreachable: Another try may succeed.
        """
        if not self.acks and self.kind_known(room) is RoomKind.GROUP:
            await rooms.join(self._session.me, room)
        try:
            found = await rooms.media_pass(self._session.me, room)
        except SignInNeeded as error:
            raise TokenError(error.message, error.remedy) from None
        except LobbyFailed as error:
            raise ServerUnreachable(
                f"{error.message}: it gives no token for the call",
                "whoever runs it must set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET",
            ) from None
        except LobbyRefused as error:
            raise TokenError(error.message, error.remedy) from None
        return Credentials(
            _reachable(found.url, self._session.me.account.origin, instead), found.token
        )


def _reachable(url: str, origin: str, instead: str) -> str:
    server = parse_server_url(url, "the Woxly server")
    theirs, ours = urlsplit(server.url).hostname, urlsplit(origin).hostname
    if not is_loopback(theirs or "") or is_loopback(ours or ""):
        return server.url
    if instead:
        return parse_server_url(instead, "livekit.url").url
    raise TokenError(
        f"the Woxly server names a LiveKit server that only its own machine reaches ({url[:80]})",
        "whoever runs it must set LIVEKIT_PUBLIC_URL; or set `livekit.url` to its address",
    )
