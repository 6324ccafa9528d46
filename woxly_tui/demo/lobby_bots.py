"""The process of the demo's four regulars: `python -P -m woxly_tui.demo.lobby_bots`.

Reads one JSON line from standard input, a Party, and stays until standard input ends or SIGTERM
comes. Each regular is a client of the Woxly server as any other: socket, REST, LiveKit.
"""

import asyncio
import contextlib
import logging
import os
import random
import sys
from pathlib import Path
from typing import Any, Final

from woxly_tui._lib.aio import TaskOwner
from woxly_tui.demo.bots import Repertoire
from woxly_tui.demo.friend import Friend
from woxly_tui.demo.mouth import Mouth
from woxly_tui.demo.party import CODEC, NAMES, VOICE_ROOM, Party, Reaction, Regular, Role, reaction
from woxly_tui.demo.stage_door import read_line, until_sent_home
from woxly_tui.demo.voice import RATE_HZ, Voice
from woxly_tui.errors import ProtocolError, WoxlyError
from woxly_tui.lobby import messages, reading, rooms
from woxly_tui.lobby.accounts import Account, AccountStore
from woxly_tui.lobby.rest import RestClient, SignedIn
from woxly_tui.lobby.socket import LobbySocket
from woxly_tui.social.model import LinkState
from woxly_tui.types import RoomId, RoomKind, UserId
from woxly_tui.wire.events import ClientEvent, ServerEvent

_LEAVE_WITHIN_S: Final = 2.0

_ALONE_S: Final = 3.0
"""How long a regular stays in a call that everybody else has left."""

_VOICES: Final = {
    Role.ANSWERS: Voice(pitch_hz=205.0, size=1.16, pace=4.8),
    Role.REJECTS: Voice(pitch_hz=112.0, size=0.97, pace=4.1),
    Role.CALLS: Voice(pitch_hz=180.0, size=1.1, pace=5.2),
    Role.SITS: Voice(pitch_hz=150.0, size=1.04, pace=3.8),
}

_log = logging.getLogger(__name__)


class Visit:
    """One stay in the call of a room: a track, and something to say."""

    def __init__(self, room: RoomId, peer: UserId | None, role: Role, url: str, token: str) -> None:
        self.room = room
        self.peer = peer
        self._mouth = Mouth(RATE_HZ)
        self._friend = Friend(url, token, self._mouth)
        self._repertoire = Repertoire(_VOICES[role], seed=list(Role).index(role))
        self._tasks = TaskOwner("visit")

    def start(self) -> None:
        """Join, and talk now and then."""
        self._friend.start()
        self._tasks.start(self._talk(), name="talk")

    async def aclose(self) -> None:
        """Leave."""
        await self._tasks.aclose()
        await self._friend.aclose()

    async def _talk(self) -> None:
        while True:
            seconds = random.uniform(1.5, 4.0)  # noqa: S311 - small talk
            self._mouth.say(await self._repertoire.pick(seconds))
            await asyncio.sleep(seconds + random.uniform(1.0, 4.0))  # noqa: S311


