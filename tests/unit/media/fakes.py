"""A LiveKit room without LiveKit: what session, roster and hearing touch of it, and no more."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from livekit import rtc
from livekit.rtc.data_stream import StreamError


@dataclass
class FakeSound:
    """A publication."""

    sid: str = "TR_1"
    muted: bool = False
    subscribed: bool = True
    kind: int = rtc.TrackKind.KIND_AUDIO
    track: Any = "track"
    name: str = ""

    def set_subscribed(self, subscribed: bool) -> None:
        self.subscribed = subscribed


class FakeRemote(rtc.RemoteParticipant):
    """A remote participant with settable everything."""

    def __init__(self, identity: str, *sounds: FakeSound, **changes: Any) -> None:
        fields: dict[str, Any] = {
            "identity": identity,
            "name": identity.title(),
            "kind": rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD,
            "state": rtc.ParticipantState.PARTICIPANT_STATE_ACTIVE,
            "attributes": {},
        }
        self._info = SimpleNamespace(**fields | changes)  # type: ignore[assignment]
        self._connection_quality = rtc.ConnectionQuality.QUALITY_UNKNOWN
        self._track_publications = {sound.sid: sound for sound in sounds}  # type: ignore[misc]


@dataclass
class FakeLocal:
    """Our own participant."""

    identity: str = "me"
    name: str = "Me"
    connection_quality: int = rtc.ConnectionQuality.QUALITY_GOOD
    permissions: Any = field(
        default_factory=lambda: SimpleNamespace(
            can_publish=True,
            can_subscribe=True,
            can_publish_sources=[],
            can_update_metadata=True,
            can_publish_data=True,
        )
    )
    published: list[Any] = field(default_factory=list)
    unpublished: list[str] = field(default_factory=list)
    attributes_set: list[dict[str, str]] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)
    data_sent: list[tuple[str, list[str], str]] = field(default_factory=list)
    on_publish: Callable[[], None] = lambda: None
    said: list[tuple[str, str]] = field(default_factory=list)
    text_error: str = ""

    async def publish_track(self, track: Any, options: Any) -> FakeSound:
        self.published.append((track, options))
        self.on_publish()
        return FakeSound(sid="TR_ME")

    async def unpublish_track(self, sid: str) -> None:
        self.unpublished.append(sid)

    async def set_attributes(self, attributes: dict[str, str]) -> None:
        self.attributes_set.append(attributes)

    async def send_text(self, text: str, *, topic: str, compress: bool) -> None:
        assert not compress
        if self.text_error:
            raise StreamError(self.text_error)
        self.said.append((topic, text))

    async def publish_data(
        self, payload: str, *, reliable: bool, destination_identities: list[str], topic: str
    ) -> None:
        assert reliable
        self.data_sent.append((payload, destination_identities, topic))


class FakeRoom:
    """Stands in for `rtc.Room`; tests raise its events by `say`."""

    def __init__(self) -> None:
        self.handlers: dict[str, Callable[..., None]] = {}
        self.local_participant = FakeLocal()
        self.remote_participants: dict[str, FakeRemote] = {}
        self.name = "standup"
        self.connection_state = rtc.ConnectionState.CONN_CONNECTED
        self.connect_error = ""
        self.disconnects = 0
        self.topics: list[str] = []
        self.text_handlers: dict[str, Any] = {}
        self.byte_handlers: dict[str, Any] = {}
        self.is_up = False

    def on(self, event: str, handler: Callable[..., None]) -> None:
        self.handlers[event] = handler

    def say(self, event: str, *args: Any) -> None:
        self.handlers[event](*args)

    def isconnected(self) -> bool:
        return self.is_up

    async def connect(self, url: str, token: str, options: rtc.RoomOptions) -> None:
        assert not options.auto_subscribe
        assert url
        assert token
        if self.connect_error:
            raise rtc.ConnectError(self.connect_error)
        self.is_up = True

    async def disconnect(self) -> None:
        self.disconnects += 1
        self.is_up = False

    async def get_rtc_stats(self) -> rtc.RtcStats:
        return rtc.RtcStats([], [])

    def register_text_stream_handler(self, topic: str, handler: Any) -> None:
        self.topics.append(topic)
        self.text_handlers[topic] = handler

    def register_byte_stream_handler(self, topic: str, handler: Any) -> None:
        self.topics.append(topic)
        self.byte_handlers[topic] = handler


class FakeReader:
    """A text stream that the test feeds: chunks, then an end, or never one."""

    def __init__(self, *chunks: str, is_open: bool = False, files: int = 0) -> None:
        self.info = SimpleNamespace(attachments=["file"] * files)
        self.closes = 0
        self._pieces: asyncio.Queue[str | Exception | None] = asyncio.Queue()
        for chunk in chunks:
            self._pieces.put_nowait(chunk)
        if not is_open:
            self._pieces.put_nowait(None)

    def fail(self, error: Exception) -> None:
        self._pieces.put_nowait(error)

    def __aiter__(self) -> "FakeReader":
        return self

    async def __anext__(self) -> str:
        piece = await self._pieces.get()
        if isinstance(piece, Exception):
            raise piece
        if piece is None:
            raise StopAsyncIteration
        return piece

    def close(self) -> None:
        self.closes += 1


class FakeNative:
    """The native library's side of our track: the flag, and whether sound really flows.

    Args:
        answers: False where it refuses every request.
    """

    def __init__(self, *, answers: bool = True) -> None:
        self.answers = answers
        self.flag_muted = False
        self.flows = True
        self.calls: list[bool] = []

    def set_local_muted(self, _track: Any, muted: bool) -> bool | None:
        if not self.answers:
            return None
        self.calls.append(muted)
        if muted != self.flag_muted:  # the same again does nothing, as in the library
            self.flag_muted = muted
            self.flows = not muted
        return self.flag_muted

    def enable(self) -> None:
        """What publishing ends with, muted or not."""
        self.flows = True
