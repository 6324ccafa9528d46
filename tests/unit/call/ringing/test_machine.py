"""Playbooks of rings: what happens, in every order in which it can."""

import pytest

from tests.unit.call.ringing.playbook import (
    ANN,
    BOB,
    CY,
    DM,
    GROUP,
    OTHER_DM,
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


# Ringing somebody


def test_a_ring_that_is_answered_becomes_a_call() -> None:
    play = dialling()
    assert play.phase is RingPhase.OUTGOING
    play(ev.PeerAccepted(BOB), enter(DM))
    play(ev.MediaPeers(DM, frozenset((BOB,))))
    play.now += 65
    play(ev.HangUpAsked(), do.LeaveMedia(), do.SendLeave(DM, (BOB,)))
    ending = play.view.ending
    assert ending is not None
    assert (ending.outcome, ending.seconds, ending.user) == (Outcome.HUNG_UP, 65, BOB)


@pytest.mark.parametrize("outcome", [Outcome.DECLINED, Outcome.BUSY, Outcome.TIMEOUT])
def test_a_ring_says_what_came_of_it(outcome: Outcome) -> None:
    play = dialling()
    play(ev.PeerRefused(BOB, outcome))
    assert (play.phase, play.outcome) == (RingPhase.IDLE, outcome)
    play(ev.PeerRefused(BOB, Outcome.DECLINED))  # as busy is followed by rejected
    assert play.outcome is outcome


def test_busy_as_an_acknowledgement_ends_the_ring() -> None:
    assert dialling()(ev.RingAnswered(BOB, Outcome.BUSY)).outcome is Outcome.BUSY


def test_somebody_offline_is_not_rung_on_when_they_come() -> None:
    play = dialling()(ev.RingAnswered(BOB, Outcome.OFFLINE), do.SendLeave(DM, (BOB,)))
    assert play.outcome is Outcome.OFFLINE


def test_a_ring_that_nobody_answers_ends_by_our_own_clock() -> None:
    play = dialling()
    assert play.wait(49) == []
    assert play.wait(2) == [do.SendLeave(DM, (BOB,))]
    assert play.outcome is Outcome.TIMEOUT


def test_a_ring_can_be_cancelled_before_its_room_is_known() -> None:
    play = Playbook()(ev.CallAsked(BOB), do.FindRoom(BOB))
    play(ev.HangUpAsked())
    play(ev.RoomFound(BOB, DM))
    assert (play.phase, play.outcome) == (RingPhase.IDLE, Outcome.CANCELLED)


def test_a_room_that_cannot_be_had_ends_the_ring_with_the_cause() -> None:
    play = Playbook()(ev.CallAsked(BOB), do.FindRoom(BOB))
    play(ev.RequestFailed(BOB, "no such user"))
    assert play.view.ending is not None
    assert (play.outcome, play.view.ending.detail) == (Outcome.FAILED, "no such user")


def test_there_is_one_ring_at_a_time() -> None:
    play = dialling()
    assert play.feed(ev.CallAsked(BOB)) == []
    for act in (
        ev.CallAsked(CY),
        ev.GroupCallAsked((CY,), "x"),
        ev.RoomAsked(GROUP, RoomKind.VOICE),
    ):
        assert [type(done) for done in play.feed(act)] == [do.Refuse]


def test_nobody_is_rung_without_a_link() -> None:
    play = Playbook(is_linked=False)
    assert [type(done) for done in play.feed(ev.CallAsked(BOB))] == [do.Refuse]
    assert play.phase is RingPhase.IDLE


def test_an_answer_for_another_device_of_ours_starts_nothing() -> None:
    Playbook()(ev.PeerAccepted(BOB))(ev.PeerRefused(BOB, Outcome.DECLINED))(ev.PeerEnded(BOB))


# Being rung


def test_a_ring_is_answered() -> None:
    play = rung()
    assert [ring.caller for ring in play.view.incoming] == [BOB]
    play(ev.AcceptAsked(BOB), do.SendAccept(BOB, DM), enter(DM))
    assert play.view.incoming == ()


def test_a_ring_without_a_room_is_answered_in_the_dm() -> None:
    play = Playbook()(ev.Rung(BOB, None))
    play(ev.AcceptAsked(BOB), do.SendAccept(BOB, None), do.FindRoom(BOB))
    play(ev.RoomFound(BOB, DM), enter(DM))


def test_a_ring_is_refused() -> None:
    play = rung()(ev.RejectAsked(BOB), do.SendReject(BOB, DM))
    assert (play.view.incoming, play.outcome) == ((), Outcome.DECLINED)


def test_a_doubled_ring_is_one_and_is_no_longer_for_that() -> None:
    play = rung()
    play.wait(30)
    play(ev.Rung(BOB, DM))
    assert [ring.caller for ring in play.view.incoming] == [BOB]
    play.wait(31)
    assert play.outcome is Outcome.TIMEOUT
    assert not play.view.incoming


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome.CANCELLED,
        Outcome.CALLER_GONE,
        Outcome.ANSWERED_ELSEWHERE,
        Outcome.REJECTED_ELSEWHERE,
        Outcome.TIMEOUT,
    ],
)
def test_a_ring_stops_and_its_room_is_healed(outcome: Outcome) -> None:
    play = rung()(ev.RingStopped(BOB, outcome), do.HealRoom(DM))
    assert (play.view.incoming, play.outcome) == ((), outcome)
    assert [type(done) for done in play.feed(ev.AcceptAsked(BOB))] == [do.Refuse]


