"""How the call of a room is joined."""

from typing import TYPE_CHECKING

from woxly_tui.control import lobby as ask
from woxly_tui.control.messages import Join
from woxly_tui.types import RoomId, RoomKind, RoomName, UserId

if TYPE_CHECKING:
    from woxly_tui.engine.lobby_session import LobbySession


def join_of(
    session: "LobbySession", style: ask.CallStyle, room: RoomId, kind: RoomKind, peer: UserId | None
) -> Join:
    """The command that joins it."""
    known = session.book.room(room)
    title = session.who(peer).name if peer is not None else f"room {room}"
    account = session.me.account
    return Join(
        url="",
        server=account.host,
        room=RoomName(known.name if known is not None and known.name else title),
        lobby=ask.LobbyCall(account.name, room, kind, peer),
        name=account.username,
        backend=style.backend,
        is_muted=style.is_muted,
        environment=style.environment,
        ptt_mode=style.ptt_mode,
        shaping=style.shaping,
        devices=style.devices,
    )
