"""The call as playbooks: what happens, and what the machine does about it."""

import pytest

from tests.unit.call.world import World, in_call
from woxly_tui.call import commands as todo
from woxly_tui.call import events as happened
from woxly_tui.call.machine import ATTEMPT_LIMIT, AUDIO_LIMIT, RESUME_LIMIT
from woxly_tui.call.retry import AUDIO_LOSSES, FIRST_JOIN_FAILURES, SOUND_AFTER, STABLE_AFTER
from woxly_tui.call.snapshot import CallPhase, EndReason, ParticipantView, Quality, StateWord
from woxly_tui.types import Identity


def refused(session: int, reason: EndReason, *, is_final: bool = False) -> happened.JoinFailed:
    return happened.JoinFailed(session, reason, "refused", "do this", is_final=is_final)


def test_join_leave() -> None:
    world = in_call()
    assert world.see().phase is CallPhase.ESTABLISHED
    assert world.see().established_at is not None
    world.feed(happened.LeaveAsked())
    world.settle()
    assert world.ending is not None
    assert world.ending.reason is EndReason.LEFT
    assert not world.worker.is_alive
    assert world.see().participants == ()


@pytest.mark.parametrize("reason", [EndReason.TOKEN, EndReason.UNREACHABLE])
def test_a_first_join_that_fails_is_over(reason: EndReason) -> None:
    world = World()
    world.feed(world.join_asked, happened.WorkerReady(), refused(1, reason))
    assert world.see().phase is CallPhase.ENDED
    assert world.ending is not None
    assert (world.ending.reason, world.ending.remedy) == (reason, "do this")


def test_a_lost_session_gets_a_fresh_worker_at_once() -> None:
    world = in_call(is_muted=True)
    since = world.see().established_at
    world.lose_session()
    world.deliver_report()
    assert world.see().phase is CallPhase.RECONNECTING
    assert world.see().trouble == "the server shut down"
    assert [type(c) for c in world.to_worker] == [todo.StopWorker, todo.StartWorker]
    world.settle()
    assert world.see().phase is CallPhase.ESTABLISHED
    assert world.see().state_word is StateWord.MUTED
    assert world.see().established_at == since


def test_an_unreachable_server_is_tried_for_ever_with_growing_waits() -> None:
    world = in_call()
    world.lose_session()
    world.deliver_report()
    waits = []
    for _ in range(30):
        while world.to_worker:
            command = world.to_worker.popleft()
            if isinstance(command, todo.StartWorker):
                world.feed(happened.WorkerReady())
            elif isinstance(command, todo.Join):
                world.feed(refused(command.session, EndReason.UNREACHABLE))
        assert world.see().phase is CallPhase.RECONNECTING
        retry_at = world.see().retry_at
        assert retry_at is not None
        waits.append(retry_at - world.moment.wall)
        world.pass_time(waits[-1] + 0.001)
    assert waits[0] < 1 < waits[5] < waits[-1] <= 12
    assert waits[:6] == sorted(waits[:6])


def test_retry_asked_does_not_wait() -> None:
    world = in_call()
    world.lose_session()
    world.deliver_report()
    world.to_worker.clear()
    world.feed(happened.WorkerReady())
    world.feed(refused(world.machine._session, EndReason.UNREACHABLE))
    assert world.see().retry_at is not None
    world.to_worker.clear()
    world.feed(happened.RetryAsked())
    assert [type(c) for c in world.to_worker] == [todo.Join]


def test_a_token_refused_twice_in_a_row_ends_an_established_call() -> None:
    world = in_call()
    world.lose_session()
    world.deliver_report()
    world.feed(happened.WorkerReady())
    world.feed(refused(world.machine._session, EndReason.TOKEN))
    assert world.see().phase is CallPhase.RECONNECTING
    world.pass_time(1.0)
    world.feed(refused(world.machine._session, EndReason.TOKEN))
    assert world.ending is not None
    assert world.ending.reason is EndReason.TOKEN


def test_credentials_only_the_user_can_mend_end_the_call_at_once() -> None:
    world = in_call()
    world.lose_session()
    world.deliver_report()
    world.feed(happened.WorkerReady())
    world.feed(refused(world.machine._session, EndReason.TOKEN, is_final=True))
    assert world.ending is not None


