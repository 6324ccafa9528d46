import numpy as np
import pytest

from woxly_tui.demo.mouth import FRAME_MS, Mouth
from woxly_tui.demo.voice import ANN, BEN, RATE_HZ, TALK_DBFS, Samples, Voice, utterance


def rms_dbfs(samples: Samples) -> float:
    return float(20 * np.log10(np.sqrt(np.mean((samples / 32768.0) ** 2))))


def pitch_of(samples: Samples) -> float:
    """Strongest repetition between 70 and 300 Hz, by autocorrelation."""
    sound = samples.astype(np.float64)
    spectrum = np.fft.rfft(sound, 2 * len(sound))
    repeats = np.fft.irfft(np.abs(spectrum) ** 2)
    shortest, longest = RATE_HZ // 300, RATE_HZ // 70
    return RATE_HZ / (shortest + int(np.argmax(repeats[shortest:longest])))


@pytest.mark.parametrize("voice", [ANN, BEN])
@pytest.mark.parametrize("seconds", [1.5, 4.0])
def test_an_utterance_has_its_length_and_level(voice: Voice, seconds: float) -> None:
    samples = utterance(voice, seconds, np.random.default_rng(1))
    assert len(samples) == int(seconds * RATE_HZ)
    assert rms_dbfs(samples) == pytest.approx(TALK_DBFS, abs=0.5)
    assert abs(samples.astype(int)).max() < 32768 * 0.5


def test_the_voices_are_told_apart_by_pitch() -> None:
    rng = np.random.default_rng(2)
    ann = [pitch_of(utterance(ANN, 3.0, rng)) for _ in range(3)]
    ben = [pitch_of(utterance(BEN, 3.0, rng)) for _ in range(3)]
    assert min(ann) > 1.4 * max(ben)


def test_it_has_syllables() -> None:
    samples = utterance(BEN, 3.0, np.random.default_rng(3)).astype(np.float64)
    blocks = samples[: len(samples) // 480 * 480].reshape(-1, 480)
    loudness = np.sqrt((blocks**2).mean(axis=1))
    is_loud = loudness > loudness.max() * 0.25
    onsets = int(np.count_nonzero(is_loud[1:] & ~is_loud[:-1]))
    assert 6 <= onsets <= 18


def test_no_click_at_either_end() -> None:
    samples = utterance(ANN, 2.0, np.random.default_rng(4))
    assert abs(int(samples[0])) < 50
    assert abs(int(samples[-1])) < 50


def test_a_mouth_says_everything_once_and_then_nothing() -> None:
    mouth = Mouth(RATE_HZ)
    assert mouth.next_frame() is None
    said = np.arange(1, int(RATE_HZ * FRAME_MS / 1000 * 2.5) + 1, dtype=np.int16)
    mouth.say(said)
    got = []
    while (frame := mouth.next_frame()) is not None:
        got.append(frame)
    assert [len(frame) for frame in got] == [mouth.frame_samples] * 3
    whole = np.concatenate(got)
    assert np.array_equal(whole[: len(said)], said)
    assert not whole[len(said) :].any()


def test_a_hushed_mouth_fades_and_stops() -> None:
    mouth = Mouth(RATE_HZ)
    mouth.say(np.full(RATE_HZ, 10_000, dtype=np.int16))
    mouth.next_frame()
    mouth.hush()
    rest = []
    while (frame := mouth.next_frame()) is not None:
        rest.append(frame)
    tail = np.concatenate(rest)
    assert len(tail) <= RATE_HZ // 10
    assert tail[0] > 9_000
    assert abs(np.diff(tail.astype(int))).max() < 200
