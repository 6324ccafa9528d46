"""Tells the desktop of rings, whether a screen is open or not. The screens have their terminals."""

import asyncio
import logging
from collections.abc import Callable

from woxly_tui._lib.aio import TaskOwner
from woxly_tui.control.lobby import LobbyState
from woxly_tui.notify.desktop import Desktop, DesktopSurface, this_desktop
from woxly_tui.notify.notifier import Notifier
from woxly_tui.social.model import Presence
from woxly_tui.types import UserId

_MISSED = ("timeout", "cancelled", "caller-gone")

_log = logging.getLogger(__name__)


class RingNotes:
    """Watches the state of the lobby. Use from one event loop.

    Args:
        find: Returns the desktop, or None where the user wants none; called at the first ring,
            in a thread.
    """

    def __init__(self, find: Callable[[], Desktop | None] | None = None) -> None:
        self._find = find or wanted_desktop
        self._tasks = TaskOwner("ring notes")
        self._surface: DesktopSurface | None = None
        self._notifier: Notifier | None = None
        self._states: asyncio.Queue[LobbyState] = asyncio.Queue(64)
        self._is_watching = False
        self._ringing: frozenset[UserId] = frozenset()
        self._ending = 0

    def see(self, state: LobbyState) -> None:
        """The state of the lobby has changed."""
        if not (self._is_watching or state.rings.incoming):
            self._ending = state.rings.ending.number if state.rings.ending else 0
            return
        if not self._is_watching:
            self._is_watching = True
            self._tasks.start(self._watch(), name="watch")
        if self._states.full():
            self._states.get_nowait()
        self._states.put_nowait(state)

    async def _watch(self) -> None:
        self._surface = DesktopSurface(await asyncio.to_thread(self._find))
        self._notifier = Notifier([self._surface])
        while True:
            self._tell(self._notifier, await self._states.get())

    def _tell(self, notifier: Notifier, state: LobbyState) -> None:
        rings = state.rings
        names = {one.user: one.name for one in state.people}
        callers = frozenset(ring.caller for ring in rings.incoming)
        fresh, was_ringing, self._ringing = callers - self._ringing, self._ringing, callers
        for caller in fresh:
            is_silent = state.presence is Presence.DND
            notifier.ring(names.get(caller, ""), is_silent=is_silent)
        if was_ringing and not callers:
            notifier.ring_over()
        ending = rings.ending
        if ending is None or ending.number == self._ending:
            return
        self._ending = ending.number
        is_missed = ending.is_incoming and ending.seconds is None and ending.outcome in _MISSED
        if is_missed and ending.user is not None:
            notifier.missed(names.get(ending.user, ""))

    async def aclose(self) -> None:
        """Say no more."""
        await self._tasks.aclose()
        if self._surface is not None:
            await self._surface.aclose()


def wanted_desktop() -> Desktop | None:
    """The user's desktop; None where there is none, or they want no notifications of it."""
    from woxly_tui.config import load_config
    from woxly_tui.errors import ConfigError

    try:
        is_wanted = load_config().config.notify.desktop
    except ConfigError as error:
        _log.info("the settings are not read: %s", error)
        is_wanted = True
    return this_desktop() if is_wanted else None
