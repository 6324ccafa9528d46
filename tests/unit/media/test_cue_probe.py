import asyncio
from typing import Any

import pytest

from woxly_tui.media import cue_probe
from woxly_tui.media.cue_probe import BEFORE, PROBE_HZ, SLOT, CueProbe

ROOM = 0.002
LOUD = 0.2


class FakeAside:
    def __init__(self) -> None:
        self.asked: list[Any] = []

    def listen(self, slot: str, device: str | None, rate_hz: int = 10) -> None:
        self.asked.append((slot, device, rate_hz) if device is not None else "no more")

    def play(self, device: str, samples: bytes) -> None:
        assert samples == b"cue"
        self.asked.append(("play", device))

    def hush(self) -> None:
        self.asked.append("hush")


class Rig:
    def __init__(self) -> None:
        self.aside = FakeAside()
        self.verdicts: list[bool | None] = []
        self.probe = CueProbe(self.verdicts.append)
        self.opened: list[str] = []

    def begin(self, name: str = "m") -> None:
        self.probe.begin(self.aside, ("mic", "desk"), b"cue", lambda: self.opened.append(name))

    def hear(self, peak: float, count: int) -> None:
        for _ in range(count):
            self.probe.hear(peak)


@pytest.fixture
async def rig(monkeypatch: pytest.MonkeyPatch) -> Rig:
    for name in ("TAIL_S", "AFTER_S"):
        monkeypatch.setattr(cue_probe, name, 0.01)
    monkeypatch.setattr(cue_probe, "PATIENCE_S", 5.0)
    monkeypatch.setattr(cue_probe, "LIMIT_S", 5.0)
    return Rig()


async def sound(rig: Rig, peak: float) -> None:
    """A whole probe, in which the microphone hears this of the cue."""
    rig.begin()
    rig.hear(ROOM, BEFORE)
    rig.hear(peak, 6)
    assert rig.opened == [], "not before the cue is over"
    assert rig.probe.tone_over(was_played=True)
    rig.hear(ROOM, 2)
    assert rig.opened == [], "nor while it is in the room"
    await until_opened(rig)
    rig.hear(ROOM, 4)
    await asyncio.sleep(0.02)


async def until_opened(rig: Rig) -> None:
    for _ in range(500):
        if rig.opened:
            return
        await asyncio.sleep(0.002)
    raise AssertionError("the microphone stays closed")


@pytest.mark.parametrize(("peak", "verdict"), [(LOUD, True), (ROOM, False)])
async def test_the_microphone_opens_after_the_cue_and_the_verdict_follows(
    rig: Rig, peak: float, verdict: bool
) -> None:
    await sound(rig, peak)
    assert rig.opened == ["m"]
    assert rig.verdicts == [verdict]
    assert rig.aside.asked == [(SLOT, "mic", PROBE_HZ), ("play", "desk"), "no more"]


async def test_nothing_is_played_before_the_room_is_known_unless_that_takes_long(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.begin()
    rig.hear(ROOM, BEFORE - 1)
    assert ("play", "desk") not in rig.aside.asked
    monkeypatch.setattr(cue_probe, "PATIENCE_S", 0.01)
    rig.begin()
    await asyncio.sleep(0.03)
    assert rig.aside.asked[-1] == ("play", "desk")
    rig.hear(LOUD, 8)
    rig.probe.tone_over(was_played=True)
    await until_opened(rig)
    await asyncio.sleep(0.02)
    assert rig.verdicts == [None]


async def test_a_cue_that_was_not_played_tells_nothing(rig: Rig) -> None:
    rig.begin()
    rig.hear(ROOM, BEFORE)
    rig.hear(ROOM, 4)
    rig.probe.tone_over(was_played=False)
    await until_opened(rig)
    await asyncio.sleep(0.02)
    assert rig.verdicts == [None]


async def test_whoever_mutes_meanwhile_ends_it_and_nothing_opens(rig: Rig) -> None:
    rig.begin()
    rig.hear(ROOM, BEFORE)
    rig.probe.cancel()
    assert rig.aside.asked[-2:] == ["no more", "hush"]
    assert rig.probe.tone_over(was_played=False)
    await asyncio.sleep(0.03)
    assert not rig.opened
    assert not rig.verdicts


async def test_the_end_of_an_older_cue_is_not_taken_for_that_of_a_newer(rig: Rig) -> None:
    rig.begin("old")
    rig.hear(ROOM, BEFORE)
    rig.begin("new")
    rig.hear(ROOM, BEFORE)
    assert rig.probe.tone_over(was_played=False)
    await asyncio.sleep(0.03)
    assert rig.opened == []
    assert rig.probe.tone_over(was_played=True)
    await until_opened(rig)
    assert rig.opened == ["new"]
    assert not rig.probe.tone_over(was_played=True), "a trial tone, of somebody else"


async def test_a_sound_server_that_hangs_keeps_nobody_muted(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cue_probe, "LIMIT_S", 0.02)
    rig.begin()
    rig.hear(ROOM, BEFORE)
    await until_opened(rig)
    assert rig.aside.asked[-1] == "hush"
    await asyncio.sleep(0.03)
    assert rig.verdicts == []


async def test_whoever_waits_for_it_need_not(rig: Rig) -> None:
    rig.begin()
    rig.probe.give_up()
    rig.probe.give_up()
    assert rig.opened == ["m"]
