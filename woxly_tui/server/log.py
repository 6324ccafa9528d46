"""The server's log: one JSON object a line, in a bounded private file, without secrets."""

import json
import logging
import logging.handlers
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from woxly_tui._lib.logs import RedactingFormatter
from woxly_tui.errors import ConfigError

MAX_BYTES: Final = 10_000_000
KEPT: Final = 5

_QUIET: Final = ("httpx", "httpcore", "uvicorn", "engineio", "socketio", "aiosqlite", "alembic")
"""Libraries that log requests, addresses or payloads when asked for less than warnings."""


class JsonFormatter(RedactingFormatter):
    """Writes a record as one JSON object, with tokens and the given secrets blotted out."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__(secrets)
        self._style = logging.PercentStyle("%(message)s")

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        message, _, traceback = text.partition("\n")
        found: dict[str, Any] = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name.removeprefix("woxly_tui."),
            "message": message,
        }
        if traceback:
            found["traceback"] = traceback
        return json.dumps(found, ensure_ascii=False)


class _PrivateFile(logging.handlers.RotatingFileHandler):
    def _open(self) -> Any:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        return os.fdopen(os.open(self.baseFilename, flags, 0o600), "a", encoding="utf-8")


def setup_server_log(
    path: Path, level: str, secrets: Iterable[str], *, to_stderr: bool = False
) -> None:
    """Send every log of this process to a file, and to standard error if asked.

    Raises:
        ConfigError: The file cannot be written.
    """
    try:
        handlers: list[logging.Handler] = [
            _PrivateFile(path, maxBytes=MAX_BYTES, backupCount=KEPT, encoding="utf-8")
        ]
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written: {error.strerror}", "check the owner of its folder"
        ) from error
    if to_stderr:
        handlers.append(logging.StreamHandler(sys.stderr))
    formatter = JsonFormatter(tuple(secrets))
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    for handler in handlers:
        handler.setFormatter(formatter)
        root.addHandler(handler)
    root.setLevel(level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
