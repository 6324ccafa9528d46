from typing import Any

import pytest

from woxly_tui.call.ringing import commands as do
from woxly_tui.call.ringing import events as ev
from woxly_tui.call.ringing.view import Outcome
from woxly_tui.engine.ring_wire import heard, is_about_calls, learned, sayings
from woxly_tui.lobby.link import Receipt
from woxly_tui.types import RoomId, UserId
from woxly_tui.wire.events import ClientEvent

ANN, ROOM = UserId(1), RoomId(7)


@pytest.mark.parametrize(
    ("event", "payload", "news"),
    [
        ("incoming-call", {"from": 1, "roomId": 7}, ev.Rung(ANN, ROOM)),
        ("incoming-call", {"from": 1}, ev.Rung(ANN, None)),
        ("call-accepted", {"from": 1, "roomId": 9}, ev.PeerAccepted(ANN)),
        ("call-rejected", {"from": 1}, ev.PeerRefused(ANN, Outcome.DECLINED, is_bare=True)),
        ("call-rejected", {"from": 1, "reason": "busy"}, ev.PeerRefused(ANN, Outcome.BUSY)),
        ("call-timeout", {"from": 1}, ev.PeerRefused(ANN, Outcome.TIMEOUT)),
        ("call-busy", {"from": 1}, ev.PeerRefused(ANN, Outcome.BUSY)),
        (
            "call-cancelled",
            {"from": 1, "reason": "caller-gone"},
            ev.RingStopped(ANN, Outcome.CALLER_GONE),
        ),
        ("call-cancelled", {"from": 1, "reason": 5}, ev.RingStopped(ANN, Outcome.CANCELLED)),
        (
            "call-answered-elsewhere",
            {"from": 1},
            ev.RingStopped(ANN, Outcome.ANSWERED_ELSEWHERE),
        ),
        ("call-ended", {"from": 1}, ev.PeerEnded(ANN)),
        ("user-left-call", {"userId": 1, "roomId": 7}, ev.PeerLeftRoom(ANN, ROOM)),
        ("active-call-found", {"friendId": 1, "roomId": 7}, ev.CallStands(ANN, ROOM)),
        ("no-active-call", {"friendId": 1}, ev.NoCallStands(ANN)),
        ("webrtc-offer", {"from": 1, "offer": {}}, ev.OfferHeard(ANN)),
    ],
)
def test_what_the_server_says(event: str, payload: dict[str, Any], news: ev.News) -> None:
    assert heard(event, payload) == news


@pytest.mark.parametrize("user", [None, "1", 0, -1, 1.0, True, 1 << 31, [1]])
@pytest.mark.parametrize("event", ["incoming-call", "call-accepted", "call-ended"])
def test_an_event_of_nobody_says_nothing(event: str, user: Any) -> None:
    assert heard(event, {"from": user}) is None
    assert is_about_calls(event)


def test_other_events_are_of_no_call() -> None:
    assert not is_about_calls("new-message")
    assert heard("new-message", {}) is None


def test_to_a_server_that_acknowledges_one_word_is_enough() -> None:
    leave = do.SendLeave(ROOM, (ANN,))
    assert sayings(leave, acks=True) == [(ClientEvent.LEAVE_CALL, {"roomId": 7})]
    assert sayings(do.SendCancel(ANN), acks=True) == [(ClientEvent.CANCEL_CALL, {"to": 1})]


def test_other_servers_are_told_of_each_peer_and_made_to_forget() -> None:
    assert sayings(do.SendLeave(ROOM, (ANN,)), acks=False) == [
        (ClientEvent.LEAVE_CALL, {"roomId": 7}),
        (ClientEvent.END_CALL, {"to": 1}),
        (ClientEvent.REJECT_CALL, {"from": 1}),
    ]
    assert sayings(do.SendCancel(ANN), acks=False) == [(ClientEvent.END_CALL, {"to": 1})]


@pytest.mark.parametrize(
    ("ack", "answer"),
    [
        ({"ok": True, "outcome": "ringing"}, None),
        ({"ok": True, "outcome": "busy"}, ev.RingAnswered(ANN, Outcome.BUSY)),
        ({"ok": True, "outcome": "offline"}, ev.RingAnswered(ANN, Outcome.OFFLINE)),
        (
            {"ok": True, "outcome": "accepted", "roomId": 9},
            ev.RingAnswered(ANN, Outcome.ANSWERED, RoomId(9)),
        ),
        ({"ok": False, "error": "no"}, ev.RingAnswered(ANN, Outcome.FAILED, detail="no")),
        ({}, ev.RingAnswered(ANN, Outcome.FAILED, detail="the server refuses")),
    ],
)
def test_what_becomes_of_a_ring(ack: dict[str, Any], answer: ev.Answer | None) -> None:
    assert learned(do.SendRing(ANN, ROOM), [Receipt(is_sent=True, ack=ack)]) == answer


def test_what_was_not_sent_or_came_too_often_is_said_again() -> None:
    accept = do.SendAccept(ANN, ROOM)
    assert learned(accept, [Receipt(is_sent=False)]) == ev.Unsent(accept)
    slow = Receipt(is_sent=True, ack={"ok": False, "retryAfter": 3})
    assert learned(accept, [slow]) == ev.Unsent(accept)
    over = Receipt(is_sent=True, ack={"ok": False})
    assert learned(accept, [over]) == ev.AcceptRefused(ANN)
    assert learned(accept, [Receipt(is_sent=True, ack={"ok": True})]) == ev.AcceptConfirmed(ANN)
    assert learned(accept, [Receipt(is_sent=True)]) is None
