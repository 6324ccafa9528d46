"""The chat beside the call: what was said so far, and what of ours is still on its way.

SendChat ──say──► worker ──ChatSent──► history, every front end
                  worker ──ChatReceived──► history, every front end
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from woxly_tui._lib.clock import Clock
from woxly_tui._lib.text import MAX_TEXT_LINES, clean_lines, is_too_long
from woxly_tui.call.snapshot import (
    CallPhase,
    ChatMessage,
    Ending,
    EndReason,
    Notice,
    ParticipantView,
    Severity,
    Snapshot,
)
from woxly_tui.control.mailbox import MAX_CHAT, Mailbox
from woxly_tui.control.messages import MAX_CHAT_BYTES, Update
from woxly_tui.engine.translate import chat_failed
from woxly_tui.errors import WoxlyError
from woxly_tui.media import messages as media
from woxly_tui.social.model import RoomMessage
from woxly_tui.types import Identity, RoomName, user_of

MAX_HISTORY_BYTES: Final = 1 << 19
"""All messages kept, in UTF-8; their number is limited by what a mailbox holds."""

MAX_UNCONFIRMED: Final = 16
"""Messages of ours that may wait for the worker at the same time."""

CONFIRM_LIMIT_S: Final = 3.0
"""How long a reply waits for the worker to hand a message over."""

_NOT_PASSED_ON: Final = "Guests in this call did not get what you wrote; the room did"

ChatEvent: TypeAlias = media.ChatReceived | media.ChatFlooded | media.ChatSent | media.ChatFailed


@dataclass(frozen=True, slots=True)
class _Unconfirmed:
    text: str
    me: ParticipantView
    answer: "asyncio.Future[None]"


class Chat:
    """The chat of one call after the other. Use from one event loop.

    Args:
        send: Hands a command to the media worker.
        put: Tells every front end.
        clock: Where the time comes from.
    """

    def __init__(
        self,
        send: Callable[[media.WorkerCommand], None],
        put: Callable[[Update], None],
        clock: Clock,
    ) -> None:
        self._send = send
        self._put = put
        self._clock = clock
        self._history: deque[ChatMessage] = deque(maxlen=MAX_CHAT)
        self._count = 0
        self._requests = 0
        self._unconfirmed: dict[int, _Unconfirmed] = {}
        self._passed_on: deque[int] = deque(maxlen=MAX_UNCONFIRMED)
        self._place = ("", RoomName(""))

    def tell(self, mailbox: Mailbox) -> None:
        """Put what was said so far, as far as it is kept, into a new mailbox; oldest first."""
        for message in self._history:
            mailbox.put(message)

    async def say(self, text: str, snapshot: Snapshot) -> None:
        """Say something, and wait until the worker has sent it.

        Raises:
            WoxlyError: It was not sent, or nobody knows whether it was.
        """
        message = _checked(text)
        me = _ourselves(snapshot)
        self._forget_given_up()
        if len(self._unconfirmed) >= MAX_UNCONFIRMED:
            raise WoxlyError(
                f"{MAX_UNCONFIRMED} messages are not sent yet", "send it again in a moment"
            )
        self._requests += 1
        request = self._requests
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._unconfirmed[request] = _Unconfirmed(message, me, answer)
        self._send(media.SendChat(request, message))
        try:
            await asyncio.wait([answer], timeout=CONFIRM_LIMIT_S)
        finally:
            # If the worker says later that it is sent, it is shown after all.
            is_given_up = answer.cancel()
        if is_given_up:
            raise _doubtful("no answer from the media worker")
        answer.result()

    def _forget_given_up(self) -> None:
        given_up = [key for key, one in self._unconfirmed.items() if one.answer.cancelled()]
        for request in given_up[: -MAX_UNCONFIRMED // 2]:
            del self._unconfirmed[request]

    def show(self, message: RoomMessage, *, is_local: bool) -> None:
        """A message of the room that the call is in; the chat of such a call is the room's."""
        identity = Identity(str(message.sender.user))
        self._add(identity, message.sender.name, _with_file(message), is_local=is_local)

    def pass_on(self, message: RoomMessage) -> None:
        """Say in the call, too, what we wrote to its room: guests hear nothing of the room.

        Each member's client does so with its own, and none shows what users say there.
        """
        self._requests += 1
        self._passed_on.append(self._requests)
        self._send(media.SendChat(self._requests, _with_file(message)))

    def hear(self, event: ChatEvent, *, is_in_room: bool = False) -> None:
        """Take what the worker says about the chat.

        Args:
            event: What it says.
            is_in_room: The call is of a room whose users write to the room: of what comes beside,
                only what guests say is new.
        """
        match event:
            case media.ChatReceived(identity=identity) if (
                is_in_room and user_of(identity) is not None
            ):
                return
            case media.ChatReceived():
                self._add(event.identity, event.name, _with_files(event))
            case media.ChatSent(request=request):
                if (sent := self._unconfirmed.pop(request, None)) is not None:
                    self._add(sent.me.identity, sent.me.name, sent.text, is_local=True)
                    if not sent.answer.done():
                        sent.answer.set_result(None)
            case media.ChatFailed(request=request):
                if (failed := self._unconfirmed.pop(request, None)) is not None:
                    _refuse(failed, chat_failed(event))
                elif request in self._passed_on:
                    self._put(Notice(Severity.WARNING, _NOT_PASSED_ON, chat_failed(event).message))
            case media.ChatFlooded(name=name):
                text = f"{name} writes more than woxly takes: some of it is not shown"
                self._put(Notice(Severity.INFO, text))

    def enter(self, server: str, room: RoomName) -> None:
        """A room of a server is joined; what was said in another one is forgotten."""
        if (server, room) != self._place:
            self._history.clear()
        self._place = (server, room)

    def lose(self) -> None:
        """The worker is gone: nobody knows what became of that which it has not confirmed."""
        unconfirmed, self._unconfirmed = self._unconfirmed, {}
        for one in unconfirmed.values():
            _refuse(one, _doubtful("the connection was lost"))

    def finish(self, ending: Ending) -> None:
        """The call is over. One that was not left on purpose may go on after a rejoin."""
        if ending.reason is EndReason.LEFT:
            self._history.clear()

    def _add(self, identity: Identity, name: str, text: str, *, is_local: bool = False) -> None:
        self._count += 1
        message = ChatMessage(self._count, identity, name, text, self._clock.wall(), is_local)
        self._history.append(message)
        while sum(len(kept.text.encode()) for kept in self._history) > MAX_HISTORY_BYTES:
            self._history.popleft()
        self._put(message)


