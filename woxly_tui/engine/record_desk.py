"""Recording the call, as the engine sees it: asked for, confirmed, and begun again after a loss."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from woxly_tui._lib.aio import TaskOwner
from woxly_tui._lib.clock import Clock
from woxly_tui.call.snapshot import CallPhase, Notice, RecordingView, Severity, Snapshot
from woxly_tui.control.messages import SetRecording
from woxly_tui.errors import WoxlyError
from woxly_tui.media import messages as media

ANSWER_LIMIT_S: Final = 4.5
"""Longest wait for the worker, which tells everybody first and may have to change its backend."""

BEGAN: Final = "[woxly] I record this call from now on."
"""Said in the chat: a browser shows no other sign of it."""

ENDED: Final = "[woxly] I record no more."

_log = logging.getLogger(__name__)


def default_directory() -> Path:
    """Where recordings are kept unless the user says otherwise."""
    import platformdirs

    return platformdirs.user_data_path("woxly", appauthor=False) / "recordings"


class RecordDesk:
    """Owns what is wanted, and what the snapshot shows. Use from one event loop.

    Args:
        send: Tells the media worker.
        show: Takes fields of the snapshot.
        tell: Shows a notice to the user.
        say: Says something in the chat of the call.
        clock: Where the time comes from.
        tasks: Owns what runs here.
    """

    def __init__(
        self,
        send: Callable[[media.SetRecording], None],
        show: Callable[..., None],
        tell: Callable[[Notice], None],
        say: Callable[[str], Awaitable[None]],
        clock: Clock,
        tasks: TaskOwner,
    ) -> None:
        self._send = send
        self._show = show
        self._tell = tell
        self._say = say
        self._clock = clock
        self._tasks = tasks
        self._wanted: SetRecording | None = None
        self._request = 0
        self._answer: asyncio.Future[media.RecordingChanged] | None = None
        self._has_warned = False
        self.view = RecordingView()

    async def set(self, asked: SetRecording, snapshot: Snapshot) -> None:
        """Record from now on, or no more.

        Raises:
            WoxlyError: It cannot be done, with the cause.
        """
        if snapshot.phase is not CallPhase.ESTABLISHED or snapshot.microphone.is_starting:
            raise WoxlyError("There is no call to record", "wait until it is established")
        if asked.directory and not Path(asked.directory).is_absolute():
            raise WoxlyError("The folder must be an absolute path", "begin it with a slash")
        if asked.on == self.view.is_on:
            return
        self._wanted = asked if asked.on else None
        answer = self._answer = asyncio.get_running_loop().create_future()
        self._ask(asked)
        try:
            async with asyncio.timeout(ANSWER_LIMIT_S):
                told = await asyncio.shield(answer)
        except TimeoutError:
            raise WoxlyError(
                "The media worker has not confirmed this", "look whether REC is shown"
            ) from None
        if told.is_on != asked.on:
            self._wanted = None
            raise WoxlyError("The call is not recorded", told.cause or "try again")

    def _ask(self, asked: SetRecording) -> None:
        self._request += 1
        directory = asked.directory or str(default_directory())
        self._send(media.SetRecording(self._request, asked.on, directory, asked.format))

    def hear(self, event: media.RecordingChanged) -> None:
        """The worker records, or does no more."""
        was_on = self.view.is_on
        began_at = self.view.began_at if was_on else self._clock.wall()
        self._take(
            RecordingView(
                event.is_on,
                event.folder or self.view.folder,
                began_at if event.is_on else None,
                event.lost_s,
            )
        )
        if event.is_on != was_on:
            self._has_warned = False
            self._tasks.start(self._announce(BEGAN if event.is_on else ENDED), name="announce")
        if event.request and event.request == self._request and self._answer is not None:
            if not self._answer.done():
                self._answer.set_result(event)
        elif event.cause and not event.is_on:
            self._wanted = None
            self._tell(
                Notice(Severity.ERROR, f"The recording has ended: {event.cause}", event.folder)
            )
        if event.lost_s and not self._has_warned:
            self._has_warned = True
            text = "The disk is too slow for the recording: some of it is missing"
            self._tell(Notice(Severity.WARNING, text, "record to another disk"))

    async def _announce(self, text: str) -> None:
        try:
            await self._say(text)
        except WoxlyError as error:
            _log.info("not said in the chat: %s", error.message)

    def resume(self) -> None:
        """The sound of a session runs; go on recording where the one before was lost."""
        if self._wanted is not None and not self.view.is_on:
            self._ask(self._wanted)

    def lose(self) -> None:
        """The worker is gone, and its recording is over."""
        if self.view.is_on:
            self._take(replace(self.view, is_on=False, began_at=None))

    def finish(self) -> None:
        """The call is over, and the recording with it."""
        self._wanted = None
        self.lose()

    def _take(self, view: RecordingView) -> None:
        self.view = view
        self._show(recording=view)
