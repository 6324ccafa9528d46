"""One server at a time in a data folder: each would think that it alone knows who is there."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from woxly_tui.errors import UsageError

FILE_NAME: Final = "serving.lock"


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a folder; the system lets go of it when the process ends, however that is.

    Raises:
        UsageError: Another process holds it.
    """
    file = os.open(folder / FILE_NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        with contextlib.suppress(OSError):  # a file system without locks: as if there were none
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UsageError(
                    f"another woxly serve uses {folder}",
                    "stop it, or give another folder: --data FOLDER; several that are one server "
                    "need REDIS_URL (docs/self-hosting.md)",
                ) from None
        yield
    finally:
        os.close(file)
