"""The file that outlives an engine which dies in a call, and tells the next one of it.

It is there while the engine is in a call, private to the user, and holds how to join again
and what the user last wanted of the microphone.
"""

import contextlib
import json
import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from woxly_tui._lib.codec import LineCodec
from woxly_tui._lib.text import clean_name
from woxly_tui.control.messages import Join
from woxly_tui.errors import ProtocolError

MAX_BYTES: Final = 1 << 20
"""Nothing past it is read: a larger file was not written by us."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CallRecord:
    """A call, as its user last wanted it."""

    join: Join
    is_muted: bool
    is_deafened: bool


_RECORDS: Final = LineCodec((CallRecord,))


def lost_room(path: Path) -> str:
    """The room of a call that an engine died in; empty where none did.

    Only while no engine runs: a running one has such a file of its own call.
    """
    try:
        raw = json.loads(_bytes_of(path))
        return clean_name(str(raw["join"]["room"]))
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return ""


class CallKeeper:
    """Keeps the file in step with the call. One per engine, which holds the lock.

    Args:
        path: The file; None keeps nothing.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._kept: CallRecord | None = None
        self.lost = _read(path)
        """The call an engine before this one died in."""

    def keep(self, record: CallRecord) -> None:
        """Write what holds now, unless that is written already."""
        self.lost = None
        if record == self._kept:
            return
        self._kept = record
        if self._path is not None and not _write(self._path, record):
            # An older one might open a microphone that was muted since.
            self._kept = None
            self._remove()

    def forget(self) -> None:
        """The call is over, in an orderly way. What was lost before stays."""
        if self._kept is not None:
            self._kept = None
            self._remove()

    def give_up_lost(self) -> None:
        """The user does not want the lost call back."""
        if self.lost is not None:
            self.lost = None
            self._remove()

    def _remove(self) -> None:
        if self._path is not None:
            with contextlib.suppress(OSError):
                self._path.unlink()


def _bytes_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES)


def _read(path: Path | None) -> CallRecord | None:
    if path is None:
        return None
    try:
        return _RECORDS.decode(_bytes_of(path))
    except FileNotFoundError:
        return None
    except (OSError, ProtocolError) as error:
        _log.warning("the record of a lost call cannot be read: %s", type(error).__name__)
        return None


def _write(path: Path, record: CallRecord) -> bool:
    fresh = path.with_name(path.name + ".new")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        with os.fdopen(os.open(fresh, flags, 0o600), "wb") as file:
            file.write(_RECORDS.encode(record))
        fresh.replace(path)
    except OSError as error:
        _log.warning("the call cannot be recorded: %s", error.strerror)
        return False
    return True
