"""Fetching a file that somebody sent into a room, on request."""

import asyncio
import os
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx

from woxly_tui._lib.text import clean_name
from woxly_tui.errors import LobbyRefused, ServerUnreachable, WoxlyError
from woxly_tui.lobby.rest import SignedIn
from woxly_tui.social.model import Attachment

MAX_FILE_BYTES: Final = 60_000_000
"""Longest file taken; servers take 50 MB."""

LIMIT_S: Final = 120.0

MAX_TRIES: Final = 100
"""Names tried for a file that is there already."""

_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW


async def save(me: SignedIn, attachment: Attachment, folder: Path) -> Path:
    """Fetch a file into a folder, under a name that is free; returns where.

    Raises:
        WoxlyError: It cannot be had, or not be written.
    """
    token = ""
    if _origin(attachment.url) == _origin(me.account.origin):
        token = await me.token()  # to the account's own server only
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        async with (
            asyncio.timeout(LIMIT_S),
            httpx.AsyncClient(timeout=LIMIT_S) as http,
            http.stream("GET", attachment.url, headers=headers) as answer,
        ):
            if not answer.is_success:
                raise LobbyRefused(f"the server does not give the file ({answer.status_code})")
            file, path = await asyncio.to_thread(_create, folder, attachment.name)
            try:
                await _fill(file, answer)
            except BaseException:
                path.unlink(missing_ok=True)
                raise
            finally:
                os.close(file)
    except (TimeoutError, httpx.HTTPError, httpx.InvalidURL) as error:
        raise ServerUnreachable(
            f"the file cannot be fetched ({type(error).__name__})", "try again later"
        ) from error
    except OSError as error:
        raise WoxlyError(f"the file cannot be written to {folder} ({error.strerror})") from error
    return path


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


async def _fill(file: int, answer: httpx.Response) -> None:
    size = 0
    async for chunk in answer.aiter_bytes():
        size += len(chunk)
        if size > MAX_FILE_BYTES:
            raise LobbyRefused("the file does not end", f"{MAX_FILE_BYTES} bytes are the most")
        await asyncio.to_thread(_write_all, file, chunk)


def _write_all(file: int, data: bytes) -> None:
    while data:
        data = data[os.write(file, data) :]


def file_name(raw: str) -> str:
    """A name for a file, of one that somebody chose: no folder, no hidden file, no trick."""
    name = clean_name(raw, "file").replace("/", "_").replace("\\", "_").lstrip(".").strip()
    return name or "file"


def _create(folder: Path, raw: str) -> tuple[int, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    name = Path(file_name(raw))
    for number in range(1, MAX_TRIES + 1):
        path = folder / (name.name if number == 1 else f"{name.stem} ({number}){name.suffix}")
        try:
            return os.open(path, _FLAGS, 0o644), path
        except FileExistsError:
            continue
    raise WoxlyError(f"there are {MAX_TRIES} files of that name in {folder}", "move some away")
