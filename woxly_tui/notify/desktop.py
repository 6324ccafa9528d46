"""Notifications of the desktop: over D-Bus where there is a session, by osascript on macOS.

A desktop that does not answer costs a thread, or a child, for ANSWER_LIMIT_S, and nobody waits.
"""

import asyncio
import contextlib
import logging
import sys
from collections.abc import Sequence
from typing import Any, Final, Protocol

from woxly_tui._lib.aio import TaskOwner
from woxly_tui._lib.session_bus import BusFailed, session_bus, talk
from woxly_tui.notify.words import TITLE

ANSWER_LIMIT_S: Final = 2.0

_NAME: Final = "org.freedesktop.Notifications"
_PATH: Final = "/org/freedesktop/Notifications"

_NORMAL: Final = 1
_CRITICAL: Final = 2
"""Urgency of a ring: it stays until it is over."""

_SCRIPT: Final = (
    "on run argv",
    "display notification (item 2 of argv) with title (item 1 of argv)",
    "end run",
)

_log = logging.getLogger(__name__)


class Desktop(Protocol):
    """Where notifications go. Failures raise BusFailed or OSError."""

    async def show(self, text: str, number: int, *, is_urgent: bool) -> int:
        """Show a text in place of notification `number` (0: a new one); its number."""

    async def close(self, number: int) -> None:
        """Take one back."""


class BusDesktop:
    """The notification service of a session.

    Args:
        bus: As of `session_bus`.
        limit_s: Longest wait for it.
    """

    def __init__(self, bus: str, limit_s: float = ANSWER_LIMIT_S) -> None:
        self._bus = bus
        self._limit_s = limit_s

    async def show(self, text: str, number: int, *, is_urgent: bool) -> int:
        return await asyncio.to_thread(self._show, text, number, is_urgent)

    def _show(self, text: str, number: int, is_urgent: bool) -> int:
        hints = {
            "urgency": ("y", _CRITICAL if is_urgent else _NORMAL),
            "category": ("s", "call.incoming" if is_urgent else "call.unanswered"),
        }
        # The summary is plain text everywhere; some services take the body for markup.
        body: tuple[Any, ...] = (TITLE, number, "", text, "", [], hints, -1)
        with talk(self._bus, _NAME, self._limit_s) as bus:
            (shown,) = bus.call(_PATH, _NAME, "Notify", "susssasa{sv}i", *body)
        return int(shown)

    async def close(self, number: int) -> None:
        await asyncio.to_thread(self._close, number)

    def _close(self, number: int) -> None:
        with talk(self._bus, _NAME, self._limit_s) as bus:
            bus.call(_PATH, _NAME, "CloseNotification", "u", number)


class ScriptDesktop:
    """macOS: a child, which is killed when it takes too long, and always reaped.

    Args:
        program: Tests put another one here.
        limit_s: Longest life of it.
    """

    def __init__(
        self, program: Sequence[str] = ("osascript",), limit_s: float = ANSWER_LIMIT_S
    ) -> None:
        self._program = program
        self._limit_s = limit_s

    async def show(self, text: str, number: int, *, is_urgent: bool) -> int:  # noqa: ARG002 - as of Desktop
        words = [word for line in _SCRIPT for word in ("-e", line)]
        child = await asyncio.create_subprocess_exec(
            *self._program,
            *words,
            TITLE,
            text,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(self._limit_s):
                await child.wait()
        except TimeoutError:
            _log.info("the notification took too long")
        finally:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()
        return 0

    async def close(self, number: int) -> None:
        """Nothing: macOS takes it away by itself."""


def this_desktop() -> Desktop | None:
    """That of the user; None where there is none."""
    if sys.platform == "darwin":
        return ScriptDesktop()
    bus = session_bus()
    return None if bus is None else BusDesktop(bus)


class DesktopSurface:
    """One notification at a time, shown and taken back in the order that was asked for.

    Never blocks. Use from one event loop.

    Args:
        desktop: Where it goes; None shows nothing.
    """

    def __init__(self, desktop: Desktop | None) -> None:
        self._desktop = desktop
        self._number = 0
        self._turn = asyncio.Lock()
        self._tasks = TaskOwner("notify")
        self._has_failed = False

    def show(self, text: str, *, is_urgent: bool) -> None:
        if self._desktop is not None and not self._has_failed:
            self._tasks.start(self._show(self._desktop, text, is_urgent), name="show")

    def again(self) -> None:
        """Nothing: it is there still."""

    def take_back(self) -> None:
        if self._desktop is not None and not self._has_failed:
            self._tasks.start(self._close(self._desktop), name="close")

    async def aclose(self) -> None:
        """Give up what is on its way."""
        await self._tasks.aclose()

    async def _show(self, desktop: Desktop, text: str, is_urgent: bool) -> None:
        async with self._turn:
            try:
                self._number = await desktop.show(text, self._number, is_urgent=is_urgent)
            except (BusFailed, OSError) as error:
                self._give_up(error)

    async def _close(self, desktop: Desktop) -> None:
        async with self._turn:
            number, self._number = self._number, 0
            if number:
                try:
                    await desktop.close(number)
                except (BusFailed, OSError) as error:
                    self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        """A machine without such a service is not asked again and again."""
        self._has_failed = True
        _log.info("no notifications of the desktop: %s", error)
