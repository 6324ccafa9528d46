import contextlib
import resource
import shutil
import signal
import stat
import subprocess
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from woxly_tui.errors import MediaError
from woxly_tui.media import flac_file, record_files
from woxly_tui.media.flac_file import FlacFile
from woxly_tui.media.playout_buffer import RATE_HZ, Samples
from woxly_tui.media.record_files import RecordFolder, WavFile, free_name, safe_name
from woxly_tui.types import RecordFormat

TONE: Samples = (8000 * np.sin(np.arange(RATE_HZ) / 20)).astype(np.int16)


@pytest.fixture(autouse=True)
def roomy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_files, "START_FREE_BYTES", 0)


@contextlib.contextmanager
def small_files(most_bytes: int) -> Iterator[None]:
    """No file may become larger."""
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, limit[1]))
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, ignored)


def read_wav(path: Path) -> Samples:
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE_HZ)
        return np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)


def test_sound_is_written_as_it_is_and_silence_may_be_a_hole(tmp_path: Path) -> None:
    file = WavFile(tmp_path / "a.wav")
    file.skip(3600 * RATE_HZ)
    file.write(TONE)
    file.close()
    sound = read_wav(tmp_path / "a.wav")
    assert len(sound) == 3601 * RATE_HZ
    assert np.array_equal(sound[-RATE_HZ:], TONE)
    assert not sound[:-RATE_HZ].any()
    assert (tmp_path / "a.wav").stat().st_blocks * 512 < 1_000_000


def test_the_header_is_true_before_the_file_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_files, "HEADER_EVERY_S", 0.0)
    file = WavFile(tmp_path / "a.wav")
    file.write(TONE)
    assert np.array_equal(read_wav(tmp_path / "a.wav"), TONE), "as after kill -9"
    file.close()


def test_flac_is_the_same_sound(tmp_path: Path) -> None:
    import soundfile

    file = FlacFile(tmp_path / "a.flac")
    file.skip(11 * RATE_HZ)
    file.write(TONE)
    file.close()
    sound, rate = soundfile.read(tmp_path / "a.flac", dtype="int16")
    assert rate == RATE_HZ
    assert np.array_equal(sound[-RATE_HZ:], TONE)
    assert len(sound) == 12 * RATE_HZ
    assert stat.S_IMODE((tmp_path / "a.flac").stat().st_mode) == 0o600


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"mine")
    (tmp_path / "a.flac").write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        WavFile(tmp_path / "a.wav")
    with pytest.raises(FileExistsError):
        FlacFile(tmp_path / "a.flac")


@pytest.mark.parametrize("kind", list(RecordFormat))
def test_a_full_disk_is_an_error_and_what_is_there_can_be_played(
    tmp_path: Path, kind: RecordFormat
) -> None:
    import soundfile

    folder = RecordFolder(tmp_path, "standup", kind)
    noise = np.random.default_rng(1).integers(-9000, 9000, RATE_HZ).astype(np.int16)
    folder.write({}, noise, {})
    with small_files(500_001):
        with pytest.raises(OSError, match=r"."):
            folder.write({"ann": np.tile(noise, 30)}, noise, {})
        folder.close()
    (file,) = folder.path.glob("ann*")
    sound, _ = soundfile.read(file, dtype="int16")
    assert len(sound) > 4 * RATE_HZ
    assert np.array_equal(sound[RATE_HZ:], np.tile(noise, 30)[: len(sound) - RATE_HZ])
    mix, _ = soundfile.read(folder.path / f"mix.{kind}", dtype="int16")
    assert np.array_equal(mix, noise)
    for path in folder.path.iterdir():
        check_with_sox(path)


def check_with_sox(path: Path) -> None:
    """As strict as any tool; where it is installed."""
    if (sox := shutil.which("sox")) is not None:
        done = subprocess.run([sox, path, "-n", "stat"], capture_output=True, text=True, check=True)
        assert "WARN" not in done.stderr


def test_flac_that_nobody_closed_has_a_length(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import soundfile

    monkeypatch.setattr(flac_file, "HEADER_EVERY_S", 0.0)
    file = FlacFile(tmp_path / "a.flac")
    file.write(TONE)
    sound, _ = soundfile.read(tmp_path / "a.flac", dtype="int16")
    assert len(sound) > RATE_HZ * 9 // 10
    assert np.array_equal(sound, TONE[: len(sound)]), "as after kill -9"
    file.close()
    assert soundfile.info(tmp_path / "a.flac").frames == RATE_HZ


@pytest.mark.parametrize("kind", list(RecordFormat))
def test_a_file_that_cannot_be_begun_is_not_left(tmp_path: Path, kind: RecordFormat) -> None:
    folder = RecordFolder(tmp_path, "standup", kind)
    folder.write({}, TONE, {})
    with small_files(8), pytest.raises(OSError, match=r"."):
        folder.write({"ann": TONE}, TONE, {})
    folder.close()
    assert [path.name for path in folder.path.iterdir()] == [f"mix.{kind}"]


def test_a_folder_is_named_by_room_and_date_and_each_file_by_its_person(tmp_path: Path) -> None:
    folder = RecordFolder(tmp_path / "new", "stand/up", RecordFormat.WAV)
    folder.write({}, TONE, {})
    blocks = {"id-1": TONE, "id-2": TONE, "id-3": TONE}
    folder.write(blocks, TONE, {"id-1": "Ann", "id-2": "ann", "id-3": "mix"})
    folder.close()
    assert folder.path.name.startswith("stand_up 2")
    names = sorted(file.name for file in folder.path.iterdir())
    assert names == ["Ann.wav", "ann (2).wav", "mix (2).wav", "mix.wav"]
    late = read_wav(folder.path / "Ann.wav")
    assert len(late) == len(read_wav(folder.path / "mix.wav")) == 2 * RATE_HZ
    assert not late[:RATE_HZ].any()
    modes = {stat.S_IMODE(file.stat().st_mode) for file in folder.path.iterdir()}
    assert modes == {0o600}
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    assert folder.length_s == 2.0


def test_two_in_the_same_second_do_not_meet(tmp_path: Path) -> None:
    folders = [RecordFolder(tmp_path, "standup", RecordFormat.WAV) for _ in range(3)]
    assert len({folder.path for folder in folders}) == 3
    for folder in folders:
        folder.close()


def test_too_little_space_and_no_such_place_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_files, "START_FREE_BYTES", 10**18)
    with pytest.raises(MediaError, match="too little space"):
        RecordFolder(tmp_path, "standup", RecordFormat.WAV)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(MediaError, match="nothing can be written"):
        RecordFolder(tmp_path / "file", "standup", RecordFormat.WAV)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Ann Lee", "Ann Lee"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("a/b\\c:d*e?f\x00\x1b\n", "a_b_c_d_e_f___"),
        ("..", "person"),
        ("", "person"),
        ("***", "person ___"),
        ("con", "person con"),
        ("NUL.txt", "person NUL.txt"),
        ("漢字", "漢字"),
        (" x. ", "x"),
        ("-rf", "-rf"),
    ],
)
def test_names_lead_nowhere(name: str, safe: str) -> None:
    assert safe_name(name, "person") == safe


def test_long_names_are_cut_between_characters() -> None:
    assert safe_name("漢" * 200, "person") == "漢" * 26


def test_names_that_are_taken_get_a_number() -> None:
    taken: set[str] = {"ann", "ann (2)"}
    assert free_name("Ann", taken) == "Ann (3)"
