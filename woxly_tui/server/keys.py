"""The server's own secrets: made once, kept in a file that only its owner can read."""

import json
import os
import secrets
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Final

from woxly_tui.errors import ConfigError

FILE_NAME: Final = "secrets.json"

MIN_CHARS: Final = 12
"""A shorter one was not made by us."""


@dataclass(frozen=True, slots=True)
class ServerKeys:
    """Lose them and everybody signs in again; leak them and anybody is anybody."""

    access_secret: str
    refresh_secret: str
    livekit_key: str
    livekit_secret: str
    metrics_token: str

    def __repr__(self) -> str:
        return "ServerKeys(…)"


def new_keys() -> ServerKeys:
    """Random ones."""
    return ServerKeys(
        access_secret=secrets.token_urlsafe(48),
        refresh_secret=secrets.token_urlsafe(48),
        livekit_key="woxly" + secrets.token_hex(6),
        livekit_secret=secrets.token_urlsafe(36),
        metrics_token=secrets.token_urlsafe(24),
    )


def load_keys(folder: Path) -> ServerKeys:
    """The keys in a folder, which is made if needed, as are the keys.

    Raises:
        ConfigError: They cannot be read or made, or others can read them.
    """
    path = folder / FILE_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            _create(path, new_keys())
        mode = path.stat().st_mode
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise ConfigError(f"{path} cannot be used: {why}", "check its owner and mode") from error
    if os.name == "posix" and mode & 0o077:
        raise ConfigError(f"others can read {path}", f"run: chmod 600 {path}")
    return _parsed(path, text)


def _create(path: Path, keys: ServerKeys) -> None:
    """Write whole or not at all; of two that start at once, one wins."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(asdict(keys), file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _parsed(path: Path, text: str) -> ServerKeys:
    remedy = "restore it from a backup, or remove it: then everybody signs in anew"
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise ConfigError(f"{path} is damaged: not JSON", remedy) from None
    values: dict[str, str] = {}
    for field in fields(ServerKeys):
        value = found.get(field.name) if isinstance(found, dict) else None
        if not isinstance(value, str) or len(value) < MIN_CHARS:
            raise ConfigError(f"{path} is damaged: {field.name} is missing", remedy)
        values[field.name] = value
    return ServerKeys(**values)
