"""Socket.IO of the public server as the contract's sections 2 and 4 tell, oddities included."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

import socketio
from socketio.exceptions import ConnectionRefusedError as Refused

from tests.rig.public_state import CallEntry, Member, PublicState, stamp
from woxly_tui._lib.aio import TaskOwner

Handler: TypeAlias = Callable[[int, str, dict[str, Any]], Awaitable[None]]

_STATUSES: Final = ("online", "away", "busy", "offline")


class PublicSocket:
    """The realtime half. `heard` keeps what clients sent: user, event, payload, in order."""

    def __init__(self, state: PublicState) -> None:
        self.state = state
        self.sio = socketio.AsyncServer(async_mode="asgi", cors_allowed_origins="*")
        self.heard: list[tuple[int, str, Any]] = []
        self.sockets: dict[str, int] = {}
        self.ready: set[str] = set()
        self.lost: list[tuple[int, str]] = []
        """Events that came before the handlers were there."""
        self.news = asyncio.Event()
        """Set whenever something happened; whoever waits for it clears it."""
        self._tasks = TaskOwner("public-socket")
        self.sio.on("connect", self._on_connect)
        self.sio.on("disconnect", self._on_disconnect)
        self.sio.on("*", self._on_event)

    async def aclose(self) -> None:
        await self._tasks.aclose()
        await self.sio.shutdown()

    async def to_user(self, user: int, event: str, payload: dict[str, Any]) -> None:
        """To every device of somebody."""
        await self.sio.emit(event, payload, room=str(user))

    async def drop(self, user: int) -> None:
        """End every connection of somebody, as a lost link does."""
        for sid in [sid for sid, one in self.sockets.items() if one == user]:
            await self.sio.disconnect(sid)

    # --- connecting ----------------------------------------------------------------------

    async def _on_connect(self, sid: str, _environ: Any, auth: Any = None) -> None:
        token = auth.get("token") if isinstance(auth, dict) else None
        if not token:
            raise Refused("Токен не предоставлен")
        user = self.state.read_token(token)
        if user is None:
            raise Refused("Недействительный токен")
        self.sockets[sid] = user
        await self.sio.enter_room(sid, str(user))  # before anything else: rings come at once
        self._tasks.start(self._get_ready(sid, user), name="ready")

    async def _get_ready(self, sid: str, user: int) -> None:
        quirks = self.state.quirks
        if quirks.forces_online and user in self.state.users:
            self.state.users[user].status = "online"
        await self._tell_friends(user)
        if quirks.loses_early_events:
            await asyncio.sleep(quirks.ready_after_s)
        if user in self.state.users:  # otherwise the socket stays open with no handlers
            self.ready.add(sid)
            self.news.set()
        if quirks.doubles_presence:
            await asyncio.sleep(quirks.double_after_s)
            await self._tell_friends(user)

    async def _on_disconnect(self, sid: str, _reason: Any = None) -> None:
        user = self.sockets.pop(sid, None)
        self.news.set()
        self.ready.discard(sid)
        if user is None or user not in self.state.users:
            return
        is_last = user not in self.sockets.values()
        if is_last or self.state.quirks.is_offline_at_first_disconnect:
            self.state.users[user].status = "offline"
            await self._tell_friends(user)
        if is_last and not self.state.quirks.keeps_stale_calls:
            self.state.calls.pop(user, None)

    async def _tell_friends(self, user: int) -> None:
        if user not in self.state.users:
            return
        news = {"userId": user, "status": self.state.users[user].status}
        for one in self.state.friends_of(user):
            await self.to_user(one.other(user), "friend-status-changed", news)

    # --- events --------------------------------------------------------------------------

    async def _on_event(self, event: str, sid: str, payload: Any = None) -> Any:
        user = self.sockets.get(sid)
        if user is None or self.state.is_dead:
            return self.sio.not_handled
        self.news.set()
        if sid not in self.ready:
            self.lost.append((user, event))
            return self.sio.not_handled
        self.heard.append((user, event, payload))
        handler: Handler | None = getattr(self, f"_{event.replace('-', '_')}", None)
        if handler is not None:
            try:
                await handler(user, sid, payload)
            except (TypeError, KeyError, AttributeError):
                if self.state.quirks.dies_of_bad_payloads:
                    await self.die()
        return self.sio.not_handled if self.state.quirks.has_no_acks else {"ok": True}

    async def die(self) -> None:
        """B1: the process is gone for everybody."""
        self.state.is_dead = True
        for sid in list(self.sockets):
            await self.sio.disconnect(sid)

    @staticmethod
    def _number(payload: dict[str, Any], key: str) -> int:
        value = payload[key]
        if type(value) is not int:
            raise TypeError(key)
        return value

    async def _join_room(self, user: int, sid: str, payload: dict[str, Any]) -> None:
        room = self._number(payload, "roomId")
        if not self.state.is_accepted(room, user):
            return
        await self.sio.enter_room(sid, f"room-{room}")
        await self._to_room(room, "user-joined-room", {"userId": user, "roomId": room}, sid)

    async def _leave_room(self, user: int, sid: str, payload: dict[str, Any]) -> None:
        room = self._number(payload, "roomId")
        await self.sio.leave_room(sid, f"room-{room}")
        found = self.state.rooms.get(room)
        if found is None or user not in found.members:
            return
        if found.type == "GROUP" or payload.get("permanent"):  # B11
            found.members[user].status, found.members[user].left_at = "left", stamp()
        await self._to_room(room, "user-left-room", {"userId": user, "roomId": room}, sid)

    async def _send_message(self, user: int, _sid: str, payload: dict[str, Any]) -> None:
        room = self._number(payload, "roomId")
        if not self.state.is_accepted(room, user):
            return
        made = self.state.add_message(
            room, user, str(payload["content"]), reply_to=payload.get("replyToId")
        )
        await self._to_room(room, "new-message", self.state.shown_message(made, over_socket=True))

    async def _typing_start(self, user: int, sid: str, payload: dict[str, Any]) -> None:
        room = self._number(payload, "roomId")
        news = {"userId": user, "roomId": room, "isTyping": payload.get("isTyping") is True}
        await self._to_room(room, "typing", news, sid)

    async def _status_change(self, user: int, _sid: str, payload: dict[str, Any]) -> None:
        if payload["status"] in _STATUSES:
            self.state.users[user].status = payload["status"]
            await self._tell_friends(user)

    async def _start_speaking(self, user: int, sid: str, payload: dict[str, Any]) -> None:
        room = self._number(payload, "roomId")
        await self.sio.enter_room(sid, f"room-{room}")
        news = {"userId": user, "roomId": room, "isSpeaking": True}
        await self._to_room(room, "user-speaking", news)

    async def _stop_speaking(self, user: int, _sid: str, payload: dict[str, Any]) -> None:
        room = self._number(payload, "roomId")
        news = {"userId": user, "roomId": room, "isSpeaking": False}
        await self._to_room(room, "user-speaking", news)

    async def _to_room(
        self, room: int, event: str, payload: dict[str, Any], skip: str | None = None
    ) -> None:
        await self.sio.emit(event, payload, room=f"room-{room}", skip_sid=skip)

    # --- calls ---------------------------------------------------------------------------

    async def _call_friend(self, user: int, _sid: str, payload: dict[str, Any]) -> None:
        friend, room = self._number(payload, "friendId"), payload.get("roomId")
        await self.ring(user, friend, room)

    async def ring(self, user: int, friend: int, room: int | None) -> None:
        """4.1; nobody is ever busy, and nobody's ring ends by itself."""
        began = stamp()
        self.state.calls[user] = CallEntry(friend, room, began)
        self.state.calls[friend] = CallEntry(user, room, began)
        found = self.state.rooms.get(room) if room is not None else None
        if found is not None:
            if self.state.quirks.lets_callers_in:
                found.members.setdefault(user, Member(user, "accepted")).status = "accepted"
            is_new = friend not in found.members
            callee = found.members.setdefault(friend, Member(friend, "pending"))
            if self.state.quirks.downgrades_callees:
                callee.status = "pending"
            if is_new:
                news = {"userId": friend, "roomId": found.id}
                await self._to_room(found.id, "user-joined-room", news)
        news = {"from": user} | ({} if room is None else {"roomId": room})
        await self.to_user(friend, "incoming-call", news)

    async def _accept_call(self, user: int, sid: str, payload: dict[str, Any]) -> None:
        caller, entry = self._number(payload, "from"), self.state.calls.get(user)
        room = entry.room if entry is not None else None  # a stale one names the wrong room
        found = self.state.rooms.get(room) if room is not None else None
        if found is not None and user in found.members:
            found.members[user].status, found.members[user].left_at = "accepted", None
            one = next((s for s, who in self.sockets.items() if who == caller), None)
            for joining in (sid, one):
                if joining is not None:
                    await self.sio.enter_room(joining, f"room-{found.id}")
            await self._to_room(found.id, "user-joined-room", {"userId": user, "roomId": found.id})
        news = {"from": user} | ({} if room is None else {"roomId": room})
        await self.to_user(caller, "call-accepted", news)

    async def _reject_call(self, user: int, _sid: str, payload: dict[str, Any]) -> None:
        caller = self._number(payload, "from")
        for one in (user, caller):
            self.state.calls.pop(one, None)
        await self.to_user(caller, "call-rejected", {"from": user})

    async def _end_call(self, user: int, _sid: str, payload: dict[str, Any]) -> None:
        peer = self._number(payload, "to")
        await self.to_user(peer, "call-ended", {"from": user})
        if not self.state.quirks.keeps_stale_calls:  # otherwise in 15 minutes
            for one in (user, peer):
                self.state.calls.pop(one, None)

    async def _leave_call(self, user: int, _sid: str, payload: dict[str, Any]) -> None:
        await self._tell_members(user, self._number(payload, "roomId"), "user-left-call")

    async def _rejoin_call(self, user: int, _sid: str, payload: dict[str, Any]) -> None:
        await self._tell_members(user, self._number(payload, "roomId"), "user-rejoined-call")

    async def _tell_members(self, user: int, room: int, event: str) -> None:
        found = self.state.rooms.get(room)
        for member in found.members.values() if found is not None else ():
            if member.user != user and member.status == "accepted":
                await self.to_user(member.user, event, {"userId": user, "roomId": room})

    async def _check_active_call(self, user: int, sid: str, payload: dict[str, Any]) -> None:
        friend, entry = self._number(payload, "friendId"), self.state.calls.get(user)
        if entry is None or entry.peer != friend:
            await self.sio.emit("no-active-call", {"friendId": friend}, to=sid)
            return
        news: dict[str, Any] = {"friendId": friend, "startedAt": entry.started_at}
        if entry.room is not None:
            news["roomId"] = entry.room
        await self.sio.emit("active-call-found", news, to=sid)

    async def _restore_call(self, user: int, sid: str, payload: dict[str, Any]) -> None:
        room = self._number(payload, "roomId")
        found = self.state.rooms.get(room)
        own = found.members.get(user) if found is not None else None
        if found is None or own is None or own.status not in ("accepted", "pending"):
            return
        own.left_at = None
        for other in found.members:
            entry = self.state.calls.get(other)
            if other != user and entry is not None and entry.room == room:
                self.state.calls[user] = CallEntry(other, room, entry.started_at)
                await self.sio.enter_room(sid, f"room-{room}")
                news = {"friendId": other, "roomId": room}
                await self.sio.emit("call-restored", news, to=sid)
                return

    async def _webrtc_offer(self, user: int, _sid: str, payload: dict[str, Any]) -> None:
        await self._relay(user, payload, "webrtc-offer", "offer")

    async def _webrtc_answer(self, user: int, _sid: str, payload: dict[str, Any]) -> None:
        await self._relay(user, payload, "webrtc-answer", "answer")

    async def _ice_candidate(self, user: int, _sid: str, payload: dict[str, Any]) -> None:
        await self._relay(user, payload, "ice-candidate", "candidate")

    async def _relay(self, user: int, payload: dict[str, Any], event: str, what: str) -> None:
        news = {"from": user, what: payload.get(what)}
        await self.to_user(self._number(payload, "to"), event, news)