def test_a_flood_of_rings_is_bounded() -> None:
    play = Playbook()
    for caller in range(100, 130):
        play.feed(ev.Rung(type(BOB)(caller), RoomId(caller)))
    assert len(play.view.incoming) == 8


def test_to_call_somebody_who_rings_answers_them() -> None:
    rung()(ev.CallAsked(BOB), do.SendAccept(BOB, DM), enter(DM))


def test_a_second_ring_while_in_a_call_takes_us_there_when_answered() -> None:
    play = talking()
    play(ev.Rung(CY, OTHER_DM))
    assert play.phase is RingPhase.TALKING
    play(
        ev.AcceptAsked(CY),
        do.LeaveMedia(),
        do.SendLeave(DM, (BOB,)),
        do.SendAccept(CY, OTHER_DM),
        enter(OTHER_DM),
    )
    assert play.view.peer == CY


def test_to_answer_while_ringing_somebody_else_cancels_that() -> None:
    play = dialling()(ev.Rung(CY, OTHER_DM))
    play(ev.AcceptAsked(CY), do.SendLeave(DM, (BOB,)), do.SendAccept(CY, OTHER_DM), enter(OTHER_DM))


# Groups and voice rooms


def group() -> Playbook:
    play = Playbook()(ev.GroupCallAsked((BOB, CY), "us"), do.MakeGroup((BOB, CY), "us"))
    return play(ev.GroupMade(GROUP, (BOB, CY)))


def test_a_group_is_entered_with_the_first_who_answers_while_others_are_rung() -> None:
    play = group()
    assert len(play.view.ringing) == 2
    play(ev.PeerAccepted(CY), enter(GROUP, RoomKind.GROUP))
    assert [peer.user for peer in play.view.ringing] == [BOB]
    play.wait(51)
    assert play.view.ringing[0].outcome is Outcome.TIMEOUT
    assert play.phase is RingPhase.TALKING


def test_a_group_that_nobody_joins_says_the_most_that_is_known() -> None:
    play = group()
    play(ev.PeerRefused(BOB, Outcome.DECLINED))
    assert play.wait(51) == [do.SendCancel(CY), do.SendLeave(GROUP)]
    assert play.outcome is Outcome.DECLINED


def test_to_hang_up_stops_all_rings_of_a_group() -> None:
    group()(ev.HangUpAsked(), do.SendLeave(GROUP, (BOB, CY)))


def test_a_group_made_after_it_was_given_up_rings_nobody() -> None:
    play = Playbook()(ev.GroupCallAsked((BOB, CY), "us"), do.MakeGroup((BOB, CY), "us"))
    play(ev.HangUpAsked())
    play(ev.GroupMade(GROUP, (BOB, CY)), do.SendLeave(GROUP, (BOB, CY)))


def test_a_call_of_two_becomes_a_group() -> None:
    play = talking()
    play(ev.AddAsked(CY, "us"), do.MakeGroup((BOB, CY), "us"))
    assert play.media == DM
    play(ev.GroupMade(GROUP, (BOB, CY)), do.LeaveMedia(), do.SendLeave(DM, (BOB,)))
    assert play.phase is RingPhase.OUTGOING
    play(ev.PeerAccepted(BOB), enter(GROUP, RoomKind.GROUP))


@pytest.mark.parametrize("left_first", [True, False])
def test_the_other_one_is_asked_before_others_hear_them(left_first: bool) -> None:
    play = talking()
    news = [ev.Rung(BOB, GROUP, RoomKind.GROUP), ev.PeerLeftRoom(BOB, DM)]
    play.feed(*(reversed(news) if left_first else news))
    assert play.media is None
    play(ev.AcceptAsked(BOB), do.SendAccept(BOB, GROUP), enter(GROUP, RoomKind.GROUP))


