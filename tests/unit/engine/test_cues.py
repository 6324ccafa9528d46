from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from woxly_tui.call.snapshot import (
    CallPhase,
    DevicesView,
    Microphone,
    MicState,
    Notice,
    Ptt,
    Snapshot,
)
from woxly_tui.engine.cues import CueDesk, CueWishes
from woxly_tui.media.cue_messages import CueCommand, PlayCue, StopCue
from woxly_tui.media.device_messages import Coupling, CouplingLearnt
from woxly_tui.types import Cue


@dataclass
class FakePlayer:
    played: list[CueCommand] = field(default_factory=list)
    environments: list[Mapping[str, str]] = field(default_factory=list)

    def send(self, command: CueCommand, environment: Mapping[str, str]) -> None:
        self.played.append(command)
        self.environments.append(environment)

    async def aclose(self) -> None:
        pass


class Rig:
    def __init__(self, wishes: CueWishes | None = None) -> None:
        self.player = FakePlayer()
        self.mixed: list[CueCommand] = []
        self.desk = CueDesk(self.player, self.mixed.append, wishes)

    def enter(self, backend: str, *, muted: bool = False) -> None:
        state = MicState.MUTED if muted else MicState.OPEN
        self.desk.see(call(Microphone(state, wanted_muted=muted, backend=backend)))

    def learn(self, coupling: Coupling, microphone: str = "", speaker: str = "") -> Notice | None:
        return self.desk.learn(CouplingLearnt(coupling, microphone, speaker))

    def opens(self, **changes: Any) -> PlayCue | None:
        """The microphone of a native call is about to be opened; returns what goes first."""
        return self.desk.before_opening(call(replace(OPENING, **changes)))


MUTED = Microphone(MicState.MUTED, backend="native")
OPENING = replace(MUTED, wanted_muted=False, is_pending=True)
OPEN = Microphone(MicState.OPEN, backend="native", wanted_muted=False)


def call(mic: Microphone, microphone: str = "", speaker: str = "") -> Snapshot:
    devices = DevicesView(microphone=microphone, speaker=speaker)
    return Snapshot(phase=CallPhase.ESTABLISHED, microphone=mic, devices=devices)


def test_a_ring_needs_no_call() -> None:
    rig = Rig()
    rig.desk.loop(Cue.RING)
    rig.desk.stop()
    rig.desk.stop()
    assert rig.player.played == [PlayCue(Cue.RING, 60, is_looped=True), StopCue()]


def test_where_the_worker_mixes_it_plays_and_elsewhere_the_player() -> None:
    rig = Rig()
    rig.learn(Coupling.APART)
    rig.enter("native")
    assert rig.player.played == [PlayCue(Cue.JOIN, 60)]
    rig.enter("mixer")
    rig.enter("mixer", muted=True)
    assert rig.mixed == [PlayCue(Cue.MUTE, 60)]
    rig.desk.see(Snapshot(phase=CallPhase.ENDED))
    assert rig.player.played[-1] == PlayCue(Cue.DISCONNECT, 60)


def test_a_ring_goes_on_when_the_backend_changes_under_it() -> None:
    rig = Rig()
    rig.learn(Coupling.APART)
    rig.enter("native")
    rig.desk.loop(Cue.RING)
    rig.enter("mixer")
    assert rig.player.played[-1:] == [StopCue()]
    assert rig.mixed == [PlayCue(Cue.RING, 60, is_looped=True)]
    rig.desk.see(Snapshot(phase=CallPhase.RECONNECTING))
    assert rig.mixed[-1:] == [StopCue()]
    assert rig.player.played[-1:] == [PlayCue(Cue.RING, 60, is_looped=True)]


@pytest.mark.parametrize("wishes", [CueWishes(is_on=False), CueWishes(percent=0)])
def test_switched_off_nothing_is_asked_of_anybody(wishes: CueWishes) -> None:
    rig = Rig(wishes)
    rig.enter("native")
    rig.desk.loop(Cue.RING)
    rig.desk.play(Cue.RECORDING)
    assert [c for c in rig.player.played if isinstance(c, PlayCue)] == []


def test_a_ring_follows_what_is_set_while_it_rings() -> None:
    rig = Rig()
    rig.desk.loop(Cue.RING)
    rig.desk.change(CueWishes(percent=20))
    assert rig.player.played[-1:] == [PlayCue(Cue.RING, 20, is_looped=True)]
    rig.desk.change(CueWishes(is_on=False))
    assert rig.player.played[-1:] == [StopCue()]


def test_the_speaker_in_use_is_named_and_the_environment_of_the_call_goes_along() -> None:
    rig = Rig()
    rig.desk.environment = {"PULSE_SERVER": "unix:/x"}
    rig.desk.see(Snapshot(devices=DevicesView(speaker="usb")))
    rig.desk.play(Cue.RECORDING)
    assert rig.player.played == [PlayCue(Cue.RECORDING, 60, speaker="usb")]
    assert rig.player.environments == [{"PULSE_SERVER": "unix:/x"}]


def test_a_volume_of_nothing_ends_a_ring_that_sounds() -> None:
    rig = Rig()
    rig.desk.loop(Cue.RING)
    rig.desk.change(CueWishes(percent=0))
    rig.desk.change(CueWishes(percent=40))
    assert rig.player.played[1:] == [StopCue(), PlayCue(Cue.RING, 40, is_looped=True)]