class Bot:
    """One regular. Use from one event loop."""

    def __init__(self, party: Party, regular: Regular) -> None:
        name = NAMES[regular.role]
        account = Account(
            party.origin,
            regular.user_id,
            name,
            "",
            regular.access_token,
            regular.refresh_token,
        )
        store = AccountStore(Path(party.folder) / f"{name}.json")
        store.put(account)
        self._party = party
        self._regular = regular
        self._rest = RestClient(party.origin)
        self._me = SignedIn(self._rest, account, store)
        self._tasks = TaskOwner(f"bot {name}")
        self._socket = LobbySocket(
            party.origin,
            regular.user_id,
            self._me.token,
            on_news=self._hear,
            on_link=lambda link: self._on_link(link.state),
        )
        self._visit: Visit | None = None
        self._rung: asyncio.Task[None] | None = None
        self._lonely: asyncio.Task[None] | None = None
        self._has_called = False

    def start(self) -> None:
        """Be online, and in the voice room where that is one's place."""
        self._socket.start()

    async def aclose(self) -> None:
        """Leave everything."""
        await self._tasks.aclose()
        if self._visit is not None:
            await self._visit.aclose()
        await self._socket.aclose()
        await self._rest.aclose()

    # What happens

    def _on_link(self, state: LinkState) -> None:
        if state is LinkState.ONLINE and self._visit is None:
            self._tasks.start(self._settle(), name="settle")
        if state is LinkState.ONLINE and self._regular.role is Role.CALLS:
            self._tasks.start(self._look_for_guest(), name="look")

    def _hear(self, event: str, payload: dict[str, Any]) -> None:
        who = reading.number(payload, "from") or reading.number(payload, "userId")
        room = reading.number(payload, "roomId")
        match event:
            case ServerEvent.INCOMING_CALL if who is not None:
                self._rung = self._tasks.start(self._answer(UserId(who), room), name="answer")
            case ServerEvent.CALL_CANCELLED | ServerEvent.CALL_TIMEOUT if self._rung is not None:
                self._rung.cancel()
            case ServerEvent.CALL_ACCEPTED if who is not None:
                self._tasks.start(self._enter(RoomId(room or self._regular.room)), name="enter")
            case ServerEvent.CALL_ENDED | ServerEvent.USER_LEFT_CALL if self._is_with(who, room):
                self._tasks.start(self._go_home(), name="home")
            case ServerEvent.ROOM_LIVE:
                self._count(payload)
            case ServerEvent.FRIEND_STATUS_CHANGED if who == self._party.guest:
                self._note_guest(str(payload.get("status")))

    def _is_with(self, who: int | None, room: int | None) -> bool:
        visit = self._visit
        return visit is not None and visit.peer == who and room in (None, visit.room)

    def _count(self, payload: dict[str, Any]) -> None:
        """Whether somebody else is in our call still."""
        visit = self._visit
        if visit is None or payload.get("roomId") != visit.room or self._is_at_home:
            return
        bots = {one.user_id for one in self._party.regulars}
        present = {one.get("userId") for one in reading.things(payload, "participants", 100)}
        if self._lonely is not None:
            self._lonely.cancel()
            self._lonely = None
        if not present - bots:
            self._lonely = self._tasks.start(self._leave_if_alone(), name="alone")

    @property
    def _is_at_home(self) -> bool:
        is_sitter = self._regular.role is Role.SITS
        return is_sitter and self._visit is not None and self._visit.room == self._regular.room

    def _note_guest(self, status: str) -> None:
        if status != "offline" and self._regular.role is Role.CALLS and not self._has_called:
            self._has_called = True
            self._tasks.start(self._call_guest(), name="call")

    # What is done

    async def _look_for_guest(self) -> None:
        """They may have come before us."""
        with contextlib.suppress(WoxlyError):
            answer = await self._me.ask("GET", "/friends")
            for raw in answer.things("friends"):
                if raw.get("id") == self._party.guest:
                    self._note_guest(str(raw.get("status")))

    async def _call_guest(self) -> None:
        await asyncio.sleep(self._party.calls_after_s)
        if self._visit is not None:  # they talk already
            return
        payload = {"friendId": self._party.guest, "roomId": self._regular.room}
        await self._socket.send(ClientEvent.CALL_FRIEND, payload)

    async def _answer(self, caller: UserId, room: int | None) -> None:
        kind = RoomKind.DM if room in (None, self._regular.room) else RoomKind.GROUP
        is_in_call = self._visit is not None and not self._is_at_home
        met: Reaction = reaction(self._regular.role, kind, is_in_call=is_in_call)
        await asyncio.sleep(met.after)
        if not met.is_taken:
            await self._socket.send(ClientEvent.REJECT_CALL, {"from": caller})
            if met.says:
                with contextlib.suppress(WoxlyError):
                    await messages.write(self._me, self._regular.room, met.says)
            return
        receipt = await self._socket.send(ClientEvent.ACCEPT_CALL, {"from": caller})
        found = reading.number(receipt.ack, "roomId") if receipt.ack is not None else None
        entered = room or found
        if receipt.is_sent and entered is not None:
            await self._enter(RoomId(entered), caller if kind is RoomKind.DM else None)

    async def _enter(self, room: RoomId, peer: UserId | None = None) -> None:
        peer = self._party.guest if peer is None and room == self._regular.room else peer
        try:
            with contextlib.suppress(WoxlyError):
                await rooms.join(self._me, room)
            opened = await rooms.media_pass(self._me, room)
        except WoxlyError as error:
            _log.warning("no way into the call: %s", error)
            return
        await self._leave_media()
        self._visit = Visit(room, peer, self._regular.role, opened.url, opened.token)
        self._visit.start()
        await self._socket.send(ClientEvent.JOIN_ROOM, {"roomId": room})

    async def _leave_if_alone(self) -> None:
        await asyncio.sleep(_ALONE_S)
        self._lonely = None
        await self._go_home()

    async def _go_home(self) -> None:
        visit = self._visit
        if visit is not None and not self._is_at_home:
            await self._leave_media()
            await self._socket.send(ClientEvent.LEAVE_CALL, {"roomId": visit.room})
            await self._settle()

    async def _settle(self) -> None:
        if self._regular.role is Role.SITS and self._visit is None:
            await self._enter(self._regular.room)

    async def _leave_media(self) -> None:
        visit, self._visit = self._visit, None
        if visit is not None:
            await visit.aclose()


async def perform(party: Party) -> None:
    """Be there until standard input ends or SIGTERM comes."""
    ended = until_sent_home()
    bots = [Bot(party, regular) for regular in party.regulars]
    for bot in bots:
        bot.start()
    _log.info("%d regulars are there, one of them in the %s", len(bots), VOICE_ROOM)
    await ended.wait()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LEAVE_WITHIN_S):
            await asyncio.gather(*(bot.aclose() for bot in bots))


def main() -> int:
    """Run the regulars."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        party = CODEC.decode(read_line())
    except ProtocolError as error:
        _log.error("%s", error)
        return 2
    asyncio.run(perform(party))
    return 0


if __name__ == "__main__":
    code = main()
    logging.shutdown()
    sys.stderr.flush()
    os._exit(code)  # the SDK's own exit handler may block
