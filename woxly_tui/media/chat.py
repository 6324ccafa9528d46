"""The chat of a room, on the text streams that LiveKit's own web components use.

text stream on lk.chat ──► reader, bounded in bytes, time and number ──► ChatReceived
packet on lk-chat-topic, from older components ─────────────────────────┘
SendChat ──► one text stream ──► ChatSent or ChatFailed
"""

import asyncio
import json
import logging
import math
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from livekit import rtc
from livekit.rtc.data_stream import StreamError

from woxly_tui._lib.aio import TaskOwner
from woxly_tui._lib.text import MAX_TEXT_BYTES, clean_name, clean_text
from woxly_tui.media.failures import safe_detail
from woxly_tui.media.messages import (
    ChatFailed,
    ChatFailure,
    ChatFlooded,
    ChatReceived,
    ChatSent,
    WorkerEvent,
)
from woxly_tui.types import Identity

CHAT_TOPIC: Final = "lk.chat"
"""Text streams of the chat (components-js, packages/core/src/observables/dataChannel.ts)."""

LEGACY_TOPIC: Final = "lk-chat-topic"
"""JSON packets of components from before text streams. Newer ones send both, and mark these
`ignoreLegacy` (components-js, packages/core/src/components/chat.ts)."""

UNREAD_TOPIC: Final = "lk.transcription"
"""Where agents stream what they hear; not for us."""

MAX_STREAM_BYTES: Final = 1 << 20
"""Longest stream the native library takes, decompressed; the text is cut well before."""

UNREADABLE: Final = "(a message that is too long, or broken)"
"""Shown where not even the beginning could be read."""


READ_LIMIT_S: Final = 15.0
"""A stream that has not ended by then is taken as it is."""

BURST: Final = 20
PER_SECOND: Final = 2.0
"""Messages taken of one participant: so many at once, then so many a second."""

MAX_READERS: Final = 128
MAX_READERS_EACH: Final = BURST
"""Streams read at the same time, of everybody and of one participant: on a busy machine those of a
whole burst are open together."""

FLOOD_SAID_EVERY_S: Final = 30.0

MAX_SENDERS: Final = 512
"""Participants whose rate is remembered."""

_log = logging.getLogger(__name__)


def stream_options() -> rtc.DataStreamOptions:
    """What a room is joined with, so that no stream grows without limit in native code."""
    return rtc.DataStreamOptions(max_payload_byte_length=MAX_STREAM_BYTES)


@dataclass(slots=True)
class _Allowance:
    """How many messages one participant may send now."""

    left: float
    at: float
    flood_said_at: float = -math.inf

    def take(self, now: float) -> bool:
        self.left = min(BURST, self.left + (now - self.at) * PER_SECOND)
        self.at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


