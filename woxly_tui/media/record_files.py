"""The files of a recording: where they are, what they are called, and how sound gets into them.

A file can be played at any time by any tool, whatever becomes of this process or the disk: its
header is made true every other second, and never needs more room.
"""

import contextlib
import errno
import os
import shutil
import struct
import time
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol

from woxly_tui.errors import MediaError
from woxly_tui.media.flac_file import HEADER_EVERY_S, FlacFile
from woxly_tui.media.playout_buffer import RATE_HZ, Samples
from woxly_tui.types import RecordFormat

START_FREE_BYTES: Final = 100_000_000
"""Less free space than this, and no recording begins."""

STOP_FREE_BYTES: Final = 20_000_000
"""Less, and it ends: a full disk harms more than a recording."""

MAX_SECONDS: Final = 12 * 3600
"""Longest recording: a WAV file cannot be longer than 4 GiB."""

MAX_NAME_BYTES: Final = 80
"""Of a person or a room, within the name of a file or folder."""

MIX_NAME: Final = "mix"

_HEADER: Final = struct.Struct("<4sI4s4sIHHIIHH4sI")

_RESERVED: Final = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
)
"""No file can be called that on Windows, where somebody may copy it to."""


class TrackFile(Protocol):
    """One file that sound is added to. One thread."""

    def write(self, samples: Samples) -> None:
        """Add sound.

        Raises:
            OSError: The disk is full, or gone.
        """

    def skip(self, count: int) -> None:
        """Add so many samples of silence; raises as `write`."""

    def close(self) -> None:
        """Complete it. Never raises."""


class WavFile:
    """16 bits, one channel. Made anew, for this user only.

    Raises:
        OSError: It cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._size = 0
        self._told_at = time.monotonic()
        try:
            self._tell()
        except OSError:
            os.close(self._file)
            raise

    def write(self, samples: Samples) -> None:
        data = samples.astype("<i2").tobytes()
        written = 0
        try:
            while written < len(data):
                at = _HEADER.size + self._size + written
                written += os.pwrite(self._file, memoryview(data)[written:], at)
        finally:
            self._size += written - written % 2
        if time.monotonic() - self._told_at > HEADER_EVERY_S:
            self._tell()

    def skip(self, count: int) -> None:
        # A hole reads as zeros, and costs no space where the file system knows holes.
        self._size += 2 * count
        os.ftruncate(self._file, _HEADER.size + self._size)

    def _tell(self) -> None:
        self._told_at = time.monotonic()
        rate = RATE_HZ
        header = _HEADER.pack(
            *(b"RIFF", self._size + _HEADER.size - 8, b"WAVE"),
            *(b"fmt ", 16, 1, 1, rate, 2 * rate, 2, 16),
            *(b"data", self._size),
        )
        if os.pwrite(self._file, header, 0) < len(header):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._tell()
            os.ftruncate(self._file, _HEADER.size + self._size)
        os.close(self._file)


class RecordFolder:
    """The folder of one recording. One thread.

    Args:
        directory: Where it is made.
        room: Named after it, and the present time.
        kind: What is written.

    Raises:
        MediaError: It cannot be made there, or there is little space.
    """

    def __init__(self, directory: Path, room: str, kind: RecordFormat) -> None:
        self._kind = kind
        self._tracks: dict[str, TrackFile] = {}
        self._names: set[str] = set()
        self._length = 0
        self.path = _new_folder(directory, room)
        try:
            if self.free_bytes() < START_FREE_BYTES:
                raise MediaError(
                    f"there is too little space at {directory}: {self.free_bytes() // 10**6} MB, "
                    f"and a recording wants {START_FREE_BYTES // 10**6} MB to begin with"
                )
            self._mix = self._open(MIX_NAME)
        except OSError as error:
            self._remove()
            raise _no_folder(directory, error) from error
        except MediaError:
            self._remove()
            raise

    def _remove(self) -> None:
        with contextlib.suppress(OSError):
            self.path.rmdir()

    def free_bytes(self) -> int:
        """What is left on its disk."""
        return shutil.disk_usage(self.path).free

    def write(self, blocks: Mapping[str, Samples], mix: Samples, names: Mapping[str, str]) -> None:
        """Add sound of everybody, equally long; who is new begins with silence.

        Args:
            blocks: By identity.
            mix: All of it together.
            names: What to call the files, by identity.

        Raises:
            OSError: The disk is full, or gone.
        """
        for identity, block in blocks.items():
            if identity not in self._tracks:
                self._tracks[identity] = self._open(names.get(identity, identity))
                self._tracks[identity].skip(self._length)
            self._tracks[identity].write(block)
        self._mix.write(mix)
        self._length += len(mix)

    @property
    def length_s(self) -> float:
        """How long it is by now."""
        return self._length / RATE_HZ

    def _open(self, name: str) -> TrackFile:
        name = free_name(safe_name(name, "person"), self._names)
        self._names.add(name.casefold())
        path = self.path / f"{name}.{self._kind}"
        try:
            return WavFile(path) if self._kind is RecordFormat.WAV else FlacFile(path)
        except FileExistsError:
            raise
        except OSError:
            path.unlink(missing_ok=True)  # nothing could play it
            raise

    def close(self) -> None:
        """Complete all files. Never raises."""
        for track in (*self._tracks.values(), self._mix):
            track.close()


def _new_folder(directory: Path, room: str) -> Path:
    stamp = time.strftime("%Y-%m-%d %H.%M.%S")
    name = f"{safe_name(room, 'call')} {stamp}"
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for number in range(1, 100):
            path = directory / (name if number == 1 else f"{name} ({number})")
            with contextlib.suppress(FileExistsError):
                path.mkdir(mode=0o700)
                return path
    except OSError as error:
        raise _no_folder(directory, error) from error
    raise MediaError(f"there are folders enough called {name} at {directory}")


def _no_folder(directory: Path, error: OSError) -> MediaError:
    return MediaError(f"nothing can be written at {directory} ({error.strerror or error})")


def safe_name(name: str, fallback: str) -> str:
    """A name that any file system takes, and that leads nowhere else."""
    name = unicodedata.normalize("NFC", name)
    kept = "".join(char if char.isalnum() or char in " -_." else "_" for char in name)
    kept = " ".join(kept.split())
    while len(kept.encode()) > MAX_NAME_BYTES:
        kept = kept[:-1]
    kept = kept.strip(" .")
    if not kept.strip("_") or kept.partition(".")[0].casefold() in _RESERVED:
        return f"{fallback} {kept}".strip()
    return kept


def free_name(name: str, taken: set[str]) -> str:
    """The name, with a number where it is taken already."""
    number, free = 1, name
    while free.casefold() in taken:
        number += 1
        free = f"{name} ({number})"
    return free
