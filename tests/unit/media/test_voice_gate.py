import numpy as np
import pytest

from woxly_tui.media.playout_buffer import FRAME_SAMPLES, Samples
from woxly_tui.media.voice_gate import (
    AUTO_LEAST,
    AUTO_MOST,
    HANGOVER_FRAMES,
    HYSTERESIS_DB,
    MARGIN_DB,
    RELEASE_FRAMES,
    VoiceGate,
    level_of,
)
from woxly_tui.types import SILENCE_DBFS


def frame(dbfs: float, at: int = 0) -> Samples:
    """10 ms of a tone of that RMS."""
    t = np.arange(FRAME_SAMPLES) + at * FRAME_SAMPLES
    wave = np.sin(2 * np.pi * 1000 * t / 48_000) * np.sqrt(2) * 10 ** (dbfs / 20)
    samples: Samples = np.round(32768 * wave).astype(np.int16)
    return samples


def let_through(gate: VoiceGate, dbfs: float, frames: int) -> list[bool]:
    return [bool(gate.process(frame(dbfs, at)).any()) for at in range(frames)]


def test_a_level_is_that_of_the_sound() -> None:
    assert level_of(frame(-30)) == pytest.approx(-30, abs=0.1)
    assert level_of(np.zeros(FRAME_SAMPLES, dtype=np.int16)) == SILENCE_DBFS


def test_off_changes_no_sample() -> None:
    gate = VoiceGate()
    for dbfs in (-80, -20):
        assert np.array_equal(gate.process(frame(dbfs)), frame(dbfs))
    assert not gate.is_on


def test_a_voice_opens_it_in_its_first_frame_and_noise_does_not() -> None:
    gate = VoiceGate("-40")
    assert not any(let_through(gate, -45, 100)[RELEASE_FRAMES + 1 :])
    was_open = gate.is_open
    opened = gate.process(frame(-30))
    assert np.array_equal(opened[FRAME_SAMPLES // 4 :], frame(-30)[FRAME_SAMPLES // 4 :])
    assert (was_open, gate.is_open) == (False, True)
    assert gate.level == pytest.approx(-30, abs=0.1)


def test_it_stays_open_for_the_hangover_and_fades() -> None:
    gate = VoiceGate("-40")
    let_through(gate, -30, 5)
    heard = let_through(gate, -60, 100)
    open_frames = heard.index(False)
    assert open_frames == HANGOVER_FRAMES - 1 + RELEASE_FRAMES
    assert not any(heard[open_frames:])


def test_a_voice_that_trembles_at_the_threshold_does_not_make_it_flutter() -> None:
    gate = VoiceGate("-40")
    let_through(gate, -39, 1)
    assert all(let_through(gate, -40 - HYSTERESIS_DB + 1, 300))
    shut = VoiceGate("-40")
    let_through(shut, -60, 50)
    assert not any(let_through(shut, -40 - HYSTERESIS_DB + 1, 50))


def test_neither_opening_nor_shutting_clicks() -> None:
    gate = VoiceGate("-40")
    levels = [-60] * 60 + [-20] * 10 + [-60] * 60
    out = np.concatenate([gate.process(frame(dbfs, at)) for at, dbfs in enumerate(levels)])
    usual = np.abs(np.diff(frame(-20).astype(np.int32))).max()
    assert np.abs(np.diff(out.astype(np.int32))).max() <= 1.1 * usual


@pytest.mark.parametrize("noise_dbfs", [-70, -55, -45])
def test_auto_learns_the_noise_of_the_room_and_lets_voices_through(noise_dbfs: float) -> None:
    gate = VoiceGate("auto")
    let_through(gate, noise_dbfs, 200)
    assert gate.threshold == pytest.approx(max(AUTO_LEAST, noise_dbfs + MARGIN_DB), abs=0.2)
    assert not gate.is_open
    # Somebody who talks for long is not taken for the noise: everybody breathes.
    for _ in range(20):
        assert all(let_through(gate, -25, 40))
        let_through(gate, noise_dbfs, 10)
    assert gate.threshold < -30


def test_auto_keeps_within_bounds() -> None:
    for noise_dbfs, expected in ((-90, AUTO_LEAST), (-15, AUTO_MOST)):
        gate = VoiceGate("auto")
        let_through(gate, noise_dbfs, 600)
        assert gate.threshold == expected


def test_switched_off_while_shut_it_opens_again() -> None:
    gate = VoiceGate("-20")
    let_through(gate, -50, 100)
    gate.set("off")
    gate.process(frame(-50))
    assert np.array_equal(gate.process(frame(-50, 1)), frame(-50, 1))
