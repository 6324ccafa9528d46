"""The bounded buffer between the engine and one front end."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from typing import Final

from woxly_tui.call.snapshot import (
    ChatMessage,
    GateLevel,
    Levels,
    Notice,
    ParticipantLevel,
    Snapshot,
)
from woxly_tui.control.lobby import LobbyUpdate, RoomMessages
from woxly_tui.control.messages import MicrophoneTried, Update
from woxly_tui.types import Identity

MAX_NOTICES: Final = 16

MAX_CHAT: Final = 200
"""Chat messages a reader may be behind; of those before, it misses the oldest."""

MAX_TOPICS: Final = 32
"""Lobby topics kept for a reader: each list, and the rooms with news."""


class Mailbox:
    """Keeps the newest snapshot, level of each participant and lobby topic, notices and chat.

    However slow the reader, this never grows past the size of the call.

    Args:
        levels_hz: How often levels are handed over at most; None as they come.
    """

    def __init__(self, levels_hz: float | None = None) -> None:
        self.levels_hz = levels_hz
        self._levels_due = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._snapshot: Snapshot | None = None
        self._levels: dict[Identity, ParticipantLevel] = {}
        self._gate: GateLevel | None = None
        self._notices: deque[Notice] = deque(maxlen=MAX_NOTICES)
        self._chat: deque[ChatMessage] = deque(maxlen=MAX_CHAT)
        self._lobby: dict[tuple[type, int], LobbyUpdate] = {}
        self._tried: MicrophoneTried | None = None
        self._is_closed = False
        self._changed = asyncio.Event()

    def put(self, update: Update) -> None:
        """Take an update, replacing what it makes out of date."""
        match update:
            case Snapshot():
                self._snapshot = update
            case Levels():
                if self.levels_hz == 0:
                    return
                self._gate = update.gate or self._gate
                self._levels.update((level.identity, level) for level in update.levels)
            case Notice():
                self._notices.append(update)
            case ChatMessage():
                self._chat.append(update)
            case MicrophoneTried():
                self._tried = update
            case _:
                self._put_lobby(update)
        self._changed.set()

    def _put_lobby(self, update: LobbyUpdate) -> None:
        room = update.room if isinstance(update, RoomMessages) else 0
        self._lobby.pop((type(update), room), None)
        self._lobby[type(update), room] = update
        while len(self._lobby) > MAX_TOPICS:
            del self._lobby[next(iter(self._lobby))]

    def close(self) -> None:
        """End the reader's iteration once it has read what is here."""
        self._is_closed = True
        if self._timer is not None:
            self._timer.cancel()
        self._changed.set()

    def _take(self) -> list[Update]:
        self._changed.clear()
        taken: list[Update] = []
        if self._snapshot is not None:
            taken.append(self._snapshot)
            self._snapshot = None
        if (self._levels or self._gate) and self._are_levels_due():
            taken.append(Levels(tuple(self._levels.values()), self._gate))
            self._levels, self._gate = {}, None
        if self._tried is not None:
            taken.append(self._tried)
            self._tried = None
        taken.extend(self._lobby.values())
        self._lobby.clear()
        taken.extend(self._notices)
        self._notices.clear()
        taken.extend(self._chat)
        self._chat.clear()
        return taken

    def _are_levels_due(self) -> bool:
        if self.levels_hz is None or self._is_closed:
            return True
        loop = asyncio.get_running_loop()
        if self.levels_hz == 0:
            self._levels, self._gate = {}, None
            return False
        if (wait := self._levels_due - loop.time()) > 0:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = loop.call_later(wait, self._changed.set)
            return False
        self._levels_due = loop.time() + 1 / self.levels_hz
        return True

    async def read(self) -> AsyncGenerator[Update, None]:
        """What is new, snapshot first; ends after close."""
        while True:
            for update in self._take():
                yield update
            if self._is_closed and not self._changed.is_set():
                return
            await self._changed.wait()
