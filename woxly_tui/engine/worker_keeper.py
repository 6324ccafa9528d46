"""Keeps at most one media worker: starts and stops happen one after the other, in order."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from woxly_tui._lib.aio import TaskOwner
from woxly_tui.engine.media_link import WorkerLink
from woxly_tui.media.messages import WorkerCommand, WorkerEvent

LinkFactory = Callable[[Callable[[WorkerEvent], None], Callable[[str], None]], WorkerLink]


class WorkerKeeper:
    """Owns the worker of an engine. Use from one event loop.

    Whatever a worker still says after `stop` was called is dropped.

    Args:
        make_link: Makes the link to one worker process.
        on_event: Called for each event of the present worker.
        on_lost: Called when the present worker dies, falls silent or cannot be started.
    """

    def __init__(
        self,
        make_link: LinkFactory,
        on_event: Callable[[WorkerEvent], None],
        on_lost: Callable[[str], None],
    ) -> None:
        self._make_link = make_link
        self._on_event = on_event
        self._on_lost = on_lost
        self._tasks = TaskOwner("worker keeper")
        self._link: WorkerLink | None = None
        self._epoch = 0
        self._environment: Mapping[str, str] = {}
        self._last_job: asyncio.Task[None] | None = None

    def start(self, environment: Mapping[str, str]) -> None:
        """Spawn a worker, once the one before is buried.

        Args:
            environment: Variables about sound, in place of ours; where empty, ours hold.
        """
        self._epoch += 1
        self._environment = environment
        self._enqueue(self._spawn, self._epoch, "start")

    def stop(self) -> None:
        """Stop the worker; it is reaped in the background."""
        self._epoch += 1
        self._enqueue(self._bury, self._epoch, "stop")

    async def settled(self) -> None:
        """Wait until what was asked for last is done: a stopped worker is reaped."""
        if self._last_job is not None:
            await asyncio.wait([self._last_job])

    def send(self, command: WorkerCommand) -> None:
        """Hand a command to the present worker; dropped where there is none."""
        if self._link is not None:
            self._link.send(command)

    async def aclose(self) -> None:
        """Stop the worker, and wait until it is reaped."""
        self.stop()
        if self._last_job is not None:
            await self._last_job
        await self._tasks.aclose()

    def _enqueue(self, job: Callable[[int], Awaitable[None]], epoch: int, name: str) -> None:
        before = self._last_job

        async def run() -> None:
            if before is not None:
                await asyncio.wait([before])
            await job(epoch)

        self._last_job = self._tasks.start(run(), name=name)

    async def _spawn(self, epoch: int) -> None:
        if epoch != self._epoch:
            return
        link = self._make_link(
            lambda event: self._hear(epoch, event), lambda detail: self._lose(epoch, detail)
        )
        self._link = link
        try:
            await link.start(self._environment)
        except OSError as error:
            self._lose(epoch, f"it cannot be started: {error.strerror or error}")
        except ValueError as error:  # a NUL in a variable of whoever asked for the call
            self._lose(epoch, f"it cannot be started: {error}")

    async def _bury(self, _epoch: int) -> None:
        link, self._link = self._link, None
        if link is not None:
            await link.stop()

    def _hear(self, epoch: int, event: WorkerEvent) -> None:
        if epoch == self._epoch:
            self._on_event(event)

    def _lose(self, epoch: int, detail: str) -> None:
        if epoch == self._epoch:
            self._on_lost(detail)
