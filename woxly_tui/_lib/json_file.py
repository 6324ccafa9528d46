"""A small file of ours that holds JSON, replaced in one step and readable by the user only."""

import contextlib
import json
import logging
import os
from pathlib import Path
from typing import Any, Final

MAX_BYTES: Final = 1 << 20
"""A larger file was not written by us."""

_log = logging.getLogger(__name__)


class JsonFile:
    """Reads and writes one file. A disk that fails costs only the memory of it.

    Args:
        path: The file; None for no file at all.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def load(self) -> Any:
        """What was saved last; None where there is nothing that can be read."""
        if self._path is None:
            return None
        try:
            if self._path.stat().st_size > MAX_BYTES:
                raise ValueError("too large")
            return json.loads(self._path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError) as error:
            _log.warning("%s is not read (%s)", self._path.name, type(error).__name__)
            return None

    def save(self, value: Any) -> None:
        """Replace the file, in one step."""
        if self._path is None:
            return
        fresh = self._path.with_suffix(f".{os.getpid()}.new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh.write_text(json.dumps(value), encoding="utf-8")
            fresh.chmod(0o600)
            fresh.replace(self._path)
        except OSError as error:
            _log.warning("%s is not saved (%s)", self._path.name, error.strerror)
            with contextlib.suppress(OSError):
                fresh.unlink(missing_ok=True)
