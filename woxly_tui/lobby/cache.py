"""What the lobby showed last, for each account: it opens with that at once, and says how old it is.

A file that is damaged, of another version or of another account counts as none: the server tells
all of it again.
"""

import hashlib
import json
import logging
import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeVar

from woxly_tui._lib.codec import LineCodec
from woxly_tui._lib.env import profile_folder
from woxly_tui._lib.json_file import MAX_BYTES, JsonFile
from woxly_tui.errors import ProtocolError
from woxly_tui.lobby.book import Book, Thread
from woxly_tui.social.model import Friend, FriendRequest, PastCall, Room, RoomMessage
from woxly_tui.types import RoomId, Seconds, UserId

VERSION: Final = 1
"""Of the file; any other is not read."""

MAX_FRIENDS: Final = 500
MAX_ROOMS: Final = 200
MAX_CALLS: Final = 100
MAX_THREADS: Final = 10
MAX_MESSAGES: Final = 50
"""Of one room."""

MAX_MEMBERS: Final = 50
MAX_ACCOUNTS: Final = 20
"""Files kept; the oldest go first."""

_CODEC: Final[LineCodec[Any]] = LineCodec((Friend, FriendRequest, Room, PastCall, RoomMessage))

T = TypeVar("T")

_log = logging.getLogger(__name__)


def cache_folder() -> Path:
    """Where what was shown is kept."""
    import platformdirs

    if (profile := profile_folder()) is not None:
        return profile / "lobby"
    return platformdirs.user_cache_path("woxly", appauthor=False) / "lobby"


class LobbyCache:
    """Reads and writes the book of one account. Blocks on the disk, and never raises.

    Args:
        folder: Where; None keeps nothing.
        origin: The server.
        me: The account on it.
    """

    def __init__(self, folder: Path | None, origin: str, me: UserId) -> None:
        self._folder = folder
        self._key = f"{origin}#{me}"
        self._origin = origin
        self._me = me
        # Neither server nor user can be read off the name of the file.
        digest = hashlib.sha256(self._key.encode()).hexdigest()[:24]
        path = None if folder is None else folder / f"{digest}.json"
        self._path = path
        self._file = JsonFile(path)

    def load(self) -> Book | None:
        """The book as it was shown last, with its age in `as_of`; None where there is none."""
        raw = self._file.load()
        if not isinstance(raw, dict) or raw.get("version") != VERSION:
            return None
        saved_at = raw.get("saved_at")
        if raw.get("account") != self._key or not isinstance(saved_at, (int, float)):
            return None
        try:
            return self._book(raw, Seconds(float(saved_at)))
        except (ProtocolError, KeyError, TypeError, ValueError, RecursionError) as error:
            _log.warning("what was kept of the lobby is not read (%s)", type(error).__name__)
            return None

    def _book(self, raw: dict[str, Any], saved_at: Seconds) -> Book:
        threads = {
            RoomId(int(key)): Thread(
                RoomId(int(key)), tuple(_read(RoomMessage, one["messages"])), bool(one["has_older"])
            )
            for key, one in raw["threads"].items()
        }
        return Book(
            me=self._me,
            origin=self._origin,
            friends=tuple(_read(Friend, raw["friends"])),
            requests=tuple(_read(FriendRequest, raw["requests"])),
            rooms=tuple(_read(Room, raw["rooms"])),
            calls=tuple(_read(PastCall, raw["calls"])),
            threads=threads,
            as_of=saved_at,
        )

    def save(self, book: Book, now: Seconds) -> None:
        """Keep a book.

        Args:
            book: What is shown.
            now: Wall-clock time.
        """
        for share in (1.0, 0.3, 0.05):  # texts may be long: then less of them is kept
            kept = self._kept(book, now, share)
            if len(json.dumps(kept)) < MAX_BYTES:
                self._file.save(kept)
                self._tidy()
                return
        _log.warning("the lobby is too large to be kept")

    def _kept(self, book: Book, now: Seconds, share: float) -> dict[str, Any]:
        rooms = [_bounded(room) for room in book.rooms[:MAX_ROOMS]]
        listed = [room.room for room in rooms]
        opened = [book.threads[one] for one in listed if one in book.threads][:MAX_THREADS]
        return {
            "version": VERSION,
            "account": self._key,
            "saved_at": now if book.as_of is None else book.as_of,
            "friends": _written(book.friends[:MAX_FRIENDS]),
            "requests": _written(book.requests[:MAX_FRIENDS]),
            "rooms": _written(rooms),
            "calls": _written(book.calls[:MAX_CALLS]),
            "threads": {
                str(one.room): _thread(one, max(int(MAX_MESSAGES * share), 1)) for one in opened
            },
        }

    def forget(self) -> None:
        """Keep nothing of the account: it was signed out."""
        if self._path is not None:
            try:
                self._path.unlink(missing_ok=True)
            except OSError as error:
                _log.warning("what was kept of the lobby stays (%s)", error.strerror)

    def _tidy(self) -> None:
        if self._folder is None:
            return
        try:
            found = sorted(self._folder.glob("*.json"), key=lambda path: -path.stat().st_mtime)
            for path in found[MAX_ACCOUNTS:]:
                path.unlink(missing_ok=True)
            os.chmod(self._folder, 0o700)  # noqa: PTH101 - the cache folder itself may be open
        except OSError as error:
            _log.info("old files of the lobby stay (%s)", error.strerror)


def _bounded(room: Room) -> Room:
    """Who is in a call is not kept: that would be wrong by the time it is read."""
    live = None if room.live is None else ()
    members, marks = room.members[:MAX_MEMBERS], room.read[:MAX_MEMBERS]
    return replace(room, members=members, read=marks, live=live, live_since=None)


def _thread(thread: Thread, limit: int) -> dict[str, Any]:
    kept = thread.messages[-limit:]
    has_older = thread.has_older or len(kept) < len(thread.messages)
    return {"messages": _written(kept), "has_older": has_older}


def _written(values: Iterable[Any]) -> list[dict[str, Any]]:
    return [_CODEC.to_dict(value) for value in values]


def _read(kind: type[T], found: list[Any]) -> Iterator[T]:
    for raw in found:
        value = _CODEC.from_dict(raw)
        if not isinstance(value, kind):
            raise TypeError(type(value).__name__)
        yield value
