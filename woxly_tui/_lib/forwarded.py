"""Where `ssh -R` puts sockets of the machine the user sits at: `~/.woxly/NAME.sock`.

A fixed place, since a shell in tmux keeps the environment of a link that is long gone.
"""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

FOLDER: Final = ".woxly"
"""Under the home directory; private, for whoever reaches a socket in it rules a microphone."""

ENGINE: Final = "laptop.sock"
"""The engine there, for the screen here."""

SOUND: Final = "pulse.sock"
"""The sound server there, for a call that runs here."""


def forwarded_path(name: str, environ: Mapping[str, str] = os.environ) -> Path:
    """Where it goes; nothing is touched."""
    return Path(environ.get("HOME") or Path.home()) / FOLDER / name


def forwarded_socket(name: str, environ: Mapping[str, str] = os.environ) -> Path | None:
    """The socket, if it is there and nobody but this user could have put it there."""
    path = forwarded_path(name, environ)
    return path if path.parent.is_dir() and not distrust(path) else None


def distrust(path: Path) -> str:
    """Why a socket must not be used; empty where it may be."""
    try:
        folder, file = path.parent.lstat(), path.lstat()
    except OSError:
        return f"{path} is not there"
    if not stat.S_ISSOCK(file.st_mode):
        return f"{path} is no socket"
    if folder.st_uid != os.getuid() or file.st_uid != os.getuid():
        return f"{path} is of another user"
    if folder.st_mode & 0o022:
        return f"others can write to {path.parent}"
    return ""


def is_over_ssh(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether this process was started by somebody who sits elsewhere."""
    return any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"))
