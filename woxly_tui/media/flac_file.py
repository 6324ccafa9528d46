"""A FLAC file that can be played at any time, also where the disk was full in the middle of it.

    FlacFile.write ─► libsndfile ─► header and frames ─► FlacSink ─► file

The library must never hear that something could not be written: it would leave the file without
its length, which most tools ask for. The sink keeps only whole frames, and counts them.
"""

import contextlib
import os
import time
from pathlib import Path
from typing import Any, Final

import numpy as np

from woxly_tui.media.playout_buffer import RATE_HZ, Samples

HEADER_EVERY_S: Final = 2.0
"""Time between two headers, of WAV and FLAC."""

_BLOCK_AT: Final = 8
"""Where the samples of a frame stand, in two bytes."""

_LENGTH_AT: Final = 18
"""Where eight bytes stand of which the last 36 bits are the length in samples."""

_SUM_AT: Final = 26
"""Where the sum of all samples stands, in 16 bytes; zeros say that it is not known."""

_HEADER_BYTES: Final = 42

_FRAME: Final = b"\xff\xf8"
"""Every frame begins with it, where all are equally long."""


class FlacSink:
    """What the library writes to. Takes everything; one thread.

    Args:
        file: Empty, and this object's from now on.
    """

    def __init__(self, file: int) -> None:
        self._file = file
        self._at = 0
        self._told = 0
        """Where the library believes the end to be."""
        self._end = 0
        """Where it is."""
        self.frames = 0
        """Whole ones that are there."""
        self.error: OSError | None = None
        """Why no more is added."""

    def write(self, data: bytes) -> int:
        """Add one frame, or change the header."""
        at, self._at = self._at, self._at + len(data)
        self._told = max(self._told, self._at)
        if at < self._end:
            self._put(data[: self._end - at], at)
        elif self.error is None:
            if self._put(data, at):
                self._end = self._at
                self.frames += data.startswith(_FRAME)
            else:
                with contextlib.suppress(OSError):
                    os.ftruncate(self._file, self._end)
        return len(data)

    def _put(self, data: bytes, at: int) -> bool:
        view = memoryview(data)
        try:
            while view:
                done = os.pwrite(self._file, view, at)
                view, at = view[done:], at + done
        except OSError as error:
            self.error = self.error or error
            return False
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to where the library wants to write next."""
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._told}[whence]
        return self._at

    def tell(self) -> int:
        """Where that is."""
        return self._at

    def tell_length(self) -> None:
        """Have the header say what is there by now, but for the sum.

        Raises:
            OSError: The disk is gone.
        """
        header = os.pread(self._file, _HEADER_BYTES, 0)
        if len(header) < _HEADER_BYTES:
            return
        block = int.from_bytes(header[_BLOCK_AT : _BLOCK_AT + 2])
        fields = int.from_bytes(header[_LENGTH_AT:_SUM_AT]) >> 36 << 36
        length = (fields | self.frames * block).to_bytes(_SUM_AT - _LENGTH_AT)
        self._put(length + bytes(_HEADER_BYTES - _SUM_AT), _LENGTH_AT)

    def close(self) -> None:
        """Leave only what can be played. Never raises."""
        with contextlib.suppress(OSError):
            if self.error is not None:
                self.tell_length()
        os.close(self._file)


class FlacFile:
    """16 bits, one channel, by libsndfile. Made anew, for this user only.

    Raises:
        OSError: It cannot be made.
    """

    def __init__(self, path: Path) -> None:
        # Not before: it loads a library, and few record.
        import soundfile

        self._error: Any = soundfile.LibsndfileError
        raw = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._path = path
        self._sink = FlacSink(raw)
        self._file = soundfile.SoundFile(self._sink, "w", RATE_HZ, 1, "PCM_16", format="FLAC")
        self._told_at = time.monotonic()

    def write(self, samples: Samples) -> None:
        try:
            self._file.write(samples)
        except (self._error, AssertionError) as error:
            raise OSError(str(error)) from error
        if self._sink.error is not None:
            raise self._sink.error
        if time.monotonic() - self._told_at > HEADER_EVERY_S:
            self._told_at = time.monotonic()
            self._sink.tell_length()

    def skip(self, count: int) -> None:
        silence = np.zeros(10 * RATE_HZ, dtype=np.int16)
        for done in range(0, count, len(silence)):
            self.write(silence[: count - done])

    def close(self) -> None:
        """Complete it; one that holds nothing is removed. Never raises."""
        try:
            self._file.close()
        except self._error as error:
            self._sink.error = self._sink.error or OSError(str(error))
        self._sink.close()
        if self._sink.frames == 0:
            with contextlib.suppress(OSError):
                self._path.unlink()  # no tool takes it for a file of sound
