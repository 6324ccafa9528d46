"""In virtual time."""

import numpy as np
import pytest

from tests.rig.analysis import Clip
from tests.rig.clicks import Click, find_clicks
from woxly_tui.media.playout_buffer import (
    FRAME_SAMPLES,
    LOW,
    MAX_PARTS,
    PART_SAMPLES,
    RATE_HZ,
    PlayoutBuffer,
    Samples,
    blend,
)


def _five_frames() -> list[Samples]:
    at = np.arange(5 * FRAME_SAMPLES)
    sound = (8_000 * np.sin(2 * np.pi * 440 / RATE_HZ * at)).astype(np.int16)
    return list(sound.reshape(5, -1))


FIVE_FRAMES = _five_frames()
"""Whole periods of 440 Hz."""


def sine(number: int) -> Samples:
    """The frame of that number of an endless sine."""
    return FIVE_FRAMES[number % 5]


def part(number: int) -> Samples:
    """The part of that number of the same sine."""
    half = number % 2 * PART_SAMPLES
    return sine(number // 2)[half : half + PART_SAMPLES]


FRAME_S = 0.01
PART_S = 0.005


class Run:
    """A sender and a device, each with a clock of its own, in virtual time."""

    def __init__(self) -> None:
        self.now = 100.0
        self.buffer = PlayoutBuffer(lambda: self.now)
        self.sent = 0
        self.send_at = self.now + 0.001
        self.played: list[Samples] = []
        self.depths: list[int] = []

    def send(self, frames: int = 1) -> None:
        for _ in range(frames):
            self.buffer.push(sine(self.sent))
            self.sent += 1

    def play(self) -> None:
        pulled = self.buffer.pull()
        self.played.append(np.zeros(PART_SAMPLES, np.int16) if pulled is None else pulled)
        self.depths.append(self.buffer.depth)

    def run(
        self, seconds: float, *, drift: float = 0.0, late_s: float = 0.0, burst: int = 1
    ) -> None:
        """Run on.

        Args:
            drift: 0.02 is a sender 2 % faster than the device.
            late_s: Every second frame comes so much late.
            burst: So many frames come at a time.
        """
        end = self.now + seconds
        while (play_at := self.now + PART_S) <= end:
            while (due := self.send_at + (late_s if self.sent % 2 else 0)) <= play_at:
                self.now = max(self.now, due)
                self.send(burst)
                self.send_at += burst * FRAME_S / (1 + drift)
            self.now = play_at
            self.play()

    def steepest(self, skip: int = 6) -> int:
        """The largest step between neighbouring samples once playing."""
        sound = np.concatenate(self.played[skip:]).astype(np.int32)
        return int(np.abs(np.diff(sound)).max())


def clicks(played: list[Samples]) -> list[Click]:
    heard = np.concatenate(played).astype(np.float32) / np.float32(32_768)
    return find_clicks(Clip(heard.astype(np.float32), RATE_HZ, 0.0))


STEEPEST_SINE = int(np.abs(np.diff(sine(0).astype(np.int32))).max())
CLICK = 3 * STEEPEST_SINE


def test_every_frame_is_played_in_order_and_soon() -> None:
    run = Run()
    run.run(3)
    begun = next(n for n, pulled in enumerate(run.played) if pulled.any())
    assert np.array_equal(run.played[20], part(20 - begun))
    assert np.array_equal(run.played[-1], part(len(run.played) - 1 - begun))
    assert run.buffer.underruns == run.buffer.dropped == run.buffer.stretched == 0


def test_a_frame_that_came_just_before_it_was_needed_is_not_begun_with() -> None:
    run = Run()
    run.send()
    run.now += LOW / 2
    run.play()
    assert not run.played[-1].any()
    run.now += PART_S
    run.play()
    assert run.played[-1].any()


@pytest.mark.parametrize("drift", [0.02, 0.001, -0.001, -0.02])
def test_clocks_that_differ_cost_single_frames_and_never_a_click(drift: float) -> None:
    run = Run()
    run.run(120, drift=drift)
    assert run.buffer.overruns == 0
    assert run.buffer.underruns == 0
    assert max(run.depths) <= 6
    assert run.steepest() < CLICK
    moved = run.buffer.dropped - run.buffer.stretched
    assert moved == pytest.approx(drift * 24_000, rel=0.1, abs=5)


@pytest.mark.parametrize("drift", [0.02, -0.02])
def test_an_hour_with_clocks_2_percent_apart_stays_in_bounds_and_grows_nothing(
    drift: float,
) -> None:
    run = Run()
    run.run(60, drift=drift)
    waited: list[float] = []
    pull = run.buffer.pull

    def watched() -> Samples | None:
        if run.buffer._parts:
            waited.append(run.now - run.buffer._parts[0][0])
        return pull()

    run.buffer.pull = watched  # type: ignore[method-assign]  # an ear at the seam
    for _ in range(59):
        run.played.clear()
        run.depths.clear()
        run.run(60, drift=drift)
        assert max(run.depths) <= 6
        assert run.steepest(0) < CLICK
        assert max(waited) < 0.03
        waited.clear()
    assert run.buffer.underruns == run.buffer.overruns == 0
    moved = run.buffer.dropped - run.buffer.stretched
    assert moved == pytest.approx(drift * 720_000, rel=0.02)


def test_the_depth_follows_the_jitter_and_sinks_after_it() -> None:
    run = Run()
    run.run(3)
    calm = np.mean(run.depths[-200:])
    run.run(10, burst=4)
    settled = run.buffer.underruns
    run.run(10, burst=4)
    rough = np.mean(run.depths[-200:])
    assert run.buffer.underruns == settled
    run.run(20)
    assert rough >= calm + 2
    assert np.mean(run.depths[-200:]) <= calm + 2


def test_frames_that_are_late_now_and_then_are_waited_for() -> None:
    run = Run()
    run.run(5, late_s=0.015)
    settled = run.buffer.underruns
    run.run(10, late_s=0.015)
    assert run.buffer.underruns == settled


def test_a_stall_of_the_player_is_made_up_for_soon_and_never_kept() -> None:
    run = Run()
    run.run(3)
    run.send(50)
    assert run.buffer.depth == MAX_PARTS
    assert run.buffer.overruns > 0
    run.run(1)
    assert run.buffer.depth <= 4


@pytest.mark.parametrize("frames", [31, 32, 33, 34])
def test_what_was_dropped_after_a_stall_leaves_no_click(frames: int) -> None:
    run = Run()
    run.run(3)
    run.send(2)
    run.now += 2 * FRAME_S
    run.played.clear()
    run.play()
    run.send(frames)
    run.play()
    run.send_at = run.now
    run.run(2)
    assert run.buffer.overruns > 0
    assert run.steepest(0) < CLICK
    assert clicks(run.played) == []


@pytest.mark.parametrize("drift", [0.02, -0.02])
def test_corrections_of_drift_are_not_heard_as_clicks(drift: float) -> None:
    run = Run()
    run.run(30, drift=drift)
    assert run.buffer.dropped + run.buffer.stretched > 50
    assert clicks(run.played[20:]) == []


def test_what_does_not_come_fades_out_and_comes_back_by_a_fade() -> None:
    run = Run()
    run.run(3)
    for _ in range(20):
        run.now += PART_S
        run.play()
    assert not run.played[-1].any()
    assert run.buffer.underruns == 1
    run.send(2)
    run.now += PART_S
    run.play()
    assert run.played[-1].any()
    assert run.played[-1][0] == 0
    assert run.steepest() < CLICK


def test_longer_frames_are_played_in_order_and_without_a_gap() -> None:
    run = Run()
    for number in range(50):
        run.buffer.push(np.concatenate((sine(2 * number), sine(2 * number + 1))))
        for _ in range(4):
            run.now += PART_S
            run.play()
    assert run.buffer.underruns == run.buffer.stretched == run.buffer.dropped == 0
    assert np.array_equal(run.played[-1], part(len(run.played) - 1))


def test_a_blend_begins_as_one_and_ends_as_the_other() -> None:
    first, second = part(3), part(8)
    both = blend(first, second)
    assert both[0] == first[0]
    assert both[-1] == second[-1]
    assert both.dtype == np.int16
