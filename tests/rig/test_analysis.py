"""The rig's own ears, tried on sounds of which everything is known."""

import numpy as np
import pytest

from tests.rig.analysis import (
    RATE_HZ,
    SILENT_DBFS,
    Clip,
    Samples,
    chirp,
    dbfs,
    find_chirps,
    hum,
    last_louder_than,
    longest_gap_s,
    loudest_dbfs,
    steady_tone_dbfs,
    syllables,
    tone,
    tone_dbfs,
)
from tests.rig.recording import FrameLog, Recording


def silence(duration_s: float) -> Samples:
    return np.zeros(int(RATE_HZ * duration_s), dtype=np.float32)


def clip(*parts: Samples, start_s: float = 0.0) -> Clip:
    return Clip(np.concatenate(parts), RATE_HZ, start_s)


def ints(samples: Samples) -> "np.ndarray[tuple[int], np.dtype[np.int16]]":
    return (samples * 32767).astype(np.int16)


def test_a_full_scale_sine_is_3_db_below_full_scale() -> None:
    sine = np.sin(2 * np.pi * 1000 * np.arange(RATE_HZ) / RATE_HZ).astype(np.float32)
    assert dbfs(sine) == pytest.approx(-3.01, abs=0.01)


def test_digital_silence_is_the_lowest_level() -> None:
    assert dbfs(silence(1)) == SILENT_DBFS
    assert dbfs(silence(0)) == SILENT_DBFS


def test_a_tone_is_measured_at_its_own_frequency_only() -> None:
    mixed = clip(tone(1000, 1, -20) + tone(3000, 1, -40))
    assert tone_dbfs(mixed, 1000) == pytest.approx(-20, abs=0.1)
    assert tone_dbfs(mixed, 3000) == pytest.approx(-40, abs=0.1)
    assert tone_dbfs(mixed, 2000) < -80


def test_chirps_are_found_where_they_are_however_quiet() -> None:
    wanted = chirp()
    found = find_chirps(clip(silence(0.3), wanted * 0.01, silence(1), wanted, start_s=5), wanted)
    assert [a.at_s for a in found] == pytest.approx([5.3, 6.4], abs=0.001)
    assert all(a.likeness > 0.95 for a in found)


def test_chirps_are_found_at_another_rate() -> None:
    wanted = chirp()
    slow = clip(silence(0.3), wanted, silence(0.3)).samples[::3]
    found = find_chirps(Clip(slow, RATE_HZ // 3, 0), wanted)
    assert [a.at_s for a in found] == pytest.approx([0.3], abs=0.002)


def test_neither_noise_nor_tone_is_a_chirp() -> None:
    assert find_chirps(clip(syllables(2, -20)), chirp()) == []
    assert find_chirps(clip(tone(1000, 2, -20)), chirp()) == []
    assert find_chirps(clip(silence(2)), chirp()) == []


def test_one_loud_frame_in_a_long_silence_is_seen() -> None:
    sound = clip(silence(1), tone(1000, 0.01, -60), silence(1), start_s=10)
    assert loudest_dbfs(sound) == pytest.approx(-60, abs=0.5)
    assert last_louder_than(sound, -70) == pytest.approx(11.01)
    assert last_louder_than(sound, -50) is None


def test_a_recording_knows_when_a_sample_was_however_late_its_reader() -> None:
    recording = Recording()
    sound = np.concatenate([silence(0.5), tone(1000, 0.5, -20)])
    for n in range(100):
        late_s = 0.05 if n % 10 == 0 else 0.0
        recording.append(ints(sound[n * 480 : (n + 1) * 480]), 100 + (n + 1) * 0.01 + late_s)
    heard = recording.between(100.2, 100.9)
    assert heard.start_s == pytest.approx(100.2, abs=0.001)
    assert last_louder_than(Clip(heard.samples[: 480 * 30], RATE_HZ, 100.2), -70) is None
    assert loudest_dbfs(heard) == pytest.approx(-20, abs=0.5)


def test_a_recorder_that_stopped_is_an_error_not_silence() -> None:
    recording = Recording()
    recording.append(ints(silence(0.01)), 0.0)
    with pytest.raises(TimeoutError):
        recording.wait_until(1.0, timeout_s=0.05)


def test_a_track_that_stops_delivering_is_silence() -> None:
    log = FrameLog(16_000)
    log.append(ints(tone(1000, 0.01, -20)[::3]), 5.0)
    assert loudest_dbfs(log.between(4.9, 5.1)) == pytest.approx(-20, abs=0.5)
    assert loudest_dbfs(log.between(5.1, 6.0)) == SILENT_DBFS
    assert log.loud_times(-30, 0.0) == [5.0]


def test_a_tone_shifted_on_its_way_is_as_loud_as_before() -> None:
    sound = tone(1700, 1.0, -20)
    shifted = clip(np.delete(sound, slice(20_000, 20_240)))
    assert tone_dbfs(shifted, 1700) < -25
    assert steady_tone_dbfs(shifted, 1700) == pytest.approx(-20, abs=0.1)
    assert steady_tone_dbfs(clip(silence(0.5)), 1700) == SILENT_DBFS
    assert steady_tone_dbfs(clip(silence(0.01)), 1700) == SILENT_DBFS


def test_a_gap_is_as_long_as_it_is() -> None:
    assert longest_gap_s(clip(tone(440, 1, -20), silence(0.3), tone(440, 1, -20))) == 0.3
    assert longest_gap_s(clip(tone(440, 1, -20))) == 0


def test_who_hums_is_as_loud_as_said_and_has_nothing_where_clicks_are() -> None:
    sound = hum(3.0, -24)
    assert loudest_dbfs(clip(sound)) == pytest.approx(-24, abs=4)
    assert 0.09 < longest_gap_s(clip(sound[: int(2.8 * RATE_HZ)])) < 0.2
    spectrum = np.abs(np.fft.rfft(sound)) ** 2
    hz = np.fft.rfftfreq(len(sound), 1 / RATE_HZ)
    assert spectrum[hz > 2000].sum() < 1e-4 * spectrum.sum()
