"""What `woxly play` plays: a file that libsndfile reads, or samples from standard input."""

import argparse
import contextlib
import os
import select
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Protocol, Self

from woxly_tui.cli.play_cut import is_cut
from woxly_tui.errors import UsageError, WoxlyError

FORMATS: Final = ("s16le", "s32le", "f32le", "u8")

_WIDTHS: Final = {"s16le": 2, "s32le": 4, "f32le": 4, "u8": 1}

LEAST_HZ: Final = 4_000
MOST_HZ: Final = 384_000
MOST_CHANNELS: Final = 32

BLOCK_S: Final = 0.2
"""Read at a time."""

ALIVE_EVERY_S: Final = 1.0
"""How often a pipe that gives nothing is told of."""

_HEADS: Final = (b"OggS", b"fLaC", b"RIFF", b"FORM")
"""What begins so is sound, or was to be."""

WAS_PLAYED: Final = "what is there was played"

NOT_AUDIO: Final = "WAV, FLAC, OGG, Opus and MP3 can be played; for others, pipe from ffmpeg"


class Source(Protocol):
    """Sound to play; use it in `with`."""

    title: str
    rate_hz: int
    length_s: float | None
    note: str
    """What went wrong on the way, for the user; empty where all is well."""
    is_cut: bool
    """There should have been more."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def chunks(self) -> Iterator[bytes]:
        """16 bits, little endian, mono. An empty one: nothing yet.

        Raises:
            WoxlyError: Nothing comes at all.
        """


def open_source(args: argparse.Namespace) -> Source:
    """Open what the flags name.

    Raises:
        UsageError: It cannot be played.
    """
    if args.file != "-":
        return FileSource(Path(args.file), args.title)
    if sys.stdin.isatty():
        raise UsageError("standard input is a terminal", "pipe samples into `woxly play -`")
    _check("standard input", args.rate, args.channels)
    return PipeSource(
        sys.stdin.fileno(), args.title or "standard input", args.rate, args.channels, args.format
    )


def _check(what: str, rate_hz: int, channels: int) -> None:
    if not LEAST_HZ <= rate_hz <= MOST_HZ:
        raise UsageError(
            f"{what} at {rate_hz} Hz cannot be played", f"from {LEAST_HZ} to {MOST_HZ} Hz"
        )
    if not 1 <= channels <= MOST_CHANNELS:
        raise UsageError(
            f"{what} with {channels} channels cannot be played", f"from 1 to {MOST_CHANNELS}"
        )


def _check_readable(path: Path) -> None:
    try:
        mode = path.stat().st_mode
        if stat.S_ISREG(mode):
            path.open("rb").close()
    except OSError as error:
        remedy = "look at its name" if isinstance(error, FileNotFoundError) else "`ls -ld` it"
        if isinstance(error, PermissionError):
            remedy = "`chmod u+r` it, or copy it to where you may read"
        raise UsageError(f"cannot read {path} ({error.strerror or error})", remedy) from None
    except ValueError:
        raise UsageError("that is no name of a file", "name one, or - for a pipe") from None
    if stat.S_ISDIR(mode):
        raise UsageError(f"cannot play {path}: it is a folder", "name a file in it")
    if not stat.S_ISREG(mode):
        raise UsageError(
            f"cannot play {path}: it is no file", "pipe samples from it: `woxly play - < PATH`"
        )
    if not path.stat().st_size:
        raise UsageError(f"cannot play {path}: it is empty", "look where it comes from")


def _no_sound(path: Path) -> UsageError:
    what = "it was cut off before its first sound, or holds none"
    return UsageError(f"cannot play {path}: {what}", "copy or download it again")


def _not_audio(path: Path) -> UsageError:
    with contextlib.suppress(OSError), path.open("rb") as file:
        if file.read(4) in _HEADS:
            return _no_sound(path)
    what = "it is not audio, or of a kind unknown here"
    return UsageError(f"cannot play {path}: {what}", NOT_AUDIO)


@contextlib.contextmanager
def _hushed() -> Iterator[None]:
    """The MP3 decoder writes its worries to standard error by itself."""
    sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # there is none
        yield
        return
    try:
        with open(os.devnull, "wb") as nothing:  # noqa: PTH123 - by descriptor
            os.dup2(nothing.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


class FileSource:
    """A file, decoded as it is played.

    Args:
        path: Which.
        title: What the others read; the name of the file where None.

    Raises:
        UsageError: It is not there, not readable, or not audio.
    """

    def __init__(self, path: Path, title: str | None = None) -> None:
        import soundfile

        _check_readable(path)
        self._path = path
        self._error: type[Exception] = soundfile.SoundFileError
        try:
            with _hushed():
                self._file: Any = soundfile.SoundFile(path)
        except self._error:
            raise _not_audio(path) from None
        self.title = title or path.name
        self.rate_hz = int(self._file.samplerate)
        self.note = ""
        self.is_cut = False
        try:
            _check(str(path), self.rate_hz, int(self._file.channels))
        except UsageError:
            self._file.close()
            raise
        frames = int(self._file.frames)
        if not frames:
            self._file.close()
            raise _no_sound(path)
        # Of a stream that never ended, the header says anything.
        self.length_s = frames / self.rate_hz if frames < 1 << 40 else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def chunks(self) -> Iterator[bytes]:
        played, told = 0, int(self._file.frames)
        while True:
            try:
                with _hushed():
                    block = self._file.read(
                        round(BLOCK_S * self.rate_hz), dtype="float32", always_2d=True
                    )
            except self._error:
                self._note_cut("cut off or damaged")
                return
            if not len(block):
                break
            played += len(block)
            yield _as_16_bits(block)
        if is_cut(self._path, str(self._file.format), told, played):
            self._note_cut("cut off")

    def _note_cut(self, how: str) -> None:
        self.is_cut = True
        self.note = f"{self.title} is {how}: {WAS_PLAYED}"


class PipeSource:
    """Samples from a pipe, as they come.

    Args:
        fd: Where from.
        title: What the others read.
        rate_hz, channels, kind: What the samples are.
    """

    def __init__(self, fd: int, title: str, rate_hz: int, channels: int, kind: str) -> None:
        import numpy  # noqa: F401, ICN001 - it may take seconds, in which nothing would be sent

        self._fd = fd
        self.title = title
        self.rate_hz = rate_hz
        self._channels = channels
        self._kind = kind
        self.length_s: float | None = None
        self.note = ""
        self.is_cut = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def chunks(self) -> Iterator[bytes]:
        width = _WIDTHS[self._kind] * self._channels
        size = width * max(1, round(BLOCK_S * self.rate_hz))
        held, is_any = b"", False
        while True:
            if not select.select([self._fd], [], [], ALIVE_EVERY_S)[0]:
                yield b""
                continue
            data = os.read(self._fd, size - len(held))
            held += data
            is_any = is_any or bool(data)
            whole = len(held) // width * width
            # Half a block is no hurry, unless it is the last.
            if data and len(held) < size and select.select([self._fd], [], [], 0.02)[0]:
                continue
            if not (data or is_any):
                raise WoxlyError(
                    "Nothing came on standard input", "look at the command before the pipe"
                )
            if whole:
                yield self._mono(held[:whole])
                held = held[whole:]
            if not data:
                if held:
                    self.note = "the last sample was cut off: check --format and --channels"
                return

    def _mono(self, data: bytes) -> bytes:
        import numpy as np

        samples: Any
        match self._kind:
            case "s16le":
                samples = np.frombuffer(data, dtype="<i2") / np.float32(1 << 15)
            case "s32le":
                samples = np.frombuffer(data, dtype="<i4") / np.float32(1 << 31)
            case "u8":
                samples = (np.frombuffer(data, dtype="u1") - np.float32(128)) / np.float32(128)
            case _:
                samples = np.frombuffer(data, dtype="<f4")
        return _as_16_bits(samples.reshape(-1, self._channels))


def _as_16_bits(block: Any) -> bytes:
    """Frames of any channels as mono; what is no number becomes silence."""
    import numpy as np

    mono = np.nan_to_num(block.mean(axis=1), nan=0.0, posinf=1.0, neginf=-1.0)
    samples = np.clip(np.round(mono * 32768), -32768, 32767)
    return bytes(samples.astype("<i2").tobytes())
