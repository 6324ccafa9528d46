"""Where an engine is found: a folder of ours in the runtime directory, private to the user.

<runtime directory>/woxly/engine.sock    the socket front ends connect to, 0600
<runtime directory>/woxly/engine.lock    held by the engine for as long as it lives
<runtime directory>/woxly/engine.call    the call it is in, for the engine after a crash
<runtime directory>/woxly/engine.err     why it could not start
<runtime directory>/woxly/NAME.sock …    of the engine called NAME
"""

import os
import stat
from pathlib import Path
from typing import NamedTuple

from woxly_tui.control.where import FOLDER_VARIABLE, engine_files
from woxly_tui.errors import WoxlyError


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
    files = engine_files(name)
    return EnginePaths(Path(files.folder), files.name)


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
