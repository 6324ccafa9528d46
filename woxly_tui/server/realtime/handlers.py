"""What the server does when a client sends an event."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from woxly_tui.server import limiter
from woxly_tui.server.api.messages import write
from woxly_tui.server.api.users import change_status
from woxly_tui.server.db.models import Room
from woxly_tui.server.fields import Body
from woxly_tui.server.problems import Problem
from woxly_tui.server.realtime import payloads as p
from woxly_tui.server.realtime.presence import Device
from woxly_tui.server.services import Services, limit
from woxly_tui.server.store import friendships, rooms
from woxly_tui.server.texts import Text
from woxly_tui.wire.events import (
    Ack,
    ActiveCallFound,
    ClientEvent,
    NoActiveCall,
    ServerEvent,
    Typing,
    UserAndRoom,
    UserSpeaking,
)
from woxly_tui.wire.shape import wire_time
from woxly_tui.wire.words import MemberStatus, RoomType, UserStatus

DONE: Final = Ack(ok=True)


@dataclass(frozen=True, slots=True)
class Handler:
    """A payload's form and what is done with it."""

    form: type[Body]
    act: Callable[[Services, Device, Any], Awaitable[Ack]]


async def _check_accepted(core: Services, device: Device, room_id: int) -> None:
    """Let only accepted members go on; whoever follows a room was found to be one."""
    row = await core.db.ask(rooms.STATUS, room=room_id, user=device.user_id)
    if row is None or row[0] != MemberStatus.ACCEPTED:
        raise Problem(403, Text.ROOM_NOT_MEMBER)


async def join_room(core: Services, device: Device, payload: p.RoomPayload) -> Ack:
    """Follow a room."""
    await _check_accepted(core, device, payload.room_id)
    await core.notifier.follow(device.sid, payload.room_id)
    news = UserAndRoom(user_id=device.user_id, room_id=payload.room_id)
    await core.notifier.to_room(
        payload.room_id, ServerEvent.USER_JOINED_ROOM, news, skip_sid=device.sid
    )
    return Ack(ok=True, room_id=payload.room_id)


async def leave_room(core: Services, device: Device, payload: p.LeaveRoomPayload) -> Ack:
    """Follow a room no longer; a GROUP, or any room for good, is left as a member, too."""
    async with core.db.write() as db:
        member = await rooms.member_of(db, payload.room_id, device.user_id)
        if member is None:
            raise Problem(403, Text.ROOM_NOT_MEMBER)
        room = await db.get(Room, payload.room_id)
        is_for_good = payload.permanent or (room is not None and room.type == RoomType.GROUP)
        if is_for_good:
            rooms.let_go(member)
    await core.notifier.unfollow(device.sid, payload.room_id)
    news = UserAndRoom(user_id=device.user_id, room_id=payload.room_id)
    await core.notifier.to_room(payload.room_id, ServerEvent.USER_LEFT_ROOM, news)
    if is_for_good:
        await core.notifier.unfollow_user(device.user_id, payload.room_id)
    return Ack(ok=True, room_id=payload.room_id)


async def send_message(core: Services, device: Device, payload: p.SendMessagePayload) -> Ack:
    """Write to a room."""
    await limit(core, limiter.MESSAGE, device.user_id)
    message = await write(
        core, payload.room_id, device.user_id, payload.content, "text", payload.reply_to_id
    )
    return Ack(ok=True, room_id=payload.room_id, message_id=message.id)


async def typing(core: Services, device: Device, payload: p.TypingPayload) -> Ack:
    """Show that one writes, or stopped."""
    await _check_accepted(core, device, payload.room_id)
    news = Typing(user_id=device.user_id, room_id=payload.room_id, is_typing=payload.is_typing)
    await core.notifier.to_room(payload.room_id, ServerEvent.TYPING, news, skip_sid=device.sid)
    return DONE


async def status_change(core: Services, device: Device, payload: p.StatusPayload) -> Ack:
    """Say how one is."""
    await change_status(core, device.user_id, UserStatus(payload.status))
    return DONE


async def call_friend(core: Services, device: Device, payload: p.CallFriendPayload) -> Ack:
    """Ring somebody."""
    await limit(core, limiter.RING, device.user_id)
    await limit(core, limiter.RING_ONE, f"{device.user_id}:{payload.friend_id}")
    return await core.ringer.ring(device.user_id, payload.friend_id, payload.room_id, device.sid)


async def accept_call(core: Services, device: Device, payload: p.FromPayload) -> Ack:
    """Answer a ring."""
    return await core.ringer.accept(device.user_id, payload.caller, device.sid)


async def reject_call(core: Services, device: Device, payload: p.FromPayload) -> Ack:
    """Refuse a ring."""
    return await core.ringer.reject(device.user_id, payload.caller, device.sid)


async def cancel_call(core: Services, device: Device, payload: p.ToPayload) -> Ack:
    """Stop ringing somebody."""
    return await core.ringer.cancel(device.user_id, payload.to)


async def end_call(core: Services, device: Device, payload: p.ToPayload) -> Ack:
    """End a call with somebody."""
    return await core.ringer.end(device.user_id, payload.to, device.sid)


async def leave_call(core: Services, device: Device, payload: p.RoomPayload) -> Ack:
    """Leave the call of a room."""
    return await core.ringer.leave(device.user_id, payload.room_id)


