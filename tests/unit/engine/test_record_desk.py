import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.tui.fake_engine import StillClock, in_call
from woxly_tui._lib.aio import TaskOwner
from woxly_tui.call.snapshot import CallPhase, Notice, RecordingView
from woxly_tui.control.messages import SetRecording
from woxly_tui.engine import record_desk
from woxly_tui.engine.record_desk import BEGAN, ENDED, RecordDesk, default_directory
from woxly_tui.errors import WoxlyError
from woxly_tui.media import messages as media


class Rig:
    def __init__(self) -> None:
        self.tasks = TaskOwner("test")
        self.sent: list[media.SetRecording] = []
        self.notices: list[Notice] = []
        self.said: list[str] = []
        self.views: list[RecordingView] = []
        self.answers = True
        self.cause = ""
        self.desk = RecordDesk(
            self.send, self.show, self.notices.append, self.say, StillClock(), self.tasks
        )

    def send(self, command: media.SetRecording) -> None:
        self.sent.append(command)
        if self.answers:
            is_on = command.on and not self.cause
            told = media.RecordingChanged(1, command.request, is_on, "/rec/x", self.cause)
            asyncio.get_running_loop().call_soon(self.desk.hear, told)

    def show(self, *, recording: RecordingView) -> None:
        self.views.append(recording)

    def is_shown(self) -> bool:
        return self.views[-1].is_on

    async def say(self, text: str) -> None:
        self.said.append(text)

    async def set(self, *, on: bool, **fields: Any) -> None:
        await self.desk.set(SetRecording(on, **fields), in_call())
        await asyncio.sleep(0)


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    rig = Rig()
    yield rig
    await rig.tasks.aclose()


async def test_it_is_shown_and_said_in_the_chat_once_it_runs(rig: Rig) -> None:
    await rig.set(on=True)
    assert rig.sent[0].directory == str(default_directory())
    assert rig.views[-1] == RecordingView(True, "/rec/x", StillClock().wall())
    assert rig.said == [BEGAN]
    await rig.set(on=True)
    assert len(rig.sent) == 1, "it runs already"
    await rig.set(on=False)
    assert rig.views[-1] == RecordingView(False, "/rec/x")
    assert rig.said == [BEGAN, ENDED]


async def test_a_refusal_carries_its_cause(rig: Rig) -> None:
    rig.cause = "there is too little space"
    with pytest.raises(WoxlyError) as error:
        await rig.set(on=True)
    assert "too little space" in error.value.remedy
    assert rig.said == []
    assert rig.notices == []
    rig.desk.resume()
    assert len(rig.sent) == 1, "what was refused is not wanted any more"


async def test_without_a_call_and_into_a_relative_folder_nothing_is_asked(rig: Rig) -> None:
    with pytest.raises(WoxlyError, match="no call"):
        await rig.desk.set(SetRecording(on=True), in_call(phase=CallPhase.RECONNECTING))
    with pytest.raises(WoxlyError, match="absolute"):
        await rig.set(on=True, directory="here")
    assert rig.sent == []


async def test_a_silent_worker_is_not_waited_for_for_ever(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_desk, "ANSWER_LIMIT_S", 0.01)
    rig.answers = False
    with pytest.raises(WoxlyError, match="not confirmed"):
        await rig.set(on=True)


async def test_an_end_by_itself_is_told_with_its_cause(rig: Rig) -> None:
    await rig.set(on=True)
    rig.desk.hear(media.RecordingChanged(1, 0, is_on=False, folder="/rec/x", cause="disk full"))
    assert "disk full" in rig.notices[-1].text
    assert not rig.desk.view.is_on


async def test_what_is_lost_is_told_once(rig: Rig) -> None:
    await rig.set(on=True)
    for lost_s in (0.5, 1.5):
        rig.desk.hear(media.RecordingChanged(1, 0, is_on=True, folder="/rec/x", lost_s=lost_s))
    assert len(rig.notices) == 1
    assert rig.desk.view.lost_s == 1.5


async def test_a_lost_session_goes_on_recording_and_a_call_that_is_over_does_not(rig: Rig) -> None:
    await rig.set(on=True)
    rig.desk.lose()
    assert not rig.is_shown()
    rig.desk.resume()
    await asyncio.sleep(0)
    assert rig.is_shown()
    rig.desk.finish()
    assert not rig.is_shown()
    rig.desk.resume()
    assert len(rig.sent) == 2
