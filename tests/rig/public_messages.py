"""Messages over REST as the public server has them: nothing of it reaches a socket (B9)."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.responses import JSONResponse, Response

from tests.rig.public_socket import PublicSocket
from tests.rig.public_state import Message, PublicState, stamp


def fail(status: int, text: str) -> JSONResponse:
    return JSONResponse({"error": text}, status)


class MessageRoutes:
    """Section 1.6, without the uploads."""

    def __init__(self, state: PublicState, socket: PublicSocket) -> None:
        self.state = state
        self.socket = socket
        self.routes: list[tuple[str, str, Callable[..., Awaitable[Response]]]] = [
            ("GET", "/messages", self._list),
            ("POST", "/messages", self._write),
            ("POST", "/messages/reply", self._write),
            ("PUT", r"/messages/(\d+)", self._edit),
            ("DELETE", r"/messages/(\d+)", self._delete),
            ("POST", r"/messages/read/([^/]+)", self._read),
            ("POST", r"/messages/(\d+)/reactions", self._react),
        ]

    async def _list(self, user: int, query: dict[str, Any]) -> Response:
        if "roomId" not in query:
            return fail(400, "roomId обязателен")
        room = self.state.rooms.get(int(query["roomId"]))
        if room is None:
            return fail(404, "Комната не найдена")
        own = room.members.get(user)
        if own is not None and own.status == "left" and room.type == "DM":
            own.status = "accepted"
        if not self.state.is_accepted(room.id, user):
            return fail(403, "Нет доступа к комнате")
        limit, offset = int(query.get("limit", 50)), int(query.get("offset", 0))
        said = [one for one in self.state.messages if one.room == room.id and not one.deleted_at]
        page = said[::-1][offset : offset + limit][::-1]
        return JSONResponse({"messages": [self.state.shown_message(one) for one in page]})

    async def _write(self, user: int, body: dict[str, Any]) -> Response:
        room, content = int(body["roomId"]), str(body.get("content", ""))
        if not self.state.is_accepted(room, user):
            return fail(403, "Нет доступа к комнате")
        if not 1 <= len(content) <= 2000:
            return fail(400, "String must contain at most 2000 character(s)")
        made = self.state.add_message(room, user, content, reply_to=body.get("replyToId"))
        return JSONResponse({"message": self.state.shown_message(made)}, 201)

    def _own(self, user: int, number: str) -> Message | None:
        found = self.state.message(int(number))
        if found is None:
            raise KeyError(number)
        return found if found.sender == user else None

    async def _edit(self, user: int, body: dict[str, Any], number: str) -> Response:
        own = self._own(user, number)
        if own is None:
            return fail(403, "Нет прав на редактирование")
        own.content = str(body["content"])  # isEdited stays false
        return JSONResponse({"message": self.state.shown_message(own)})

    async def _delete(self, user: int, _: dict[str, Any], number: str) -> Response:
        own = self._own(user, number)
        if own is None:
            return fail(403, "Нет прав на удаление")
        own.deleted_at = stamp()
        return JSONResponse({"message": "Сообщение удалено"})

    async def _read(self, user: int, _: dict[str, Any], number: str) -> Response:
        room = self.state.rooms[int(number)]
        if user not in room.members:
            return fail(403, "Нет доступа к комнате")
        room.members[user].last_read = stamp()
        return JSONResponse({"success": True})

    async def _react(self, user: int, body: dict[str, Any], number: str) -> Response:
        found = self.state.message(int(number))
        if found is None:
            raise KeyError(number)
        mark = (user, str(body["emoji"]))
        if mark in found.reactions:
            found.reactions.remove(mark)
            return JSONResponse({"action": "removed", "emoji": mark[1]})
        found.reactions.append(mark)
        return JSONResponse({"action": "added", "emoji": mark[1]})