def _checked(text: str) -> str:
    message = clean_lines(text)
    if not message:
        raise WoxlyError("There is nothing to send", "write something first")
    if is_too_long(message):
        size = len(message.encode())
        raise WoxlyError(
            f"The message is too long ({size} bytes, {message.count(chr(10)) + 1} lines)",
            f"a message may have {MAX_CHAT_BYTES} bytes and {MAX_TEXT_LINES} lines: send it in "
            "pieces",
        )
    return message


def _ourselves(snapshot: Snapshot) -> ParticipantView:
    if snapshot.phase is CallPhase.RECONNECTING:
        raise chat_failed(media.ChatFailed(0, media.ChatFailure.NOT_CONNECTED))
    me = next((p for p in snapshot.participants if p.is_local), None)
    if snapshot.phase is not CallPhase.ESTABLISHED or me is None:
        raise WoxlyError("You are not in a call", "join one first: `woxly join ROOM`")
    return me


def _doubtful(cause: str) -> WoxlyError:
    return WoxlyError(
        f"The message may not have been sent: {cause}",
        "look whether it appears before you send it again",
    )


def _refuse(unconfirmed: _Unconfirmed, error: WoxlyError) -> None:
    # Where nobody waits any more, nobody would fetch the exception.
    if not unconfirmed.answer.done():
        unconfirmed.answer.set_exception(error)
        unconfirmed.answer.exception()


def _with_file(message: RoomMessage) -> str:
    if message.attachment is None:
        return message.text
    return f"{message.text}\n(a file: {message.attachment.name})".lstrip()


def _with_files(event: media.ChatReceived) -> str:
    if not event.files:
        return event.text
    files = "a file" if event.files == 1 else f"{event.files} files"
    return f"{event.text}\n(with {files}, which woxly cannot show)".lstrip()
