"""Whether a sound file was cut off: libsndfile plays what is there, and says nothing."""

from pathlib import Path
from typing import Final, Literal

_SIZE_UNKNOWN: Final = 0x7FFF_0000
"""What programs that write into a pipe put where the size should stand is no less."""

_TAIL_BYTES: Final = 65536 + 282
"""The largest page of an Ogg file, and its head."""

_OGG_HEAD: Final = 27
_OGG_LAST: Final = 4
"""The flag of the last page of a stream."""

_MP3_HEAD_BYTES: Final = 4096
"""Of the first frame, in which the number of all frames stands, if anywhere."""

_MP3_SLACK: Final = 4 * 1152
"""Samples that coders add and decoders leave out."""


def is_cut(path: Path, kind: str, told: int, played: int) -> bool:
    """Whether less is there than the file itself says; False where it says nothing.

    Args:
        path: The file, which may be gone by now.
        kind: Of its container, as libsndfile calls it.
        told: Frames there should be, as libsndfile understood the head.
        played: Frames there were.
    """
    try:
        match kind:
            case "WAV" | "WAVEX":
                return _is_chunk_short(path, "little")
            case "AIFF":
                return _is_chunk_short(path, "big")
            case "OGG":
                return not _ends_ogg(path)
            case "FLAC":
                return played < told
            case "MP3" | "MPEG":
                return played < told - _MP3_SLACK and _tells_mp3_length(path)
    except OSError:
        return False
    return False


def _is_chunk_short(path: Path, order: Literal["little", "big"]) -> bool:
    with path.open("rb") as file:
        head = file.read(8)
    size = int.from_bytes(head[4:8], order)
    return 0 < size < _SIZE_UNKNOWN and path.stat().st_size < size + 8


def _ends_ogg(path: Path) -> bool:
    """Whether the last page is whole, and says that it is the last."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        tail = file.read(_TAIL_BYTES)
    at = tail.rfind(b"OggS")
    while at >= 0:
        head = tail[at : at + _OGG_HEAD]
        if len(head) == _OGG_HEAD and head[4] == 0 and head[5] & _OGG_LAST:
            table = tail[at + _OGG_HEAD : at + _OGG_HEAD + head[26]]
            return len(table) == head[26] and at + _OGG_HEAD + head[26] + sum(table) <= len(tail)
        at = tail.rfind(b"OggS", 0, at)
    return False


def _tells_mp3_length(path: Path) -> bool:
    """Whether the first frame counts them all; without that the length is a guess."""
    with path.open("rb") as file:
        tag = file.read(10)
        if tag[:3] == b"ID3" and len(tag) == 10:
            size = 0
            for byte in tag[6:10]:
                size = size << 7 | byte & 0x7F
            file.seek(10 + size)
        else:
            file.seek(0)
        head = file.read(_MP3_HEAD_BYTES)
    return any(mark in head for mark in (b"Xing", b"Info", b"VBRI"))
