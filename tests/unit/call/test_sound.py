"""The truth about the microphone, under any order of events."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.unit.call.last_act import LastAct
from tests.unit.call.world import ME, World, in_call
from woxly_tui.call import events as happened
from woxly_tui.call.ptt import MAX_HOLD
from woxly_tui.call.snapshot import CallPhase, EndReason, MicState, PttMode, StateWord
from woxly_tui.call.sound import SoundTruth
from woxly_tui.types import Identity, RoomName, Seconds


class MicrophoneTruth(RuleBasedStateMachine):
    """Random acts of user, worker, server and time; design rules checked after each."""

    @initialize(
        is_muted=st.booleans(), has_device=st.booleans(), mode=st.sampled_from(list(PttMode))
    )
    def join(self, is_muted: bool, has_device: bool, mode: PttMode) -> None:
        self.world = World(is_muted=is_muted, has_device=has_device, ptt_mode=mode)
        self.user = LastAct(mode, is_muted)
        self.allowed: list[bool] = []
        self.world.on_open = lambda: self.allowed.append(self.user.allows(self.world.now))
        self.world.feed(self.world.join_asked)
        self.pressed_ns = 0

    @rule(on=st.booleans())
    def mute(self, on: bool) -> None:
        self.user.mute(on)
        self.world.feed(happened.MuteSet(on))

    @rule(on=st.booleans())
    def deafen(self, on: bool) -> None:
        self.user.deafen(on)
        self.world.feed(happened.DeafenSet(on))

    @rule()
    def toggle_mute(self) -> None:
        self.user.toggle_mute(self.world.now)
        self.world.feed(happened.MuteToggled())

    @rule()
    def toggle_deafen(self) -> None:
        self.user.deafen(not self.user.is_deafened)
        self.world.feed(happened.DeafenToggled())

    @rule()
    def press(self) -> None:
        is_in_call = self.world.see().phase is CallPhase.ESTABLISHED
        self.user.press(self.world.now, is_in_call=is_in_call)
        self.pressed_ns = round(self.world.now * 1e9)
        self.world.hold(is_down=True)

    @rule()
    def let_go(self) -> None:
        self.user.release(self.world.now)
        self.world.hold(is_down=False)

    @rule()
    def screen_dies(self) -> None:
        self.user.end_hold()
        self.world.feed(happened.PttAbandoned(self.pressed_ns))

    @rule()
    def the_hold_is_long(self) -> None:
        self.world.pass_time(MAX_HOLD)
        self.user.expire(self.world.now)
        self.lose_hold()
        assert not self.world.see().microphone.ptt.is_down

    @rule(count=st.integers(1, 6))
    def commands_arrive(self, count: int) -> None:
        for _ in range(count):
            self.world.deliver_command()

    @rule(count=st.integers(1, 6))
    def reports_arrive(self, count: int) -> None:
        for _ in range(count):
            self.deliver_report()

    def deliver_report(self) -> None:
        """As the machine hears it, the user's hold ends with the session, or a moderator mutes."""
        heard = self.world.to_machine[0] if self.world.to_machine else None
        session = self.world.machine._session
        if heard == happened.MicrophoneApplied(session, 0, is_open=False):
            self.user.mute(on=True)
        self.world.deliver_report()
        self.lose_hold()

    def lose_hold(self) -> None:
        if self.world.see().phase is not CallPhase.ESTABLISHED:
            self.user.end_hold()

    @rule(seconds=st.floats(0.01, 5.0))
    def time_passes(self, seconds: float) -> None:
        self.world.pass_time(seconds)
        self.lose_hold()

    @rule()
    def worker_crashes(self) -> None:
        self.world.crash_worker()

    @rule()
    def session_is_lost(self) -> None:
        self.world.lose_session()

    @rule(resumes=st.booleans())
    def sdk_reconnects(self, resumes: bool) -> None:
        if (session := self.world.worker.session) is not None:
            self.world.report(happened.SessionInterrupted(session))
            if resumes:
                self.world.report(happened.SessionResumed(session))

    @rule()
    def server_mutes_us(self) -> None:
        worker = self.world.worker
        if worker.session is not None and worker.is_sending:
            worker.is_sending = False
            self.world.report(happened.MicrophoneApplied(worker.session, 0, is_open=False))

    @rule()
    def machine_sleeps(self) -> None:
        self.world.feed(happened.MachineSlept())
        self.lose_hold()

    @rule()
    def device_changes(self) -> None:
        worker = self.world.worker
        if worker.session is not None:
            worker.is_sending = False
            worker.has_microphone = self.world.has_device
            self.world.report(
                happened.AudioStarted(worker.session, "native", worker.has_microphone, "")
            )

    @rule(reason=st.sampled_from([EndReason.EVICTED, EndReason.REMOVED, EndReason.ROOM_CLOSED]))
    def server_closes_us(self, reason: EndReason) -> None:
        self.world.close_session(reason)

    @rule()
    def user_leaves_and_returns(self) -> None:
        self.user.end_hold()
        self.world.feed(happened.LeaveAsked())
        self.world.feed(happened.RetryAsked())

    @rule(is_muted=st.booleans(), is_deafened=st.booleans(), mode=st.sampled_from(list(PttMode)))
    def user_leaves_and_joins_another(
        self, is_muted: bool, is_deafened: bool, mode: PttMode
    ) -> None:
        self.world.feed(happened.LeaveAsked())
        self.user = LastAct(mode, is_muted, is_deafened)
        joins = happened.JoinAsked(RoomName("attic"), "sfu:7880", is_muted, is_deafened, mode)
        self.world.feed(joins)

    def settle(self) -> None:
        while self.world.to_worker or self.world.to_machine:
            self.world.deliver_command()
            self.deliver_report()

    @invariant()
    def nothing_is_opened_against_the_last_act(self) -> None:
        assert all(self.world.opened)
        assert all(self.allowed)

    @invariant()
    def a_hold_outlives_no_session_and_no_deafening(self) -> None:
        snapshot = self.world.see()
        if snapshot.microphone.ptt.is_down:
            assert snapshot.phase is CallPhase.ESTABLISHED
            assert not snapshot.microphone.wanted_deafened

    @invariant()
    def muted_is_never_claimed_while_sending(self) -> None:
        snapshot = self.world.see()
        microphone = snapshot.microphone
        is_opening = microphone.is_pending and self.world.machine.sound.wants_open
        if snapshot.state_word in (StateWord.MUTED, StateWord.DEAFENED) and not is_opening:
            assert not self.world.worker.is_sending

    @rule()
    def everything_settles(self) -> None:
        self.settle()
        for _ in range(40):
            self.world.pass_time(1.0)
            self.lose_hold()
            self.settle()
        sound, worker, snapshot = (
            self.world.machine.sound,
            self.world.worker,
            self.world.see(),
        )
        if snapshot.phase is CallPhase.ENDED:
            assert not worker.is_alive
            return
        assert snapshot.phase is CallPhase.ESTABLISHED
        assert worker.is_sending == (sound.wants_open and worker.has_microphone)
        assert worker.is_deafened == sound.wanted_deafened
        assert not snapshot.microphone.is_pending
        assert (snapshot.microphone.state is MicState.OPEN) == worker.is_sending