def test_to_move_to_a_group_does_not_end_the_ring_into_it() -> None:
    play = talking()
    play(ev.Rung(BOB, GROUP, RoomKind.GROUP))
    done = play.feed(ev.AcceptAsked(BOB))
    assert do.SendReject(BOB, GROUP) not in done
    assert play.media == GROUP


def test_one_more_is_rung_into_a_group() -> None:
    play = group()
    play.feed(ev.PeerAccepted(BOB), ev.PeerAccepted(CY))
    play(ev.AddAsked(ANN, ""), do.SendRing(ANN, GROUP))
    play(ev.MediaPeers(GROUP, frozenset((BOB, CY, ANN))))
    assert play.view.ringing == ()


def test_a_voice_room_rings_nobody_and_waits_for_nobody() -> None:
    play = Playbook()
    play(
        ev.RoomAsked(GROUP, RoomKind.VOICE),
        enter(GROUP, RoomKind.VOICE),
        do.SendRejoin(GROUP),
    )
    play.feed(ev.MediaPeers(GROUP, frozenset((BOB,))), ev.MediaPeers(GROUP, frozenset()))
    assert play.wait(3600) == []
    play(ev.HangUpAsked(), do.LeaveMedia(), do.SendLeave(GROUP))


# The link


def test_what_could_not_be_said_is_said_when_the_link_is_back() -> None:
    play = dialling()
    play(ev.LinkDown())(ev.HangUpAsked())
    play(ev.LinkUp(), do.SendLeave(DM, (BOB,)))
    play(ev.LinkDown())(ev.LinkUp())


def test_what_is_owed_is_said_in_order() -> None:
    play = rung()
    play(ev.LinkDown())(ev.AcceptAsked(BOB), enter(DM))
    play(ev.HangUpAsked(), do.LeaveMedia())
    play(ev.LinkUp(), do.SendAccept(BOB, DM), do.SendLeave(DM, (BOB,)), do.AskCall(BOB))


def test_a_ring_that_is_told_anew_before_our_late_answer_is_over_with_it() -> None:
    play = rung()(ev.LinkDown())(ev.AcceptAsked(BOB), enter(DM))
    play(ev.LinkUp(), do.SendAccept(BOB, DM), do.AskCall(BOB))
    play(ev.HangUpAsked(), do.LeaveMedia(), do.SendLeave(DM, (BOB,)))
    play(ev.Rung(BOB, DM))(ev.AcceptConfirmed(BOB))
    assert play.view.incoming == ()


def test_a_word_that_got_lost_is_said_again() -> None:
    play = rung()(ev.RejectAsked(BOB), do.SendReject(BOB, DM))
    play(ev.Unsent(do.SendReject(BOB, DM)))
    assert play.wait(3) == [do.SendReject(BOB, DM)]


def test_a_ring_over_a_broken_link_is_asked_about_before_it_rings_again() -> None:
    play = dialling()
    play(ev.LinkDown())(ev.LinkUp(), do.AskCall(BOB))
    play(ev.CallStands(BOB), do.SendRing(BOB, DM))
    play(ev.LinkDown())(ev.LinkUp(), do.AskCall(BOB))
    play(ev.NoCallStands(BOB), do.SendLeave(DM, (BOB,)))
    assert play.outcome is Outcome.FAILED


def test_a_ring_that_never_arrived_is_sent_after_all() -> None:
    play = dialling()
    play(ev.LinkDown())(ev.Unsent(do.SendRing(BOB, DM)))
    play(ev.LinkUp(), do.AskCall(BOB))
    play(ev.NoCallStands(BOB), do.SendRing(BOB, DM))


def test_a_ring_to_us_that_ended_unheard_stops() -> None:
    play = rung()
    play(ev.LinkDown())(ev.LinkUp(), do.AskCall(BOB))
    play(ev.NoCallStands(BOB), do.HealRoom(DM))
    assert play.view.incoming == ()


def test_a_call_whose_end_was_not_heard_ends_when_the_link_is_back() -> None:
    play = talking()
    play.feed(ev.LinkDown(), ev.MediaPeers(DM, frozenset()))
    play(ev.LinkUp(), do.SendRejoin(DM), do.AskCall(BOB))
    play.feed(ev.NoCallStands(BOB))
    assert (play.phase, play.outcome) == (RingPhase.IDLE, Outcome.PEER_LEFT)


def test_a_call_that_is_heard_goes_on_whatever_a_server_forgot() -> None:
    play = talking()
    play(ev.LinkDown())(ev.LinkUp(), do.SendRejoin(DM))
    play(ev.NoCallStands(BOB))
    assert play.phase is RingPhase.TALKING
