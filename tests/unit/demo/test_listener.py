import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, ClassVar, cast

import numpy as np
import pytest
from livekit import rtc

from woxly_tui.demo.listener import MAX_GUESTS, Listener
from woxly_tui.demo.voice import Samples
from woxly_tui.types import Identity

ANN = Identity("demo-ann")
RATE_HZ, FRAME_MS = 1000, 20


class Room:
    """Takes handlers, and calls them."""

    def __init__(self) -> None:
        self.handlers: dict[str, Callable[..., None]] = {}
        self.remote_participants: dict[str, Any] = {}

    def on(self, event: str, handler: Callable[..., None]) -> None:
        self.handlers[event] = handler


class Stream:
    """Two bundles of frames that count up, then nothing more."""

    made: ClassVar[list["Stream"]] = []

    def __init__(self, _track: Any, *, sample_rate: int, frame_size_ms: int, **_more: Any) -> None:
        self._size = sample_rate * frame_size_ms // 1000
        self.is_closed = False
        Stream.made.append(self)

    async def __aiter__(self) -> Any:
        for bundle in range(2):
            samples = np.arange(bundle * self._size, (bundle + 1) * self._size, dtype=np.int16)
            yield SimpleNamespace(frame=SimpleNamespace(data=memoryview(samples.tobytes())))
        await asyncio.Event().wait()

    async def aclose(self) -> None:
        self.is_closed = True


class Ears:
    def __init__(self) -> None:
        self.frames: list[tuple[Identity, Samples]] = []
        self.left: list[Identity] = []
        self.listener = Listener(frozenset((ANN,)), RATE_HZ, FRAME_MS, self.hear, self.left.append)
        self.room = Room()
        self.listener.attach(cast("rtc.Room", self.room))

    def hear(self, who: Identity, frame: Samples) -> None:
        self.frames.append((who, frame))

    def happens(self, event: str, publication: Any, who: str, track: Any = None) -> None:
        words = [publication, SimpleNamespace(identity=who)]
        self.room.handlers[event](*([track, *words] if track is not None else words))


class Publication:
    def __init__(
        self,
        kind: int = rtc.TrackKind.KIND_AUDIO,
        source: int = rtc.TrackSource.SOURCE_MICROPHONE,
    ) -> None:
        self.kind, self.source = kind, source
        self.subscribed: bool | None = None

    def set_subscribed(self, on: bool) -> None:
        self.subscribed = on


def voice() -> rtc.RemoteAudioTrack:
    return rtc.RemoteAudioTrack.__new__(rtc.RemoteAudioTrack)


@pytest.fixture
def ears(monkeypatch: pytest.MonkeyPatch) -> Ears:
    Stream.made.clear()
    monkeypatch.setattr(rtc, "AudioStream", Stream)
    return Ears()


@pytest.mark.parametrize(
    ("publication", "who", "wanted"),
    [
        (Publication(), "guest", True),
        (Publication(source=rtc.TrackSource.SOURCE_UNKNOWN), "guest", True),
        (Publication(), ANN, None),
        (Publication(source=rtc.TrackSource.SOURCE_SCREENSHARE_AUDIO), "guest", None),
        (Publication(kind=rtc.TrackKind.KIND_VIDEO), "guest", None),
    ],
    ids=["microphone", "unnamed", "friend", "screen", "camera"],
)
def test_only_voices_of_guests_are_subscribed_to(
    ears: Ears, publication: Publication, who: str, wanted: bool | None
) -> None:
    ears.happens("track_published", publication, who)
    assert publication.subscribed is wanted


def test_guests_who_were_there_first_are_heard_too(ears: Ears) -> None:
    early = Publication()
    guest = SimpleNamespace(identity="guest", track_publications={"TR_1": early})
    ears.room.remote_participants["guest"] = guest
    ears.listener.catch_up(cast("rtc.Room", ears.room))
    assert early.subscribed


async def test_sound_comes_in_short_frames_in_order(ears: Ears) -> None:
    ears.happens("track_subscribed", Publication(), "guest", voice())
    await asyncio.sleep(0.01)
    await ears.listener.aclose()
    assert {(who, len(frame)) for who, frame in ears.frames} == {(Identity("guest"), 20)}
    heard = np.concatenate([frame for _, frame in ears.frames])
    assert heard.tolist() == list(range(len(heard)))
    assert len(heard) > 20


async def test_a_track_that_is_gone_is_told_and_closed(ears: Ears) -> None:
    ears.happens("track_subscribed", Publication(), "guest", voice())
    await asyncio.sleep(0.01)
    ears.happens("track_unsubscribed", Publication(), "guest", voice())
    await asyncio.sleep(0.01)
    assert ears.left == ["guest"]
    assert [stream.is_closed for stream in Stream.made] == [True]
    await ears.listener.aclose()


async def test_a_crowd_does_not_drown_echo(ears: Ears) -> None:
    for number in range(MAX_GUESTS + 2):
        ears.happens("track_subscribed", Publication(), f"guest-{number}", voice())
    await asyncio.sleep(0.01)
    assert len(Stream.made) == MAX_GUESTS
    await ears.listener.aclose()
