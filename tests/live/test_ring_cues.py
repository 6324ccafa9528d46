"""A ring at the ear: ringtone and ringback sound until it is over, and on no microphone track."""

import time
from collections.abc import Iterator

import numpy as np
import pytest

from tests.live.test_cues import has_notes
from tests.live.test_friends import Somebody
from tests.rig.analysis import Clip
from tests.rig.pulse import SoundServer
from tests.rig.scene import assert_silent
from tests.rig.sfu import LiveKitServer
from tests.rig.woxly_server import WoxlyServer
from woxly_tui.media.tones import NOTES, PEAK_DBFS
from woxly_tui.types import Cue

pytestmark = pytest.mark.live

FULL = {"WOXLY_CUES": "1", "WOXLY_CUES_PERCENT": "100", "WOXLY_STAY_ONLINE": "1"}
HALF = FULL | {"WOXLY_CUES_PERCENT": "50"}
NONE = FULL | {"WOXLY_CUES": "0"}

WINDOW_S = 0.04
"""Short enough for a note of a ring, long enough to tell it from those of other cues."""

HEARD_DBFS = PEAK_DBFS - 14
"""A note at half the volume is 5 dB above it."""

LEAK_DBFS = -45.0
BLIP_S = 0.2
"""The edges of other cues spread to the notes of a ring above that level, for less time."""

END_S = 0.5
"""From the act that ends a ring to the last that is heard of it, at both ends."""

NEXT_S = 4.2
"""Within so much, one that goes on would sound again."""


def notes_s(clip: Clip, cue: Cue, level_dbfs: float = HEARD_DBFS) -> list[float]:
    """When a note of a cue is heard, to 10 ms, on the monotonic clock."""
    size, hop = int(WINDOW_S * clip.rate_hz), clip.rate_hz // 100
    if len(clip.samples) < size:
        return []
    window = np.hanning(size)
    pieces = np.lib.stride_tricks.sliding_window_view(clip.samples, size)[::hop]
    notes = np.array(sorted({note.hz for note in NOTES[cue] if note.hz}))
    turns = np.exp(-2j * np.pi * np.outer(np.arange(size), notes) / clip.rate_hz)
    peaks = 2 * np.abs(pieces @ (window[:, None] * turns)).max(axis=1) / window.sum()
    loud = np.flatnonzero(peaks / np.sqrt(2) > 10 ** (level_dbfs / 20))
    return [clip.start_s + (at * hop + size / 2) / clip.rate_hz for at in loud.tolist()]


def starts_s(one: Somebody, cue: Cue, since_s: float) -> list[float]:
    """When each round of a cue began at somebody's ear."""
    times = notes_s(one.devices.heard.since(since_s), cue)
    return [at for before, at in zip([0.0, *times], times, strict=False) if at - before > 0.5]


def wait_round(one: Somebody, cue: Cue, number: int, since_s: float) -> list[float]:
    """Wait until a cue begins for the so-manieth time; returns when each round began."""
    deadline = time.monotonic() + 15.0
    while len(starts := starts_s(one, cue, since_s)) < number:
        assert time.monotonic() < deadline, (one.name, cue, starts)
        time.sleep(0.05)
    return starts


def period_s(cue: Cue) -> float:
    return sum(note.length_s for note in NOTES[cue])


def peak_dbfs(clip: Clip) -> float:
    return float(20 * np.log10(np.abs(clip.samples).max()))


@pytest.fixture(scope="module")
def friends(sfu: LiveKitServer, sound: SoundServer) -> Iterator[tuple[Somebody, Somebody]]:
    with WoxlyServer(sfu) as server:
        ann = Somebody("annie", server, sound.people["ann"], **FULL)
        bob = Somebody("bobby", server, sound.people["bob"], **FULL)
        ann.run("friends", "add", "bobby")
        bob.run("friends", "accept", "annie")
        bob.run("calls")  # an engine that is online
        yield ann, bob
        for one in (ann, bob):
            one.close()


@pytest.fixture
def pair(friends: tuple[Somebody, Somebody]) -> Iterator[tuple[Somebody, Somebody]]:
    """Nobody is left in a call."""
    yield friends
    friends[0].ask(type="hang_up")
    time.sleep(0.3)


