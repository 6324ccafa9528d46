"""Each cue is told from the others by what is heard, when, and at the level that is promised."""

from itertools import combinations, zip_longest

import numpy as np
import pytest

from woxly_tui.media.tones import LOUDEST, NOTES, PEAK_DBFS, render
from woxly_tui.types import Cue

RATE_HZ = 48_000


def melody(cue: Cue, rate_hz: int = RATE_HZ) -> list[int]:
    """The strongest frequency of each 20 ms, by the spectrum; 0 in a rest."""
    sound = np.array(render(cue, rate_hz, 100), dtype=np.float64)
    size = rate_hz // 50
    heard = []
    for at in range(0, len(sound) - size + 1, size):
        piece = sound[at : at + size] * np.hanning(size)
        spectrum = np.abs(np.fft.rfft(piece, 8 * size))
        loud = np.sqrt(np.mean(piece**2)) > 30
        heard.append(round(int(np.argmax(spectrum)) * rate_hz / (8 * size)) if loud else 0)
    return heard


@pytest.mark.parametrize(("one", "other"), tuple(combinations(Cue, 2)))
def test_no_two_cues_sound_alike(one: Cue, other: Cue) -> None:
    a, b = melody(one), melody(other)
    heard = [(x, y) for x, y in zip_longest(a, b, fillvalue=0) if x or y]
    differing = sum(abs(x - y) > 0.06 * max(x, y) for x, y in heard)
    assert differing / len(heard) >= 0.5


@pytest.mark.parametrize("cue", Cue)
def test_the_notes_are_those_that_are_written(cue: Cue) -> None:
    heard = set(melody(cue))
    for note in NOTES[cue]:
        assert any(abs(hz - note.hz) <= max(8.0, 0.03 * note.hz) for hz in heard)


@pytest.mark.parametrize("cue", Cue)
@pytest.mark.parametrize("percent", [25, 60, 100, LOUDEST])
def test_a_cue_peaks_where_it_should_and_begins_and_ends_softly(cue: Cue, percent: int) -> None:
    sound = np.array(render(cue, RATE_HZ, percent), dtype=np.float64)
    peak_dbfs = 20 * np.log10(np.abs(sound).max() / 32768)
    assert peak_dbfs == pytest.approx(PEAK_DBFS + 20 * np.log10(percent / 100), abs=0.7)
    steps = np.abs(np.diff(sound, prepend=0, append=0)) / np.abs(sound).max()
    assert steps[0] < 0.01
    assert steps[-1] < 0.01
    # No step within it is larger than what its own notes make.
    assert steps.max() < 2.2 * np.pi * 1400 / RATE_HZ * 1.4


def test_too_loud_is_as_loud_as_can_be_and_less_than_nothing_is_nothing() -> None:
    assert render(Cue.JOIN, RATE_HZ, 10**9) == render(Cue.JOIN, RATE_HZ, LOUDEST)
    assert not any(render(Cue.JOIN, RATE_HZ, -5))


def test_another_rate_is_the_same_melody() -> None:
    assert melody(Cue.DEAFEN, 44_100) == pytest.approx(melody(Cue.DEAFEN), abs=10)
