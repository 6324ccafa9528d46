import asyncio
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from livekit import rtc

from tests.unit.media.fakes import FakeRemote, FakeRoom, FakeSound
from tests.unit.media.test_stats import inbound, microphone, pair
from woxly_tui.media import monitor
from woxly_tui.media.levels import Pace
from woxly_tui.media.link import LinkMeter
from woxly_tui.media.messages import (
    AudioLost,
    CaptureMeasured,
    LevelsMeasured,
    LinkMeasured,
    SuppressionLost,
    WorkerEvent,
    XrunsCounted,
)
from woxly_tui.media.monitor import Monitor
from woxly_tui.media.pause_trim import PauseTrim
from woxly_tui.media.sight import Sight
from woxly_tui.media.strong_suppression import Trouble
from woxly_tui.media.voice_gate import VoiceGate
from woxly_tui.media.watchdog import PLAYOUT_LOST
from woxly_tui.types import SILENCE_DBFS, Dbfs, Identity

ANN, ME = Identity("ann"), Identity("me")


class Track:
    def __init__(self, stream: str) -> None:
        self.stream = stream
        self.asked = 0

    async def get_stats(self) -> list[Any]:
        self.asked += 1
        return [inbound(self.stream, 1)]


class Rig:
    def __init__(self) -> None:
        self.track = Track("uuid-1")
        self.sound = FakeSound("TR_1", track=self.track)
        self.room = cast(Any, FakeRoom())
        self.room.remote_participants = {"ann": FakeRemote("ann", self.sound)}
        self.rows: list[Any] = []
        self.room.get_rtc_stats = self.get_rtc_stats
        self.releases = 0
        self.trim = PauseTrim()
        self.backend: Any = SimpleNamespace(
            plays=True,
            release_capture=self.release,
            played_samples=None,
            peaks=None,
            failure="",
            xruns=None,
            gate=None,
            strong=None,
            trim=self.trim,
        )
        self.microphone = cast(Any, SimpleNamespace(is_open=True))
        self.pace = Pace()
        self.pace.set_rate(15)
        self.events: list[WorkerEvent] = []
        self.sight = Sight(LinkMeter(4))
        self.monitor = Monitor(
            4,
            self.room,
            self.backend,
            self.microphone,
            self.pace,
            self.sight,
            self.events.append,
        )

    def release(self) -> bool:
        self.releases += 1
        return True

    async def get_rtc_stats(self) -> rtc.RtcStats:
        return rtc.RtcStats(self.rows, [])

    async def look(self, *rows: Any) -> list[WorkerEvent]:
        self.rows = list(rows)
        self.events.clear()
        await self.monitor._look()
        return list(self.events)


def heard(stream: str, seconds: float, energy: float) -> Any:
    row = inbound(stream, int(seconds * 48000))
    row.inbound_rtp.inbound.total_samples_duration = seconds
    row.inbound_rtp.inbound.total_audio_energy = energy
    return row


async def test_streams_find_their_owners_by_asking_each_track_once() -> None:
    rig = Rig()
    await rig.look(heard("uuid-1", 1.0, 0.0))
    told = await rig.look(heard("uuid-1", 1.1, 0.001))
    assert LevelsMeasured(4, {ANN: Dbfs(-23)}) in told
    await rig.look(heard("uuid-1", 1.2, 0.002))
    assert rig.track.asked == 1


async def test_a_new_stream_of_the_same_person_is_learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monitor, "_MAP_INTERVAL_S", 0.0)
    rig = Rig()
    await rig.look(heard("uuid-1", 1.0, 0.0))
    rig.track.stream = "uuid-2"
    await rig.look(heard("uuid-2", 0.1, 0.0))
    assert LevelsMeasured(4, {ANN: Dbfs(-23)}) in await rig.look(heard("uuid-2", 0.2, 0.001))


async def test_who_mutes_falls_silent_though_the_counters_stand() -> None:
    rig = Rig()
    await rig.look(heard("uuid-1", 1.0, 0.0))
    await rig.look(heard("uuid-1", 1.1, 0.001))
    rig.sound.muted = True
    assert LevelsMeasured(4, {ANN: SILENCE_DBFS}) in await rig.look(heard("uuid-1", 1.1, 0.001))


async def test_a_sound_that_is_late_for_all_is_to_have_a_shorter_pause() -> None:
    rig = Rig()
    rig.pace.set_rate(0)
    for is_late in (True, False):
        rig.sight.is_late_needlessly = is_late
        await rig.look(pair("p", 0.04))
        assert rig.trim.is_wanted is is_late
    rig.backend.trim = None
    await rig.look(pair("p", 0.04))


async def test_without_anybody_looking_only_the_link_is_told() -> None:
    rig = Rig()
    rig.pace.set_rate(0)
    await rig.look(heard("uuid-1", 1.0, 0.0))
    told = await rig.look(heard("uuid-1", 1.1, 0.1), pair("p", 0.04))
    assert not [event for event in told if isinstance(event, LevelsMeasured)]
    assert rig.pace.interval() > 1


