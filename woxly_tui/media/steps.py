"""The steps of leaving a room, none of which may be cancelled, nor waited for without end."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

from woxly_tui._lib.aio import TaskOwner

STEP_LIMIT_S: Final = 0.5
"""Longest wait for one step of leaving; offline, none of them would end."""


class Steps:
    """Waits for steps, each with a limit. Its tasks outlive it: cancelling the SDK's would wedge
    the room (python-sdks #827).

    Args:
        name: Whose steps, for the names of the tasks.
    """

    def __init__(self, name: str) -> None:
        self._tasks = TaskOwner(name)

    async def take(self, step: Coroutine[Any, Any, None], name: str) -> None:
        """Wait for one step; one that takes too long is left running, uncancelled."""
        task = self._tasks.start(step, name=name)
        await asyncio.wait([task], timeout=STEP_LIMIT_S)
