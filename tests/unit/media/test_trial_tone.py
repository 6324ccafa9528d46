import numpy as np

from woxly_tui.media.pulse_aside import TONE_LIMIT_S, TONE_RATE_HZ
from woxly_tui.media.trial_tone import TONE_DBFS, trial_tone


def test_it_is_short_of_a_bearable_level_and_begins_and_ends_in_silence() -> None:
    tone = np.frombuffer(trial_tone(), dtype="<i2").astype(np.float64)
    assert len(tone) / TONE_RATE_HZ < TONE_LIMIT_S / 2
    peak_dbfs = 20 * np.log10(np.abs(tone).max() / 32768)
    assert abs(peak_dbfs - TONE_DBFS) < 0.2
    assert abs(tone[0]) < 10
    assert abs(tone[-1]) < 30
    assert np.abs(np.diff(tone)).max() < 1000, "a click"
