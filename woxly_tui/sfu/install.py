"""Finds livekit-server, or gets it: PATH, our cache, the release, a build with Go."""

import asyncio
import logging
import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, TypeAlias

from woxly_tui._lib.leashed import LeashedProcess
from woxly_tui.errors import SfuError
from woxly_tui.sfu.golang import build_server
from woxly_tui.sfu.lock import locked
from woxly_tui.sfu.release import VERSION, binary_name, fetch_release
from woxly_tui.sfu.reporter import Reporter

BINARY_VARIABLE: Final = "WOXLY_LIVEKIT_SERVER"
"""Environment variable that names the server's program, and ends the search."""

BY_HAND: Final = (
    "get it by hand and put it on PATH: `brew install livekit` on macOS, a release from "
    "github.com/livekit/livekit elsewhere; or run one with Docker: `docker run --rm "
    "-p 7880:7880 -p 7881:7881 -p 7882:7882/udp livekit/livekit-server --dev --bind 0.0.0.0`, "
    "then `woxly join demo --url ws://localhost:7880 --api-key devkey --api-secret secret`"
)

_TRIAL_S: Final = 15.0

Way: TypeAlias = Callable[[Path, Reporter], Awaitable[Path]]
"""Puts the program into an empty folder, or raises SfuError."""

_WAYS: Final[tuple[Way, ...]] = (fetch_release, build_server)

_log = logging.getLogger(__name__)


def cache_folder() -> Path:
    """Where our own copy of the server is kept, a folder per version."""
    import platformdirs

    return platformdirs.user_cache_path("woxly", appauthor=False) / "livekit-server"


def find_server() -> Path | None:
    """A server that is here already.

    Raises:
        SfuError: WOXLY_LIVEKIT_SERVER names something that cannot be run.
    """
    if named := os.environ.get(BINARY_VARIABLE):
        path = Path(named).expanduser()
        if not (path.is_file() and os.access(path, os.X_OK)):
            raise SfuError(f"{BINARY_VARIABLE} names {named}, which is not a program")
        return path
    if on_path := shutil.which("livekit-server"):
        return Path(on_path)
    cached = cache_folder() / VERSION / binary_name()
    return cached if cached.is_file() and os.access(cached, os.X_OK) else None


async def ensure_server(reporter: Reporter, ways: tuple[Way, ...] = _WAYS) -> Path:
    """Find the server, or get it; several callers at once get it once.

    Cancelled, it ends what it started and leaves no partial file behind; what a killed one
    left is removed by the next.

    Raises:
        SfuError: No way worked; the message says why each failed, the remedy what to do.
    """
    if found := find_server():
        return found
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = locked(
            folder / "install.lock",
            lambda: reporter.step("waiting: another woxly is getting livekit-server"),
        )
        async with lock:
            return find_server() or await _get(folder, reporter, ways)
    except OSError as error:
        raise SfuError(
            f"{folder} cannot be used: {error.strerror or error}", "check its owner and free space"
        ) from error


async def _get(folder: Path, reporter: Reporter, ways: tuple[Way, ...]) -> Path:
    for stale in _stale(folder):
        await _remove(stale)
    failures: list[str] = []
    for way in ways:
        work = Path(tempfile.mkdtemp(prefix="tmp-", dir=folder))
        try:
            program = await way(work, reporter)
            return await _adopt(program, folder / VERSION / binary_name())
        except SfuError as error:
            _log.warning("getting livekit-server: %s", error)
            failures.append(str(error))
            reporter.note(str(error))
        finally:
            await _remove(work)
    raise SfuError("there is no livekit-server, and " + "; ".join(failures), BY_HAND)


async def _adopt(program: Path, target: Path) -> Path:
    """Try the program, then move it to its place in one step.

    Raises:
        SfuError: It does not run here.
    """
    _make_executable(program)
    try:
        process = await LeashedProcess.start([str(program), "--version"])
    except OSError as error:
        raise SfuError(f"the new livekit-server cannot be run: {error}") from error
    try:
        async with asyncio.timeout(_TRIAL_S):
            code = await process.wait()
    except TimeoutError:
        code = -1
    finally:
        await process.aclose()
    if code:
        raise SfuError(f"the new livekit-server does not run here (code {code})")
    return _move(program, target)


def _stale(folder: Path) -> list[Path]:
    """Work folders of installers that were killed; we hold the lock, so no other is at work."""
    return list(folder.glob("tmp-*"))


def _make_executable(program: Path) -> None:
    program.chmod(0o755)


def _move(program: Path, target: Path) -> Path:
    target.parent.mkdir(exist_ok=True)
    return program.replace(target)


async def _remove(folder: Path) -> None:
    """Remove a work folder; a thread does it, and is waited for even when we are cancelled."""
    await asyncio.shield(asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True))
