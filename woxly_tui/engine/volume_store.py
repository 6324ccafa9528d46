"""Volumes by identity, kept in one small file from one engine to the next."""

import contextlib
import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from woxly_tui.types import Identity

MAX_BYTES: Final = 1 << 20
"""A larger file was not written by us."""

_log = logging.getLogger(__name__)


def volumes_path() -> Path:
    """The file, in the user's data directory."""
    import platformdirs

    return platformdirs.user_data_path("woxly", appauthor=False) / "volumes.json"


class VolumeStore:
    """Reads and writes the file. A disk that fails costs only the memory of it.

    Args:
        path: The file; None for no file at all.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def load(self) -> dict[Identity, int]:
        """What was saved last; empty where there is nothing that can be read."""
        if self._path is None:
            return {}
        try:
            if self._path.stat().st_size > MAX_BYTES:
                raise ValueError("too large")
            found = json.loads(self._path.read_bytes())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError) as error:
            _log.warning("saved volumes are not read (%s)", type(error).__name__)
            return {}
        if not isinstance(found, dict):
            return {}
        return {
            Identity(identity): percent
            for identity, percent in found.items()
            if isinstance(percent, int) and not isinstance(percent, bool)
        }

    def save(self, volumes: Mapping[Identity, int]) -> None:
        """Replace the file, in one step."""
        if self._path is None:
            return
        fresh = self._path.with_suffix(f".{os.getpid()}.new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh.write_text(json.dumps(volumes), encoding="utf-8")
            fresh.chmod(0o600)
            fresh.replace(self._path)
        except OSError as error:
            _log.warning("volumes are not saved (%s)", error.strerror)
            with contextlib.suppress(OSError):
                fresh.unlink(missing_ok=True)
