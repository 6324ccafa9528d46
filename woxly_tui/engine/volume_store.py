"""Volumes by identity, kept in one small file from one engine to the next."""

from collections.abc import Mapping
from pathlib import Path

from woxly_tui._lib.env import profile_folder
from woxly_tui._lib.json_file import JsonFile
from woxly_tui.types import Identity


def volumes_path() -> Path:
    """The file, in the user's data directory."""
    import platformdirs

    if (profile := profile_folder()) is not None:
        return profile / "volumes.json"
    return platformdirs.user_data_path("woxly", appauthor=False) / "volumes.json"


class VolumeStore:
    """Reads and writes the file; see `JsonFile`.

    Args:
        path: The file; None for no file at all.
    """

    def __init__(self, path: Path | None) -> None:
        self._file = JsonFile(path)

    def load(self) -> dict[Identity, int]:
        """What was saved last; empty where there is nothing that can be read."""
        found = self._file.load()
        if not isinstance(found, dict):
            return {}
        return {
            Identity(identity): percent
            for identity, percent in found.items()
            if isinstance(percent, int) and not isinstance(percent, bool)
        }

    def save(self, volumes: Mapping[Identity, int]) -> None:
        """Replace the file, in one step."""
        self._file.save(dict(volumes))
