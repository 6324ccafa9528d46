"""Gets livekit-client for the page: npm's package, believed only when its checksum fits.

WOXLY_LIVEKIT_CLIENT (a file)  ─┐
our cache                      ─┼─► livekit-client.umd.js
WOXLY_NPM_REGISTRY, else npm   ─┘
"""

import asyncio
import base64
import contextlib
import hashlib
import io
import logging
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from woxly_tui._lib.aio import TaskOwner
from woxly_tui._lib.leashed import LeashedProcess, log_tail
from woxly_tui.errors import WoxlyError
from woxly_tui.server.web.files import WebFile, web_file

VERSION: Final = "2.23.0"

INTEGRITY: Final = (
    "j9Kg86nJjBjNFUD+ukp2jwMCGa0k+YD5gU//RzAM+ZY3pbG631QCte7fQjwqWMmtBzhDJL9nKYuOLMv/9IbAxg=="
)
"""Base64 of the SHA-512 of the package, as npm's lock files have it."""

SCRIPT_SHA256: Final = "fb646f2260d84f91238d0a2dc10726c456631d6a26c7cafc43cfee5959b4d31d"
"""Of the script inside, for the copy in our cache."""

SCRIPT: Final = "livekit-client.umd.js"

FILE_VARIABLE: Final = "WOXLY_LIVEKIT_CLIENT"
"""Environment variable that names the script as a file, and ends the search."""

REGISTRY_VARIABLE: Final = "WOXLY_NPM_REGISTRY"
"""Environment variable with the address of an npm registry, asked in place of npm's own."""

REMEDY: Final = (
    "install npm (it comes with Node.js) and start again; or set WOXLY_NPM_REGISTRY to the "
    f"address of an npm registry; or put {SCRIPT} of livekit-client {VERSION} somewhere and "
    "set WOXLY_LIVEKIT_CLIENT to it"
)

RETRY_S: Final = (10.0, 60.0, 600.0)
"""Waits before each further try; the last one is repeated."""

_PACKAGE: Final = f"livekit-client-{VERSION}.tgz"
_MAX_PACKAGE_BYTES: Final = 50 << 20
_MAX_SCRIPT_BYTES: Final = 10 << 20
_NPM_WITHIN_S: Final = 120.0
_TIMEOUT_S: Final = 20.0

_log = logging.getLogger(__name__)


class ClientMissing(WoxlyError):
    """The script cannot be had."""


def cache_folder() -> Path:
    """Where our copy is kept, a folder per version."""
    import platformdirs

    return platformdirs.user_cache_path("woxly", appauthor=False) / "livekit-client"


