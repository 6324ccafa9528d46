"""REST of the public server as the contract's section 1 tells, oddities included."""

import asyncio
import json
import re
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import jwt
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from tests.rig.public_messages import MessageRoutes
from tests.rig.public_socket import PublicSocket
from tests.rig.public_state import REFRESH_SECRET, Member, PublicState, Room, User, stamp

Answering: TypeAlias = Callable[..., Awaitable[Response]]

_MAX_BODY: Final = 100_000


@dataclass
class Staged:
    """What the next request gets in place of its answer."""

    status: int = 502
    body: str = "<html><body><h1>502 Bad Gateway</h1></body></html>"
    content_type: str = "text/html"
    headers: tuple[tuple[str, str], ...] = ()
    path: str = ""
    """Beginning of the path it is for, after /api; empty for any."""
    after_s: float = 0.0


def fail(status: int, text: str) -> JSONResponse:
    return JSONResponse({"error": text}, status)


class PublicRest:
    """The REST half. `asked` keeps method and path of every request, in order."""

    def __init__(self, state: PublicState, socket: PublicSocket, livekit: "LiveKit | None") -> None:
        self.state = state
        self.socket = socket
        self.livekit = livekit
        self.staged: deque[Staged] = deque()
        self.asked: list[tuple[str, str]] = []
        listed: list[tuple[str, str, Answering]] = [
            ("POST", "/auth/register", self._register),
            ("POST", "/auth/login", self._login),
            ("POST", "/auth/refresh", self._refresh),
            ("GET", "/health", self._health),
            ("GET", "/users/me", self._me),
            ("PUT", "/users/me/status", self._status),
            ("GET", r"/users/([^/]+)", self._user),
            ("GET", "/friends", self._friends),
            ("GET", "/friends/requests", self._requests),
            ("GET", "/friends/search", self._search),
            ("POST", "/friends/add", self._add),
            ("POST", "/friends/(accept|decline)", self._answer_request),
            ("POST", "/friends/block", self._block),
            ("PUT", r"/friends/(\d+)/note", self._note),
            ("DELETE", r"/friends/(\d+)", self._unfriend),
            ("GET", "/rooms", self._rooms),
            ("POST", "/rooms", self._make_room),
            ("POST", "/rooms/create-group", self._make_group),
            ("GET", r"/rooms/([^/]+)", self._room),
            ("POST", r"/rooms/([^/]+)/join", self._join),
            ("POST", r"/rooms/([^/]+)/leave", self._leave),
            ("GET", r"/rooms/([^/]+)/participants", self._participants),
            ("POST", r"/rooms/([^/]+)/livekit-token", self._token),
            *MessageRoutes(state, socket).routes,
        ]
        self._routes = [
            (method, re.compile(f"/api{path}/?"), answering) for method, path, answering in listed
        ]

    async def answer(self, request: Request) -> Response:
        """Any request under /api."""
        try:
            return await self._answer(request)
        finally:
            self.socket.news.set()

    async def _answer(self, request: Request) -> Response:
        path = request.url.path
        self.asked.append((request.method, path))
        if (staged := self._take_staged(path)) is not None:
            await asyncio.sleep(staged.after_s)
            headers = dict(staged.headers)
            return Response(staged.body, staged.status, headers, staged.content_type)
        try:
            body = await self._body(request)
        except ValueError as error:
            status = 413 if "large" in str(error) else 400
            if self.state.quirks.answers_errors_in_html:
                return HTMLResponse(f"<!DOCTYPE html><pre>{error}</pre>", status)
            return fail(status, str(error))
        for method, pattern, answering in self._routes:
            if method == request.method and (found := pattern.fullmatch(path)) is not None:
                return await self._answered(request, body, answering, found.groups())
        missing = {"error": "Route not found", "path": "/", "method": request.method}
        return JSONResponse(missing, 404)

    def _take_staged(self, path: str) -> Staged | None:
        for index, staged in enumerate(self.staged):
            if path.startswith(f"/api{staged.path}"):
                del self.staged[index]
                return staged
        return None

    @staticmethod
    async def _body(request: Request) -> dict[str, Any]:
        raw = await request.body()
        if len(raw) > _MAX_BODY:
            raise ValueError("request entity too large")
        found = json.loads(raw) if raw else {}
        return found if isinstance(found, dict) else {}

    async def _answered(
        self, request: Request, body: dict[str, Any], answering: Answering, parts: tuple[str, ...]
    ) -> Response:
        if request.url.path.startswith(("/api/auth/", "/api/health")):
            return await answering(body)
        header = request.headers.get("authorization", "")
        if not header:
            return fail(401, "Токен не предоставлен")
        user = self.state.read_token(header.removeprefix("Bearer "))
        if user is None:
            return fail(401, "Недействительный токен")
        try:
            return await answering(user, {**request.query_params, **body}, *parts)
        except (KeyError, ValueError, TypeError):
            if self.state.quirks.fails_at_unknown_ids:
                return fail(500, "Внутренняя ошибка сервера")
            return fail(404, "Не найдено")

    async def _health(self, _: dict[str, Any]) -> Response:
        return JSONResponse({"status": "ok"})

    # --- auth ----------------------------------------------------------------------------

    async def _register(self, body: dict[str, Any]) -> Response:
        name, email = str(body.get("username", "")), str(body.get("email", ""))
        if "@" not in email:
            return fail(400, "Некорректный email")
        if len(name) < 5:
            return fail(400, "Username минимум 5 символов")
        if len(str(body.get("password", ""))) < 8:
            return fail(400, "Пароль минимум 8 символов")
        if any(one.email == email for one in self.state.users.values()):
            return fail(400, "Email уже зарегистрирован")
        user = self.state.add_user(email, name, str(body["password"]))
        return JSONResponse({**self._signed_in(user), "message": "ok"}, 201)

    async def _login(self, body: dict[str, Any]) -> Response:
        for user in self.state.users.values():
            if (user.email, user.password) == (body.get("email"), body.get("password")):
                user.status = "online"  # even if no socket ever connects
                return JSONResponse(self._signed_in(user))
        return fail(401, "Неверный email или пароль")

    def _signed_in(self, user: User) -> dict[str, Any]:
        shown = {**user.shown(), "email": user.email, "emailVerified": False, "createdAt": stamp()}
        if self.state.quirks.leaks_secrets:
            shown |= {"emailCode": "123456", "twoFactorSecret": "JBSWY3DPEHPK3PXP"}
        return {
            "user": shown,
            "accessToken": self.state.access_token(user.id),
            "refreshToken": self.state.refresh_token(user.id),
        }

    async def _refresh(self, body: dict[str, Any]) -> Response:
        token = body.get("refreshToken")
        if not token:
            return fail(401, "Refresh token не предоставлен")
        user = self.state.read_token(token, REFRESH_SECRET)
        if user is None:
            return fail(401, "Недействительный refresh token")
        if user not in self.state.users:
            return fail(401, "Пользователь не найден")
        return JSONResponse({"accessToken": self.state.access_token(user)})  # and no refresh token

    # --- users and friends ---------------------------------------------------------------

    async def _me(self, user: int, _: dict[str, Any]) -> Response:
        found = self.state.users[user]
        return JSONResponse({"user": {**found.shown(), "email": found.email}})

    async def _status(self, user: int, body: dict[str, Any]) -> Response:
        self.state.users[user].status = str(body["status"])  # friends are not told
        return JSONResponse({"user": {"id": user, "status": body["status"]}})

    async def _user(self, _: int, __: dict[str, Any], number: str) -> Response:
        found = self.state.users.get(int(number))
        return (
            fail(404, "Пользователь не найден")
            if found is None
            else JSONResponse(
                {
                    "user": found.shown(),
                    "friendshipStatus": None,
                    "friendshipId": None,
                    "note": None,
                }
            )
        )

    async def _friends(self, user: int, _: dict[str, Any]) -> Response:
        return JSONResponse(
            {
                "friends": [
                    {
                        **self.state.users[one.other(user)].shown(),
                        "note": one.note,  # B19: shared by both
                        "friendshipId": one.id,
                        "createdAt": one.created,
                    }
                    for one in self.state.friends_of(user)
                ]
            }
        )

    async def _requests(self, user: int, _: dict[str, Any]) -> Response:
        asking = [
            one
            for one in self.state.friendships.values()
            if one.asked == user and one.status == "pending"
        ]
        shown = [{**one.shown(), "user": self.state.users[one.asker].shown()} for one in asking]
        return JSONResponse({"requests": shown})

    async def _search(self, user: int, query: dict[str, Any]) -> Response:
        text = str(query.get("q", "")).casefold()
        if len(text) < 2:
            return fail(400, "Слишком короткий запрос")
        found = [
            one.shown()
            for one in self.state.users.values()
            if one.id != user and (text in one.username.casefold() or one.woxly_id == text.upper())
        ]
        return JSONResponse({"users": found[:20]})

    async def _add(self, user: int, body: dict[str, Any]) -> Response:
        other = self.state.users.get(body["friendId"])
        if other is None:
            return fail(404, "Пользователь не найден")
        known = self.state.friendship(user, other.id)
        if known is not None and known.status == "pending" and known.asked == user:
            known.status = "accepted"
            for one in (user, other.id):
                await self._tell_accepted(known.id, one, known.other(one))
            return JSONResponse({"friendship": known.shown(), "autoAccepted": True})
        if known is not None:
            return fail(
                400, "Уже в друзьях" if known.status == "accepted" else "Запрос уже отправлен"
            )
        made = self.state.befriend(user, other.id, "pending")
        news = {"friendshipId": made.id, "from": self.state.users[user].shown()}
        await self.socket.to_user(other.id, "friend-request", news)
        return JSONResponse({"friendship": made.shown()}, 201)

    async def _tell_accepted(self, friendship: int, whom: int, friend: int) -> None:
        news = {"friendshipId": friendship, "friend": self.state.users[friend].shown()}
        await self.socket.to_user(whom, "friend-accepted", news)

    async def _answer_request(self, user: int, body: dict[str, Any], act: str) -> Response:
        found = self.state.friendships.get(body["friendshipId"])
        if found is None or found.asked != user or found.status != "pending":
            return fail(404, "Заявка не найдена")
        if act == "decline":
            del self.state.friendships[found.id]
            return JSONResponse({"message": "Запрос отклонен"})
        found.status = "accepted"
        await self._tell_accepted(found.id, found.asker, user)
        return JSONResponse({"friendship": found.shown()})

    async def _block(self, user: int, body: dict[str, Any]) -> Response:
        found = self.state.friendship(user, body["userId"])
        found = found or self.state.befriend(user, body["userId"])
        found.status = "blocked"
        return JSONResponse({"message": "ok"})

    async def _note(self, user: int, body: dict[str, Any], other: str) -> Response:
        found = self.state.friendship(user, int(other))
        if found is None:
            return fail(404, "Дружба не найдена")
        found.note = body.get("note")
        return JSONResponse({"friendship": found.shown()})

    async def _unfriend(self, user: int, _: dict[str, Any], other: str) -> Response:
        found = self.state.friendship(user, int(other))
        if found is None:
            return fail(404, "Дружба не найдена")
        del self.state.friendships[found.id]
        return JSONResponse({"message": "Друг удалён"})

    # --- rooms ---------------------------------------------------------------------------

    async def _rooms(self, user: int, _: dict[str, Any]) -> Response:
        return JSONResponse({"rooms": self.state.listed_rooms(user)})

    async def _make_room(self, user: int, body: dict[str, Any]) -> Response:
        invited = [self.state.users[one].id for one in body.get("invitedFriends") or []]
        if body["type"] == "DM" and len(invited) == 1:
            known = self.state.dm(user, invited[0])
            if known is not None:
                return JSONResponse({"room": self.state.shown_room(known)})
        made = self.state.add_room(body["type"], body.get("name") or "", user, invited)
        return JSONResponse({"room": self.state.shown_room(made)}, 201)

    async def _make_group(self, user: int, body: dict[str, Any]) -> Response:
        members = body.get("memberIds") or []
        if not members:
            return fail(400, "Нужен хотя бы один участник")
        made = self.state.add_room("GROUP", str(body["name"]), user, [])
        for one in members:  # B13: the half-made room stays
            if one in made.members or one not in self.state.users:
                return fail(500, "Ошибка создания групповой комнаты")
            made.members[one] = Member(one, "pending")
        for one in members:  # no call entry: an answer names no room
            news = {"from": user, "roomId": made.id}
            await self.socket.to_user(one, "incoming-call", news)
        return JSONResponse({"room": self.state.shown_room(made)}, 201)

    def _find(self, number: str) -> Room | None:
        return self.state.rooms.get(int(number))

    async def _room(self, user: int, _: dict[str, Any], number: str) -> Response:
        found = self._find(number)
        if found is None:
            return fail(404, "Комната не найдена")
        if found.is_private and not self.state.is_accepted(found.id, user):
            return fail(403, "Нет доступа к комнате")
        return JSONResponse({"room": self.state.shown_room(found, only_accepted=True)})

    async def _join(self, user: int, body: dict[str, Any], number: str) -> Response:
        found = self._find(number)
        if found is None:
            return fail(404, "Комната не найдена")
        joining = int(body.get("userId") or user)
        if joining != user and self.state.is_accepted(found.id, user):
            found.members.setdefault(joining, Member(joining, "accepted"))
        if joining not in found.members:
            return fail(403, "Вы не приглашены в эту комнату")
        found.members[joining].status = "accepted"  # and an old leftAt stays: B10
        return JSONResponse({"room": self.state.shown_room(found)})

    async def _leave(self, user: int, _: dict[str, Any], number: str) -> Response:
        found = self._find(number)
        own = found.members.get(user) if found is not None else None
        if own is not None:
            own.status, own.left_at = "left", stamp()
        return JSONResponse({"message": "Вы вышли из комнаты"})

    async def _participants(self, _: int, __: dict[str, Any], number: str) -> Response:
        found = self.state.rooms[int(number)]
        shown = self.state.shown_room(found, only_accepted=True)["members"]
        return JSONResponse({"participants": shown})

    async def _token(self, user: int, _: dict[str, Any], number: str) -> Response:
        found = self._find(number)
        own = found.members.get(user) if found is not None else None
        if own is None or own.status not in ("accepted", "pending"):
            return fail(403, "Вы не являетесь участником этой комнаты")
        if self.livekit is None:
            return fail(500, "Ошибка получения токена")
        name = self.state.users[user].username
        return JSONResponse(self.livekit.answer(int(number), user, name))


@dataclass(frozen=True)
class LiveKit:
    """What tokens are signed with; without one, the route answers 500 as a server without does."""

    url: str
    key: str
    secret: str

    def answer(self, room: int, user: int, name: str) -> dict[str, str]:
        now = int(time.time())
        grants: dict[str, Any] = {"room": f"room-{room}", "roomJoin": True, "canPublish": True}
        grants |= {"canSubscribe": True, "canPublishData": True}
        claims: dict[str, Any] = {"iss": self.key, "sub": str(user), "name": name, "video": grants}
        claims |= {"nbf": now, "exp": now + 21_600}
        token = jwt.encode(claims, self.secret, algorithm="HS256")
        return {"token": token, "url": self.url, "roomName": f"room-{room}"}
