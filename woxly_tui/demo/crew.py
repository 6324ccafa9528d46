"""Starts the bots' process, and starts it again when it dies."""

import asyncio
import logging
import sys
import time
from pathlib import Path
from typing import Final

from woxly_tui._lib.aio import TaskOwner
from woxly_tui._lib.env import child_env
from woxly_tui._lib.leashed import LeashedProcess
from woxly_tui.demo.engagement import ANN, BEN, CODEC, ECHO, NAMES, Engagement
from woxly_tui.types import RoomName
from woxly_tui.wire.token import mint_token

RESTART_WAITS_S: Final = (0.5, 1.0, 2.0, 5.0, 10.0)

_STABLE_AFTER_S: Final = 30.0
_TOKEN_TTL_S: Final = 7 * 24 * 3600
"""A demo left open over a weekend still reconnects."""

_log = logging.getLogger(__name__)


class Crew:
    """The bots' process, on a leash. Use from one event loop."""

    def __init__(self, url: str, api_key: str, api_secret: str, room: RoomName, log: Path) -> None:
        ann, ben, echo = (
            mint_token(
                api_key=api_key,
                api_secret=api_secret,
                room=room,
                identity=who,
                name=NAMES[who],
                ttl_s=_TOKEN_TTL_S,
            )
            for who in (ANN, BEN, ECHO)
        )
        self._engagement = Engagement(url, ann, ben, echo)
        self._log_file = log
        self._tasks = TaskOwner("crew")
        self._process: LeashedProcess | None = None

    @property
    def pid(self) -> int | None:
        """The bots' process id; None while there is none."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Start the bots; they join within a second or two.

        Raises:
            OSError: The process cannot be started.
        """
        self._process = await self._spawn()
        self._tasks.start(self._supervise(), name="supervise")

    async def aclose(self) -> None:
        """End the bots. Cancelled, they still go."""
        try:
            await self._tasks.aclose()
        finally:
            if self._process is not None:
                await self._process.aclose()
                self._process = None

    async def _spawn(self) -> LeashedProcess:
        return await LeashedProcess.start(
            [sys.executable, "-P", "-m", "woxly_tui.demo.bots"],
            log=self._log_file,
            env=child_env(TOKIO_WORKER_THREADS="2"),
            stdin=CODEC.encode(self._engagement),
        )

    async def _supervise(self) -> None:
        deaths = 0
        while self._process is not None:
            began = time.monotonic()
            code = await self._process.wait()
            deaths = 1 if time.monotonic() - began > _STABLE_AFTER_S else deaths + 1
            _log.warning("the bots ended with code %d", code)
            self._process = await self._spawn_again(deaths)

    async def _spawn_again(self, deaths: int) -> LeashedProcess:
        """Wait, the longer the more deaths there were, and try until it can be started."""
        while True:
            await asyncio.sleep(RESTART_WAITS_S[min(deaths, len(RESTART_WAITS_S)) - 1])
            try:
                return await self._spawn()
            except OSError as error:
                _log.warning("the bots cannot be started: %s", error)
                deaths += 1
