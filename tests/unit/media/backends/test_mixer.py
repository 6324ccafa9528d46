"""The mixer over devices and a library that are not there."""

import asyncio
import itertools
import sys
from collections.abc import AsyncIterator, Callable
from typing import Any

import numpy as np
import pytest

from woxly_tui.errors import MediaError
from woxly_tui.media import cleaner
from woxly_tui.media.backends import mixer
from woxly_tui.media.backends.mixer import MixerBackend
from woxly_tui.media.devices import NO_DEVICE, NO_MICROPHONE, SoundServer
from woxly_tui.media.echo_reference import EchoReference
from woxly_tui.media.messages import Shaping
from woxly_tui.media.pause_trim import PAUSE_FRAMES
from woxly_tui.media.playout import Playout
from woxly_tui.media.playout_buffer import FRAME_SAMPLES, Samples
from woxly_tui.media.send_fade import TAIL_FRAMES


class FakeDevice:
    latency_s = 0.02

    def __init__(self, use: Callable[..., Any]) -> None:
        self.use = use
        self.failure = ""
        self.xruns = self.played = 0
        self.is_started = self.is_closed = False

    def start(self) -> None:
        self.is_started = True

    def close(self) -> None:
        self.is_closed = True


class FakeTaps:
    def __init__(self) -> None:
        self.sinks: dict[str, Callable[[Samples], None]] = {}
        self.is_closed = False
        FakeTaps.newest = self

    newest: "FakeTaps"

    def open(self, sid: str, _track: Any, sink: Callable[[Samples], None]) -> None:
        self.sinks[sid] = sink

    def close(self, sid: str) -> None:
        self.sinks.pop(sid, None)

    def aclose(self) -> None:
        self.is_closed = True


class FakeSender:
    def __init__(self, _taps: Any, _source: Any) -> None:
        self.sent: list[Samples] = []
        self.dropped = 0

    def send(self, frame: Samples) -> None:
        self.sent.append(frame)


class FakeProcessing:
    """Remembers, and changes nothing."""

    def __init__(self, shaping: Shaping) -> None:
        self.shaping = shaping
        self.reference: list[Samples] = []
        self.delays_s: list[float] = []

    def show(self, played: Samples) -> None:
        self.reference.append(played)

    def clean(self, captured: Samples) -> Samples:
        assert len(captured) == FRAME_SAMPLES
        return captured

    def set_delay(self, delay_s: float) -> None:
        self.delays_s.append(delay_s)


class Rig:
    def __init__(self) -> None:
        self.server = SoundServer.ANSWERS
        self.capture: FakeDevice | None = None
        self.speaker: FakeDevice | None = None
        self.has_microphone = self.has_speaker = True
        self.backend: Any = None

    def open_capture(self, on_frame: Callable[[Samples], None]) -> FakeDevice:
        if not self.has_microphone:
            raise MediaError(NO_DEVICE)
        self.capture = FakeDevice(on_frame)
        return self.capture

    def open_playout(
        self, next_frame: Callable[[], Samples], *_asks: Callable[[], bool]
    ) -> FakeDevice:
        if not self.has_speaker:
            raise MediaError(NO_DEVICE)
        self.speaker = FakeDevice(next_frame)
        return self.speaker

    async def open(self) -> Any:
        self.backend = await MixerBackend.open()
        return self.backend

    def hear(self, sid: str, peak: int, blocks: int = 6) -> int:
        """What leaves the speaker while a track carries that; the last block's peak."""
        assert self.speaker is not None
        loudest = 0
        for _ in range(blocks):
            self.backend._taps.sinks[sid](np.full(FRAME_SAMPLES, peak, np.int16))
            loudest = int(np.abs(self.speaker.use()).max())
        return loudest

    def speak(self, peak: int = 1000) -> None:
        assert self.capture is not None
        self.capture.use(np.full(FRAME_SAMPLES, peak, np.int16))


@pytest.fixture
async def rig(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Rig]:
    rig = Rig()
    monkeypatch.setattr(mixer, "probe_sound_server", lambda: rig.server)
    monkeypatch.setattr(mixer, "load_portaudio", lambda: None)
    monkeypatch.setattr(mixer, "open_capture", rig.open_capture)
    monkeypatch.setattr(mixer, "open_playout", rig.open_playout)
    ticks = itertools.count()
    monkeypatch.setattr(mixer, "Playout", lambda: Playout(lambda: next(ticks) * 0.005))
    monkeypatch.setattr(cleaner, "EchoReference", lambda: EchoReference(0, 0))
    monkeypatch.setattr(mixer, "SoundTaps", FakeTaps)
    monkeypatch.setattr(mixer, "FrameSender", FakeSender)
    monkeypatch.setattr(cleaner, "Processing", FakeProcessing)
    yield rig
    if rig.backend is not None:
        await rig.backend.aclose()