@pytest.mark.parametrize("reason", [EndReason.EVICTED, EndReason.REMOVED, EndReason.ROOM_CLOSED])
def test_a_closed_session_is_never_rejoined_by_itself(reason: EndReason) -> None:
    world = in_call()
    world.close_session(reason)
    world.settle()
    joins = len(world.joins)
    for _ in range(20):
        world.pass_time(10.0)
        world.settle()
    assert len(world.joins) == joins
    assert world.ending is not None
    assert world.ending.reason is reason
    world.feed(happened.RetryAsked())
    world.settle()
    assert world.see().phase is CallPhase.ESTABLISHED


def test_a_worker_that_cannot_live_ends_the_first_join() -> None:
    world = World()
    world.feed(world.join_asked)
    for _ in range(FIRST_JOIN_FAILURES + 1):
        world.feed(happened.WorkerLost("exit code 1"))
        world.pass_time(5.0)
    assert world.ending is not None
    assert world.ending.reason is EndReason.MEDIA
    assert "exit code 1" in world.ending.message


def test_a_first_attempt_without_any_answer_is_over() -> None:
    world = World()
    world.feed(world.join_asked)
    world.pass_time(ATTEMPT_LIMIT + 1)
    assert world.ending is not None
    assert world.ending.reason is EndReason.UNREACHABLE


def test_the_sdk_may_resume_but_not_for_ever() -> None:
    world = in_call()
    session = world.worker.session
    assert session is not None
    world.feed(happened.SessionInterrupted(session))
    assert world.see().state_word is StateWord.RECONNECTING
    world.feed(happened.SessionResumed(session))
    assert world.see().phase is CallPhase.ESTABLISHED
    world.settle()
    world.feed(happened.SessionInterrupted(session))
    world.pass_time(RESUME_LIMIT + 0.1)
    assert todo.StopWorker() in world.to_worker
    world.settle()
    assert world.see().phase is CallPhase.ESTABLISHED
    assert world.worker.session != session


def test_words_about_an_older_session_are_ignored() -> None:
    world = in_call()
    session = world.worker.session
    assert session is not None
    world.lose_session()
    world.settle()
    before = world.see()
    world.feed(
        happened.SessionClosed(session, EndReason.EVICTED),
        happened.SessionInterrupted(session),
        happened.LinkChanged(session, Quality.POOR, 900),
    )
    assert world.see() == before


def test_a_machine_that_slept_rejoins() -> None:
    world = in_call()
    session = world.worker.session
    world.feed(happened.MachineSlept())
    world.settle()
    assert world.worker.session != session
    assert world.see().phase is CallPhase.ESTABLISHED


def test_a_snapshot_changes_its_rev_only_with_its_content() -> None:
    world = in_call()
    first = world.see()
    world.now += 5
    assert world.see() is first
    world.feed(happened.MuteSet(on=True))
    assert world.see().rev == first.rev + 1


def test_others_keep_their_rows_through_a_full_reconnect() -> None:
    world = in_call()
    session = world.worker.session
    assert session is not None
    ann = ParticipantView(Identity("ann"), "Ann")
    bob = ParticipantView(Identity("bob"), "Bob")
    world.feed(happened.RemoteChanged(session, ann), happened.RemoteChanged(session, bob))
    world.feed(happened.RemoteGone(session, ann.identity))
    world.pass_time(0.3)
    world.feed(happened.RemoteChanged(session, ann))
    world.pass_time(2.0)
    assert [p.name for p in world.see().others] == ["Ann", "Bob"]
    world.feed(happened.RemoteGone(session, ann.identity))
    world.pass_time(1.1)
    assert [p.name for p in world.see().others] == ["Bob"]


def test_whoever_left_during_an_outage_is_gone_after_it() -> None:
    world = in_call()
    session = world.worker.session
    assert session is not None
    bob = ParticipantView(Identity("bob"), "Bob")
    world.feed(happened.RemoteChanged(session, bob))
    world.lose_session()
    world.settle()
    assert [p.name for p in world.see().others] == ["Bob"]
    world.pass_time(1.1)
    assert world.see().others == ()


def lose_sound(world: World) -> None:
    session = world.worker.session
    assert session is not None
    world.report(happened.SessionLost(session, happened.Loss.AUDIO, "nothing arrives"))
    world.settle()


def test_a_flapping_session_backs_off_and_goes_on_without_sound() -> None:
    world = in_call()
    lose_sound(world)
    assert world.see().phase is CallPhase.ESTABLISHED
    for _ in range(AUDIO_LOSSES - 1):
        lose_sound(world)
        assert world.see().retry_at is not None
        world.pass_time(3.0)
        world.settle()
    assert world.see().phase is CallPhase.ESTABLISHED
    assert world.silent_joins == [False] * AUDIO_LOSSES + [True]
    assert "without it" in world.see().microphone.cause