def answer(one: Somebody) -> float:
    """Answer whoever rings; returns when that was asked for."""
    (ring,) = one.ask(type="get_snapshot")["lobby"]["rings"]["incoming"]
    asked = time.monotonic()
    one.ask(type="accept_ring", caller=ring["caller"])
    return asked


def assert_over(one: Somebody, cue: Cue, since_s: float) -> None:
    """Demand that nothing of a ring is heard any more."""
    heard = one.devices.heard.between(since_s + END_S, since_s + END_S + NEXT_S)
    late = [round(at - since_s, 2) for at in notes_s(heard, cue)]
    assert not late, f"{cue} at {one.name}'s, seconds after the end: {late}"


def test_it_rings_again_and_again_until_it_is_answered(pair: tuple[Somebody, Somebody]) -> None:
    ann, bob = pair
    for one in pair:
        one.change(**FULL)
    since = time.monotonic()
    assert "ringing bobby" in ann.run("call", "bobby")
    rings = wait_round(bob, Cue.RING, 3, since)
    ringbacks = starts_s(ann, Cue.RINGBACK, since)
    asked = answer(bob)
    assert np.diff(rings) == pytest.approx(period_s(Cue.RING), abs=0.1)
    assert len(ringbacks) == 2
    assert np.diff(ringbacks) == pytest.approx(period_s(Cue.RINGBACK), abs=0.1)
    for one, cue in ((bob, Cue.RING), (ann, Cue.RINGBACK)):
        before = one.devices.heard.between(since, asked)
        assert has_notes(before, cue)
        assert peak_dbfs(before) == pytest.approx(PEAK_DBFS, abs=1.5)
    ann.wait_live(2)
    bob.wait_live(2)
    for one, cue in ((bob, Cue.RING), (ann, Cue.RINGBACK)):
        assert_over(one, cue, asked)
    for one, cue in ((bob, Cue.RINGBACK), (ann, Cue.RING)):
        wire = one.devices.heard.between(since, asked + END_S + NEXT_S)
        foreign_s = len(notes_s(wire, cue, LEAK_DBFS)) * 0.01
        assert foreign_s < BLIP_S, f"{foreign_s:.2f} s of the other's {cue} at {one.name}'s"


def test_it_ends_at_both_ends_where_the_caller_gives_up(pair: tuple[Somebody, Somebody]) -> None:
    ann, bob = pair
    for one in pair:
        one.change(**FULL)
    since = time.monotonic()
    ann.run("call", "bobby")
    wait_round(bob, Cue.RING, 1, since)
    wait_round(ann, Cue.RINGBACK, 2, since)
    asked = time.monotonic()
    ann.ask(type="hang_up")
    for one, cue in ((bob, Cue.RING), (ann, Cue.RINGBACK)):
        assert_over(one, cue, asked)


def test_whoever_wants_no_cues_is_rung_in_silence_and_the_caller_hears_it_ring(
    pair: tuple[Somebody, Somebody],
) -> None:
    ann, bob = pair
    ann.change(**FULL)
    bob.change(**NONE)
    since = time.monotonic()
    ann.run("call", "bobby")
    (began, *_) = wait_round(ann, Cue.RINGBACK, 1, since)
    time.sleep(0.5)
    assert bob.ask(type="get_snapshot")["lobby"]["rings"]["incoming"]
    assert_silent(bob.devices.heard.between(since, began + 1.5), "bob, who wants no cues")


def test_at_half_the_volume_it_is_six_decibels_softer(pair: tuple[Somebody, Somebody]) -> None:
    ann, bob = pair
    ann.change(**FULL)
    bob.change(**HALF)
    since = time.monotonic()
    ann.run("call", "bobby")
    for one, cue, softer_db in ((bob, Cue.RING, 6.0), (ann, Cue.RINGBACK, 0.0)):
        (began, *_) = wait_round(one, cue, 1, since)
        heard = one.devices.heard.between(began, began + 0.6)
        assert peak_dbfs(heard) == pytest.approx(PEAK_DBFS - softer_db, abs=1.5)