async def test_it_is_silent_until_it_begins_and_again_when_hushed(rig: Rig) -> None:
    backend = await rig.open()
    backend.play("TR_A", "ann", "track", 100)
    assert rig.hear("TR_A", 3000) == 0
    await backend.begin()
    assert rig.hear("TR_A", 3000) == 3000
    await backend.hush()
    assert rig.hear("TR_A", 3000) == 0


async def test_a_volume_is_of_one_person_and_may_come_with_the_track(rig: Rig) -> None:
    backend = await rig.open()
    await backend.begin()
    backend.play("TR_A", "ann", "track", 50)
    assert rig.hear("TR_A", 3000) == 1500
    backend.set_volume("ann", 200)
    assert rig.hear("TR_A", 3000) == 6000
    backend.stop_playing("TR_A")
    assert rig.speaker is not None
    assert int(rig.speaker.use()[-1]) == 0
    assert not rig.speaker.use().any()


async def test_nothing_captured_leaves_unless_fed(rig: Rig) -> None:
    backend = await rig.open()
    backend._sender = sender = FakeSender(None, None)
    rig.speak()
    backend.feed(True)
    rig.speak()
    backend.feed(False)
    for _ in range(2 + TAIL_FRAMES):
        rig.speak()
    first, last, *tail = sender.sent
    assert (first[0], last[-1]) == (0, 0)
    assert len(tail) == TAIL_FRAMES
    assert not np.any(tail)
    assert not backend.release_capture()


async def test_a_pause_is_sent_shorter_and_recorded_whole(rig: Rig) -> None:
    backend = await rig.open()
    backend._sender = sender = FakeSender(None, None)
    taped: list[Samples] = []
    backend.tap = lambda _sid, _identity, frame: taped.append(frame)
    backend.feed(True)
    rig.speak(0)
    backend.trim.is_wanted = True
    for _ in range(20):
        rig.speak(0)
    assert (len(sender.sent), len(taped)) == (20, 21)


async def test_what_fades_is_sent_whole_and_what_was_left_out_before_it_never(rig: Rig) -> None:
    backend = await rig.open()
    backend._sender = sender = FakeSender(None, None)
    backend.feed(True)
    rig.speak(50)
    backend.trim.is_wanted = True
    for _ in range(PAUSE_FRAMES):
        rig.speak(50)
    assert len(sender.sent) == PAUSE_FRAMES
    backend.feed(False)
    for _ in range(1 + TAIL_FRAMES):
        rig.speak(0)
    last, *tail = sender.sent[PAUSE_FRAMES:]
    assert not np.any(last)
    assert len(tail) == TAIL_FRAMES


async def test_the_own_gain_is_limited_too(rig: Rig) -> None:
    backend = await rig.open()
    backend._sender = sender = FakeSender(None, None)
    backend.feed(True)
    rig.speak()
    backend.shape(Shaping(mic_gain_db=6.0206))
    for peak in (1000, 1000, 32_000):
        rig.speak(peak)
    assert int(sender.sent[1][0]) == 1000  # a ramp, not a step
    assert int(sender.sent[2].max()) == pytest.approx(2000, abs=1)
    assert int(np.abs(sender.sent[3].astype(int)).max()) < 32_767


async def test_the_canceller_hears_what_is_played_and_knows_the_delay(rig: Rig) -> None:
    backend = await rig.open()
    await backend.begin()
    backend.play("TR_A", "ann", "track", 100)
    rig.hear("TR_A", 3000)
    for _ in range(3):
        rig.speak()
    processing: Any = backend._cleaner._processing
    assert int(processing.reference[-1].max()) == 3000
    assert processing.delays_s == [0.04] * 3


@pytest.mark.parametrize(
    "key", ["echo_cancellation", "noise_suppression", "auto_gain", "high_pass"]
)
async def test_each_part_of_the_cleaning_can_be_left_out_in_mid_call(rig: Rig, key: str) -> None:
    backend = await rig.open()
    assert backend._cleaner._processing.shaping == Shaping()
    wanted: dict[str, Any] = {key: False}
    backend.shape(Shaping(**wanted))
    assert backend._cleaner._processing.shaping == Shaping(**wanted)
    rig.speak()
    backend.shape(Shaping())
    assert backend._cleaner._processing.shaping == Shaping()


