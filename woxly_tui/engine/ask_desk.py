"""What front ends ask of the engine and only the worker can answer: chat, details, recording."""

from collections.abc import Callable
from typing import TypeAlias

from woxly_tui._lib.aio import TaskOwner
from woxly_tui._lib.clock import Clock
from woxly_tui.call.details import ParticipantDetails
from woxly_tui.call.snapshot import Notice, Snapshot
from woxly_tui.control import messages as control
from woxly_tui.engine.chat import Chat
from woxly_tui.engine.details_desk import DetailsDesk
from woxly_tui.engine.record_desk import RecordDesk
from woxly_tui.media import messages as media

Ask: TypeAlias = control.SendChat | control.GetDetails | control.SetRecording


class AskDesk:
    """Hands each to who knows about it. Use from one event loop.

    Args:
        chat: Of the call.
        send: Tells the media worker.
        show: Takes fields of the snapshot.
        tell: Shows a notice to the user.
        snapshot: Gives the present state.
        clock: Where the time comes from.
        tasks: Owns what runs here.
    """

    def __init__(
        self,
        chat: Chat,
        send: Callable[[media.WorkerCommand], None],
        show: Callable[..., None],
        tell: Callable[[Notice], None],
        snapshot: Callable[[], Snapshot],
        clock: Clock,
        tasks: TaskOwner,
    ) -> None:
        self._chat = chat
        self._snapshot = snapshot
        self._details = DetailsDesk(send)
        self.recording = RecordDesk(send, show, tell, self._say, clock, tasks)

    async def _say(self, text: str) -> None:
        await self._chat.say(text, self._snapshot())

    async def carry_out(self, asked: Ask) -> tuple[ParticipantDetails, ...]:
        """Do it, and wait for the worker; returns details where those were asked for.

        Raises:
            WoxlyError: It cannot be done, with the cause.
        """
        match asked:
            case control.SendChat(text=text):
                await self._say(text)
            case control.SetRecording():
                await self.recording.set(asked, self._snapshot())
            case control.GetDetails():
                return await self._details.ask(self._snapshot())
        return ()

    def hear(self, event: media.DetailsMeasured | media.RecordingChanged) -> None:
        """The worker answers, or tells of itself."""
        if isinstance(event, media.DetailsMeasured):
            self._details.hear(event)
        else:
            self.recording.hear(event)
