import asyncio
import sys
from collections.abc import Callable

import pytest

from tests.unit.media.worlds import EVERYTHING, LAPTOP, MIC, SPEAKER, USB, playing_on, world
from woxly_tui.media.device_world import DeviceKeeper, DeviceNews
from woxly_tui.media.messages import DevicesChanged
from woxly_tui.media.sound_watch import SoundWatch, pinned_by
from woxly_tui.types import DeviceKind

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="nothing is watched elsewhere")


class FakeWatch:
    def __init__(self, keeper: DeviceKeeper, tell: Callable[[DeviceNews], None]) -> None:
        self.keeper, self.tell = keeper, tell
        self.chosen: list[tuple[DeviceKind, str]] = []

    def start(self) -> None:
        self.tell(self.keeper.news(world(*EVERYTHING)))

    def choose(self, kind: DeviceKind, name: str) -> None:
        self.chosen.append((kind, name))

    def close(self) -> None:
        pass


async def test_what_changed_is_told_and_streams_alone_are_not() -> None:
    told: list[DevicesChanged] = []
    made: list[FakeWatch] = []

    def make(keeper: DeviceKeeper, tell: Callable[[DeviceNews], None]) -> FakeWatch:
        made.append(FakeWatch(keeper, tell))
        return made[-1]

    watch = SoundWatch(told.append, make)
    watch.start()
    seen: list[DeviceNews] = []
    await asyncio.sleep(0.01)
    watch.follow(seen.append)
    assert len(seen) == len(told) == 1
    (fake,) = made
    fake.tell(fake.keeper.news(world(*EVERYTHING, streams=(playing_on(LAPTOP),))))
    await asyncio.sleep(0.01)
    assert (len(seen), len(told)) == (2, 1)
    fake.tell(fake.keeper.news(world(USB)))
    await asyncio.sleep(0.01)
    assert told[-1].speaker == ""
    watch.choose(MIC, "usb-mic")
    assert fake.chosen == [(MIC, "usb-mic")]


def test_a_device_in_the_environment_is_the_users_own_choice() -> None:
    assert pinned_by({"PULSE_SINK": "usb", "PULSE_SOURCE": ""}) == [SPEAKER]
