"""Where an engine is found, as plain strings: a key press has no time to load more.

The runtime directory is XDG_RUNTIME_DIR or /run/user/UID; where neither is a private folder of
ours, and on macOS, it is that for temporary files, and the folder in it is woxly-UID.
"""

import os
import re
import stat
import sys
from typing import Final, NamedTuple

from woxly_tui.errors import UsageError

FOLDER_VARIABLE: Final = "WOXLY_RUNTIME_DIR"
"""Environment variable that names the folder itself."""

NAME_VARIABLE: Final = "WOXLY_ENGINE"
"""Environment variable that names the engine, where one user wants several."""

DEFAULT_NAME: Final = "engine"

_MAX_SOCKET_BYTES: Final = 103 if sys.platform == "darwin" else 107
"""Longest path of a unix socket, unix(4) and unix(7)."""

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")


class EngineFiles(NamedTuple):
    """What a front end needs of `paths.EnginePaths`."""

    folder: str
    name: str

    @property
    def socket(self) -> str:
        return os.path.join(self.folder, f"{self.name}.sock")  # noqa: PTH118 - strings, see above

    @property
    def call(self) -> str:
        return os.path.join(self.folder, f"{self.name}.call")  # noqa: PTH118 - strings, see above


def engine_files(name: str = "") -> EngineFiles:
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
    files = EngineFiles(_folder(), name)
    if len(os.fsencode(files.socket)) > _MAX_SOCKET_BYTES:
        raise UsageError(
            f"{files.socket} is too long for the path of a socket",
            f"set {FOLDER_VARIABLE} to a folder with a shorter name",
        )
    return files


def _folder() -> str:
    if named := os.environ.get(FOLDER_VARIABLE):
        return named
    for runtime in (os.environ.get("XDG_RUNTIME_DIR", ""), f"/run/user/{os.getuid()}"):
        if runtime.startswith("/") and _is_private(runtime):
            return f"{runtime}/woxly"
    return f"{os.environ.get('TMPDIR') or '/tmp'}/woxly-{os.getuid()}"  # noqa: S108 - checked before use


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
