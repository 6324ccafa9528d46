"""Playbooks of races, and of what the server and the other side do to a call."""

from itertools import permutations

import pytest

from tests.unit.call.ringing.playbook import (
    BOB,
    DM,
    Playbook,
    dialling,
    rung,
    talking,
)
from woxly_tui.call.ringing import commands as do
from woxly_tui.call.ringing import events as ev
from woxly_tui.call.ringing.view import Outcome, RingPhase, RoomKind
from woxly_tui.types import RoomId


def enter(room: RoomId, kind: RoomKind = RoomKind.DM) -> do.EnterMedia:
    return do.EnterMedia(room, kind)


# Races


ACCEPT_RACES = [
    [ev.AcceptRefused(BOB), ev.RingStopped(BOB, Outcome.CANCELLED)],
    [ev.AcceptRefused(BOB), ev.RingStopped(BOB, Outcome.ANSWERED_ELSEWHERE)],
    [ev.AcceptRefused(BOB), ev.RingStopped(BOB, Outcome.TIMEOUT), ev.PeerEnded(BOB)],
]


@pytest.mark.parametrize("race", ACCEPT_RACES)
def test_an_answer_that_came_too_late_leaves_in_every_order(race: list[ev.RingEvent]) -> None:
    for order in permutations(race):
        play = rung()
        play.feed(ev.AcceptAsked(BOB), *order)
        assert (play.phase, play.media) == (RingPhase.IDLE, None)


def test_an_answer_that_was_in_time_stays_in_every_order() -> None:
    news: list[ev.RingEvent] = [
        ev.AcceptConfirmed(BOB),
        ev.MediaPeers(DM, frozenset((BOB,))),
        ev.PeerAccepted(BOB),
    ]
    for order in permutations(news):
        play = rung()
        play.feed(ev.AcceptAsked(BOB), *order, ev.RingStopped(BOB, Outcome.ANSWERED_ELSEWHERE))
        assert (play.phase, play.media) == (RingPhase.TALKING, DM)


@pytest.mark.parametrize(
    "last_words", [ev.PeerRefused(BOB, Outcome.DECLINED, is_bare=True), ev.PeerEnded(BOB)]
)
def test_the_last_words_of_a_call_do_not_refuse_the_ring_that_follows_it(
    last_words: ev.RingEvent,
) -> None:
    play = talking()
    play.feed(ev.PeerEnded(BOB))
    assert play.outcome is Outcome.PEER_LEFT
    play.feed(ev.CallAsked(BOB), ev.RoomFound(BOB, DM), last_words)
    assert play.phase is RingPhase.OUTGOING
    play.now += 1.1
    play.feed(last_words)
    assert (play.phase, play.outcome) == (RingPhase.IDLE, Outcome.DECLINED)


def test_a_server_that_says_why_is_believed_at_once() -> None:
    play = talking()
    play.feed(ev.PeerEnded(BOB), ev.CallAsked(BOB), ev.RoomFound(BOB, DM))
    play.feed(ev.PeerRefused(BOB, Outcome.DECLINED))
    assert (play.phase, play.outcome) == (RingPhase.IDLE, Outcome.DECLINED)


def test_a_cancel_that_crosses_the_answer_ends_what_the_answer_began() -> None:
    play = dialling()(ev.HangUpAsked(), do.SendLeave(DM, (BOB,)))
    play(ev.PeerAccepted(BOB))
    assert (play.phase, play.media) == (RingPhase.IDLE, None)


def test_both_ring_each_other_and_are_in_one_call_in_every_order() -> None:
    # What one of the two hears: of a server that resolves it, and of one that does not.
    news: list[ev.RingEvent] = [
        ev.Rung(BOB, DM),
        ev.RingAnswered(BOB, Outcome.ANSWERED, DM),
        ev.PeerAccepted(BOB),
    ]
    for length in (1, 2, 3):
        for order in permutations(news, length):
            play = dialling()
            done = play.feed(*order, ev.AcceptRefused(BOB) if length > 1 else ev.TimePassed())
            assert done.count(enter(DM)) == 1
            assert (play.phase, play.media, play.view.incoming) == (RingPhase.TALKING, DM, ())


def test_glare_before_our_own_room_is_known_uses_theirs() -> None:
    play = Playbook()(ev.CallAsked(BOB), do.FindRoom(BOB))
    play(ev.Rung(BOB, DM), do.SendAccept(BOB, DM), enter(DM))
    play(ev.RoomFound(BOB, DM))


def test_glare_in_two_rooms_ends_in_the_same_one_on_both_sides() -> None:
    for mine, theirs in ((RoomId(7), RoomId(9)), (RoomId(9), RoomId(7))):
        play = dialling(BOB, mine)
        play.feed(ev.Rung(BOB, theirs))
        assert play.media == RoomId(7)


def test_a_server_that_answers_for_us_in_another_room_decides() -> None:
    play = dialling(BOB, RoomId(7))
    play.feed(ev.Rung(BOB, RoomId(9)))
    play(ev.RingAnswered(BOB, Outcome.ANSWERED, RoomId(9)), do.LeaveMedia(), enter(RoomId(9)))


# In the call


@pytest.mark.parametrize("news", [ev.PeerEnded(BOB), ev.PeerLeftRoom(BOB, DM)])
def test_a_call_of_two_ends_when_the_other_one_leaves(news: ev.RingEvent) -> None:
    play = talking()
    play(news, do.LeaveMedia(), do.SendLeave(DM, (BOB,)))
    assert play.outcome is Outcome.PEER_LEFT


def test_the_other_one_may_vanish_for_a_moment_but_not_for_good() -> None:
    play = talking()
    play(ev.MediaPeers(DM, frozenset()))
    assert play.wait(9) == []
    play(ev.MediaPeers(DM, frozenset((BOB,))))
    assert play.wait(100) == []
    play(ev.MediaPeers(DM, frozenset()))
    play.wait(11)
    assert (play.phase, play.outcome) == (RingPhase.IDLE, Outcome.PEER_LEFT)


def test_a_caller_who_vanished_is_not_waited_for_for_ever() -> None:
    play = rung()
    play.feed(ev.AcceptAsked(BOB), ev.MediaPeers(DM, frozenset()))
    play.wait(31)
    assert play.outcome is Outcome.NOBODY_CAME


def test_a_peer_that_speaks_peer_to_peer_only_is_named_as_that() -> None:
    play = dialling()
    play.feed(ev.OfferHeard(BOB), ev.PeerAccepted(BOB), ev.MediaPeers(DM, frozenset()))
    assert play.view.is_web_only
    play.wait(31)
    assert play.outcome is Outcome.WEB_ONLY


def test_a_peer_that_does_both_is_no_web_peer() -> None:
    play = dialling()
    play.feed(ev.OfferHeard(BOB), ev.PeerAccepted(BOB), ev.MediaPeers(DM, frozenset((BOB,))))
    assert not play.view.is_web_only


def test_a_call_that_goes_on_elsewhere_is_not_ended_for_the_other_one() -> None:
    talking()(ev.MediaEnded(DM, Outcome.JOINED_ELSEWHERE), do.LeaveMedia())


def test_a_caller_who_lost_our_answer_is_told_again() -> None:
    play = rung()
    play.feed(ev.AcceptAsked(BOB), ev.AcceptConfirmed(BOB))
    play(ev.Rung(BOB, DM), do.SendAccept(BOB, DM))
    assert play.view.incoming == ()


def test_a_call_is_come_back_to_after_a_crash() -> None:
    Playbook()(ev.RoomAsked(DM, RoomKind.DM, BOB), enter(DM), do.SendRejoin(DM))