async def test_the_link_is_told_with_the_first_look() -> None:
    rig = Rig()
    (told,) = await rig.look(pair("p", 0.04))
    assert isinstance(told, LinkMeasured)
    assert told.rtt_ms == 40


async def test_a_muted_microphone_that_still_captures_is_released() -> None:
    rig = Rig()
    rig.microphone.is_open = False
    await rig.look(microphone(1.0))
    await rig.look(microphone(1.1))
    assert rig.releases == 2
    await rig.look(microphone(1.1))
    assert rig.releases == 2


async def test_an_open_microphone_is_never_released() -> None:
    rig = Rig()
    await rig.look(microphone(1.0))
    await rig.look(microphone(1.1))
    assert rig.releases == 0


async def test_a_library_that_hangs_is_audio_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monitor, "STATS_TIMEOUT_S", 0.02)
    rig = Rig()

    async def never() -> rtc.RtcStats:
        await asyncio.sleep(60)
        raise AssertionError

    rig.room.get_rtc_stats = never
    assert await rig.look() == [AudioLost(4, "the sound library does not answer")]


async def test_blocks_that_are_lost_are_told_but_not_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rig = Rig()
    for rig.backend.xruns in (None, 0, 1, 2, 2):
        rig.monitor._count_xruns()
    monkeypatch.setattr(monitor, "XRUNS_EVERY_S", 0.0)
    rig.monitor._say_xruns_at = 0.0
    rig.monitor._count_xruns()
    rig.monitor._count_xruns()
    assert [e.count for e in rig.events if isinstance(e, XrunsCounted)] == [0, 2]


async def test_playout_that_stands_is_told_once_and_ends_the_watch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rig = Rig()
    now = 100.0
    monkeypatch.setattr(monitor, "time", SimpleNamespace(monotonic=lambda: now, thread_time=float))
    told: list[WorkerEvent] = []
    for _ in range(8):
        now += 1
        told += await rig.look(heard("uuid-1", 1.0, 0.0), microphone(now))
    assert [event for event in told if isinstance(event, AudioLost)] == [AudioLost(4, PLAYOUT_LOST)]
    async with asyncio.timeout(1):
        await rig.monitor.run()


async def test_a_reconnect_silences_everybody_shown() -> None:
    rig = Rig()
    await rig.look(heard("uuid-1", 1.0, 0.0))
    await rig.look(heard("uuid-1", 1.1, 0.001))
    rig.events.clear()
    rig.monitor.restart()
    assert rig.events == [LevelsMeasured(4, {ANN: SILENCE_DBFS})]


async def test_nothing_is_asked_of_a_room_that_reconnects() -> None:
    rig = Rig()
    rig.room.connection_state = rtc.ConnectionState.CONN_RECONNECTING
    rig.room.get_rtc_stats = None
    task = asyncio.get_running_loop().create_task(rig.monitor.run())
    await asyncio.sleep(0.05)
    assert not task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_the_level_at_the_gate_is_told_while_one_is_set_and_watched() -> None:
    rig = Rig()
    gate = VoiceGate("-40")
    gate.process(np.full(480, 3277, dtype=np.int16))
    rig.backend.gate = gate
    measured = CaptureMeasured(4, Dbfs(-20), Dbfs(-40), is_open=True)
    assert measured in await rig.look()
    assert measured not in await rig.look()  # nothing moved
    gate.process(np.zeros(480, dtype=np.int16))
    assert any(isinstance(event, CaptureMeasured) for event in await rig.look())
    gate.set("off")
    gate.process(np.full(480, 3277, dtype=np.int16))
    assert not any(isinstance(event, CaptureMeasured) for event in await rig.look())


async def test_the_gate_is_told_as_shut_while_we_are_muted() -> None:
    rig = Rig()
    gate = VoiceGate("-40")
    gate.process(np.full(480, 3277, dtype=np.int16))
    rig.backend.gate = gate
    rig.microphone.is_open = False
    assert CaptureMeasured(4, Dbfs(-20), Dbfs(-40), is_open=False) in await rig.look()
    rig.monitor.microphone = None
    gate.process(np.full(480, 6554, dtype=np.int16))
    assert CaptureMeasured(4, Dbfs(-14), Dbfs(-40), is_open=False) in await rig.look()


async def test_suppression_that_does_not_work_is_told_once_each_time() -> None:
    rig = Rig()
    lost = SuppressionLost(4, "too slow", "spare it")
    assert lost not in await rig.look()
    rig.backend.strong = SimpleNamespace(trouble=Trouble("too slow", "spare it"))
    assert lost in await rig.look()
    assert lost not in await rig.look()
    rig.backend.strong.trouble = None
    assert lost not in await rig.look()
    rig.backend.strong.trouble = Trouble("too slow", "spare it")
    assert lost in await rig.look()