TestMicrophoneTruth = MicrophoneTruth.TestCase
TestMicrophoneTruth.settings = settings(
    max_examples=80, stateful_step_count=40, deadline=None, derandomize=True
)


def test_joins_muted_and_opens_only_after_the_track_is_published() -> None:
    world = World(is_muted=False)
    world.feed(world.join_asked)
    states = []
    while world.to_worker or world.to_machine:
        world.deliver_command()
        world.deliver_report()
        states.append(world.see().microphone.state)
    assert states == [MicState.ABSENT, MicState.ABSENT, MicState.MUTED, MicState.OPEN]


def test_mute_is_shown_only_when_confirmed() -> None:
    world = in_call()
    world.feed(happened.MuteSet(on=True))
    assert world.see().state_word is StateWord.LIVE
    assert world.see().microphone.is_pending
    world.settle()
    assert world.see().state_word is StateWord.MUTED
    assert not world.see().microphone.is_pending


def test_an_unconfirmed_mute_shows_as_failing_then_costs_the_worker() -> None:
    world = in_call()
    world.feed(happened.MuteSet(on=True))
    world.to_worker.clear()
    world.pass_time(0.9)
    assert not world.see().microphone.is_failing
    world.pass_time(0.2)
    assert world.see().microphone.is_failing
    assert world.see().state_word is StateWord.LIVE
    world.pass_time(2.0)
    assert world.see().phase is CallPhase.RECONNECTING
    world.settle()
    assert world.see().state_word is StateWord.MUTED
    assert not world.worker.is_sending