class Chat:
    """What is said, and sent, in one room. Use from its event loop.

    Args:
        session: Number of the session, for the events.
        room: Where; handlers are registered by `listen`.
        emit: Takes the events.
        clock: Seconds that only go forward.
    """

    def __init__(
        self,
        session: int,
        room: rtc.Room,
        emit: Callable[[WorkerEvent], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session = session
        self._room = room
        self._emit = emit
        self._clock = clock
        self._tasks = TaskOwner(f"chat {session}")
        self._reading: Counter[str] = Counter()
        self._allowances: dict[str, _Allowance] = {}

    def listen(self) -> None:
        """Take what is sent from now on."""
        self._room.register_text_stream_handler(CHAT_TOPIC, self._on_stream)
        # An unread reader collects what it is sent.
        self._room.register_text_stream_handler(UNREAD_TOPIC, lambda reader, _: reader.close())
        for topic in (CHAT_TOPIC, UNREAD_TOPIC):
            self._room.register_byte_stream_handler(topic, lambda reader, _: reader.close())

    async def aclose(self) -> None:
        """Read nothing more."""
        await self._tasks.aclose()

    # Sending

    def send(self, request: int, text: str) -> None:
        """Send a message to everybody; the answer is an event."""
        if not self._room.isconnected():
            self._emit(ChatFailed(request, ChatFailure.NOT_CONNECTED))
        elif not self._room.local_participant.permissions.can_publish_data:
            # The server would drop it without a word.
            self._emit(ChatFailed(request, ChatFailure.NOT_ALLOWED))
        else:
            self._tasks.start(self._send(request, text), name="send")

    async def _send(self, request: int, text: str) -> None:
        try:
            # Compressed streams are unknown to older clients.
            await self._room.local_participant.send_text(text, topic=CHAT_TOPIC, compress=False)
        except StreamError as error:
            detail = safe_detail(error.description)
            self._emit(ChatFailed(request, ChatFailure.OTHER, detail))
        else:
            self._emit(ChatSent(request))

    # Receiving

    def _on_stream(self, reader: rtc.TextStreamReader, identity: str) -> None:
        if not self._is_within_rate(identity):
            reader.close()
            return
        if self._reading.total() >= MAX_READERS or self._reading[identity] >= MAX_READERS_EACH:
            reader.close()
            self._say_flooded(identity)
            return
        self._reading[identity] += 1
        self._tasks.start(self._read(reader, identity), name="read")

    async def _read(self, reader: rtc.TextStreamReader, identity: str) -> None:
        taken = _Taken()
        try:
            await taken.read(reader)
        except StreamError as error:
            _log.info("a chat stream broke off: %s", safe_detail(error.description))
            taken.is_cut = True
        finally:
            reader.close()
            self._reading[identity] -= 1
            if not self._reading[identity]:
                del self._reading[identity]
        files = len(reader.info.attachments)
        if taken.is_cut and not taken.text:
            self._say(identity, UNREADABLE)
        else:
            self._say(identity, taken.text, is_cut=taken.is_cut, files=files)

    def on_packet(self, packet: rtc.DataPacket) -> None:
        """Take a data packet, if it is a message of an older component."""
        if packet.topic != LEGACY_TOPIC or packet.participant is None:
            return
        text = _legacy_text(packet.data)
        if text is not None and self._is_within_rate(packet.participant.identity):
            self._say(packet.participant.identity, text)

    def _say(self, identity: str, text: str, *, is_cut: bool = False, files: int = 0) -> None:
        clean = clean_text(text, is_cut=is_cut) if text else ""
        if clean or files:
            name = self._name_of(identity)
            self._emit(ChatReceived(self._session, Identity(identity), name, clean, files))

    def _name_of(self, identity: str) -> str:
        participant = self._room.remote_participants.get(identity)
        name = participant.name if participant is not None else ""
        return clean_name(name or identity, clean_name(identity))

    def _is_within_rate(self, identity: str) -> bool:
        now = self._clock()
        allowance = self._allowances.get(identity)
        if allowance is None:
            if len(self._allowances) >= MAX_SENDERS:
                del self._allowances[next(iter(self._allowances))]
            allowance = self._allowances[identity] = _Allowance(BURST, now)
        if allowance.take(now):
            return True
        self._say_flooded(identity)
        return False

    def _say_flooded(self, identity: str) -> None:
        allowance, now = self._allowances[identity], self._clock()
        if now - allowance.flood_said_at >= FLOOD_SAID_EVERY_S:
            allowance.flood_said_at = now
            name = self._name_of(identity)
            self._emit(ChatFlooded(self._session, Identity(identity), name))


@dataclass(slots=True)
class _Taken:
    """What was read of a stream, even where reading it failed."""

    text: str = ""
    is_cut: bool = False

    async def read(self, reader: rtc.TextStreamReader) -> None:
        try:
            async with asyncio.timeout(READ_LIMIT_S):
                async for chunk in reader:
                    self.text += chunk[: MAX_TEXT_BYTES + 1]
                    if len(self.text) > MAX_TEXT_BYTES:
                        self.is_cut = True
                        return
        except TimeoutError:
            self.is_cut = True


def _legacy_text(data: bytes) -> str | None:
    """The words of a legacy packet; None where it is none, or came as a text stream too."""
    if len(data) > MAX_STREAM_BYTES:
        return None
    try:
        message: Any = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict) or message.get("ignoreLegacy") is True:
        return None
    text = message.get("message")
    return text if isinstance(text, str) else None
