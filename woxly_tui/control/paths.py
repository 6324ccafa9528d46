"""Where an engine is found: a folder of ours in the runtime directory, private to the user.

<runtime directory>/woxly/engine.sock    the socket front ends connect to, 0600
<runtime directory>/woxly/engine.lock    held by the engine for as long as it lives
<runtime directory>/woxly/engine.call    the call it is in, for the engine after a crash
<runtime directory>/woxly/engine.err     why it could not start
<runtime directory>/woxly/NAME.sock …    of the engine called NAME

The runtime directory is XDG_RUNTIME_DIR or /run/user/UID; where neither is a private folder of
ours, and on macOS, it is that for temporary files, and the folder in it is woxly-UID.
Every command comes through here: this stays quick to import.
"""

import os
import re
import stat
import sys
from pathlib import Path
from typing import Final, NamedTuple

from woxly_tui.errors import UsageError, WoxlyError

FOLDER_VARIABLE: Final = "WOXLY_RUNTIME_DIR"
"""Environment variable that names the folder itself."""

NAME_VARIABLE: Final = "WOXLY_ENGINE"
"""Environment variable that names the engine, where one user wants several."""

DEFAULT_NAME: Final = "engine"

_MAX_SOCKET_BYTES: Final = 103 if sys.platform == "darwin" else 107
"""Longest path of a unix socket, unix(4) and unix(7)."""

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")


class EnginePaths(NamedTuple):
    """The files of one engine."""

    folder: Path
    name: str

    @property
    def socket(self) -> Path:
        return self.folder / f"{self.name}.sock"

    @property
    def lock(self) -> Path:
        return self.folder / f"{self.name}.lock"

    @property
    def call(self) -> Path:
        return self.folder / f"{self.name}.call"

    @property
    def errors(self) -> Path:
        return self.folder / f"{self.name}.err"


def engine_paths(name: str = "") -> EnginePaths:
    """The files of the engine of that name; nothing is touched.

    Args:
        name: Empty for the one WOXLY_ENGINE names, or else the usual one.

    Raises:
        UsageError: That is no name, or the path of the socket gets too long.
    """
    name = name or os.environ.get(NAME_VARIABLE, "") or DEFAULT_NAME
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot be the name of an engine",
            "letters, digits, - and _, at most 32 of them",
        )
    paths = EnginePaths(_folder(), name)
    if len(os.fsencode(paths.socket)) > _MAX_SOCKET_BYTES:
        raise UsageError(
            f"{paths.socket} is too long for the path of a socket",
            f"set {FOLDER_VARIABLE} to a folder with a shorter name",
        )
    return paths


def _folder() -> Path:
    if named := os.environ.get(FOLDER_VARIABLE):
        return Path(named)
    for runtime in (os.environ.get("XDG_RUNTIME_DIR", ""), f"/run/user/{os.getuid()}"):
        if runtime.startswith("/") and _is_private(runtime):
            return Path(runtime, "woxly")
    return Path(os.environ.get("TMPDIR") or "/tmp", f"woxly-{os.getuid()}")  # noqa: S108 - checked before use


def _is_private(folder: str) -> bool:
    try:
        found = os.lstat(folder)
    except OSError:
        return False
    return (
        stat.S_ISDIR(found.st_mode)
        and found.st_uid == os.getuid()
        and stat.S_IMODE(found.st_mode) == stat.S_IRWXU
    )


def private_folder(paths: EnginePaths) -> Path:
    """Make the folder, or make sure that it is ours alone.

    Raises:
        WoxlyError: It cannot be made, or others can write to it.
    """
    folder = paths.folder
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        found = folder.stat(follow_symlinks=False)
    except OSError as error:
        raise WoxlyError(
            f"{folder} cannot be made ({error.strerror})",
            f"set {FOLDER_VARIABLE} to another folder",
        ) from error
    is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    if not is_ours or found.st_mode & 0o022:
        raise WoxlyError(
            f"{folder} is not a folder that only you can write to",
            f"remove it, or set {FOLDER_VARIABLE} to another folder",
        )
    if found.st_mode & 0o077:
        folder.chmod(0o700)
    return folder
