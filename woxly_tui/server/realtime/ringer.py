"""Ringing: from `call-friend` to a call, or to a missed one.

                  ┌─ accept ──► call ──► end, leave, disconnect, LiveKit says it is over
call-friend ──► ring ─ reject, cancel, time-out, caller gone
      └──► busy     └──► every device of the callee is told; missed calls are kept
"""

import asyncio
import logging
import time
from collections.abc import Awaitable
from typing import Final

from woxly_tui._lib.aio import TaskOwner
from woxly_tui.server.db.database import Database
from woxly_tui.server.problems import Problem
from woxly_tui.server.realtime.book import Book, Entry, Ring, RingAnswer
from woxly_tui.server.realtime.missed import MissedCalls
from woxly_tui.server.realtime.notifier import Notifier
from woxly_tui.server.realtime.presence import Device, Presence
from woxly_tui.server.store import calls, rooms
from woxly_tui.server.texts import Text
from woxly_tui.server.times import now_ms
from woxly_tui.wire.events import Ack, CallRestored, ServerEvent, UserAndRoom, from_user
from woxly_tui.wire.words import RING_TIMEOUT_S, MemberStatus, RingEnd

GONE_AFTER_S: Final = 15.0
"""How long the last device of a user may be away before their rings and calls end."""

_SWEEP_EVERY_S: Final = 0.25

_log = logging.getLogger(__name__)


