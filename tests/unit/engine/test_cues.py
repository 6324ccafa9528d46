from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from woxly_tui.call.snapshot import CallPhase, DevicesView, Microphone, MicState, Snapshot
from woxly_tui.engine.cues import CueDesk, CueWishes
from woxly_tui.media.cue_messages import CueCommand, PlayCue, StopCue
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
        mic = Microphone(MicState.MUTED if muted else MicState.OPEN, backend=backend)
        self.desk.see(Snapshot(phase=CallPhase.ESTABLISHED, microphone=mic))


def test_a_ring_needs_no_call() -> None:
    rig = Rig()
    rig.desk.loop(Cue.RING)
    rig.desk.stop()
    rig.desk.stop()
    assert rig.player.played == [PlayCue(Cue.RING, 60, is_looped=True), StopCue()]


def test_where_the_worker_mixes_it_plays_and_elsewhere_the_player() -> None:
    rig = Rig()
    rig.enter("native")
    assert rig.player.played == [PlayCue(Cue.JOIN, 60)]
    rig.enter("mixer")
    rig.enter("mixer", muted=True)
    assert rig.mixed == [PlayCue(Cue.MUTE, 60)]
    rig.desk.see(Snapshot(phase=CallPhase.ENDED))
    assert rig.player.played[-1] == PlayCue(Cue.DISCONNECT, 60)


def test_a_ring_goes_on_when_the_backend_changes_under_it() -> None:
    rig = Rig()
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