class ClientScript:
    """The script, once it is here. Use from one event loop.

    Args:
        folder: Where a copy is kept; None: the user's cache.
        environ: Where the two variables stand.
        on_trouble: Told once why there is no script, and what to do.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        environ: Mapping[str, str] = os.environ,
        on_trouble: Callable[[ClientMissing], None] | None = None,
    ) -> None:
        self._folder = folder
        self._environ = environ
        self._on_trouble = on_trouble
        self._tasks = TaskOwner("livekit-client")
        self.file: WebFile | None = None
        """None while there is none."""
        self.trouble: ClientMissing | None = None
        """Why there is none, once that is known."""

    def start(self) -> None:
        """Begin to get it."""
        self._tasks.start(self._run(), name="get")

    async def aclose(self) -> None:
        """Stop."""
        await self._tasks.aclose()

    async def _run(self) -> None:
        tries = 0
        while not await self._try():
            await asyncio.sleep(RETRY_S[min(tries, len(RETRY_S) - 1)])
            tries += 1

    async def _try(self) -> bool:
        try:
            body = await get_script(self._folder or cache_folder(), self._environ)
        except ClientMissing as error:
            _log.warning("%s", error)
            is_first, self.trouble = self.trouble is None, error
            if is_first and self._on_trouble is not None:
                self._on_trouble(error)
            return False
        self.file = await asyncio.to_thread(web_file, SCRIPT, body)
        self.trouble = None
        return True


async def get_script(folder: Path, environ: Mapping[str, str]) -> bytes:
    """The script: the file that was named, our copy, or a fresh one.

    Args:
        folder: Where our copy is, and a fresh one is put.
        environ: Where the variables stand.

    Raises:
        ClientMissing: It cannot be had; says why and what to do.
    """
    if named := environ.get(FILE_VARIABLE):
        return await asyncio.to_thread(_named, named)
    kept = folder / VERSION / SCRIPT
    with contextlib.suppress(OSError):
        if (body := await asyncio.to_thread(_read, kept)) and _is_right(body):
            return body
    try:
        work = await asyncio.to_thread(_work_folder, folder)
        try:
            package = await _fetch(work, environ)
            body = await asyncio.to_thread(unpacked, package)
            await asyncio.to_thread(_keep, work / SCRIPT, kept, body)
        finally:
            await asyncio.shield(asyncio.to_thread(shutil.rmtree, work, ignore_errors=True))
    except OSError as error:
        raise ClientMissing(
            f"livekit-client cannot be kept in {folder}: {error.strerror or error}",
            "check its owner and free space",
        ) from error
    return body


def _named(name: str) -> bytes:
    path = Path(name).expanduser()
    try:
        body = _read(path)
    except OSError as error:
        why = error.strerror or str(error)
        raise ClientMissing(
            f"{FILE_VARIABLE} names {path}, which cannot be read: {why}", REMEDY
        ) from error
    if b"LivekitClient" not in body:
        raise ClientMissing(f"{FILE_VARIABLE} names {path}, which is not {SCRIPT}", REMEDY)
    return body


def _work_folder(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Path(tempfile.mkdtemp(prefix="tmp-", dir=folder))


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_MAX_SCRIPT_BYTES)


def _is_right(script: bytes) -> bool:
    return hashlib.sha256(script).hexdigest() == SCRIPT_SHA256


def _keep(draft: Path, kept: Path, body: bytes) -> None:
    draft.write_bytes(body)
    kept.parent.mkdir(exist_ok=True)
    draft.replace(kept)


async def _fetch(work: Path, environ: Mapping[str, str]) -> bytes:
    if registry := environ.get(REGISTRY_VARIABLE):
        return await _download(registry.rstrip("/"))
    npm = shutil.which("npm", path=environ.get("PATH"))
    if npm is None:
        raise ClientMissing("there is no npm to get livekit-client with", REMEDY)
    return await _by_npm(npm, work)


async def _by_npm(npm: str, work: Path) -> bytes:
    log = work / "npm.log"
    command = [npm, "pack", f"livekit-client@{VERSION}", "--ignore-scripts", "--silent"]
    command += ["--pack-destination", str(work)]
    try:
        process = await LeashedProcess.start(command, log=log)
    except OSError as error:
        raise ClientMissing(f"npm cannot be run: {error}", REMEDY) from error
    try:
        async with asyncio.timeout(_NPM_WITHIN_S):
            code = await process.wait()
    except TimeoutError:
        raise ClientMissing("npm did not get livekit-client in time", REMEDY) from None
    finally:
        await process.aclose()
    package = work / _PACKAGE
    if code or not package.is_file():
        said = log_tail(log, 1) or "it does not say why"
        raise ClientMissing(f"npm cannot get livekit-client {VERSION}: {said}", REMEDY)
    return await asyncio.to_thread(package.read_bytes)


async def _download(registry: str) -> bytes:
    import httpx

    url = f"{registry}/livekit-client/-/{_PACKAGE}"
    package = bytearray()
    try:
        async with (
            httpx.AsyncClient(timeout=_TIMEOUT_S, follow_redirects=True) as client,
            client.stream("GET", url) as answer,
        ):
            answer.raise_for_status()
            async for chunk in answer.aiter_bytes():
                package += chunk
                if len(package) > _MAX_PACKAGE_BYTES:
                    raise ClientMissing(f"what {REGISTRY_VARIABLE} answers is too large", REMEDY)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ClientMissing(
            f"livekit-client cannot be got from {REGISTRY_VARIABLE}: "
            f"{str(error).splitlines()[0] if str(error) else type(error).__name__}",
            REMEDY,
        ) from error
    return bytes(package)


def unpacked(package: bytes) -> bytes:
    """The script in npm's package.

    Raises:
        ClientMissing: The package is not the one we know.
    """
    found = base64.b64encode(hashlib.sha512(package).digest()).decode()
    if found != INTEGRITY:
        raise ClientMissing(
            f"the package livekit-client {VERSION} is damaged or not the original: "
            "its checksum is wrong",
            REMEDY,
        )
    with tarfile.open(fileobj=io.BytesIO(package)) as tar:
        file = tar.extractfile(f"package/dist/{SCRIPT}")
        body = file.read(_MAX_SCRIPT_BYTES) if file is not None else b""
    if not _is_right(body):
        raise ClientMissing(f"the package livekit-client {VERSION} holds another {SCRIPT}", REMEDY)
    return body
