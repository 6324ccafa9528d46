"""What `woxly play` makes of files and pipes, good and hostile."""

import base64
import os
import re
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from woxly_tui.cli.main import main
from woxly_tui.cli.play import MAX_CHUNK_BYTES, _cut
from woxly_tui.cli.play_cut import is_cut
from woxly_tui.cli.play_source import FileSource, PipeSource
from woxly_tui.control.protocol import MAX_LINE_BYTES
from woxly_tui.errors import UsageError, WoxlyError

SINE = (0.25 * np.sin(2 * np.pi * 440 * np.arange(48_000) / 48_000)).astype(np.float32)


def samples(source: Any) -> np.ndarray[Any, Any]:
    with source:
        return np.frombuffer(b"".join(source.chunks()), dtype="<i2")


@pytest.mark.parametrize("ending", ["wav", "flac", "ogg", "mp3"])
def test_each_kind_of_file_is_played(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"tone.{ending}"
    soundfile.write(path, SINE, 48_000)
    source = FileSource(path)
    assert (source.title, source.rate_hz) == (path.name, 48_000)
    heard = samples(source)
    assert len(heard) == pytest.approx(48_000, abs=2500)
    assert np.abs(heard[10_000:30_000]).max() / 32767 == pytest.approx(0.25, abs=0.02)
    assert source.note == ""


def test_many_channels_at_a_high_rate_become_one(tmp_path: Path) -> None:
    path = tmp_path / "eight.wav"
    soundfile.write(path, np.stack([SINE] * 8, axis=1), 192_000)
    source = FileSource(path)
    heard = samples(source)
    assert source.rate_hz == 192_000
    assert len(heard) == 48_000
    assert np.abs(heard).max() / 32767 == pytest.approx(0.25, abs=0.01)


KINDS = {
    "wav": ("WAV", "PCM_16"),
    "aiff": ("AIFF", "PCM_16"),
    "flac": ("FLAC", "PCM_16"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
    "ogg": ("OGG", "VORBIS"),
    "opus": ("OGG", "OPUS"),
}


@pytest.mark.parametrize("ending", KINDS)
def test_a_truncated_file_is_played_as_far_as_it_goes_and_told_of(
    tmp_path: Path, ending: str, capfd: pytest.CaptureFixture[str]
) -> None:
    source = FileSource(cut(tmp_path, ending, 0.5))
    heard = samples(source)
    assert 3 * 48_000 < len(heard) < 7 * 48_000
    assert source.is_cut
    assert re.fullmatch(rf"cut\.{ending} is cut off.*: what is there was played", source.note)
    whole = FileSource(cut(tmp_path, ending, 1.0))
    assert len(samples(whole)) == pytest.approx(10 * 48_000, abs=2500)
    assert (whole.is_cut, whole.note) == (False, "")
    assert capfd.readouterr() == ("", ""), "the decoder's own words"


def test_a_file_cut_off_before_its_first_sound_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cut off before its first sound") as caught:
        FileSource(cut(tmp_path, "ogg", 0.02))
    assert caught.value.remedy


@pytest.mark.parametrize("size", [0, 0x7FFF_F024, 0xFFFF_FFFF])
def test_a_wav_written_into_a_pipe_is_not_cut_off(tmp_path: Path, size: int) -> None:
    path = tmp_path / "piped.wav"
    soundfile.write(path, SINE, 48_000)
    raw = bytearray(path.read_bytes())
    raw[4:8] = raw[40:44] = size.to_bytes(4, "little")
    path.write_bytes(raw)
    assert is_cut(path, "WAV", 48_000, 48_000) is False


def test_a_file_that_is_gone_meanwhile_is_not_called_cut_off(tmp_path: Path) -> None:
    assert is_cut(tmp_path / "gone", "OGG", 1, 1) is False


def cut(folder: Path, ending: str, share: float) -> Path:
    """The beginning of a file with ten seconds."""
    path = folder / f"cut.{ending}"
    noise = np.random.default_rng(1).normal(0, 0.1, 10 * 48_000).astype(np.float32)
    kind, subtype = KINDS[ending]
    soundfile.write(path, noise, 48_000, format=kind, subtype=subtype)
    path.write_bytes(path.read_bytes()[: round(path.stat().st_size * share)])
    return path


@pytest.mark.parametrize(
    "content", [b"", b"RIFF", b"\x00" * 5000, b"<html>" * 100, os.urandom(3000)], ids=range(5)
)
def test_what_is_not_audio_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.wav"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"not audio|cut off|is empty") as caught:
        FileSource(path)
    assert caught.value.remedy


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    for path, said in ((Path("/dev/zero"), "no file"), (fifo, "no file"), (tmp_path, "a folder")):
        with pytest.raises(UsageError, match=said) as caught:
            FileSource(path)
        assert caught.value.remedy
    with pytest.raises(UsageError, match="cannot read") as caught:
        FileSource(tmp_path / "nothing")
    assert caught.value.remedy


def test_a_file_that_may_not_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.wav"
    soundfile.write(path, SINE, 48_000)

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UsageError, match="Permission denied") as caught:
        FileSource(path)
    assert "chmod" in caught.value.remedy


def test_a_pipe_that_is_closed_at_once_is_told_of() -> None:
    source = pipe(b"")
    with pytest.raises(WoxlyError, match="Nothing came") as caught:
        samples(source)
    assert caught.value.remedy
    os.close(source._fd)


def pipe(data: bytes, kind: str = "s16le", channels: int = 1) -> PipeSource:
    read, write = os.pipe()

    def feed() -> None:
        os.write(write, data)
        os.close(write)

    threading.Thread(target=feed, daemon=True).start()
    return PipeSource(read, "standard input", 48_000, channels, kind)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("s16le", np.array([16384, -16384], "<i2").tobytes()),
        ("s32le", np.array([1 << 30, -(1 << 30)], "<i4").tobytes()),
        ("f32le", np.array([0.5, -0.5], "<f4").tobytes()),
        ("u8", bytes([192, 64])),
    ],
)
def test_samples_of_each_kind_mean_the_same(kind: str, data: bytes) -> None:
    source = pipe(data, kind)
    assert list(samples(source)) == [16384, -16384]
    os.close(source._fd)


