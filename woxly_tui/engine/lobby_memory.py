"""Keeps what the lobby shows on the disk, soon after it changed; it is read at the next start."""

import asyncio
from collections.abc import Callable
from typing import Final

from woxly_tui._lib.aio import TaskOwner
from woxly_tui._lib.clock import Clock
from woxly_tui.lobby.accounts import Account, AccountStore
from woxly_tui.lobby.book import Book
from woxly_tui.lobby.cache import LobbyCache, cache_folder
from woxly_tui.types import UserId

SETTLE_S: Final = 5.0
"""How long changes are gathered before they are written."""


class LobbyMemory:
    """Use from one event loop; the disk is another thread's.

    Args:
        account: Whose lobby.
        store: Says whether the account is still signed in: else nothing is kept of it.
        clock: Where the time comes from.
        book: Returns what is shown now.
    """

    def __init__(
        self, account: Account, store: AccountStore, clock: Clock, book: Callable[[], Book]
    ) -> None:
        self._account = account
        self._store = store
        self._clock = clock
        self._book = book
        self._cache = LobbyCache(cache_folder(), account.origin, UserId(account.user_id))
        self._tasks = TaskOwner("lobby memory")
        self._is_due = False

    async def recall(self) -> Book | None:
        """What was shown last, with its age."""
        return await asyncio.to_thread(self._cache.load)

    def note(self) -> None:
        """Something changed."""
        if not self._is_due:
            self._is_due = True
            self._tasks.start(self._keep_soon(), name="keep")

    async def _keep_soon(self) -> None:
        await asyncio.sleep(SETTLE_S)
        self._is_due = False
        await self._keep()

    async def _keep(self) -> None:
        await asyncio.to_thread(self._write, self._book())

    def _write(self, book: Book) -> None:
        if any(one.is_same(self._account) for one in self._store.load()):
            self._cache.save(book, self._clock.wall())
        else:
            self._cache.forget()

    async def aclose(self) -> None:
        """Write what was not yet written."""
        await self._tasks.aclose()
        if self._is_due:
            await self._keep()
