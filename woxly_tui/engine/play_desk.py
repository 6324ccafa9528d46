"""A file played into the call: one at a time, fed by whoever began it.

front end ──StartPlay, PlaySound*, StopPlay──► PlayDesk ──PlayBegin, PlayPcm*, PlayEnd──► worker
          ◄── replies, as there is room ──────          ◄── PlayBegun, PlayTaken*, PlayEnded
"""

import asyncio
from collections.abc import Callable
from typing import Final

from woxly_tui._lib.text import clean_name
from woxly_tui.call.snapshot import CallPhase, Snapshot
from woxly_tui.control.messages import PlaySound, StartPlay, StopPlay
from woxly_tui.errors import WoxlyError
from woxly_tui.media import messages as media
from woxly_tui.types import Seconds

FED_EVERY: Final = Seconds(10.0)
"""Whoever plays and sends nothing for so long, not even that there is nothing yet, is gone."""

ANSWER_LIMIT: Final = Seconds(3.0)
"""How long the worker may take to publish a track, or to take sound."""

LOUDEST: Final = 200
LEAST_HZ: Final = 4_000
MOST_HZ: Final = 384_000
MAX_TITLE: Final = 60

PlayCommand = StartPlay | PlaySound | StopPlay
PlayEvent = media.PlayBegun | media.PlayTaken | media.PlayEnded


class PlayDesk:
    """Use from the engine's event loop.

    Args:
        send: Hands a command to the media worker.
        show: Takes fields of the snapshot.
        publish: Tells the front ends of it.
    """

    def __init__(
        self,
        send: Callable[[media.WorkerCommand], None],
        show: Callable[..., None],
        publish: Callable[[], None],
    ) -> None:
        self._send = send
        self._show = show
        self._publish = publish
        self._play = ""
        self._cause = ""
        """Why the last one ended."""
        self._answer: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def handle(self, command: PlayCommand, snapshot: Snapshot) -> None:
        """Carry out a command; waits until more sound can be taken.

        Raises:
            WoxlyError: It cannot be done, or what was played has ended.
        """
        match command:
            case StartPlay():
                await self._start(command, snapshot)
            case PlaySound():
                await self._feed(command)
            case StopPlay():
                await self._stop(command)

    async def _start(self, command: StartPlay, snapshot: Snapshot) -> None:
        if snapshot.phase is not CallPhase.ESTABLISHED:
            raise WoxlyError("There is no call to play into", "join one: `woxly join ROOM`")
        if self._play:
            raise WoxlyError("Something is being played already", "`woxly play --stop` ends it")
        if not LEAST_HZ <= command.rate_hz <= MOST_HZ:
            raise WoxlyError(
                f"Sound at {command.rate_hz} Hz cannot be played",
                f"from {LEAST_HZ} to {MOST_HZ} Hz",
            )
        self._play = command.play
        title = clean_name(command.title, "sound")[:MAX_TITLE]
        percent = max(0, min(command.percent, LOUDEST))
        self._watch()
        await self._ask(media.PlayBegin(command.play, title, command.rate_hz, percent))
        self._show(plays=title)
        self._publish()

    async def _feed(self, command: PlaySound) -> None:
        if command.play != self._play:
            raise WoxlyError(f"Playing ended: {self._cause or 'it was stopped'}")
        self._watch()
        if command.data:
            await self._ask(media.PlayPcm(command.play, command.data))

    async def _stop(self, command: StopPlay) -> None:
        if not self._play or command.play not in ("", self._play):
            raise WoxlyError("Nothing is being played")
        if command.is_now or self._answer is not None:
            self._send(media.PlayEnd(self._play, is_now=True))
            self._over("it was stopped")
        else:
            await self._ask(media.PlayEnd(self._play))

    async def _ask(self, command: media.WorkerCommand) -> None:
        if self._answer is not None:
            raise WoxlyError("The sound before is not taken yet")
        answer = self._answer = asyncio.get_running_loop().create_future()
        self._send(command)
        try:
            async with asyncio.timeout(ANSWER_LIMIT):
                await answer
        except TimeoutError:
            self._send(media.PlayEnd(self._play, is_now=True))
            self._over("no answer")
            raise WoxlyError("The media worker does not take it", "try again") from None
        finally:
            self._answer = None

    def hear(self, event: PlayEvent) -> None:
        """Take what the worker says about it."""
        if event.play != self._play:
            return
        if isinstance(event, media.PlayEnded):
            self._over(event.cause)
        elif self._answer is not None and not self._answer.done():
            self._answer.set_result(None)

    def lose(self) -> None:
        """The worker is gone, and the track with it."""
        self._over("the connection was lost")

    def _over(self, cause: str) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._play:
            return
        self._play, self._cause = "", cause
        if self._answer is not None and not self._answer.done():
            if cause:
                self._answer.set_exception(WoxlyError(f"Playing ended: {cause}"))
            else:
                self._answer.set_result(None)
        self._show(plays="")
        self._publish()

    def _watch(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(FED_EVERY, self._give_up)

    def _give_up(self) -> None:
        self._send(media.PlayEnd(self._play, is_now=True))
        self._over("nobody sends it any more")
