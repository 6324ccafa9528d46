from woxly_tui.media.coupling_watch import CouplingWatch
from woxly_tui.media.device_messages import Coupling, CouplingLearnt, DevicesChanged
from woxly_tui.media.device_world import DeviceNews, Found, World
from woxly_tui.types import DeviceKind, Seconds


def news(microphone: str, speaker: str, *, is_worn: bool = False) -> DeviceNews:
    found = Found(DeviceKind.SPEAKER, 1, speaker, "A speaker", is_worn=is_worn)
    view = DevicesChanged(True, microphone=microphone, speaker=speaker)
    return DeviceNews(World(devices=(found,)), view)


class Rig:
    def __init__(self, *, can_measure: bool = True) -> None:
        self.told: list[CouplingLearnt] = []
        self.watch = CouplingWatch(self.told.append, can_measure=can_measure)

    def talk(self, gain: float) -> None:
        """Others say a few words."""
        for number in range(100):
            played = 0.3 if number % 20 > 10 else 0.0
            now = number / 10
            self.watch.hear_speaker(played, Seconds(now))
            self.watch.hear_microphone(max(0.001, gain * played), Seconds(now))


def test_what_is_learnt_is_told_once_with_the_devices() -> None:
    rig = Rig()
    rig.watch.begin()
    rig.watch.see(news("mic", "desk"))
    rig.talk(0.2)
    rig.talk(0.2)
    assert rig.told == [CouplingLearnt(Coupling.COUPLED, "mic", "desk")]


def test_other_devices_are_not_known_and_one_that_is_not_in_use_just_now_is_no_other() -> None:
    rig = Rig()
    rig.watch.see(news("mic", "desk"))
    rig.talk(0.2)
    rig.told.clear()
    rig.watch.see(news("", "desk"))
    rig.watch.see(news("mic", "desk"))
    assert rig.told == []
    rig.watch.see(news("mic", "hall"))
    assert rig.told == [CouplingLearnt(Coupling.UNKNOWN, "mic", "hall")]


def test_headphones_are_apart_by_their_own_word_until_they_are_unplugged() -> None:
    rig = Rig()
    rig.watch.see(news("mic", "card"))
    rig.talk(0.2)
    rig.watch.see(news("mic", "card", is_worn=True))
    rig.watch.see(news("mic", "card"))
    told = [event.coupling for event in rig.told]
    assert told == [Coupling.COUPLED, Coupling.APART, Coupling.UNKNOWN]


def test_where_nothing_can_be_measured_that_is_said_before_the_sound_runs() -> None:
    rig = Rig(can_measure=False)
    rig.watch.begin()
    rig.watch.begin()
    assert rig.told == [CouplingLearnt(Coupling.UNMEASURED, "", "")]


def test_a_microphone_that_cannot_be_measured_is_no_reason_for_silence() -> None:
    rig = Rig()
    rig.watch.see(news("mic", "desk"))
    rig.watch.on_deaf()
    rig.watch.see(news("other", "desk"))
    assert [event.coupling for event in rig.told] == [Coupling.UNMEASURED, Coupling.UNKNOWN]
