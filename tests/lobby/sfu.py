"""An SFU without sound: who holds a token for a room is in it, and sees who else is."""

import asyncio
from collections.abc import Callable, Mapping

from woxly_tui.media import messages as media
from woxly_tui.types import Identity
from woxly_tui.wire.token import read_token


class Sfu:
    """All rooms. Its links take the place of media workers."""

    def __init__(self) -> None:
        self.rooms: dict[str, dict[Identity, SfuLink]] = {}
        self.said: list[str] = []
        """Everything that was written in the chat of a call."""
        self._somebody_left = asyncio.Event()

    def link(
        self, on_event: Callable[[media.WorkerEvent], None], on_lost: Callable[[str], None]
    ) -> "SfuLink":
        """A worker; `engine.LinkFactory`."""
        return SfuLink(self, on_event, on_lost)

    def guest(self, room: int, identity: str) -> "Guest":
        """Somebody without an account comes into the call of a room."""
        return Guest(self, f"room-{room}", Identity(identity))

    def who(self, room: int) -> set[int]:
        """The users in the call of a room."""
        return {int(identity) for identity in self.rooms.get(f"room-{room}", {})}

    @property
    def everybody(self) -> list[int]:
        """Users in any call; one who is in two is named twice."""
        return sorted(int(one) for room in self.rooms.values() for one in room)

    async def until_empty(self) -> None:
        """Wait until nobody is in any call."""
        while self.everybody:
            self._somebody_left.clear()
            await self._somebody_left.wait()

    def enter(self, room: str, identity: Identity, link: "SfuLink") -> None:
        """Come; whoever was there as the same one is evicted."""
        inside = self.rooms.setdefault(room, {})
        if (before := inside.pop(identity, None)) is not None:
            before.evict()
        for other, there in inside.items():
            link.see(other)
            there.see(identity)
        inside[identity] = link

    def go(self, room: str, identity: Identity, link: "SfuLink") -> None:
        """Leave."""
        inside = self.rooms.get(room, {})
        if inside.get(identity) is link:
            del inside[identity]
            self._somebody_left.set()
            for there in inside.values():
                there.miss(identity)


class SfuLink:
    """One worker: opens and closes its microphone as told, and says so at once."""

    def __init__(
        self,
        sfu: Sfu,
        on_event: Callable[[media.WorkerEvent], None],
        on_lost: Callable[[str], None],
    ) -> None:
        self._sfu = sfu
        self._on_event = on_event
        self.on_lost = on_lost
        self._session = 0
        self._place: tuple[str, Identity] | None = None
        self.is_open = False

    async def start(self, environment: Mapping[str, str]) -> None:  # noqa: ARG002
        self._on_event(media.WorkerReady(pid=1, sdk_version="none"))

    def send(self, command: media.WorkerCommand) -> None:
        match command:
            case media.Connect(session=session, token=token):
                claims = read_token(token)
                self._session = session
                self._place = (claims.room, claims.identity)
                self._on_event(media.Connected(session, claims.room, claims.identity, claims.name))
                self._on_event(media.AudioReady(session, media.BackendChoice.NATIVE, True))
                self._sfu.enter(claims.room, claims.identity, self)
            case media.SetMicrophone(session=session, request=request, is_open=is_open):
                self.is_open = is_open
                self._on_event(media.MicrophoneApplied(session, request, is_open))
            case media.SetDeafen(session=session, request=request, on=on):
                self._on_event(media.DeafenApplied(session, request, on))
            case media.SendChat(request=request, text=text):
                self.say(text)
                self._on_event(media.ChatSent(request))

    def say(self, text: str) -> None:
        """Write in the chat of the call."""
        assert self._place is not None
        room, identity = self._place
        self._sfu.said.append(text)
        for there in self._sfu.rooms[room].values():
            if there is not self:
                there.hear(identity, text)

    async def stop(self) -> None:
        self.die()

    def die(self) -> None:
        """Be in no room any more."""
        self.is_open = False
        place, self._place = self._place, None
        if place is not None:
            self._sfu.go(*place, self)

    def evict(self) -> None:
        """Somebody came as the same one."""
        self._place = None
        cause = media.DisconnectCause.DUPLICATE_IDENTITY
        self._on_event(media.Disconnected(self._session, cause))

    def hear(self, other: Identity, text: str) -> None:
        """Somebody says something in the chat of the call."""
        self._on_event(media.ChatReceived(self._session, other, f"user {other}", text))

    def see(self, other: Identity) -> None:
        """Somebody else is there."""
        self._on_event(
            media.RemoteUpdated(
                self._session,
                other,
                f"user {other}",
                is_muted=False,
                is_deafened=False,
                has_microphone=True,
                is_connecting=False,
                quality=media.LinkQuality.GOOD,
            )
        )

    def miss(self, other: Identity) -> None:
        """They are gone."""
        self._on_event(media.RemoteLeft(self._session, other))


class Guest(SfuLink):
    """Somebody without an account, who keeps what is said."""

    def __init__(self, sfu: Sfu, room: str, identity: Identity) -> None:
        self.heard: list[str] = []
        super().__init__(sfu, self._keep, lambda _: None)
        self._place = (room, identity)
        sfu.enter(room, identity, self)

    def _keep(self, event: media.WorkerEvent) -> None:
        if isinstance(event, media.ChatReceived):
            self.heard.append(f"{event.identity}: {event.text}")
