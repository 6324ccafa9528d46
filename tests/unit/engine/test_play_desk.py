import asyncio
from typing import Any

import pytest

from woxly_tui.call.snapshot import CallPhase, Snapshot
from woxly_tui.control.messages import PlaySound, StartPlay, StopPlay
from woxly_tui.engine import play_desk
from woxly_tui.engine.play_desk import PlayDesk
from woxly_tui.errors import WoxlyError
from woxly_tui.media import messages as media
from woxly_tui.types import Seconds

IN_CALL = Snapshot(phase=CallPhase.ESTABLISHED)
START = StartPlay("a", "song.mp3", 44_100, 50)


class Rig:
    """A desk, and a worker that answers as it is told."""

    def __init__(self, *, answers: bool = True) -> None:
        self.sent: list[Any] = []
        self.shown: list[str] = []
        self.answers = answers
        self.desk = PlayDesk(self.take, self.show, lambda: None)

    def take(self, command: Any) -> None:
        self.sent.append(command)
        if not self.answers:
            return
        match command:
            case media.PlayBegin(play=play):
                self.desk.hear(media.PlayBegun(play))
            case media.PlayPcm(play=play):
                self.desk.hear(media.PlayTaken(play))
            case media.PlayEnd(play=play):
                self.desk.hear(media.PlayEnded(play))

    def show(self, *, plays: str) -> None:
        self.shown.append(plays)

    async def do(self, command: play_desk.PlayCommand, snapshot: Snapshot = IN_CALL) -> None:
        await self.desk.handle(command, snapshot)


async def test_from_the_first_sound_to_the_last() -> None:
    rig = Rig()
    await rig.do(START)
    await rig.do(PlaySound("a", "AAAA"))
    await rig.do(PlaySound("a", ""))
    await rig.do(StopPlay("a", is_now=False))
    assert rig.sent == [
        media.PlayBegin("a", "song.mp3", 44_100, 50),
        media.PlayPcm("a", "AAAA"),
        media.PlayEnd("a"),
    ]
    assert rig.shown == ["song.mp3", ""]


async def test_without_a_call_nothing_is_asked_of_anybody() -> None:
    rig = Rig()
    with pytest.raises(WoxlyError, match="no call"):
        await rig.do(START, Snapshot())
    assert rig.sent == []


async def test_one_thing_at_a_time_and_what_nobody_can_hear_is_refused() -> None:
    rig = Rig()
    for rate_hz in (0, -1, 100, 10**9):
        with pytest.raises(WoxlyError, match="cannot be played"):
            await rig.do(StartPlay("a", "x", rate_hz))
    await rig.do(START)
    with pytest.raises(WoxlyError, match="already"):
        await rig.do(StartPlay("b", "other"))
    with pytest.raises(WoxlyError, match="stopped"):
        await rig.do(PlaySound("b", "AAAA"))


async def test_titles_and_volumes_are_made_harmless() -> None:
    rig = Rig()
    await rig.do(StartPlay("a", "\x1b[31mred\n" + "x" * 500, 48_000, 10**6))
    begin = rig.sent[0]
    assert "\x1b" not in begin.title
    assert len(begin.title) <= play_desk.MAX_TITLE
    assert begin.percent == play_desk.LOUDEST


async def test_stopped_by_another_the_one_who_feeds_it_is_told() -> None:
    rig = Rig()
    await rig.do(START)
    rig.answers = False
    feeding = asyncio.ensure_future(rig.do(PlaySound("a", "AAAA")))  # noqa: TID251
    await asyncio.sleep(0)
    await rig.do(StopPlay())
    with pytest.raises(WoxlyError, match="stopped"):
        await feeding
    with pytest.raises(WoxlyError, match="Nothing is being played"):
        await rig.do(StopPlay())
    assert rig.shown[-1] == ""


@pytest.mark.parametrize("ending", ["worker", "cause"])
async def test_the_end_of_the_call_ends_it(ending: str) -> None:
    rig = Rig()
    await rig.do(START)
    if ending == "worker":
        rig.desk.lose()
    else:
        rig.desk.hear(media.PlayEnded("a", "the connection was lost"))
    with pytest.raises(WoxlyError, match="connection was lost"):
        await rig.do(PlaySound("a", "AAAA"))
    assert rig.shown == ["song.mp3", ""]


async def test_a_worker_that_does_not_answer_holds_nobody_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(play_desk, "ANSWER_LIMIT", Seconds(0.01))
    rig = Rig(answers=False)
    with pytest.raises(WoxlyError, match="does not take it"):
        await rig.do(START)
    assert rig.sent[-1] == media.PlayEnd("a", is_now=True), "nothing of it may go on there"
    rig.answers = True
    await rig.do(StartPlay("b", "next"))


async def test_whoever_feeds_nothing_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(play_desk, "FED_EVERY", Seconds(0.01))
    rig = Rig()
    await rig.do(START)
    async with asyncio.timeout(5):
        while rig.shown[-1]:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    assert rig.sent[-1] == media.PlayEnd("a", is_now=True)
