import math

import numpy as np
import pytest

from woxly_tui.media.conversion import PcmFifo, RateConverter
from woxly_tui.media.playout_buffer import FRAME_SAMPLES, Samples


def test_frames_are_cut_from_whatever_comes() -> None:
    fifo = PcmFifo()
    sound = np.arange(1500, dtype=np.int16)
    frames = [f for part in (sound[:100], sound[100:1000], sound[1000:]) for f in fifo.put(part)]
    assert np.array_equal(np.concatenate(frames), sound[: 3 * FRAME_SAMPLES])


def sine(hz: float, rate_hz: int, seconds: float = 1.0) -> Samples:
    at = np.arange(int(seconds * rate_hz)) / rate_hz
    sound: Samples = (10_000 * np.sin(2 * np.pi * hz * at)).astype(np.int16)
    return sound


def convert(sound: Samples, from_hz: int, to_hz: int) -> list[Samples]:
    converter = RateConverter(from_hz, to_hz)
    block = from_hz // 200
    return [converter.convert(sound[i : i + block]) for i in range(0, len(sound) - block, block)]


def level(sound: Samples) -> float:
    """Relative to the sine."""
    rms = float(np.sqrt(np.mean(sound.astype(np.float64) ** 2)))
    return 20 * math.log10(max(rms, 0.1) / (10_000 / math.sqrt(2)))


RATES = [(48_000, 44_100), (44_100, 48_000), (48_000, 8_000), (8_000, 48_000), (16_000, 48_000)]


@pytest.mark.parametrize(("from_hz", "to_hz"), RATES)
def test_what_comes_in_goes_out_at_once(from_hz: int, to_hz: int) -> None:
    parts = convert(sine(400, from_hz), from_hz, to_hz)
    sizes = [len(part) for part in parts[4:]]
    assert max(sizes) - min(sizes) <= 2
    assert sum(sizes) == pytest.approx(len(sizes) * to_hz / 200, rel=0.01)
    assert level(np.concatenate(parts[10:])) == pytest.approx(0, abs=0.5)


def test_the_same_rate_is_not_touched() -> None:
    sound = sine(400, 48_000)
    assert np.array_equal(np.concatenate(convert(sound, 48_000, 48_000)), sound[: 48_000 - 240])


def test_what_a_low_rate_cannot_carry_does_not_come_back_as_something_else() -> None:
    folded = np.concatenate(convert(sine(6_500, 48_000), 48_000, 8_000)[10:])
    assert level(folded) < -40
