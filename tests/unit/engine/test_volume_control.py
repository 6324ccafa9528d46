"""Volumes through the engine: what front ends may wish for, and what the worker is told."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.unit.engine.fakes import Bench
from woxly_tui.call.snapshot import (
    CallPhase,
    Notice,
    ParticipantView,
    Snapshot,
)
from woxly_tui.call.volumes import Volumes
from woxly_tui.control import messages as control
from woxly_tui.engine.volume_control import VolumeControl
from woxly_tui.engine.volume_store import VolumeStore
from woxly_tui.media import messages as media
from woxly_tui.media.messages import BackendChoice
from woxly_tui.types import Identity

ANN, ME = Identity("ann"), Identity("me")
CALL = Snapshot(
    phase=CallPhase.ESTABLISHED,
    participants=(ParticipantView(ME, "Me", is_local=True), ParticipantView(ANN, "Ann")),
)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    bench = Bench()
    await bench.join()
    await _settle()
    bench.link.on_event(
        media.RemoteUpdated(
            bench.session(), ANN, "Ann", False, False, True, False, media.LinkQuality.GOOD
        )
    )
    yield bench
    await bench.engine.aclose()


async def _settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def volume_of(snapshot: Snapshot, identity: Identity) -> int:
    return next(p.volume_percent for p in snapshot.participants if p.identity == identity)


async def test_a_volume_is_shown_told_to_the_worker_and_to_the_next_one(bench: Bench) -> None:
    reply = await bench.engine.handle(control.SetVolume(ANN, 50))
    assert reply.ok
    assert volume_of(reply.snapshot, ANN) == 50
    assert bench.link.heard[-1] == media.SetVolume(ANN, 50)
    bench.link.on_lost("signal 9")
    await _settle()
    assert len(bench.links) == 2
    connect = next(c for c in bench.link.heard if isinstance(c, media.Connect))
    assert connect.volumes == {ANN: 50}


async def test_where_no_gain_can_be_had_the_screen_says_so(bench: Bench) -> None:
    await bench.engine.handle(control.SetVolume(ANN, 150))
    client = bench.engine.client()
    updates = client.updates()
    assert isinstance(await anext(updates), Snapshot)
    bench.link.on_event(media.VolumesRefused(bench.session(), "no PortAudio"))
    told = [await anext(updates), await anext(updates)]
    (notice,) = [update for update in told if isinstance(update, Notice)]
    assert "no PortAudio" in notice.text
    (snapshot,) = [update for update in told if isinstance(update, Snapshot)]
    assert volume_of(snapshot, ANN) == 100


@pytest.mark.parametrize(("percent", "nearest"), [(201, 200), (10**9, 200), (-1, 0)])
async def test_a_volume_out_of_range_is_the_nearest_and_a_notice_says_so(
    bench: Bench, percent: int, nearest: int
) -> None:
    client = bench.engine.client()
    updates = client.updates()
    await anext(updates)
    reply = await bench.engine.handle(control.SetVolume(ANN, percent))
    assert reply.ok
    assert volume_of(reply.snapshot, ANN) == nearest
    assert bench.link.heard[-1] == media.SetVolume(ANN, nearest)
    told = [await anext(updates), await anext(updates)]
    (notice,) = [update for update in told if isinstance(update, Notice)]
    assert str(percent) in notice.text


@pytest.mark.parametrize(
    ("identity", "percent", "snapshot", "backend", "said"),
    [
        (Identity("zoe"), 50, CALL, BackendChoice.AUTO, "Nobody of that name"),
        (ME, 50, CALL, BackendChoice.AUTO, "You do not hear yourself"),
        (ANN, 50, Snapshot(), BackendChoice.AUTO, "There is no call"),
        (ANN, 50, CALL, BackendChoice.NATIVE, "native backend plays everybody at 100 %"),
        (ANN, 50, CALL, BackendChoice.NULL, "null backend"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    identity: Identity, percent: int, snapshot: Snapshot, backend: BackendChoice, said: str
) -> None:
    volumes = VolumeControl(Volumes(), VolumeStore(None))
    told: list[media.SetVolume] = []
    refusal = volumes.set(control.SetVolume(identity, percent), snapshot, backend, told.append)
    assert refusal is not None
    assert told == []
    assert said in refusal.error
    assert volumes.volumes.all() == {}


@pytest.mark.parametrize("backend", [BackendChoice.NATIVE, BackendChoice.NULL])
def test_silence_needs_no_mixer(backend: BackendChoice) -> None:
    volumes = VolumeControl(Volumes(), VolumeStore(None))
    told: list[media.SetVolume] = []
    for percent in (0, 100):
        asked = control.SetVolume(ANN, percent)
        assert volumes.set(asked, CALL, backend, told.append) is None
    assert told == [media.SetVolume(ANN, 0), media.SetVolume(ANN, 100)]


def test_a_volume_outlives_the_engine(tmp_path: Path) -> None:
    path = tmp_path / "volumes.json"
    first = VolumeControl(Volumes(), VolumeStore(path))
    asked = control.SetVolume(ANN, 70)
    assert first.set(asked, CALL, BackendChoice.AUTO, lambda _command: None) is None
    first.give_up_fine("no PortAudio")
    second = VolumeControl(Volumes(), VolumeStore(path))
    assert second.volumes.all() == {ANN: 70}


def test_what_is_given_up_here_or_saved_elsewhere_stays_saved(tmp_path: Path) -> None:
    store = VolumeStore(tmp_path / "volumes.json")
    store.save({Identity("zoe"): 30})
    control_ = VolumeControl(Volumes(), store)
    control_.give_up_fine("no mixer")
    store.save({**store.load(), Identity("bob"): 150})
    wish = control.SetVolume(ANN, 0)
    assert control_.set(wish, CALL, BackendChoice.AUTO, lambda _: None) is None
    assert store.load() == {"zoe": 30, "bob": 150, "ann": 0}