def test_where_the_microphone_hears_the_speaker_cues_wait_for_no_open_one() -> None:
    rig = Rig()
    rig.learn(Coupling.COUPLED)
    rig.enter("native")
    rig.desk.play(Cue.RECORDING)
    assert rig.player.played == []
    rig.enter("native", muted=True)
    assert rig.player.played == [PlayCue(Cue.MUTE, 60)]
    assert rig.opens() is None
    rig.enter("native")
    assert rig.player.played == [PlayCue(Cue.MUTE, 60)]
    rig.desk.see(Snapshot(phase=CallPhase.ENDED))
    assert rig.player.played[-1] == PlayCue(Cue.DISCONNECT, 60)
    assert rig.mixed == []


@pytest.mark.parametrize("coupling", [Coupling.APART, Coupling.UNMEASURED])
def test_where_it_does_not_or_nobody_can_tell_they_are_heard(coupling: Coupling) -> None:
    rig = Rig()
    rig.learn(coupling)
    rig.enter("native", muted=True)
    assert rig.opens() is None
    rig.enter("native")
    assert rig.player.played[-1] == PlayCue(Cue.UNMUTE, 60)


def test_a_ring_is_silent_while_the_microphone_is_open_or_opening() -> None:
    rig = Rig()
    rig.learn(Coupling.COUPLED)
    rig.enter("native", muted=True)
    rig.desk.loop(Cue.RING)
    ring = PlayCue(Cue.RING, 60, is_looped=True)
    played = [PlayCue(Cue.JOIN, 60), ring]
    assert rig.player.played == played
    rig.opens()
    assert rig.player.played == [*played, StopCue()], "before the worker is asked to open it"
    rig.desk.see(call(OPENING))
    rig.enter("native")
    assert rig.player.played == [*played, StopCue()]
    rig.enter("native", muted=True)
    assert rig.player.played == [*played, StopCue(), ring, PlayCue(Cue.MUTE, 60)]


def test_the_join_goes_before_the_first_opening_and_is_not_played_twice() -> None:
    rig = Rig()
    rig.desk.see(call(replace(MUTED, state=MicState.ABSENT, is_starting=True)))
    assert rig.player.played == []
    assert rig.opens() == PlayCue(Cue.JOIN, 60)
    rig.desk.see(call(OPENING))
    rig.desk.see(call(OPEN))
    assert rig.player.played == []
    rig.learn(Coupling.APART)
    rig.desk.see(call(MUTED))
    rig.desk.see(call(OPEN))
    assert rig.player.played == [PlayCue(Cue.MUTE, 60), PlayCue(Cue.UNMUTE, 60)]


def test_so_does_the_unmute_of_whoever_joined_muted_but_no_tone_delays_the_talk_key() -> None:
    rig = Rig()
    rig.enter("native", muted=True)
    assert rig.opens(wanted_muted=True, ptt=Ptt(is_down=True)) is None
    assert rig.opens() == PlayCue(Cue.UNMUTE, 60)
    rig.desk.see(call(OPEN))
    assert rig.player.played == [PlayCue(Cue.JOIN, 60)]


def test_an_opening_that_was_called_off_swallows_no_later_cue() -> None:
    rig = Rig()
    rig.enter("native", muted=True)
    assert rig.opens() is not None
    rig.enter("native", muted=True)
    rig.learn(Coupling.APART)
    rig.enter("native")
    assert rig.player.played[-1] == PlayCue(Cue.UNMUTE, 60)


def test_what_comes_back_by_itself_opens_without_a_tone() -> None:
    rig = Rig()
    rig.enter("native")
    rig.desk.see(Snapshot(phase=CallPhase.RECONNECTING))
    rig.desk.see(call(replace(MUTED, state=MicState.ABSENT, is_starting=True)))
    assert rig.opens() is None


def test_other_devices_are_not_known_and_the_same_in_the_next_call_are() -> None:
    rig = Rig()
    rig.learn(Coupling.APART, "mic", "desk")
    rig.desk.see(call(OPEN, "", "desk"))
    rig.desk.see(Snapshot(phase=CallPhase.ENDED))
    rig.player.played.clear()
    rig.desk.see(call(OPEN, "mic", "desk"))
    assert rig.player.played == [PlayCue(Cue.JOIN, 60, speaker="desk")]
    rig.desk.see(call(OPEN, "mic", "hall"))
    rig.desk.play(Cue.RECORDING)
    assert rig.player.played == [PlayCue(Cue.JOIN, 60, speaker="desk")]


def test_the_user_is_told_once_of_each_devices_and_not_where_cues_are_off() -> None:
    rig = Rig()
    assert rig.learn(Coupling.APART, "mic", "desk") is None
    notice = rig.learn(Coupling.COUPLED, "mic", "desk")
    assert notice is not None
    assert "hears your speaker" in notice.text
    assert rig.learn(Coupling.COUPLED, "mic", "desk") is None
    rig.desk.see(call(OPEN, "mic", "hall"))
    assert rig.learn(Coupling.COUPLED, "mic", "hall") is not None
    assert Rig(CueWishes(is_on=False)).learn(Coupling.COUPLED) is None


def test_switched_off_nothing_goes_before_an_opening() -> None:
    rig = Rig(CueWishes(is_on=False))
    rig.enter("native", muted=True)
    assert rig.opens() is None
