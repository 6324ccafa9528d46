import numpy as np

from woxly_tui.media.peaks import PeakMeter, Peaks


def test_the_loudest_since_the_last_look_before_and_after_cleaning() -> None:
    meter = PeakMeter()
    meter.note(np.array([0, -32768, 5], dtype=np.int16), np.array([0, 16384], dtype=np.int16))
    meter.note(np.zeros(480, dtype=np.int16), np.zeros(480, dtype=np.int16))
    assert meter.take() == Peaks(1.0, 0.5)
    assert meter.take() == Peaks(0.0, 0.0)


def test_frames_of_zeros_are_not_heard() -> None:
    meter = PeakMeter()
    meter.note(np.zeros(480, dtype=np.int16), np.ones(480, dtype=np.int16))
    assert meter.heard_frames == 0
    meter.note(np.array([0, 1], dtype=np.int16), np.zeros(2, dtype=np.int16))
    assert meter.heard_frames == 1