def test_no_numbers_are_silence_and_half_a_sample_is_told_of() -> None:
    data = np.array([np.nan, np.inf, -np.inf, 9e9], "<f4").tobytes() + b"\x00\x01"
    source = pipe(data, "f32le")
    assert list(samples(source)) == [0, 32767, -32768, 32767]
    assert "cut off" in source.note
    os.close(source._fd)


def test_a_pipe_that_gives_nothing_says_that_it_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("woxly_tui.cli.play_source.ALIVE_EVERY_S", 0.01)
    read, write = os.pipe()
    source = PipeSource(read, "x", 48_000, 1, "s16le")
    chunks = source.chunks()
    assert next(chunks) == b""
    os.write(write, b"\x01\x00")
    assert b"\x01\x00" in (next(chunks), next(chunks))
    os.close(write)
    assert list(chunks) in ([], [b""])
    os.close(read)


def test_an_endless_stream_is_read_a_block_at_a_time() -> None:
    with open("/dev/zero", "rb") as zero:  # noqa: PTH123
        source = PipeSource(zero.fileno(), "zero", 192_000, 8, "f32le")
        chunks = source.chunks()
        sizes = [len(next(chunks)) for _ in range(5)]
    assert max(sizes) <= 2 * 0.2 * 192_000
    pieces = list(_cut(iter([b"\x00" * max(sizes)]), MAX_CHUNK_BYTES))
    longest = max(len(base64.b64encode(piece)) for piece in pieces)
    assert longest + 200 < MAX_LINE_BYTES
    assert list(_cut(iter([b""]), 100)) == [b""]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["play"], "nothing to play"),
        (["play", "x.wav", "--volume", "300"], "not a volume"),
        (["play", "x.wav", "--volume", "loud"], "invalid int"),
    ],
)
def test_bad_words_are_named(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    assert said in capsys.readouterr().err
