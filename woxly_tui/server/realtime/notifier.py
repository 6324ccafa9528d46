"""Who is told what, over Socket.IO."""

import contextlib
from typing import Any, Protocol

from woxly_tui.server.realtime.presence import Presence
from woxly_tui.wire.events import ServerEvent
from woxly_tui.wire.shape import dump


class Sockets(Protocol):
    """The part of `socketio.AsyncServer` that the notifier needs."""

    async def emit(
        self, event: str, data: Any, *, room: str, skip_sid: str | None = None
    ) -> None: ...

    async def enter_room(self, sid: str, room: str) -> None: ...

    async def leave_room(self, sid: str, room: str) -> None: ...

    async def disconnect(self, sid: str) -> None: ...


def user_channel(user_id: int) -> str:
    """The channel of all devices of a user."""
    return f"user-{user_id}"


def room_channel(room_id: int) -> str:
    """The channel of the devices that follow a room."""
    return f"room-{room_id}"


class Notifier:
    """Sends events to all devices of a user, to those that follow a room, or to one device.

    With several processes the Socket.IO server's own manager carries them across.
    """

    def __init__(self, sockets: Sockets, presence: Presence) -> None:
        self._sockets = sockets
        self._presence = presence

    async def to_user(
        self, user_id: int, event: ServerEvent, data: Any, *, skip_sid: str | None = None
    ) -> None:
        """Tell every device of a user, but for one."""
        channel = user_channel(user_id)
        await self._sockets.emit(event.value, dump(data), room=channel, skip_sid=skip_sid)

    async def to_room(
        self, room_id: int, event: ServerEvent, data: Any, *, skip_sid: str | None = None
    ) -> None:
        """Tell every device that follows a room, but for one."""
        channel = room_channel(room_id)
        await self._sockets.emit(event.value, dump(data), room=channel, skip_sid=skip_sid)

    async def to_device(self, sid: str, event: ServerEvent, data: Any) -> None:
        """Tell one device."""
        await self._sockets.emit(event.value, dump(data), room=sid)

    async def unfollow_user(self, user_id: int, room_id: int) -> None:
        """Let no device of a user follow a room."""
        for sid in await self._presence.sids_of(user_id):
            await self._sockets.leave_room(sid, room_channel(room_id))

    async def disconnect_user(self, user_id: int, *, session_id: str = "") -> None:
        """Cut off every device of a user, or those of one sign-in."""
        for sid in await self._presence.sids_of(user_id, session_id):
            await self._sockets.disconnect(sid)

    async def follow(self, sid: str, room_id: int) -> None:
        """Let a device follow a room; nothing where it is gone, as a caller's may be by then."""
        with contextlib.suppress(KeyError):
            await self._sockets.enter_room(sid, room_channel(room_id))

    async def unfollow(self, sid: str, room_id: int) -> None:
        """Let a device follow a room no longer."""
        await self._sockets.leave_room(sid, room_channel(room_id))
