import numpy as np

from woxly_tui.media.echo_reference import MAX_FRAMES, TIDE_FRAMES, EchoReference
from woxly_tui.media.playout_buffer import Samples


def frame(number: int) -> Samples:
    return np.full(480, number, dtype=np.int16)


def take(reference: EchoReference) -> list[int]:
    return [int(found[0]) for found in reference.take()]


def test_each_captured_frame_gets_the_one_played_with_it_however_the_threads_run() -> None:
    reference = EchoReference(wait_s=0, settle_frames=0)
    assert take(reference) == []
    reference.put(frame(0))
    assert take(reference) == [0]
    for number in range(1, 100, 2):  # two are captured, then two played, and so on
        assert take(reference) == []
        reference.put(frame(number))
        reference.put(frame(number + 1))
        assert take(reference) == [number, number + 1]


def test_what_was_lost_of_the_capture_does_not_wait_for_ever() -> None:
    reference = EchoReference(wait_s=0, settle_frames=0)
    for number in range(3):
        reference.put(frame(number))
    for number in range(3, 3 + TIDE_FRAMES):
        last = take(reference)
        reference.put(frame(number))
    assert len(last) == 3
    assert take(reference) == [2 + TIDE_FRAMES]


def test_nothing_is_kept_without_end() -> None:
    reference = EchoReference(wait_s=0, settle_frames=0)
    for number in range(50):
        reference.put(frame(number))
    assert take(reference) == [50 - MAX_FRAMES]
    for _ in range(50):
        take(reference)
    for number in range(50):
        reference.put(frame(number))
    assert len(take(reference)) == MAX_FRAMES