async def test_without_any_cleaning_sound_passes_as_it_is(rig: Rig) -> None:
    backend = await rig.open()
    backend._sender = sender = FakeSender(None, None)
    backend.feed(True)
    backend.shape(Shaping(100, 0.0, False, False, False, False))
    assert backend._cleaner._processing is None
    rig.speak()
    rig.speak(1234)
    assert set(sender.sent[1].tolist()) == {1234}


async def test_the_master_is_heard_once_it_begins_and_never_when_hushed(rig: Rig) -> None:
    backend = await rig.open()
    backend.play("TR_A", "ann", "track", 100)
    backend.shape(Shaping(master_percent=50))
    assert rig.hear("TR_A", 3000) == 0
    await backend.begin()
    assert rig.hear("TR_A", 3000) == 1500
    backend.shape(Shaping(master_percent=200))
    assert rig.hear("TR_A", 3000) == 6000
    await backend.hush()
    backend.shape(Shaping(master_percent=200))
    assert rig.hear("TR_A", 3000) == 0


async def test_without_a_microphone_one_listens(rig: Rig) -> None:
    rig.has_microphone = False
    backend = await rig.open()
    assert backend.create_track() is None
    assert backend.cause == NO_MICROPHONE
    assert rig.speaker is not None
    assert rig.speaker.is_started


async def test_a_microphone_that_refuses_to_start_is_freed(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_device: FakeDevice) -> None:
        raise MediaError(NO_DEVICE)

    def open_capture(on_frame: Callable[[Samples], None]) -> FakeDevice:
        device = rig.open_capture(on_frame)
        monkeypatch.setattr(device, "start", lambda: refuse(device))
        return device

    monkeypatch.setattr(mixer, "open_capture", open_capture)
    backend = await rig.open()
    assert backend.cause == NO_MICROPHONE
    assert rig.capture is not None
    assert rig.capture.is_closed


async def test_a_speaker_that_vanishes_in_the_middle_of_opening_frees_the_microphone(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def open_playout(next_part: Callable[[], Samples], *asks: Callable[[], bool]) -> FakeDevice:
        def refuse() -> None:
            raise MediaError(NO_DEVICE)

        device = rig.open_playout(next_part, *asks)
        monkeypatch.setattr(device, "start", refuse)
        return device

    monkeypatch.setattr(mixer, "open_playout", open_playout)
    with pytest.raises(MediaError, match="no sound device"):
        await rig.open()
    assert rig.capture is not None
    assert rig.speaker is not None
    assert rig.capture.is_closed
    assert rig.speaker.is_closed


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="no sound server to ask")
async def test_the_speakers_own_echo_is_no_microphone(rig: Rig) -> None:
    rig.server = SoundServer.NO_MICROPHONE
    backend = await rig.open()
    assert rig.capture is None
    assert backend.cause == NO_MICROPHONE


async def test_without_a_speaker_there_is_no_mixer(rig: Rig) -> None:
    rig.has_speaker = False
    with pytest.raises(MediaError, match="no sound device"):
        await rig.open()


@pytest.mark.parametrize("server", [SoundServer.SILENT, SoundServer.NO_SPEAKER])
async def test_a_server_that_would_hang_us_is_not_touched(rig: Rig, server: SoundServer) -> None:
    rig.server = server
    with pytest.raises(MediaError, match=r"restart it|no speaker"):
        await rig.open()
    assert rig.speaker is None


async def test_devices_that_hang_while_they_open_are_waited_for_in_vain(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mixer, "OPEN_TIMEOUT_S", 0.05)
    release, closed = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def hang(next_frame: Callable[[], Samples], *asks: Callable[[], bool]) -> FakeDevice:
        asyncio.run_coroutine_threadsafe(release.wait(), loop).result(5)
        device = rig.open_playout(next_frame, *asks)
        monkeypatch.setattr(device, "close", lambda: loop.call_soon_threadsafe(closed.set))
        return device

    monkeypatch.setattr(mixer, "open_playout", hang)
    with pytest.raises(MediaError, match="does not answer"):
        await rig.open()
    assert FakeTaps.newest.is_closed
    release.set()
    await asyncio.wait_for(closed.wait(), 5)


async def test_a_device_that_stopped_is_told_and_all_is_freed(rig: Rig) -> None:
    backend = await rig.open()
    assert rig.capture is not None
    assert rig.speaker is not None
    assert backend.failure == ""
    rig.capture.failure = "the recording device stopped"
    assert backend.failure == "the recording device stopped"
    rig.speaker.xruns = 3
    assert backend.xruns == 3
    await backend.aclose()
    await backend.aclose()
    assert rig.capture.is_closed
    assert rig.speaker.is_closed
    assert backend._taps.is_closed