def test_a_mute_over_an_unconfirmed_unmute_claims_live() -> None:
    world = in_call(is_muted=True)
    world.feed(happened.MuteSet(on=False))
    world.deliver_command()
    world.feed(happened.MuteSet(on=True))
    assert world.see().state_word is StateWord.LIVE
    world.settle()
    assert world.see().state_word is StateWord.MUTED


@pytest.mark.parametrize("was_muted", [True, False])
def test_undeafen_restores_the_mute_state_from_before(was_muted: bool) -> None:
    world = in_call(is_muted=was_muted)
    world.feed(happened.DeafenSet(on=True))
    world.settle()
    assert world.see().state_word is StateWord.DEAFENED
    assert world.worker.is_deafened
    assert not world.worker.is_sending
    world.feed(happened.DeafenSet(on=False))
    world.settle()
    assert world.see().state_word is (StateWord.MUTED if was_muted else StateWord.LIVE)


def test_unmute_while_deafened_opens_nothing_and_says_so() -> None:
    world = in_call(is_muted=True)
    world.feed(happened.DeafenSet(on=True))
    world.settle()
    world.feed(happened.MuteSet(on=False))
    world.settle()
    assert not world.worker.is_sending
    assert world.see().state_word is StateWord.DEAFENED
    assert "deafened" in world.notices[-1].text


def test_mute_by_the_server_lasts_until_the_next_act() -> None:
    world = in_call()
    session = world.worker.session
    assert session is not None
    world.worker.is_sending = False
    world.report(happened.MicrophoneApplied(session, 0, is_open=False))
    world.settle()
    assert world.see().state_word is StateWord.MUTED
    world.lose_session()
    world.settle()
    assert not world.worker.is_sending
    world.feed(happened.MuteToggled())
    world.settle()
    assert world.worker.is_sending


def test_without_a_device_nothing_is_asked_of_the_microphone() -> None:
    world = in_call(has_device=False)
    world.feed(happened.MuteSet(on=True), happened.MuteSet(on=False))
    world.settle()
    assert world.see().state_word is StateWord.NO_MIC
    assert not world.see().microphone.is_pending


def test_view_of_a_truth_without_session_is_absent() -> None:
    truth = SoundTruth(is_muted=False)
    assert truth.asks(Seconds(0.0)) == []
    assert truth.view(Seconds(0.0)).state is MicState.ABSENT


def test_own_identity_is_the_first_row() -> None:
    assert in_call().see().participants[0].identity == ME != Identity("")


def test_a_server_mute_wins_over_an_unmute_in_flight() -> None:
    world = in_call()
    session = world.worker.session
    assert session is not None
    world.feed(happened.MuteSet(on=True), happened.MuteSet(on=False))
    world.feed(happened.MicrophoneApplied(session, 0, is_open=False))
    world.settle()
    assert world.see().state_word is StateWord.MUTED
    assert not world.worker.is_sending


def test_an_outdated_confirmation_is_not_believed() -> None:
    world = in_call()
    world.feed(happened.MuteSet(on=True))
    world.deliver_command()
    world.feed(happened.MuteSet(on=False))
    world.deliver_report()
    assert world.see().state_word is StateWord.LIVE
    assert world.see().microphone.is_pending


def test_after_the_sdk_resumed_everything_is_asked_for_again() -> None:
    world = in_call()
    session = world.worker.session
    assert session is not None
    world.feed(happened.MuteSet(on=True), happened.DeafenSet(on=True))
    world.settle()
    world.worker.is_sending = True
    world.worker.is_deafened = False
    world.feed(happened.SessionInterrupted(session), happened.SessionResumed(session))
    world.settle()
    assert not world.worker.is_sending
    assert world.worker.is_deafened


def test_a_request_lost_in_an_interruption_is_made_again() -> None:
    world = in_call()
    session = world.worker.session
    assert session is not None
    world.feed(happened.MuteSet(on=True), happened.DeafenSet(on=True))
    world.to_worker.clear()
    world.feed(happened.SessionInterrupted(session), happened.SessionResumed(session))
    world.settle()
    assert not world.worker.is_sending
    assert world.worker.is_deafened
