"""Files that people send: what is taken, where it lies, and how it is handed out.

Nobody's word is believed about what a file is. What a browser may open was looked at; all else
is saved, never shown, so that no file of somebody's runs as a page of this server.
"""

import asyncio
import contextlib
import logging
import os
import re
import secrets
import shutil
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from woxly_tui._lib.aio import TaskOwner

FOLDER_NAME: Final = "uploads"

KEPT_BYTES: Final = 2 << 30
"""Of one user."""

SPARE_BYTES: Final = 500 << 20
"""What must be left free on the disk."""

MAX_NAME_CHARS: Final = 120

_SWEEP_EVERY_S: Final = 3600.0
_FRESH_S: Final = 3600.0
"""A file so young may belong to a message that is being written."""

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{32}", re.ASCII)
_MIME: Final = re.compile(r"[a-z0-9][a-z0-9.+-]{0,48}/[a-z0-9][a-z0-9.+-]{0,48}", re.ASCII)

PLAIN: Final = "application/octet-stream"

_IMAGES: Final = (
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (b"GIF87a", "image/gif", "gif"),
    (b"GIF89a", "image/gif", "gif"),
)
_SOUNDS: Final = (
    (b"OggS", "audio/ogg", "ogg"),
    (b"\x1a\x45\xdf\xa3", "audio/webm", "webm"),
    (b"ID3", "audio/mpeg", "mp3"),
    (b"fLaC", "audio/flac", "flac"),
    (b"\xff\xfb", "audio/mpeg", "mp3"),
    (b"\xff\xf3", "audio/mpeg", "mp3"),
    (b"\xff\xf1", "audio/aac", "aac"),
    (b"\xff\xf9", "audio/aac", "aac"),
)

HEAD_BYTES: Final = 16
"""How much of a file tells what it is."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kind:
    """What may be sent to a route."""

    field: str
    """Of the form."""
    max_bytes: int
    looks: Callable[[bytes], "Look | None"]
    """What a file is, by how it begins."""
    takes_any: bool = False
    """Also what is not known to be anything."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a file was found to be."""

    mime: str
    suffix: str


def image(head: bytes) -> Look | None:
    """The picture that a file is."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Look("image/webp", "webp")
    return _begins(head, _IMAGES)


def sound(head: bytes) -> Look | None:
    """The recording that a file is."""
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return Look("audio/wav", "wav")
    if head[4:8] == b"ftyp":
        return Look("audio/mp4", "m4a")
    return _begins(head, _SOUNDS)


def _begins(head: bytes, known: Collection[tuple[bytes, str, str]]) -> Look | None:
    return next(
        (Look(mime, suffix) for begin, mime, suffix in known if head[: len(begin)] == begin), None
    )


AVATAR: Final = Kind("avatar", 5 << 20, image)
FILE: Final = Kind("file", 50 << 20, image, takes_any=True)
VOICE: Final = Kind("file", 10 << 20, sound)

_FORM_BYTES: Final = 256 << 10
"""What a form may hold besides its file."""

_ROUTES: Final = (
    (re.compile(r"/api/users/me/avatar|/api/rooms/[^/]+/avatar"), AVATAR),
    (re.compile(r"/api/messages/file"), FILE),
    (re.compile(r"/api/messages/voice"), VOICE),
)


def max_body_bytes(path: str, usual: int) -> int:
    """How large a body a path takes."""
    found = next((kind for route, kind in _ROUTES if route.fullmatch(path)), None)
    return usual if found is None else found.max_bytes + _FORM_BYTES


def new_token() -> str:
    """A name for a file that nobody guesses."""
    return secrets.token_urlsafe(24)


def is_token(text: str) -> bool:
    """Whether a text can be such a name."""
    return _TOKEN.fullmatch(text) is not None


def clean_file_name(given: str | None, fallback: str) -> str:
    """A file's name without folders and without what no name should hold."""
    name = (given or "").replace("\\", "/").rpartition("/")[2]
    name = "".join(char for char in name if char.isprintable() and char not in '<>:"|?*').strip(
        " ."
    )
    if len(name) > MAX_NAME_CHARS:
        stem, dot, suffix = name.rpartition(".")
        suffix = dot + suffix if dot and len(suffix) < 16 else ""
        name = (stem or name)[: MAX_NAME_CHARS - len(suffix)] + suffix
    return name or fallback


def clean_mime(given: str | None) -> str:
    """What its sender calls a file, where that is a type at all."""
    text = (given or "").partition(";")[0].strip().lower()
    return text if _MIME.fullmatch(text) else PLAIN


class UploadFolder:
    """Where the bytes lie. Use from one event loop."""

    def __init__(self, data_folder: Path) -> None:
        self._folder = data_folder / FOLDER_NAME

    def path(self, token: str) -> Path:
        """Where a file is, or would be."""
        assert is_token(token), "not a name of ours"  # noqa: S101 - it is a part of a path
        return self._folder / token

    async def has_room(self, size: int) -> bool:
        """Whether the disk has space for so many bytes."""

        def free() -> int:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return shutil.disk_usage(self._folder).free

        return await asyncio.to_thread(free) - size >= SPARE_BYTES

    async def keep(self, token: str, source: IO[bytes]) -> None:
        """Write a file whole, or not at all.

        Raises:
            OSError: It cannot be written.
        """
        await asyncio.to_thread(self._write, self.path(token), source)

    def _write(self, path: Path, source: IO[bytes]) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.part")
        try:
            with os.fdopen(
                os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb"
            ) as file:
                source.seek(0)
                shutil.copyfileobj(source, file)
                file.flush()
                os.fsync(file.fileno())
            draft.rename(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise

    async def forget(self, *tokens: str) -> None:
        """Remove files; what is not there is removed already."""
        for token in tokens:
            with contextlib.suppress(OSError):
                await asyncio.to_thread(self.path(token).unlink)

    async def sweep(self, known: Callable[[list[str]], Awaitable[set[str]]]) -> int:
        """Remove what the database does not know, as after a room was removed; how many.

        Args:
            known: Which of some names the database knows.
        """
        found = await asyncio.to_thread(self._old)
        gone = 0
        for first in range(0, len(found), 500):
            some = found[first : first + 500]
            keep = await known([path.name for path in some])
            for path in some:
                if path.name not in keep:
                    await asyncio.to_thread(path.unlink, missing_ok=True)
                    gone += 1
        return gone

    def _old(self) -> list[Path]:
        before = time.time() - _FRESH_S
        with contextlib.suppress(OSError), os.scandir(self._folder) as entries:
            files = [entry for entry in entries if entry.is_file(follow_symlinks=False)]
            return [Path(entry.path) for entry in files if entry.stat().st_mtime < before]
        return []


class UploadKeeper:
    """Sweeps the folder now and then. Use from one event loop."""

    def __init__(
        self, folder: UploadFolder, known: Callable[[list[str]], Awaitable[set[str]]]
    ) -> None:
        self._folder = folder
        self._known = known
        self._tasks = TaskOwner("uploads")

    def start(self) -> None:
        """Begin."""
        self._tasks.start(self._run(), name="sweep")

    async def aclose(self) -> None:
        """Stop."""
        await self._tasks.aclose()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_EVERY_S)
            try:
                if gone := await self._folder.sweep(self._known):
                    _log.info("%d files that no message has were removed", gone)
            except Exception:  # noqa: BLE001 - the next sweep may work
                _log.exception("files could not be looked through")
