"""Fetches the pinned release of livekit-server, and believes only what its checksums say."""

import asyncio
import errno
import hashlib
import os
import platform
import tarfile
import zipfile
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Final

from woxly_tui.errors import SfuError
from woxly_tui.sfu.reporter import Reporter

if TYPE_CHECKING:
    import httpx

VERSION: Final = "1.13.5"

RELEASES: Final = "https://github.com/livekit/livekit/releases/download"

RELEASES_VARIABLE: Final = "WOXLY_LIVEKIT_RELEASES"
"""Environment variable that replaces RELEASES: a mirror, laid out as `<base>/v1.13.5/<file>`."""

CONNECT_TIMEOUT_S: Final = 5.0
"""Offline must be noticed soon: the next way may still work."""

READ_TIMEOUT_S: Final = 20.0
"""Longest silence in the middle of a download."""

_MAX_ARCHIVE_BYTES: Final = 200 << 20
_MAX_BINARY_BYTES: Final = 400 << 20
_MAX_CHECKSUMS_BYTES: Final = 1 << 20
_CHUNK_BYTES: Final = 1 << 18

_LINUX_MACHINES: Final = {
    "x86_64": "amd64",
    "amd64": "amd64",
    "aarch64": "arm64",
    "arm64": "arm64",
    "armv7l": "armv7",
    "armv8l": "armv7",
}


def asset_name(system: str, machine: str) -> str | None:
    """The release's archive for a platform, named as `platform` names it; None: there is none.

    LiveKit releases no binary for macOS.
    """
    arch = _LINUX_MACHINES.get(machine.lower())
    if arch is None or system not in ("Linux", "Windows"):
        return None
    ending = "zip" if system == "Windows" else "tar.gz"
    return f"livekit_{VERSION}_{system.lower()}_{arch}.{ending}"


def binary_name() -> str:
    """What the server's program file is called here."""
    return "livekit-server.exe" if platform.system() == "Windows" else "livekit-server"


async def fetch_release(
    folder: Path, reporter: Reporter, *, read_timeout_s: float = READ_TIMEOUT_S
) -> Path:
    """Download, verify and unpack the release for this platform into an empty folder.

    Returns:
        The program, not yet marked executable.

    Raises:
        SfuError: There is no release for this platform, it could not be fetched, or it is
            not what its checksums say.
    """
    import httpx

    asset = asset_name(platform.system(), platform.machine())
    if asset is None:
        raise SfuError(
            f"LiveKit releases no binary for {platform.system()} on {platform.machine()}"
        )
    base = os.environ.get(RELEASES_VARIABLE, "").rstrip("/") or RELEASES
    reporter.step(f"fetching livekit-server {VERSION}")
    archive = folder / asset
    timeout = httpx.Timeout(read_timeout_s, connect=CONNECT_TIMEOUT_S)
    try:
        async with httpx.AsyncClient(timeout=timeout, follow_redirects=True) as client:
            wanted = await _checksum(client, f"{base}/v{VERSION}/checksums.txt", asset)
            got = await _download(client, f"{base}/v{VERSION}/{asset}", archive, reporter)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SfuError(f"the release could not be fetched: {_why(error)}") from error
    except OSError as error:
        raise _disk_error(error, folder) from error
    if got != wanted:
        archive.unlink(missing_ok=True)
        raise SfuError(f"{asset} is damaged or not the original: its checksum is wrong")
    binary = folder / binary_name()
    try:
        await asyncio.to_thread(_unpack, archive, binary)
    except OSError as error:
        raise _disk_error(error, folder) from error
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, KeyError) as error:
        raise SfuError(f"{asset} cannot be unpacked: {error}") from error
    archive.unlink()
    return binary


async def _checksum(client: "httpx.AsyncClient", url: str, asset: str) -> str:
    text = bytearray()
    async with client.stream("GET", url) as response:
        response.raise_for_status()
        async for chunk in response.aiter_bytes():
            text += chunk
            if len(text) > _MAX_CHECKSUMS_BYTES:
                raise SfuError("the release's checksums file is far too long")
    for line in text.decode("utf-8", "replace").splitlines():
        words = line.split()
        if len(words) == 2 and words[1].lstrip("*") == asset:
            return words[0].lower()
    raise SfuError(f"the release's checksums file does not list {asset}")


async def _download(client: "httpx.AsyncClient", url: str, target: Path, reporter: Reporter) -> str:
    """Stream a file to disk; returns its SHA-256."""
    digest, done = hashlib.sha256(), 0
    async with client.stream("GET", url) as response:
        response.raise_for_status()
        said = response.headers.get("content-length", "")
        total = int(said) if said.isdigit() else None
        with target.open("wb") as file:
            async for chunk in response.aiter_raw(_CHUNK_BYTES):
                done += len(chunk)
                if done > _MAX_ARCHIVE_BYTES:
                    raise SfuError("the release is far larger than it should be")
                file.write(chunk)
                digest.update(chunk)
                reporter.progress(done, total)
    return digest.hexdigest()


def _unpack(archive: Path, binary: Path) -> None:
    """Copy the one member wanted to a path of our choice; the archive's own paths are not used.

    Raises:
        KeyError: The archive has no such member.
    """
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as opened:
            for info in opened.infolist():
                if _is_server(info.filename) and not info.is_dir():
                    with opened.open(info) as source:
                        _copy(source, binary)
                    return
    else:
        with tarfile.open(archive, "r:gz") as tar:
            for member in tar:
                if member.isreg() and _is_server(member.name):
                    source_file = tar.extractfile(member)
                    if source_file is not None:
                        _copy(source_file, binary)
                        return
    raise KeyError("it does not hold livekit-server")


def _is_server(member: str) -> bool:
    return PurePosixPath(member.replace("\\", "/")).name == binary_name()


def _copy(source: IO[bytes], target: Path) -> None:
    left = _MAX_BINARY_BYTES
    with target.open("wb") as file:
        while chunk := source.read(_CHUNK_BYTES):
            left -= len(chunk)
            if left < 0:
                raise tarfile.ReadError("the program in it is far larger than it should be")
            file.write(chunk)


def _why(error: Exception) -> str:
    import httpx

    if isinstance(error, httpx.HTTPStatusError):
        return f"the server answered {error.response.status_code} for {error.request.url}"
    if isinstance(error, httpx.TimeoutException):
        return "the server does not answer"
    return str(error) or type(error).__name__


def _disk_error(error: OSError, folder: Path) -> SfuError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return SfuError(f"the disk is full at {folder.parent}", "make 150 MB of room there")
    return SfuError(f"{folder.parent} cannot be written: {error.strerror or error}")