def test_a_session_that_held_is_replaced_at_once_and_with_sound() -> None:
    world = in_call()
    for _ in range(AUDIO_LOSSES + 2):
        world.pass_time(SOUND_AFTER + 0.1)
        lose_sound(world)
        assert world.see().phase is CallPhase.ESTABLISHED
    assert not any(world.silent_joins)


def test_until_the_sound_runs_nothing_is_claimed_about_the_microphone() -> None:
    world = World()
    world.feed(world.join_asked)
    while world.see().phase is not CallPhase.ESTABLISHED:
        world.deliver_command()
        world.deliver_report()
    assert world.see().state_word is StateWord.CONNECTING
    world.settle()
    assert world.see().state_word is StateWord.LIVE


def test_sound_that_never_starts_costs_the_worker_its_life() -> None:
    world = World()
    world.feed(world.join_asked)
    while world.see().phase is not CallPhase.ESTABLISHED:
        world.deliver_command()
        world.deliver_report()
    world.to_machine.clear()
    world.pass_time(AUDIO_LIMIT + 0.1)
    assert todo.StopWorker() in world.to_worker
    world.settle()
    assert world.see().state_word is StateWord.LIVE


def test_a_worker_that_dies_now_and_then_is_replaced_at_once_each_time() -> None:
    world = in_call()
    for _ in range(8):
        world.pass_time(STABLE_AFTER + 0.1)
        world.crash_worker()
        world.settle()
        assert world.see().phase is CallPhase.ESTABLISHED


def test_without_a_microphone_the_user_may_join_again() -> None:
    world = in_call(has_device=False)
    assert world.see().state_word is StateWord.NO_MIC
    world.has_device = True
    world.feed(happened.RetryAsked())
    world.settle()
    assert world.see().state_word is StateWord.LIVE


def test_with_a_microphone_asking_again_changes_nothing() -> None:
    world = in_call()
    world.feed(happened.RetryAsked())
    assert not world.to_worker


def test_a_device_that_changes_while_the_sdk_reconnects_does_not_make_us_wait_for_ever() -> None:
    world = in_call()
    session = world.worker.session
    assert session is not None
    world.report(happened.SessionInterrupted(session))
    world.report(happened.AudioStarted(session, "native", has_microphone=True, cause=""))
    world.settle()
    assert world.see().phase is CallPhase.RECONNECTING
    world.pass_time(RESUME_LIMIT + 0.1)
    world.settle()
    assert world.see().phase is CallPhase.ESTABLISHED


def test_sound_that_returns_is_joined_again_at_once_and_as_it_was() -> None:
    world = in_call(is_muted=True)
    world.feed(happened.SoundReturned(world.machine._session))
    assert world.see().trouble == str(happened.Loss.SOUND_BACK)
    assert isinstance(world.to_worker[-1], todo.StartWorker)
    world.settle()
    assert world.see().state_word is StateWord.MUTED
    assert len(world.joins) == 2


def test_sound_that_returns_ends_the_giving_up_of_it() -> None:
    world = in_call()
    for _ in range(AUDIO_LOSSES):
        world.report(happened.SessionLost(world.machine._session, happened.Loss.AUDIO))
        world.settle()
        world.pass_time(1)
        world.settle()
    world.feed(happened.SoundReturned(world.machine._session))
    world.settle()
    assert world.silent_joins[-2:] == [True, False]
    assert world.see().microphone.cause == ""


def test_a_microphone_that_delivers_nothing_is_told_until_it_does_or_is_muted() -> None:
    world = in_call()
    session = world.machine._session
    world.feed(happened.MicrophoneSilent(session, "its switch is off"))
    assert (world.see().microphone.is_silent, world.see().microphone.cause) == (
        True,
        "its switch is off",
    )
    assert world.see().state_word is StateWord.NO_MIC
    world.feed(happened.MuteSet(on=True))
    world.settle()
    assert (world.see().state_word, world.see().microphone.cause) == (StateWord.MUTED, "")
    world.feed(happened.MuteSet(on=False))
    world.feed(happened.MicrophoneSilent(session, ""))
    world.settle()
    assert world.see().state_word is StateWord.LIVE
