"""Rings and calls between the words of a Woxly server and those of the ring machine. Pure.

event of the server ──► heard ──► News
Send ──► sayings ──► what to emit, in this order ──► receipts ──► learned ──► Answer
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from woxly_tui._lib.text import clean_name
from woxly_tui.call.ringing import commands as do
from woxly_tui.call.ringing import events as ev
from woxly_tui.call.ringing.view import Outcome, RoomKind
from woxly_tui.lobby.link import Receipt
from woxly_tui.types import RoomId, UserId
from woxly_tui.wire.events import ClientEvent, ServerEvent
from woxly_tui.wire.words import MAX_ID, RingEnd

Saying: TypeAlias = tuple[ClientEvent, dict[str, Any]]

_STOPPED: Final[Mapping[str, Outcome]] = {
    RingEnd.CANCELLED: Outcome.CANCELLED,
    RingEnd.TIMEOUT: Outcome.TIMEOUT,
    RingEnd.CALLER_GONE: Outcome.CALLER_GONE,
    RingEnd.ANSWERED_ELSEWHERE: Outcome.ANSWERED_ELSEWHERE,
    RingEnd.REJECTED_ELSEWHERE: Outcome.REJECTED_ELSEWHERE,
}

_REFUSED: Final[Mapping[str, Outcome]] = {
    RingEnd.BUSY: Outcome.BUSY,
    RingEnd.TIMEOUT: Outcome.TIMEOUT,
}

_RING_ANSWERS: Final[Mapping[str, Outcome]] = {
    "accepted": Outcome.ANSWERED,
    "busy": Outcome.BUSY,
    "offline": Outcome.OFFLINE,
}


def heard(event: str, payload: Mapping[str, Any]) -> ev.News | None:
    """What an event says of rings; None where it says nothing, or is malformed."""
    read = _NEWS.get(event)
    return None if read is None else read(payload)


def number(payload: Mapping[str, Any], key: str) -> int | None:
    """An id, or nothing."""
    value = payload.get(key)
    return value if type(value) is int and 0 < value <= MAX_ID else None


def _user(payload: Mapping[str, Any], key: str = "from") -> UserId | None:
    found = number(payload, key)
    return None if found is None else UserId(found)


def _room(payload: Mapping[str, Any]) -> RoomId | None:
    found = number(payload, "roomId")
    return None if found is None else RoomId(found)


def _rung(payload: Mapping[str, Any]) -> ev.News | None:
    caller = _user(payload)
    return None if caller is None else ev.Rung(caller, _room(payload))


def _accepted(payload: Mapping[str, Any]) -> ev.News | None:
    peer = _user(payload)
    return None if peer is None else ev.PeerAccepted(peer)


def _refused(payload: Mapping[str, Any]) -> ev.News | None:
    peer, reason = _user(payload), str(payload.get("reason", ""))
    if peer is None:
        return None
    outcome = _REFUSED.get(reason, Outcome.DECLINED)
    return ev.PeerRefused(peer, outcome, is_bare=not reason)


def _busy(payload: Mapping[str, Any]) -> ev.News | None:
    peer = _user(payload)
    return None if peer is None else ev.PeerRefused(peer, Outcome.BUSY)


def _timed_out(payload: Mapping[str, Any]) -> ev.News | None:
    peer = _user(payload)
    return None if peer is None else ev.PeerRefused(peer, Outcome.TIMEOUT)


def _stopped(payload: Mapping[str, Any]) -> ev.News | None:
    caller, reason = _user(payload), str(payload.get("reason", ""))
    outcome = _STOPPED.get(reason, Outcome.CANCELLED)
    return None if caller is None else ev.RingStopped(caller, outcome)


def _elsewhere(payload: Mapping[str, Any]) -> ev.News | None:
    caller = _user(payload)
    return None if caller is None else ev.RingStopped(caller, Outcome.ANSWERED_ELSEWHERE)


def _ended(payload: Mapping[str, Any]) -> ev.News | None:
    peer = _user(payload)
    return None if peer is None else ev.PeerEnded(peer)


def _left(payload: Mapping[str, Any]) -> ev.News | None:
    peer, room = _user(payload, "userId"), _room(payload)
    return None if peer is None or room is None else ev.PeerLeftRoom(peer, room)


def _stands(payload: Mapping[str, Any]) -> ev.News | None:
    peer = _user(payload, "friendId")
    return None if peer is None else ev.CallStands(peer, _room(payload))


def _stands_not(payload: Mapping[str, Any]) -> ev.News | None:
    peer = _user(payload, "friendId")
    return None if peer is None else ev.NoCallStands(peer)


def _offered(payload: Mapping[str, Any]) -> ev.News | None:
    peer = _user(payload)
    return None if peer is None else ev.OfferHeard(peer)


_NEWS: Final[Mapping[str, Callable[[Mapping[str, Any]], ev.News | None]]] = {
    ServerEvent.INCOMING_CALL: _rung,
    ServerEvent.CALL_ACCEPTED: _accepted,
    ServerEvent.CALL_REJECTED: _refused,
    ServerEvent.CALL_BUSY: _busy,
    ServerEvent.CALL_TIMEOUT: _timed_out,
    ServerEvent.CALL_CANCELLED: _stopped,
    ServerEvent.CALL_ANSWERED_ELSEWHERE: _elsewhere,
    ServerEvent.CALL_ENDED: _ended,
    ServerEvent.USER_LEFT_CALL: _left,
    ServerEvent.ACTIVE_CALL_FOUND: _stands,
    ServerEvent.NO_ACTIVE_CALL: _stands_not,
    ServerEvent.WEBRTC_OFFER: _offered,
}


def is_about_calls(event: str) -> bool:
    """Whether an event is of rings and calls, however malformed."""
    return event in _NEWS


def sayings(command: do.Send, *, acks: bool) -> list[Saying]:
    """What to emit for a command.

    Args:
        command: What the ring machine wants said.
        acks: Whether the server is one that acknowledges. It ends rings into a room, and tells
            of a cancelled one, by itself; to others each peer is told.
    """
    match command:
        case do.SendRing(peer=peer, room=room):
            follow: Saying = (ClientEvent.JOIN_ROOM, {"roomId": room})
            ring: Saying = (ClientEvent.CALL_FRIEND, {"friendId": peer, "roomId": room})
            return [ring] if acks else [follow, ring]
        case do.SendAccept(peer=peer):
            return [(ClientEvent.ACCEPT_CALL, {"from": peer})]
        case do.SendReject(peer=peer):
            return [(ClientEvent.REJECT_CALL, {"from": peer})]
        case do.SendCancel(peer=peer):
            stop = ClientEvent.CANCEL_CALL if acks else ClientEvent.END_CALL
            return [(stop, {"to": peer})]
        case do.SendRejoin(room=room):
            return [(ClientEvent.REJOIN_CALL, {"roomId": room})]
        case do.AskCall(peer=peer):
            return [(ClientEvent.CHECK_ACTIVE_CALL, {"friendId": peer})]
        case do.SendLeave(room=room, peers=peers):
            said: list[Saying] = [(ClientEvent.LEAVE_CALL, {"roomId": room})]
            for peer in () if acks else peers:
                # Only a refusal clears what the public server keeps of a call for 15 minutes.
                said.append((ClientEvent.END_CALL, {"to": peer}))
                said.append((ClientEvent.REJECT_CALL, {"from": peer}))
            return said


def learned(command: do.Send, receipts: list[Receipt]) -> ev.Answer | None:
    """What the receipts of a command's sayings tell; None where there is nothing to tell."""
    if not all(receipt.is_sent for receipt in receipts):
        return ev.Unsent(command)
    ack = receipts[-1].ack
    if ack is None:
        return None
    is_ok = ack.get("ok") is True
    if not is_ok and ack.get("retryAfter") is not None and not isinstance(command, do.SendRing):
        return ev.Unsent(command)
    match command:
        case do.SendRing(peer=peer):
            return _ring_answer(peer, ack, is_ok=is_ok)
        case do.SendAccept(peer=peer):
            return ev.AcceptConfirmed(peer) if is_ok else ev.AcceptRefused(peer)
    return None


def _ring_answer(peer: UserId, ack: Mapping[str, Any], *, is_ok: bool) -> ev.Answer | None:
    if not is_ok:
        why = clean_name(str(ack.get("error") or ""), "the server refuses")
        return ev.RingAnswered(peer, Outcome.FAILED, detail=why)
    outcome = _RING_ANSWERS.get(str(ack.get("outcome", "")))
    return None if outcome is None else ev.RingAnswered(peer, outcome, _room(ack))


def kind_of(word: Any) -> RoomKind | None:
    """A room's kind as servers write it."""
    try:
        return RoomKind(str(word))
    except ValueError:
        return None
