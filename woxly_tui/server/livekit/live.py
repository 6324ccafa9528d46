"""Keeps what we know of LiveKit's rooms true, and tells members when it changes.

webhooks ───────────────► database ──► `room-live` to members, at most 20 times a second
LiveKit's room list ────►     │
  (at start, every 30 s)      └──────► the book of calls: who is not in theirs any more
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from woxly_tui._lib.aio import TaskOwner
from woxly_tui.errors import WoxlyError
from woxly_tui.server.db.database import CALL_NEWS, Database
from woxly_tui.server.livekit.api import LivekitApi, ParticipantSeen, RoomSeen
from woxly_tui.server.livekit.webhook import Happening, Stay
from woxly_tui.server.realtime.notifier import Notifier
from woxly_tui.server.realtime.ringer import Ringer
from woxly_tui.server.store import live, rooms
from woxly_tui.server.times import now_ms
from woxly_tui.wire.events import RoomLive, ServerEvent
from woxly_tui.wire.words import livekit_room

RECONCILE_EVERY_S: Final = 30.0
ANNOUNCE_EVERY_S: Final = 0.05

BACK_WITHIN_S: Final = 5.0
"""How long somebody may be away from LiveKit before they left the call: a full reconnect is a
leave and a join."""

FRESH_MS: Final = 3000
"""What happened so shortly before a list was asked for may be missing in it."""

_KEEP_WEBHOOKS_MS: Final = 24 * 3600 * 1000

_LEFT: Final = frozenset({"participant_left", "participant_connection_aborted"})

Turn = Callable[[str, float], Awaitable[bool]]
"""Whether something that one process is to do within some seconds is for this one to do."""

_log = logging.getLogger(__name__)


async def always(what: str, for_s: float) -> bool:  # noqa: ARG001 - as a `Turn` is
    """The turn of a process that is the only one."""
    return True


class Live:
    """Who is in which room's call. Use from one event loop."""

    def __init__(
        self,
        db: Database,
        notifier: Notifier,
        ringer: Ringer,
        api: LivekitApi | None,
        *,
        back_within_s: float = BACK_WITHIN_S,
        is_my_turn: Turn = always,
    ) -> None:
        self._db = db
        self._notifier = notifier
        self._ringer = ringer
        self._api = api
        self._back_within_s = back_within_s
        self._is_my_turn = is_my_turn
        self._suspects: set[tuple[int, int]] = set()
        self._tasks = TaskOwner("live")
        self._changed: set[int] = set()
        self._has_news = asyncio.Event()

    def start(self) -> None:
        """Begin to announce and to reconcile."""
        self._tasks.start(self._announce_changes(), name="announce")
        if self._api is not None:
            self._tasks.start(self._keep_true(self._api), name="reconcile")

    async def aclose(self) -> None:
        """Stop."""
        await self._tasks.aclose()

    async def take(self, happening: Happening) -> None:
        """Take in a webhook's event, which may be old, repeated, or about another's room."""
        room_id = live.room_id_of(happening.room)
        if room_id is None:
            return
        async with self._db.write() as db:
            await self._db.wait_turn(db, CALL_NEWS, room_id)
            if not await live.is_new(db, happening.id):
                return
            session = await live.session_of(
                db, room_id, happening.room_sid, happening.room_began_ms
            )
            if session is None:
                return
            stay, is_news = happening.stay, False
            if happening.event == "room_finished":
                is_news = live.note_ended(session, happening.at_ms)
            elif happening.event == "participant_joined" and stay is not None:
                is_news = await live.note_joined(db, session, stay)
            elif happening.event in _LEFT and stay is not None:
                is_news = await live.note_left(db, session, stay, happening.at_ms)
        if is_news:
            await self._follow_up(room_id, happening.event, stay)

    async def _follow_up(self, room_id: int, event: str, stay: Stay | None) -> None:
        self._announce(room_id)
        if event == "room_finished":
            await self._end_calls(room_id)
        elif stay is not None:
            await self._note_media(room_id, stay.identity, is_there=event not in _LEFT)

    async def _note_media(self, room_id: int, identity: str, *, is_there: bool) -> None:
        user_id = live.user_id_of(identity)
        if user_id is None:
            return
        if is_there:
            await self._ringer.book.mark_media(user_id, room_id)
            await self._send_out_unless_allowed(room_id, user_id)
        else:
            self._tasks.start(self._end_if_gone(room_id, user_id), name=f"left-{user_id}")

    async def _send_out_unless_allowed(self, room_id: int, user_id: int) -> None:
        """A token outlives a ban, or a membership, by minutes; its holder must not."""
        async with self._db.read() as db:
            is_allowed = await rooms.may_call(db, room_id, user_id)
        if is_allowed or self._api is None:
            return
        try:
            await self._api.remove(livekit_room(room_id), str(user_id))
        except WoxlyError as error:
            _log.warning("somebody could not be sent out of a call: %s", error.message)

    async def _end_if_gone(self, room_id: int, user_id: int) -> None:
        """Hanging up may be leaving LiveKit, and no more than that."""
        await asyncio.sleep(self._back_within_s)
        async with self._db.read() as db:
            if await live.is_inside(db, room_id, str(user_id)):
                return
        entry = await self._ringer.book.entry_of(user_id)
        if entry is not None and entry.room_id == room_id and entry.has_media:
            await self._ringer.drop(user_id, entry)

    async def _end_calls(self, room_id: int) -> None:
        for entry in await self._ringer.book.entries_in(room_id):
            if entry.has_media:
                await self._ringer.drop(entry.user_id, entry)

    # --- telling -------------------------------------------------------------------------

    def _announce(self, room_id: int) -> None:
        self._changed.add(room_id)
        self._has_news.set()

    async def _announce_changes(self) -> None:
        while True:
            await self._has_news.wait()
            self._has_news.clear()
            changed, self._changed = self._changed, set()
            for room_id in changed:
                try:
                    await self._tell_members(room_id)
                except Exception:  # noqa: BLE001 - the other rooms are told all the same
                    _log.exception("a change could not be announced")
            await asyncio.sleep(ANNOUNCE_EVERY_S)

    async def _tell_members(self, room_id: int) -> None:
        async with self._db.read() as db:
            answer = await live.live_answer(db, room_id)
            members = await rooms.inside_ids(db, room_id)
        news = RoomLive(
            room_id=room_id,
            is_live=answer.is_live,
            started_at=answer.started_at,
            participants=answer.participants,
        )
        for user_id in members:
            await self._notifier.to_user(user_id, ServerEvent.ROOM_LIVE, news)

    # --- reconciling ---------------------------------------------------------------------

    async def _keep_true(self, api: LivekitApi) -> None:
        while True:
            try:
                if await self._is_my_turn("reconcile", RECONCILE_EVERY_S - 1):
                    await self.reconcile(api)
                    await self.audit()
            except WoxlyError as error:
                _log.warning("LiveKit's rooms could not be listed: %s", error.message)
            except Exception:  # noqa: BLE001 - the next try may work
                _log.exception("reconciling failed")
            await asyncio.sleep(RECONCILE_EVERY_S)

    async def reconcile(self, api: LivekitApi) -> None:
        """Compare what we know with LiveKit's own list, and believe the list.

        Raises:
            ServerUnreachable: LiveKit does not answer.
            TokenError: It does not take our key.
        """
        asked_ms = now_ms()
        seen = [room for room in await api.rooms() if live.room_id_of(room.name)]
        for room in seen:
            await self._compare(room, await api.participants(room.name), asked_ms)
        sids = {room.sid for room in seen}
        async with self._db.write() as db:
            await live.forget_webhooks(db, asked_ms - _KEEP_WEBHOOKS_MS)
            over = [
                session
                for session in await live.open_sessions(db)
                if session.sid not in sids and session.started_at < asked_ms - FRESH_MS
            ]
            for session in over:
                live.note_ended(session, live.last_seen_ms(session, asked_ms))
        for session in over:
            await self._follow_up(session.room_id, "room_finished", None)

    async def audit(self) -> None:
        """Strike those out of the book who were in a call, and are found not to be, twice.

        The end of a call may be known to LiveKit and the database only: the process that was to
        strike it out may have died.
        """
        missing = set()
        for entry in await self._ringer.book.entries():
            if not entry.has_media or entry.room_id is None:
                continue
            async with self._db.read() as db:
                is_inside = await live.is_inside(db, entry.room_id, str(entry.user_id))
            key = (entry.user_id, entry.room_id)
            if is_inside:
                await self._ringer.book.mark_media(*key)  # good for another day
            elif key in self._suspects:
                await self._ringer.drop(entry.user_id, entry)
            else:
                missing.add(key)
        self._suspects = missing

    async def _compare(
        self, room: RoomSeen, participants: list[ParticipantSeen], asked_ms: int
    ) -> None:
        room_id = live.room_id_of(room.name)
        if room_id is None:
            return
        here = [Stay.of(p.sid, p.identity, p.name, p.joined_s * 1000) for p in participants]
        sids = {stay.sid for stay in here}
        async with self._db.write() as db:
            await self._db.wait_turn(db, CALL_NEWS, room_id)
            session = await live.session_of(db, room_id, room.sid, room.created_s * 1000)
            if session is None:
                return
            gone = [
                Stay(row.sid, row.identity, row.name, row.joined_at)
                for row in session.participants
                if row.left_at is None
                and row.sid not in sids
                and row.joined_at < asked_ms - FRESH_MS
            ]
            came = [stay for stay in here if await live.note_joined(db, session, stay)]
            went = [stay for stay in gone if await live.note_left(db, session, stay, asked_ms)]
        for event, stays in (("participant_joined", came), ("participant_left", went)):
            for stay in stays:
                await self._follow_up(room_id, event, stay)
