"""A track player over a room and a library that are not there."""

import asyncio
import base64
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from livekit import rtc
from livekit.rtc.participant import PublishTrackError

from woxly_tui.media.messages import WorkerEvent
from woxly_tui.media.play_messages import (
    TRACK_PREFIX,
    PlayBegin,
    PlayBegun,
    PlayEnd,
    PlayEnded,
    PlayPcm,
    PlayTaken,
)
from woxly_tui.media.track_player import ENOUGH_S, MOST_S, TrackPlayer

SECOND = base64.b64encode(np.full(48_000, 1000, "<i2").tobytes()).decode()


class FakeSource:
    """Takes sound when it is let."""

    newest: "FakeSource"

    def __init__(self, *_: Any, **__: Any) -> None:
        self.taken: list[int] = []
        self.may_take = asyncio.Event()
        self.is_closed = False
        FakeSource.newest = self

    async def capture_frame(self, frame: Any) -> None:
        await self.may_take.wait()
        self.taken.extend(np.frombuffer(frame.data, dtype=np.int16))

    async def wait_for_playout(self) -> None:
        pass

    async def aclose(self) -> None:
        self.is_closed = True


class FakeTrack:
    def __init__(self, name: str) -> None:
        self.name = name

    async def get_stats(self) -> list[Any]:
        source = SimpleNamespace(source=SimpleNamespace(track_identifier="stream"))
        return [SimpleNamespace(WhichOneof=lambda _: "media_source", media_source=source)]


class Rig:
    def __init__(self) -> None:
        self.events: list[WorkerEvent] = []
        self.ignored: set[str] = set()
        self.log: list[str] = []
        me = SimpleNamespace(publish_track=self._publish, unpublish_track=self._unpublish)
        self.player = TrackPlayer(
            SimpleNamespace(local_participant=me),  # type: ignore[arg-type]
            self.ignored,
            self.events.append,
        )
        self.error: Exception | None = None

    async def _publish(self, track: FakeTrack, _options: Any) -> Any:
        if self.error is not None:
            raise self.error
        self.log.append(f"publish {track.name}")
        return SimpleNamespace(sid="TR")

    async def _unpublish(self, sid: str) -> None:
        self.log.append(f"unpublish {sid}")

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not condition():  # noqa: ASYNC110
                await asyncio.sleep(0)

    async def begin(self, play: str = "a", percent: int = 100) -> None:
        self.player.begin(PlayBegin(play, "song", 48_000, percent))
        await self.until(lambda: PlayBegun(play) in self.events)


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Rig:
    monkeypatch.setattr(rtc, "AudioSource", FakeSource)
    monkeypatch.setattr(
        rtc.LocalAudioTrack,
        "create_audio_track",
        staticmethod(lambda name, _source: FakeTrack(name)),
    )
    return Rig()


async def test_sound_is_asked_for_only_while_there_is_room(rig: Rig) -> None:
    await rig.begin()
    assert rig.log == [f"publish {TRACK_PREFIX}song"]
    rig.player.feed(PlayPcm("a", SECOND))
    await asyncio.sleep(0)
    assert PlayTaken("a") not in rig.events
    FakeSource.newest.may_take.set()
    await rig.until(lambda: PlayTaken("a") in rig.events)
    left_s = len(rig.player._buffer) / 2 / 48_000
    assert left_s < ENOUGH_S
    rig.player.end(PlayEnd("a"))
    await rig.until(lambda: PlayEnded("a") in rig.events)
    assert FakeSource.newest.taken == [1000] * 48_000
    assert rig.log[-1] == "unpublish TR"
    assert FakeSource.newest.is_closed


async def test_its_stream_is_no_voice_for_as_long_as_it_lasts(rig: Rig) -> None:
    await rig.begin()
    assert rig.ignored == {"stream"}
    rig.player.end(PlayEnd("a", is_now=True))
    await rig.until(lambda: PlayEnded("a") in rig.events)
    assert rig.ignored == set()


async def test_louder_than_full_scale_is_full_scale(rig: Rig) -> None:
    await rig.begin(percent=200)
    FakeSource.newest.may_take.set()
    loud = base64.b64encode(np.array([30_000, -30_000, 100], "<i2").tobytes()).decode()
    rig.player.feed(PlayPcm("a", loud))
    rig.player.end(PlayEnd("a"))
    await rig.until(lambda: PlayEnded("a") in rig.events)
    assert FakeSource.newest.taken == [32767, -32768, 200]


async def test_stopped_at_once_what_waits_is_not_heard(rig: Rig) -> None:
    await rig.begin()
    rig.player.feed(PlayPcm("a", SECOND))
    rig.player.end(PlayEnd("a", is_now=True))
    FakeSource.newest.may_take.set()
    await rig.until(lambda: PlayEnded("a") in rig.events)
    assert len(FakeSource.newest.taken) < 0.2 * 48_000


async def test_the_next_waits_until_the_one_before_is_withdrawn(rig: Rig) -> None:
    await rig.begin("a")
    rig.player.end(PlayEnd("a", is_now=True))
    await rig.begin("b")
    assert rig.log == ["publish woxly play: song", "unpublish TR", "publish woxly play: song"]
    rig.player.feed(PlayPcm("a", SECOND))
    assert isinstance(rig.events[-1], PlayEnded)
    await rig.player.aclose()


async def test_ended_before_it_began_nothing_is_published(rig: Rig) -> None:
    rig.player.begin(PlayBegin("a", "song", 48_000, 100))
    rig.player.end(PlayEnd("a", is_now=True))
    await rig.until(lambda: PlayEnded("a") in rig.events)
    assert rig.log == []


async def test_nonsense_and_floods_are_bounded(rig: Rig) -> None:
    await rig.begin()
    rig.player.feed(PlayPcm("a", "no base64 at all!"))
    for _ in range(10):
        rig.player.feed(PlayPcm("a", SECOND))
    assert len(rig.player._buffer) <= MOST_S * 48_000 * 2
    await rig.player.aclose()


async def test_a_server_that_takes_no_second_track_is_named(rig: Rig) -> None:
    rig.error = PublishTrackError("insufficient permissions")
    rig.player.begin(PlayBegin("a", "song", 48_000, 100))
    await rig.until(lambda: any(isinstance(e, PlayEnded) for e in rig.events))
    (ended,) = rig.events
    assert isinstance(ended, PlayEnded)
    assert "takes no second track" in ended.cause
