"""What the user does about calls of the lobby, and what the server tells of them."""

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Protocol

from woxly_tui._lib.aio import TaskOwner
from woxly_tui.call.ringing import commands as do
from woxly_tui.call.ringing import events as ev
from woxly_tui.control import lobby as ask
from woxly_tui.control.messages import Join
from woxly_tui.engine import ring_wire
from woxly_tui.engine.ring_desk import RingDesk
from woxly_tui.errors import WoxlyError
from woxly_tui.types import RoomId, RoomKind, UserId

if TYPE_CHECKING:
    from woxly_tui.engine.lobby_session import LobbySession

KIND_LIMIT_S: Final = 2.0
"""How long a ring into a room that we know nothing of is held back to learn what room it is."""

MAX_GROUP_NAME: Final = 100

CALL_COMMANDS: Final = (
    ask.CallFriend | ask.CallGroup | ask.AddToCall | ask.EnterRoom | ask.AcceptRing | ask.RejectRing
)

_log = logging.getLogger(__name__)


class EngineCall(Protocol):
    """The engine's one call, as the lobby needs it."""

    def enter_lobby_call(self, join: Join) -> None:
        """Join, and leave any other call for it."""

    def leave_call(self) -> None:
        """Leave whatever call there is."""

    @property
    def other_room(self) -> str:
        """The room of a call that the lobby has no part in; empty where there is none."""


class CallActs:
    """Use from one event loop.

    Args:
        rings: The rings.
        call: The engine's call.
        warn: Tells the user what went wrong after the reply.
    """

    def __init__(
        self, rings: RingDesk, call: EngineCall, warn: Callable[[do.Refuse], None]
    ) -> None:
        self._rings = rings
        self._call = call
        self._warn = warn
        self._tasks = TaskOwner("call acts")
        self._asked_kinds: dict[UserId, asyncio.Task[None]] = {}
        self.session: LobbySession | None = None

    async def aclose(self) -> None:
        """Stop what is under way."""
        await self._tasks.aclose()

    def act(self, session: "LobbySession", command: ask.LobbyCommand) -> do.Refuse | None:
        """Do what was asked for; why not, where it cannot be done."""
        match command:
            case ask.CallFriend(user=user):
                is_answer = any(ring.caller == user for ring in self._rings.view().incoming)
                act: ev.UserAct = ev.CallAsked(user)
                return self._act(act, leaves_other=is_answer)
            case ask.CallGroup(members=members, name=name):
                return self._act(ev.GroupCallAsked(members, name or self._group(session, *members)))
            case ask.AddToCall(user=user):
                return self._act(ev.AddAsked(user, self._group(session, user)))
            case ask.EnterRoom(room=room):
                known = session.book.room(room)
                if known is None:
                    return do.Refuse("You are not in that room", "`woxly rooms` lists yours")
                return self._act(ev.RoomAsked(room, known.kind, known.peer))
            case ask.AcceptRing(caller=caller):
                return self._act(ev.AcceptAsked(caller), leaves_other=True)
            case ask.RejectRing(caller=caller, message=message):
                return self._reject(session, caller, message)
        return None

    def _act(self, act: ev.UserAct, *, leaves_other: bool = False) -> do.Refuse | None:
        if not leaves_other and (room := self._call.other_room):
            return do.Refuse(f"You are in a call in {room} already", "`woxly leave` ends it")
        return self._rings.act(act)

    def _reject(self, session: "LobbySession", caller: UserId, message: str) -> do.Refuse | None:
        ring = next((one for one in self._rings.view().incoming if one.caller == caller), None)
        refusal = self._rings.act(ev.RejectAsked(caller))
        if message and ring is not None:
            self._tasks.start(self._excuse(session, ring.room, caller, message), name="excuse")
        return refusal

    async def _excuse(
        self, session: "LobbySession", room: RoomId | None, caller: UserId, message: str
    ) -> None:
        from woxly_tui.engine.lobby_acts import say

        try:
            await say(session, room or await session.board.find_dm(caller), message)
        except WoxlyError as error:
            self._warn(do.Refuse(error.message, error.remedy))

    def hang_up(self) -> None:
        """Leave the call, whichever it is, or ring no more."""
        if self._call.other_room:
            self._call.leave_call()
        else:
            self._rings.act(ev.HangUpAsked())

    def _group(self, session: "LobbySession", *members: UserId) -> str:
        talking = self._rings.view().peer
        people = dict.fromkeys((*([talking] if talking else []), *members))
        names = [session.person.name, *(session.who(one).name for one in people)]
        return ", ".join(names)[:MAX_GROUP_NAME]

    def hear(self, event: str, payload: dict[str, Any]) -> None:
        """Take an event of the server about rings and calls."""
        news = ring_wire.heard(event, payload)
        session = self.session
        if news is None or session is None:
            _log.info("a malformed %s was passed over", event)
            return
        if isinstance(news, ev.RingStopped):
            self._forget_kind(news.caller)
        elif isinstance(news, ev.PeerEnded):
            self._forget_kind(news.peer)
        elif isinstance(news, ev.Rung):
            self._forget_kind(news.caller)
            self._tasks.start(session.learn(news.caller), name="who")
            if (kind := session.board.kind_known(news.room)) is None:
                task = self._tasks.start(self._learn_kind(session, news), name="kind")
                self._asked_kinds[news.caller] = task
                return
            news = ev.Rung(news.caller, news.room, kind)
        self._rings.feed(news)

    def _forget_kind(self, caller: UserId) -> None:
        if (task := self._asked_kinds.pop(caller, None)) is not None:
            task.cancel()

    async def _learn_kind(self, session: "LobbySession", ring: ev.Rung) -> None:
        kind = RoomKind.DM
        if ring.room is not None:
            try:
                async with asyncio.timeout(KIND_LIMIT_S):
                    kind = await session.board.kind_asked(ring.room)
            except TimeoutError:
                _log.info("nobody says what room a ring is into")
        self._asked_kinds.pop(ring.caller, None)
        self._rings.feed(ev.Rung(ring.caller, ring.room, kind))
