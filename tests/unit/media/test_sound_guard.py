import asyncio
from dataclasses import replace

import pytest

from tests.unit.media.worlds import EVERYTHING, LAPTOP, MONITOR, USB, playing_on, world
from woxly_tui.media import sound_guard
from woxly_tui.media.device_world import DeviceKeeper, DeviceNews, World
from woxly_tui.media.devices import SoundServer
from woxly_tui.media.messages import AudioLost, BackendChoice, SoundReturned, WorkerEvent
from woxly_tui.media.sound_guard import Opened, SoundGuard, Verdict, judge_sound

ABSENT = World(SoundServer.ABSENT)
FULL = world(*EVERYTHING)
NO_MIC = world(LAPTOP, MONITOR, server=SoundServer.NO_MICROPHONE)
NO_SPEAKER = world(server=SoundServer.NO_SPEAKER)
ON_MONITOR = replace(world(LAPTOP, MONITOR), streams=(playing_on(MONITOR),))
NATIVE, MIXER, NULL = BackendChoice.NATIVE, BackendChoice.MIXER, BackendChoice.NULL
KEEP, ENDED, BETTER = Verdict.KEEP, Verdict.SERVER_ENDED, Verdict.BETTER


def news(of: World) -> DeviceNews:
    return DeviceKeeper().news(of)


@pytest.mark.parametrize(
    ("choice", "has_microphone", "before", "now", "verdict"),
    [
        (NULL, False, ABSENT, ABSENT, KEEP),
        (NULL, False, ABSENT, FULL, BETTER),
        (NULL, False, ABSENT, NO_SPEAKER, KEEP),
        (NULL, False, NO_SPEAKER, NO_MIC, BETTER),
        (NULL, False, FULL, FULL, KEEP),
        (NULL, False, FULL, replace(FULL, generation=2), BETTER),
        (NULL, False, FULL, ABSENT, KEEP),
        (NATIVE, True, FULL, FULL, KEEP),
        (NATIVE, True, FULL, ABSENT, ENDED),
        (MIXER, True, FULL, ABSENT, ENDED),
        (NATIVE, True, FULL, replace(FULL, generation=2), ENDED),
        (NATIVE, True, FULL, NO_MIC, KEEP),
        (NATIVE, True, FULL, ON_MONITOR, Verdict.UNPLUGGED),
        (NATIVE, False, NO_MIC, NO_MIC, KEEP),
        (NATIVE, False, NO_MIC, FULL, BETTER),
        (NATIVE, False, NO_MIC, ABSENT, ENDED),
        (MIXER, True, ABSENT, FULL, KEEP),
    ],
)
def test_the_sound_begins_anew_when_it_is_dead_or_can_be_better(
    choice: BackendChoice, has_microphone: bool, before: World, now: World, verdict: Verdict
) -> None:
    assert judge_sound(Opened(choice, has_microphone, before), news(now)) is verdict


def test_devices_that_failed_are_tried_again_once_there_are_others() -> None:
    given_up = Opened(NULL, False, FULL, is_given_up=True)
    assert judge_sound(given_up, news(FULL)) is KEEP
    assert judge_sound(given_up, news(world(LAPTOP, USB))) is BETTER


class Rig:
    def __init__(self, *, is_wanted: bool = True) -> None:
        self.events: list[WorkerEvent] = []
        self.guard = SoundGuard(3, self.events.append, is_wanted=is_wanted)

    def begin(self, choice: BackendChoice, of: World) -> None:
        self.guard.see(news(of))
        self.guard.opening()
        self.guard.opened(choice, has_microphone=choice is not NULL)


async def test_a_server_that_comes_back_is_told_once_it_has_settled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sound_guard, "SETTLE_S", 0.02)
    rig = Rig()
    rig.begin(NULL, ABSENT)
    rig.guard.see(news(FULL))
    assert rig.events == []
    await asyncio.sleep(0.05)
    assert rig.events == [SoundReturned(3)]
    rig.guard.see(news(FULL))
    await asyncio.sleep(0.05)
    assert len(rig.events) == 1


async def test_one_that_goes_again_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound_guard, "SETTLE_S", 0.02)
    rig = Rig()
    rig.begin(NULL, ABSENT)
    rig.guard.see(news(FULL))
    rig.guard.see(news(ABSENT))
    await asyncio.sleep(0.05)
    assert rig.events == []


async def test_a_server_that_ends_is_told_at_once_and_only_once() -> None:
    rig = Rig()
    rig.begin(NATIVE, FULL)
    rig.guard.see(news(ABSENT))
    rig.guard.see(news(FULL))
    assert rig.events == [AudioLost(3, sound_guard.SERVER_ENDED)]


async def test_one_that_came_back_while_opening_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sound_guard, "SETTLE_S", 0.0)
    rig = Rig()
    rig.guard.see(news(ABSENT))
    rig.guard.opening()
    rig.guard.see(news(FULL))
    rig.guard.opened(NULL, has_microphone=False)
    await asyncio.sleep(0.01)
    assert rig.events == [SoundReturned(3)]


async def test_who_asked_for_no_sound_is_left_in_peace() -> None:
    rig = Rig(is_wanted=False)
    rig.begin(NULL, ABSENT)
    rig.guard.see(news(FULL))
    assert rig.guard._timer is None


async def test_a_session_that_ended_says_nothing() -> None:
    rig = Rig()
    rig.begin(NATIVE, FULL)
    rig.guard.close()
    rig.guard.see(news(ABSENT))
    assert rig.events == []