async def rejoin_call(core: Services, device: Device, payload: p.RoomPayload) -> Ack:
    """Come back to the call of a room."""
    return await core.ringer.rejoin(device.user_id, payload.room_id)


async def restore_call(core: Services, device: Device, payload: p.RoomPayload) -> Ack:
    """Be in a room again, and in its call."""
    return await core.ringer.restore(device, payload.room_id)


async def check_active_call(core: Services, device: Device, payload: p.FriendPayload) -> Ack:
    """Tell whether a call with somebody goes on; always answered."""
    entry = await core.ringer.call_between(device.user_id, payload.friend_id)
    if entry is None:
        news: object = NoActiveCall(friend_id=payload.friend_id)
        await core.notifier.to_device(device.sid, ServerEvent.NO_ACTIVE_CALL, news)
        return Ack(ok=True, outcome="none")
    news = ActiveCallFound(
        friend_id=payload.friend_id,
        started_at=wire_time(entry.started_ms),
        room_id=entry.room_id,
    )
    await core.notifier.to_device(device.sid, ServerEvent.ACTIVE_CALL_FOUND, news)
    return Ack(ok=True, outcome="active", room_id=entry.room_id)


async def start_speaking(core: Services, device: Device, payload: p.RoomPayload) -> Ack:
    """Show that one speaks; whoever may do so follows the room from then on."""
    await _check_accepted(core, device, payload.room_id)
    await core.notifier.follow(device.sid, payload.room_id)
    return await _speaking(core, device, payload.room_id, is_speaking=True)


async def stop_speaking(core: Services, device: Device, payload: p.RoomPayload) -> Ack:
    """Show that one speaks no longer."""
    await _check_accepted(core, device, payload.room_id)
    return await _speaking(core, device, payload.room_id, is_speaking=False)


async def _speaking(core: Services, device: Device, room_id: int, *, is_speaking: bool) -> Ack:
    news = UserSpeaking(user_id=device.user_id, room_id=room_id, is_speaking=is_speaking)
    await core.notifier.to_room(room_id, ServerEvent.USER_SPEAKING, news)
    return DONE


async def _relay(
    core: Services, device: Device, to: int, event: ServerEvent, **signal: object
) -> Ack:
    """Pass a signal on to whom one is in a call with, or at least not blocked by."""
    is_in_call = await core.ringer.call_between(device.user_id, to) is not None
    if not is_in_call and await friendships.is_blocked(core.db, device.user_id, to):
        raise Problem(403, Text.CALL_BLOCKED)
    await core.notifier.to_user(to, event, {"from": device.user_id, **signal})
    return DONE


async def webrtc_offer(core: Services, device: Device, payload: p.OfferPayload) -> Ack:
    """Pass an offer on."""
    return await _relay(core, device, payload.to, ServerEvent.WEBRTC_OFFER, offer=payload.offer)


async def webrtc_answer(core: Services, device: Device, payload: p.AnswerPayload) -> Ack:
    """Pass an answer on."""
    return await _relay(core, device, payload.to, ServerEvent.WEBRTC_ANSWER, answer=payload.answer)


async def ice_candidate(core: Services, device: Device, payload: p.CandidatePayload) -> Ack:
    """Pass a candidate on."""
    return await _relay(
        core, device, payload.to, ServerEvent.ICE_CANDIDATE, candidate=payload.candidate
    )


HANDLERS: Final = {
    ClientEvent.JOIN_ROOM: Handler(p.RoomPayload, join_room),
    ClientEvent.LEAVE_ROOM: Handler(p.LeaveRoomPayload, leave_room),
    ClientEvent.SEND_MESSAGE: Handler(p.SendMessagePayload, send_message),
    ClientEvent.TYPING_START: Handler(p.TypingPayload, typing),
    ClientEvent.STATUS_CHANGE: Handler(p.StatusPayload, status_change),
    ClientEvent.CALL_FRIEND: Handler(p.CallFriendPayload, call_friend),
    ClientEvent.ACCEPT_CALL: Handler(p.FromPayload, accept_call),
    ClientEvent.REJECT_CALL: Handler(p.FromPayload, reject_call),
    ClientEvent.CANCEL_CALL: Handler(p.ToPayload, cancel_call),
    ClientEvent.END_CALL: Handler(p.ToPayload, end_call),
    ClientEvent.LEAVE_CALL: Handler(p.RoomPayload, leave_call),
    ClientEvent.REJOIN_CALL: Handler(p.RoomPayload, rejoin_call),
    ClientEvent.CHECK_ACTIVE_CALL: Handler(p.FriendPayload, check_active_call),
    ClientEvent.RESTORE_CALL: Handler(p.RoomPayload, restore_call),
    ClientEvent.START_SPEAKING: Handler(p.RoomPayload, start_speaking),
    ClientEvent.STOP_SPEAKING: Handler(p.RoomPayload, stop_speaking),
    ClientEvent.WEBRTC_OFFER: Handler(p.OfferPayload, webrtc_offer),
    ClientEvent.WEBRTC_ANSWER: Handler(p.AnswerPayload, webrtc_answer),
    ClientEvent.ICE_CANDIDATE: Handler(p.CandidatePayload, ice_candidate),
}
"""Every event a client may send."""
