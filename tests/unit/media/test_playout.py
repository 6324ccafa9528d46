import math

import numpy as np
import pytest

from woxly_tui.media.limiter import FULL_SCALE
from woxly_tui.media.playout import Playout
from woxly_tui.media.playout_buffer import FRAME_SAMPLES, RATE_HZ, PlayoutBuffer, Samples


def fill(buffer: PlayoutBuffer, number: int, hz: float, peak: float = 3_000.0) -> None:
    at = np.arange(number * FRAME_SAMPLES, (number + 1) * FRAME_SAMPLES)
    buffer.push((peak * np.sin(2 * np.pi * hz / RATE_HZ * at)).astype(np.int16))


def level_db(sound: Samples, hz: float) -> float:
    """Of one frequency, relative to a peak of 3000; whole periods only."""
    at = np.arange(len(sound))
    part = abs(np.dot(sound, np.exp(-2j * np.pi * hz / RATE_HZ * at))) * 2 / len(sound)
    return 20 * math.log10(max(part, 1e-3) / 3_000)


class Clock:
    """The time, which only a mixed frame moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def frame_of(self, playout: Playout) -> Samples:
        """What leaves in the next 10 ms, each part a little after it is needed."""
        parts = []
        for _ in range(2):
            self.now += 0.005
            parts.append(playout.mix())
        return np.concatenate(parts)


class Room:
    """Ann at 500 Hz, Bob at 900 Hz."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.playout = Playout(self.clock)
        self.buffers = {
            500.0: self.playout.add("TR_A", "ann", 1.0),
            900.0: self.playout.add("TR_B", "bob", 1.0),
        }
        self.number = 0

    def hear(self, frames: int = 20) -> Samples:
        heard = []
        for _ in range(frames):
            for hz, buffer in self.buffers.items():
                fill(buffer, self.number, hz)
            self.number += 1
            heard.append(self.clock.frame_of(self.playout))
        return np.concatenate(heard[-10:])


@pytest.mark.parametrize(("gain", "decibels"), [(0.5, -6.0), (2.0, 6.0), (0.1, -20.0), (1.0, 0.0)])
def test_a_gain_is_that_of_one_person_alone(gain: float, decibels: float) -> None:
    room = Room()
    room.hear()
    room.playout.set_gain("ann", gain)
    sound = room.hear()
    assert level_db(sound, 500) == pytest.approx(decibels, abs=0.1)
    assert level_db(sound, 900) == pytest.approx(0, abs=0.1)


def test_nothing_of_a_silenced_person_is_left() -> None:
    room = Room()
    room.hear()
    room.playout.set_gain("ann", 0.0)
    assert level_db(room.hear(), 500) < -60


def test_a_change_of_gain_is_a_ramp() -> None:
    room = Room()
    before = room.hear()
    room.playout.set_gain("ann", 0.0)
    room.playout.set_gain("bob", 2.0)
    sound = np.concatenate((before, room.hear(12)[-480 * 12 :])).astype(np.int32)
    own = 2 * 3_000 * 2 * np.pi * (500 + 900) / RATE_HZ
    assert np.abs(np.diff(sound)).max() < own * 1.5


def test_the_master_is_of_all_and_may_be_nothing() -> None:
    room = Room()
    room.playout.master = 0.5
    sound = room.hear()
    assert level_db(sound, 500) == pytest.approx(-6, abs=0.1)
    room.playout.master = 0.0
    assert not room.hear()[FRAME_SAMPLES:].any()


def test_a_track_that_is_gone_is_silent_and_its_xruns_are_kept() -> None:
    room = Room()
    room.hear()
    for _ in range(3):
        room.clock.frame_of(room.playout)
    counted = room.playout.xruns
    assert counted == 1, "two voices, and one moment"
    room.playout.remove("TR_A")
    room.playout.remove("TR_A")
    del room.buffers[500.0]
    assert level_db(room.hear(), 500) < -60
    assert room.playout.xruns == counted


def test_a_track_that_ends_in_mid_sound_fades_out() -> None:
    room = Room()
    room.playout.remove("TR_B")
    del room.buffers[900.0]
    room.hear(5)
    fill(room.buffers[500.0], 5, 500)
    before = room.clock.frame_of(room.playout)
    fill(room.buffers[500.0], 6, 500)
    room.playout.remove("TR_A")
    after = room.clock.frame_of(room.playout)
    steps = np.abs(np.diff(np.concatenate((before, after)).astype(int)))
    assert int(steps.max()) < 1.5 * 3000 * 2 * np.pi * 500 / RATE_HZ
    assert after[: FRAME_SAMPLES // 2].any()
    assert not after[FRAME_SAMPLES // 2 :].any()


def test_a_new_track_of_the_same_number_takes_the_place_of_the_old() -> None:
    room = Room()
    room.buffers[500.0] = room.playout.add("TR_A", "ann", 0.5)
    assert level_db(room.hear(), 500) == pytest.approx(-6, abs=0.1)


def test_ten_loud_people_do_not_clip() -> None:
    clock = Clock()
    playout = Playout(clock)
    buffers = [playout.add(f"TR_{n}", f"friend {n}", 2.0) for n in range(10)]
    for number in range(100):
        for buffer in buffers:
            fill(buffer, number, 400, peak=0.9 * FULL_SCALE)
        assert np.abs(clock.frame_of(playout).astype(np.int32)).max() < FULL_SCALE
