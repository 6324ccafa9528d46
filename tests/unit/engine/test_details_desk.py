import asyncio

import pytest

from tests.tui.fake_engine import in_call
from woxly_tui.call.snapshot import CallPhase
from woxly_tui.engine import details_desk
from woxly_tui.engine.details_desk import DetailsDesk
from woxly_tui.errors import WoxlyError
from woxly_tui.media import messages as media
from woxly_tui.media.detail_messages import ParticipantDetails
from woxly_tui.types import Identity

ANN = ParticipantDetails(Identity("ann"), loss_percent=1.0)


async def test_all_who_look_at_once_share_one_measurement() -> None:
    sent: list[media.MeasureDetails] = []
    desk = DetailsDesk(sent.append)
    looks = [asyncio.get_running_loop().create_task(desk.ask(in_call())) for _ in range(3)]
    await asyncio.sleep(0)
    assert sent == [media.MeasureDetails(1)]
    desk.hear(media.DetailsMeasured(9))
    desk.hear(media.DetailsMeasured(1, (ANN,)))
    assert {one.identity for look in looks for one in await look} == {"ann"}
    asking = asyncio.get_running_loop().create_task(desk.ask(in_call()))
    await asyncio.sleep(0)
    assert sent[-1] == media.MeasureDetails(2)
    desk.hear(media.DetailsMeasured(2))
    assert await asking == ()


async def test_without_a_call_nothing_is_asked() -> None:
    sent: list[media.MeasureDetails] = []
    with pytest.raises(WoxlyError, match="no call"):
        await DetailsDesk(sent.append).ask(in_call(phase=CallPhase.RECONNECTING))
    assert sent == []


async def test_a_worker_that_says_nothing_is_not_waited_for_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(details_desk, "ANSWER_LIMIT_S", 0.01)
    desk = DetailsDesk(lambda _command: None)
    with pytest.raises(WoxlyError, match="nothing was measured"):
        await desk.ask(in_call())
    desk.hear(media.DetailsMeasured(1, (ANN,)))
