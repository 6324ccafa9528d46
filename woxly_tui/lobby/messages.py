"""Messages of a room over REST. Only `woxly serve` tells the others of what is written here:
to the public server, text goes over the socket (`send-message`)."""

from typing import Final

from woxly_tui.errors import LobbyRefused
from woxly_tui.lobby import reading
from woxly_tui.lobby.book import Thread
from woxly_tui.lobby.rest import Answer, SignedIn
from woxly_tui.social.model import RoomMessage
from woxly_tui.types import MessageId, RoomId
from woxly_tui.wire.words import MAX_MESSAGE_CHARS

PAGE: Final = 50


async def page_of(me: SignedIn, room_id: RoomId, *, offset: int = 0, limit: int = PAGE) -> Thread:
    """Messages counted from the newest, returned oldest first."""
    params = {"roomId": str(room_id), "limit": str(limit), "offset": str(offset)}
    found = (await me.ask("GET", "/messages", params=params)).things("messages")[:limit]
    origin = me.account.origin
    read = reading.every(lambda raw: reading.message(raw, origin), found)
    ordered = sorted((one for one in read if one.room == room_id), key=lambda m: m.message)
    return Thread(room_id, tuple(ordered), has_older=len(found) >= limit)


async def write(
    me: SignedIn, room_id: RoomId, text: str, reply_to: MessageId | None = None
) -> RoomMessage:
    """Write to a room, or answer a message."""
    body: dict[str, object] = {"roomId": room_id, "content": _checked(text)}
    if reply_to is None:
        return _written(me, await me.ask("POST", "/messages", body))
    return _written(me, await me.ask("POST", "/messages/reply", {**body, "replyToId": reply_to}))


async def edit(me: SignedIn, message: MessageId, text: str) -> RoomMessage:
    """Change a message of ours."""
    return _written(me, await me.ask("PUT", f"/messages/{message}", {"content": _checked(text)}))


async def delete(me: SignedIn, message: MessageId) -> None:
    """Take a message of ours back."""
    await me.ask("DELETE", f"/messages/{message}")


async def react(me: SignedIn, message: MessageId, emoji: str) -> bool:
    """Set our reaction, or take it back; whether it is set now."""
    answer = await me.ask("POST", f"/messages/{message}/reactions", {"emoji": emoji})
    return answer.body.get("action") == "added"


async def mark_read(me: SignedIn, room_id: RoomId) -> None:
    """Say that we have read everything."""
    await me.ask("POST", f"/messages/read/{room_id}", {})


def _checked(text: str) -> str:
    if not text.strip():
        raise LobbyRefused("an empty message cannot be sent")
    if len(text) > MAX_MESSAGE_CHARS:
        raise LobbyRefused(
            f"the message has {len(text)} characters, and {MAX_MESSAGE_CHARS} may be sent",
            "send it in parts",
        )
    return text


def _written(me: SignedIn, answer: Answer) -> RoomMessage:
    message = reading.message(answer.thing("message"), me.account.origin)
    if message is None:
        raise LobbyRefused("the server took the message, and answered with something else")
    return message
