import numpy as np

from woxly_tui.media.chirps import RATE_HZ, SILENT_DBFS, chirp, dbfs, find, train


def test_a_chirp_is_found_where_it_is_however_quiet() -> None:
    rng = np.random.default_rng(1)
    for gain in (1.0, 0.01):
        sound = (rng.standard_normal(RATE_HZ) * 20 * gain).astype(np.int16)
        one = (chirp(-12.0) * gain).astype(np.int16)
        sound[7000 : 7000 + len(one)] += one
        arrival = find(sound)
        assert arrival is not None
        assert abs(arrival.at - 7000) < 5


def test_noise_silence_and_a_stretch_too_short_hold_none() -> None:
    rng = np.random.default_rng(2)
    assert find((rng.standard_normal(RATE_HZ) * 3000).astype(np.int16)) is None
    assert find(np.zeros(RATE_HZ, dtype=np.int16)) is None
    assert find(np.ones(10, dtype=np.int16)) is None


def test_levels_and_trains() -> None:
    assert dbfs(np.zeros(100, dtype=np.int16)) == SILENT_DBFS
    assert round(dbfs(np.full(100, 16384, dtype=np.int16))) == -6
    assert len(train(3, 0.5, -12.0)) == int(1.5 * RATE_HZ)
