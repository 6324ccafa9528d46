import threading
import wave
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from woxly_tui.media import record_files, recorder
from woxly_tui.media.playout_buffer import FRAME_SAMPLES, RATE_HZ, Samples
from woxly_tui.media.record_files import RecordFolder
from woxly_tui.media.recorder import DISK_FULL, Recorder
from woxly_tui.types import RecordFormat

FRAME = np.full(FRAME_SAMPLES, 1000, dtype=np.int16)


class Rig:
    def __init__(self, path: Path) -> None:
        self.ended = threading.Event()
        self.folder = RecordFolder(path, "standup", RecordFormat.WAV)

    def start(self) -> Recorder:
        return Recorder(self.folder, lambda: {"id-ann": "ann"}, self.ended.set)


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rig:
    monkeypatch.setattr(record_files, "START_FREE_BYTES", 0)
    monkeypatch.setattr(recorder, "STOP_FREE_BYTES", 0)
    monkeypatch.setattr(recorder, "EVERY_S", 0.01)
    monkeypatch.setattr(recorder, "LOOK_EVERY_S", 0.0)
    return Rig(tmp_path)


def frames(path: Path) -> int:
    with wave.open(str(path)) as file:
        return int(file.getnframes())


def test_what_came_last_is_written_when_it_is_closed(rig: Rig) -> None:
    recording = rig.start()
    recording.push("t", "id-ann", FRAME)
    threading.Event().wait(0.05)
    written = recording.close()
    assert written.cause == ""
    assert not rig.ended.is_set()
    assert frames(rig.folder.path / "ann.wav") == frames(rig.folder.path / "mix.wav") > 0


def test_a_disk_that_fills_up_ends_it_with_a_word(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "STOP_FREE_BYTES", 10**18)
    recording = rig.start()
    assert rig.ended.wait(5)
    assert recording.close().cause == DISK_FULL


def test_a_disk_that_fails_ends_it_with_a_word(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_blocks: Mapping[str, Samples], _mix: Samples, _names: Mapping[str, str]) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(rig.folder, "write", fail)
    recording = rig.start()
    assert rig.ended.wait(5)
    assert "No space left" in recording.close().cause


def test_a_disk_that_hangs_holds_up_nobody(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "CLOSE_LIMIT_S", 0.05)
    hung = threading.Event()
    monkeypatch.setattr(rig.folder, "write", lambda *_: hung.wait(5))
    recording = rig.start()
    for _ in range(2000):
        recording.push("t", "id-ann", FRAME)
    assert recording.lost_s > 0
    recording.close()
    hung.set()


def test_what_is_sent_later_is_recorded_where_it_is_sent(rig: Rig) -> None:
    recording = rig.start()
    piece = np.full(700, 1000, dtype=np.int16)
    for number in range(10):
        recording.push_ahead("played", "id-ann", piece, number * len(piece) / RATE_HZ)
    threading.Event().wait(0.3)
    recording.close()
    with wave.open(str(rig.folder.path / "ann.wav")) as file:
        sound = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)
    assert np.count_nonzero(sound) == 7000 // FRAME_SAMPLES * FRAME_SAMPLES