class Ringer:
    """Carries rings and calls from one state to the next, and tells everybody concerned.

    Use from one event loop.
    """

    def __init__(
        self,
        db: Database,
        notifier: Notifier,
        book: Book,
        presence: Presence,
        *,
        ring_timeout_s: float = RING_TIMEOUT_S,
        gone_after_s: float = GONE_AFTER_S,
    ) -> None:
        self._db = db
        self._notifier = notifier
        self._presence = presence
        self._ring_timeout_s = ring_timeout_s
        self._gone_after_s = gone_after_s
        self._missed = MissedCalls(db, notifier)
        self._tasks = TaskOwner("ringer")
        self.book: Final = book
        self.rung = 0
        """Rings begun since the start."""

    def start(self) -> None:
        """Begin to watch for rings whose time is over."""
        self._missed.start()
        self._tasks.start(self._sweep(), name="sweep")

    async def aclose(self) -> None:
        """Stop watching."""
        await self._tasks.aclose()
        await self._missed.aclose()

    # --- ringing -------------------------------------------------------------------------

    async def ring(
        self, caller: int, callee: int, room_id: int | None, sid: str | None = None
    ) -> Ack:
        """Ring somebody.

        Raises:
            Problem: It is not allowed.
        """
        is_group = await calls.check_ring(self._db, caller, callee, room_id)
        return await self._ring(self._new_ring(caller, callee, room_id, sid, is_group=is_group))

    async def ring_member(self, caller: int, callee: int, room_id: int) -> Ack:
        """Ring a member of a group just made.

        Raises:
            Problem: The caller rings too many already.
        """
        return await self._ring(self._new_ring(caller, callee, room_id, None, is_group=True))

    def _new_ring(
        self, caller: int, callee: int, room_id: int | None, sid: str | None, *, is_group: bool
    ) -> Ring:
        ends_at = time.monotonic() + self._ring_timeout_s
        return Ring(caller, callee, room_id, now_ms(), ends_at, sid, is_group)

    async def _ring(self, ring: Ring) -> Ack:
        answer = await self.book.ring(ring)
        if answer is RingAnswer.TOO_MANY:
            raise Problem(429, Text.CALL_BUSY_SELF, retry_after=int(self._ring_timeout_s))
        if answer is RingAnswer.GLARE:
            return await self.accept(ring.caller, ring.callee, ring.caller_sid)
        if answer is RingAnswer.BUSY:
            await self._on_busy(ring)
        elif answer is RingAnswer.RINGING:
            self.rung += 1
            await self._announce(ring)
        is_here = await self._presence.is_online(ring.callee)
        outcome = "ringing" if answer is RingAnswer.ALREADY else answer.value
        return Ack(ok=True, outcome=outcome if is_here else "offline", room_id=ring.room_id)

    async def _announce(self, ring: Ring) -> None:
        news = from_user(ring.caller, roomId=ring.room_id)
        await self._notifier.to_user(ring.callee, ServerEvent.INCOMING_CALL, news)

    async def _on_busy(self, ring: Ring) -> None:
        await self._tell_caller(ring, ServerEvent.CALL_BUSY, None)
        await self._tell_caller(ring, ServerEvent.CALL_REJECTED, RingEnd.BUSY)
        self._missed.keep(ring, RingEnd.BUSY)

    async def _tell_caller(self, ring: Ring, event: ServerEvent, reason: RingEnd | None) -> None:
        news = from_user(ring.callee, roomId=ring.room_id, reason=reason and reason.value)
        await self._notifier.to_user(ring.caller, event, news)

    async def _stop_ringing(
        self, ring: Ring, reason: RingEnd, *, skip_sid: str | None = None
    ) -> None:
        news = from_user(ring.caller, roomId=ring.room_id, reason=reason.value)
        await self._notifier.to_user(
            ring.callee, ServerEvent.CALL_CANCELLED, news, skip_sid=skip_sid
        )

    async def accept(self, callee: int, caller: int, sid: str | None) -> Ack:
        """Answer a ring: the two are in a call, and the callee is in its room.

        Raises:
            Problem: 404, there is no such ring, or no more.
        """
        ring = await self.book.take_ring(caller, callee)
        if ring is None:
            raise Problem(404, Text.CALL_UNKNOWN)
        if (mine := await self.book.take_ring(callee, caller)) is not None:
            await self._stop_ringing(mine, RingEnd.CANCELLED)  # they talk: nobody missed it
        await self._leave_other_calls(ring)
        await self.book.connect(ring, now_ms())
        if ring.room_id is not None:
            await self._enter(ring, sid)
        others = from_user(caller, roomId=ring.room_id)
        await self._notifier.to_user(
            callee, ServerEvent.CALL_ANSWERED_ELSEWHERE, others, skip_sid=sid
        )
        await self._stop_ringing(ring, RingEnd.ANSWERED_ELSEWHERE, skip_sid=sid)
        await self._tell_caller(ring, ServerEvent.CALL_ACCEPTED, None)
        return Ack(ok=True, outcome="accepted", room_id=ring.room_id)

    async def _leave_other_calls(self, ring: Ring) -> None:
        for user_id, peer_id in ((ring.caller, ring.callee), (ring.callee, ring.caller)):
            entry = await self.book.entry_of(user_id)
            if entry is None or entry.peer_id == peer_id:
                continue
            if ring.room_id is None or entry.room_id != ring.room_id:
                await self.drop(user_id, entry)

    async def _enter(self, ring: Ring, sid: str | None) -> None:
        """Whoever accepts is in the room for good, and both devices follow it."""
        room_id = ring.room_id
        assert room_id is not None  # noqa: S101 - asked for by the caller
        async with self._db.write() as db:
            member = await rooms.member_of(db, room_id, ring.callee)
            if member is not None:
                rooms.let_in(member)
        for device_sid in (sid, ring.caller_sid):
            if device_sid is not None:
                await self._notifier.follow(device_sid, room_id)
        news = UserAndRoom(user_id=ring.callee, room_id=room_id)
        await self._notifier.to_room(room_id, ServerEvent.USER_JOINED_ROOM, news)

    async def reject(self, callee: int, caller: int, sid: str | None) -> Ack:
        """Refuse a ring; or clear what is left of a call between the two."""
        ring = await self.book.take_ring(caller, callee)
        if ring is not None:
            await self._tell_caller(ring, ServerEvent.CALL_REJECTED, RingEnd.REJECTED)
            await self._stop_ringing(ring, RingEnd.REJECTED_ELSEWHERE, skip_sid=sid)
            return Ack(ok=True, outcome="rejected", room_id=ring.room_id)
        entry = await self._take_pair(callee, caller)
        if entry is None:
            return Ack(ok=True, outcome="nothing")
        news = from_user(callee, roomId=entry.room_id, reason=RingEnd.REJECTED.value)
        await self._notifier.to_user(caller, ServerEvent.CALL_REJECTED, news)
        return Ack(ok=True, outcome="ended", room_id=entry.room_id)

    async def cancel(self, caller: int, callee: int) -> Ack:
        """Stop ringing somebody."""
        ring = await self.book.take_ring(caller, callee)
        if ring is None:
            return Ack(ok=True, outcome="nothing")
        await self._end_ring(ring, RingEnd.CANCELLED)
        return Ack(ok=True, outcome="cancelled", room_id=ring.room_id)

    async def _end_ring(self, ring: Ring, reason: RingEnd) -> None:
        await self._stop_ringing(ring, reason)
        self._missed.keep(ring, reason)

    async def silence(self, user_id: int, other_id: int) -> None:
        """End the rings between two, as one of them has blocked the other."""
        await self.cancel(user_id, other_id)
        if await self.book.ring_of(other_id, user_id) is not None:
            await self.reject(user_id, other_id, None)

    # --- calls ---------------------------------------------------------------------------

    async def end(self, user_id: int, peer_id: int, sid: str | None) -> Ack:
        """End a call or a ring with somebody; they are told."""
        if await self.book.ring_of(peer_id, user_id) is not None:
            return await self.reject(user_id, peer_id, sid)
        ack = await self.cancel(user_id, peer_id)
        if ack.outcome == "nothing":
            entry = await self._take_pair(user_id, peer_id)
            if entry is None:
                return ack
            ack = Ack(ok=True, outcome="ended", room_id=entry.room_id)
        await self._notifier.to_user(peer_id, ServerEvent.CALL_ENDED, from_user(user_id))
        return ack

    async def _take_pair(self, user_id: int, peer_id: int) -> Entry | None:
        """Strike a user's call with a peer, and the peer's with them."""
        mine = await self.book.entry_of(user_id)
        theirs = await self.book.entry_of(peer_id)
        found = None
        if mine is not None and mine.peer_id == peer_id:
            found = await self.book.take_entry(user_id)
        if theirs is not None and theirs.peer_id == user_id:
            # In a group the peer goes on with the rest.
            others = [] if theirs.room_id is None else await self.book.entries_in(theirs.room_id)
            if all(entry.user_id == peer_id for entry in others):
                found = await self.book.take_entry(peer_id) or found
        return found

    async def leave(self, user_id: int, room_id: int) -> Ack:
        """Leave the call of a room; its other members are told.

        Whoever left the room itself meanwhile is out of its call, too.

        Raises:
            Problem: 403, one is no member, nor in the call.
        """
        rings = await self.book.take_rings_by(user_id, room_id)
        entry = await self.book.take_entry(user_id, room_id)
        for ring in rings:
            await self._end_ring(ring, RingEnd.CANCELLED)
        async with self._db.read() as db:
            inside = await rooms.accepted_ids(db, room_id)
        if user_id not in inside and entry is None and not rings:
            raise Problem(403, Text.ROOM_NOT_MEMBER)
        others = [other for other in inside if other != user_id]
        await self._tell_members(others, ServerEvent.USER_LEFT_CALL, user_id, room_id)
        return Ack(ok=True, outcome="left", room_id=room_id)

    async def rejoin(self, user_id: int, room_id: int) -> Ack:
        """Come back to the call of a room; its other members are told.

        Raises:
            Problem: 403, one is no member.
        """
        others = await self._others_in(user_id, room_id)
        await self._tell_members(others, ServerEvent.USER_REJOINED_CALL, user_id, room_id)
        await self._copy_entry(user_id, room_id)
        return Ack(ok=True, outcome="rejoined", room_id=room_id)

    async def restore(self, device: Device, room_id: int) -> Ack:
        """Be in a room again, and in the call that goes on there.

        Raises:
            Problem: 403, one is no member.
        """
        async with self._db.write() as db:
            member = await rooms.member_of(db, room_id, device.user_id)
            if member is None or member.status not in (
                MemberStatus.ACCEPTED,
                MemberStatus.PENDING,
            ):
                raise Problem(403, Text.ROOM_NOT_MEMBER)
            member.left_at = None
        peer = await self._copy_entry(device.user_id, room_id)
        if peer is None:
            return Ack(ok=True, outcome="nothing", room_id=room_id)
        await self._notifier.follow(device.sid, room_id)
        news = CallRestored(friend_id=peer.user_id, room_id=room_id)
        await self._notifier.to_device(device.sid, ServerEvent.CALL_RESTORED, news)
        return Ack(ok=True, outcome="restored", room_id=room_id)

    async def _copy_entry(self, user_id: int, room_id: int) -> Entry | None:
        """Enter somebody into the call of a room that somebody else is in."""
        others = [e for e in await self.book.entries_in(room_id) if e.user_id != user_id]
        if not others:
            return None
        first = others[0]
        await self.book.put(Entry(user_id, first.user_id, room_id, first.started_ms))
        return first

    async def _others_in(self, user_id: int, room_id: int) -> list[int]:
        async with self._db.read() as db:
            inside = await rooms.accepted_ids(db, room_id)
        if user_id not in inside:
            raise Problem(403, Text.ROOM_NOT_MEMBER)
        return [other for other in inside if other != user_id]

    async def _tell_members(
        self, others: list[int], event: ServerEvent, user_id: int, room_id: int
    ) -> None:
        news = UserAndRoom(user_id=user_id, room_id=room_id)
        for other in others:
            await self._notifier.to_user(other, event, news)

    async def call_between(self, user_id: int, friend_id: int) -> Entry | None:
        """The call that goes on, or rings, between two."""
        entry = await self.book.entry_of(friend_id)
        if entry is not None and entry.peer_id == user_id:
            return entry
        mine = await self.book.entry_of(user_id)
        if entry is not None and mine is not None and entry.room_id == mine.room_id is not None:
            return entry
        for pair in ((user_id, friend_id), (friend_id, user_id)):
            if (ring := await self.book.ring_of(*pair)) is not None:
                return Entry(friend_id, user_id, ring.room_id, ring.began_ms)
        return None

    # --- what others tell ----------------------------------------------------------------

    async def device_came(self, device: Device) -> None:
        """A device that connects while its user is rung rings, too."""
        for ring in await self.book.rings_to(device.user_id):
            news = from_user(ring.caller, roomId=ring.room_id)
            await self._notifier.to_device(device.sid, ServerEvent.INCOMING_CALL, news)

    async def _end_of_gone(self, user_id: int) -> None:
        """End the rings and the call of a user whose last device left and did not come back."""
        if not await self._presence.is_online(user_id):
            for ring in await self.book.take_rings_by(user_id):
                await self._end_ring(ring, RingEnd.CALLER_GONE)
            entry = await self.book.entry_of(user_id)
            if entry is not None and not entry.has_media:
                await self.drop(user_id, entry)
        await self._presence.forget_gone(user_id)

    async def drop(self, user_id: int, entry: Entry) -> None:
        """Strike out somebody who is in their call no more, and tell the others."""
        if await self.book.take_entry(user_id) is None:
            return
        if entry.room_id is None:
            await self._notifier.to_user(entry.peer_id, ServerEvent.CALL_ENDED, from_user(user_id))
            return
        async with self._db.read() as db:
            inside = await rooms.accepted_ids(db, entry.room_id)
        others = [other for other in inside if other != user_id]
        await self._tell_members(others, ServerEvent.USER_LEFT_CALL, user_id, entry.room_id)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_EVERY_S)
            try:
                rings = await self.book.take_expired(time.monotonic())
                gone = await self._presence.gone(self._gone_after_s)
            except Problem:
                _log.warning("what is over cannot be looked up")
                continue
            for ring in rings:
                await self._survive(self._time_out(ring))
            for user_id in gone:
                await self._survive(self._end_of_gone(user_id))

    async def _survive(self, end: Awaitable[None]) -> None:
        try:
            await end
        except Exception:  # noqa: BLE001 - the others must end all the same
            _log.exception("a ring could not be ended")

    async def _time_out(self, ring: Ring) -> None:
        await self._tell_caller(ring, ServerEvent.CALL_TIMEOUT, None)
        await self._tell_caller(ring, ServerEvent.CALL_REJECTED, RingEnd.TIMEOUT)
        await self._end_ring(ring, RingEnd.TIMEOUT)
