"""The chosen microphone and speaker, kept in one small file from one engine to the next."""

from collections.abc import Mapping
from pathlib import Path

from woxly_tui._lib.json_file import JsonFile
from woxly_tui._lib.text import clean_name
from woxly_tui.call.snapshot import DeviceView
from woxly_tui.types import DeviceKind


def devices_path() -> Path:
    """The file, in the user's data directory."""
    import platformdirs

    return platformdirs.user_data_path("woxly", appauthor=False) / "devices.json"


class DeviceStore:
    """Reads and writes the file; see `JsonFile`.

    Args:
        path: The file; None for no file at all.
    """

    def __init__(self, path: Path | None) -> None:
        self._file = JsonFile(path)

    def load(self) -> dict[DeviceKind, DeviceView]:
        """What was chosen last, of each kind; what cannot be read is the default device."""
        found = self._file.load()
        kinds = [kind for kind in DeviceKind if isinstance(found, dict)]
        pairs = {kind: found.get(kind) for kind in kinds}
        return {
            kind: DeviceView(pair[0], clean_name(pair[1], pair[0]))
            for kind, pair in pairs.items()
            if isinstance(pair, list) and len(pair) == 2 and all(isinstance(p, str) for p in pair)
        }

    def save(self, chosen: Mapping[DeviceKind, DeviceView]) -> None:
        """Replace the file, in one step."""
        self._file.save({kind: [d.name, d.description] for kind, d in chosen.items()})
