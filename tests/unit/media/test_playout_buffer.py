"""Virtual time: a pull is 10 ms of the device, a push 10 ms of the sender."""

import numpy as np
import pytest

from woxly_tui.media.playout_buffer import (
    FRAME_SAMPLES,
    MAX_FRAMES,
    RATE_HZ,
    RESERVE,
    PlayoutBuffer,
    Samples,
    blend,
)


def sine(number: int, hz: float = 440.0, peak: float = 8_000.0) -> Samples:
    """The frame of that number of an endless sine."""
    at = np.arange(number * FRAME_SAMPLES, (number + 1) * FRAME_SAMPLES)
    sound: Samples = (peak * np.sin(2 * np.pi * hz / RATE_HZ * at)).astype(np.int16)
    return sound


class Run:
    """A sender and a device, each with a clock of its own."""

    def __init__(self) -> None:
        self.buffer = PlayoutBuffer()
        self.sent = 0
        self.played: list[Samples] = []
        self.depths: list[int] = []

    def send(self, frames: int = 1) -> None:
        for _ in range(frames):
            self.buffer.push(sine(self.sent))
            self.sent += 1

    def play(self) -> None:
        frame = self.buffer.pull()
        self.played.append(np.zeros(FRAME_SAMPLES, np.int16) if frame is None else frame)
        self.depths.append(self.buffer.depth)

    def run(self, seconds: float, *, drift: float = 0.0) -> None:
        """Run on. A drift of 0.02 is a sender 2 % faster than the device."""
        due = 0.0
        for _ in range(round(seconds * 100)):
            due += 1 + drift
            while due >= 1:
                due -= 1
                self.send()
            self.play()

    def steepest(self, skip: int = 3) -> int:
        """The largest step between neighbouring samples once playing."""
        sound = np.concatenate(self.played[skip:]).astype(np.int32)
        return int(np.abs(np.diff(sound)).max())


STEEPEST_SINE = int(np.abs(np.diff(sine(0).astype(np.int32))).max())
CLICK = 3 * STEEPEST_SINE


def test_it_waits_for_the_reserve_and_then_plays_every_frame_in_order() -> None:
    run = Run()
    run.send()
    run.play()
    assert not run.played[0].any()
    run.send()
    for _ in range(50):
        run.play()
        run.send()
    assert np.array_equal(run.played[2], sine(1))
    assert np.array_equal(run.played[40], sine(39))
    assert run.buffer.underruns == run.buffer.dropped == run.buffer.stretched == 0


@pytest.mark.parametrize("drift", [0.02, 0.001, -0.001, -0.02])
def test_clocks_that_differ_move_it_within_bounds_and_without_a_click(drift: float) -> None:
    run = Run()
    run.run(120, drift=drift)
    assert run.buffer.overruns == 0
    assert max(run.depths) <= RESERVE + 6
    # The odd concealed frame is a fade, not a click.
    assert run.steepest() < CLICK
    assert run.buffer.underruns <= 2
    assert (run.buffer.dropped if drift > 0 else run.buffer.stretched) >= abs(drift) * 12_000 * 0.7


def test_the_depth_follows_the_jitter_of_arrival_and_sinks_after_it() -> None:
    run = Run()
    run.run(2)
    calm = np.mean(run.depths[-50:])
    for _ in range(100):
        run.play()
        run.play()
        run.play()
        run.send(3)
    rough = np.mean(run.depths[-60:])
    late_underruns = run.buffer.underruns
    for _ in range(50):
        run.play()
        run.play()
        run.play()
        run.send(3)
    assert run.buffer.underruns <= late_underruns + 1
    run.run(30)
    assert rough > calm
    assert np.mean(run.depths[-50:]) <= calm + 1


def test_a_stall_of_the_player_is_made_up_for_soon_and_never_kept() -> None:
    run = Run()
    run.run(3)
    run.send(50)
    assert run.buffer.depth == MAX_FRAMES
    assert run.buffer.overruns > 0
    run.run(4)
    assert run.buffer.depth <= RESERVE + 3


def test_what_does_not_come_fades_out_and_comes_back_by_a_fade() -> None:
    run = Run()
    run.run(3)
    for _ in range(20):
        run.play()
    assert not run.played[-1].any()
    assert run.buffer.underruns == 1
    run.send(2)
    run.play()
    assert run.played[-1].any()
    assert run.played[-1][0] == 0
    assert run.steepest() < CLICK


def test_a_blend_begins_as_one_and_ends_as_the_other() -> None:
    first, second = sine(3), sine(7)
    both = blend(first, second)
    assert both[0] == first[0]
    assert both[-1] == second[-1]
    assert both.dtype == np.int16
