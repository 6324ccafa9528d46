"""Logs go to files, never to the terminal: one file per process, private, bounded, redacted.

<log folder>/woxly-<pid>.log     the front end and the engine
<log folder>/worker-<pid>.log    standard error of that engine's media worker
"""

import contextlib
import logging
import logging.handlers
import os
import re
import stat
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Final, TextIO

MAX_LOG_BYTES: Final = 1_000_000
"""Size at which a file is set aside as `.1`, replacing the one before."""

MAX_LOG_FILES: Final = 20
"""Files kept in the folder; the oldest go first."""

_JWT: Final = re.compile(r"eyJ[\w-]+\.[\w-]+(\.[\w-]*)?")

_CONTROL: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]"
)
"""What a reader's terminal must not be sent, since others may have written it."""

_FORMAT: Final = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"

_log = logging.getLogger(__name__)


class RedactingFormatter(logging.Formatter):
    """Writes a record, traceback included, with tokens and the given secrets blotted out."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__(_FORMAT)
        self._secrets = tuple(secret for secret in secrets if len(secret) > 3)

    def format(self, record: logging.LogRecord) -> str:
        text = _JWT.sub("<token>", super().format(record))
        for secret in self._secrets:
            text = text.replace(secret, "<secret>")
        return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


class BoundedStream(logging.StreamHandler[TextIO]):
    """Writes to a file that somebody else opened, for appending, and begins it anew when long."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            fd = self.stream.fileno()
            if stat.S_ISREG(os.fstat(fd).st_mode) and os.fstat(fd).st_size > MAX_LOG_BYTES:
                os.ftruncate(fd, 0)
        except (OSError, ValueError):
            pass
        super().emit(record)


class _PrivateFile(logging.handlers.RotatingFileHandler):
    """A bounded log file that only its owner can read."""

    def _open(self) -> Any:
        return os.fdopen(_open_private(Path(self.baseFilename)), "a", encoding="utf-8")

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        """A full disk costs the log, and neither the screen nor whatever takes standard error."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handleError(record)


def log_folder() -> Path:
    """Where the logs of this user are; it may not exist yet."""
    import platformdirs

    return platformdirs.user_log_path("woxly", appauthor=False)


def setup_logging(level: str = "info", secrets: Iterable[str] = ()) -> Path:
    """Send this process's logs, warnings and stray exceptions to its own file.

    Call once the secrets are known; a second call replaces the first. Where no file can be
    written, logs are dropped.

    Args:
        level: debug, info, warning or error.
        secrets: Strings that must never be written.

    Returns:
        The file, or the null device where none can be written.
    """
    path = _prepare(f"woxly-{os.getpid()}.log")
    handler: logging.Handler = logging.NullHandler()
    if path != Path(os.devnull):
        handler = _PrivateFile(path, maxBytes=MAX_LOG_BYTES, backupCount=1, delay=True)
    handler.setFormatter(RedactingFormatter(secrets))
    root = logging.getLogger()
    for old in [h for h in root.handlers if isinstance(h, _PrivateFile | logging.NullHandler)]:
        root.removeHandler(old)
        with contextlib.suppress(OSError):  # a full disk takes not even its last words
            old.close()
    root.addHandler(handler)
    root.setLevel(level.upper())
    logging.captureWarnings(capture=True)
    threading.excepthook = _log_thread_failure
    sys.unraisablehook = _log_unraisable
    return path


def worker_log_path() -> Path:
    """The file for the media worker's standard error, private and set aside when long.

    Open it for appending, anew at each respawn; the null device where none can be written.
    """
    path = _prepare(f"worker-{os.getpid()}.log")
    try:
        if path != Path(os.devnull) and path.stat().st_size > MAX_LOG_BYTES:
            path.replace(path.with_name(path.name + ".1"))
            os.close(_open_private(path))
    except OSError:
        return Path(os.devnull)
    return path


def log_crash(error: BaseException) -> Path:
    """Write an unexpected exception to the log file, and say which file that is."""
    path = Path(os.devnull)
    for handler in logging.getLogger().handlers:
        if isinstance(handler, _PrivateFile):
            path = Path(handler.baseFilename)
    if path == Path(os.devnull):
        path = setup_logging()
    _log.error("unexpected failure", exc_info=error)
    return path


def _prepare(name: str) -> Path:
    """Make folder and file, drop the oldest files; the null device where that fails."""
    try:
        folder = log_folder()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / name
        os.close(_open_private(path))
        _prune(folder)
    except OSError:
        return Path(os.devnull)
    return path


def _open_private(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _prune(folder: Path) -> None:
    files = [(f.stat().st_mtime, f) for f in folder.glob("*.log*") if f.is_file()]
    for _, old in sorted(files, reverse=True)[MAX_LOG_FILES:]:
        old.unlink(missing_ok=True)


def _log_thread_failure(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        _log.error("a thread failed", exc_info=args.exc_value)


def _log_unraisable(args: "sys.UnraisableHookArgs") -> None:
    info: tuple[type[BaseException], BaseException, TracebackType | None] | None = None
    if args.exc_value is not None:
        info = (args.exc_type, args.exc_value, args.exc_traceback)
    _log.error("ignored: %s", args.err_msg or args.object, exc_info=info)
