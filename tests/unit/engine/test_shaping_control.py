"""Gains and cleaning through the engine: what is kept, told to the worker, and refused."""

import asyncio
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.unit.engine.fakes import URL, Bench
from woxly_tui._lib.json_file import JsonFile
from woxly_tui.call.shaping import Shaping
from woxly_tui.call.snapshot import CallPhase, Notice, Snapshot
from woxly_tui.control import messages as control
from woxly_tui.control.messages import SetShaping
from woxly_tui.engine import shaping_control
from woxly_tui.engine.shaping_control import ShapingControl
from woxly_tui.engine.volume_control import Refusal
from woxly_tui.media import messages as media
from woxly_tui.media.messages import BackendChoice
from woxly_tui.types import Identity, RoomName

AUTO, NATIVE = BackendChoice.AUTO, BackendChoice.NATIVE


class Desk:
    """A control with a file, and what it told whom."""

    def __init__(self, path: Path | None = None) -> None:
        self.shown: list[Shaping] = []
        self.sent: list[media.SetShaping] = []
        self.control = ShapingControl(JsonFile(path), self.shown.append)

    def set(self, backend: BackendChoice = AUTO, **wish: Any) -> Refusal | Notice | None:
        return self.control.set(SetShaping(**wish), backend, self.sent.append)


def test_what_is_not_said_stays_as_it_is() -> None:
    desk = Desk()
    assert desk.set(mic_gain_db=6.0) is None
    assert desk.set(high_pass=False) is None
    assert desk.shown[-1] == Shaping(mic_gain_db=6.0, high_pass=False)
    assert desk.sent[-1].shaping == media.Shaping(mic_gain_db=6.0, high_pass=False)


def test_what_was_changed_outlives_the_engine(tmp_path: Path) -> None:
    path = tmp_path / "shaping.json"
    Desk(path).set(master_percent=150, echo_cancellation=False)
    assert Desk(path).shown == [Shaping(master_percent=150, echo_cancellation=False)]


@pytest.mark.parametrize(
    "held",
    ["", "[]", "{", '{"mic_gain_db": "loud"}', '{"master_percent": true}', '{"other": 1}'],
)
def test_a_file_that_is_none_of_ours_changes_nothing(tmp_path: Path, held: str) -> None:
    path = tmp_path / "shaping.json"
    path.write_text(held)
    assert Desk(path).shown == [Shaping()]


def test_a_number_in_the_file_that_cannot_be_is_the_nearest(tmp_path: Path) -> None:
    path = tmp_path / "shaping.json"
    path.write_text('{"mic_gain_db": 1e999, "master_percent": -7}')
    assert Desk(path).shown == [Shaping(mic_gain_db=20.0, master_percent=0)]


def test_the_settings_beat_what_was_kept_and_are_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "shaping.json"
    desk = Desk(path)
    desk.set(mic_gain_db=3.0, auto_gain=False)
    assert desk.control.join(SetShaping(mic_gain_db=-5.0), AUTO) is None
    assert desk.shown[-1] == Shaping(mic_gain_db=-5.0, auto_gain=False)
    assert desk.control.join(SetShaping(), AUTO) is None
    assert desk.shown[-1] == Shaping(mic_gain_db=3.0, auto_gain=False)
    assert json.loads(path.read_text()) == {"mic_gain_db": 3.0, "auto_gain": False}


@pytest.mark.parametrize(
    ("wish", "holds"),
    [
        ({"mic_gain_db": 90.0}, Shaping(mic_gain_db=20.0)),
        ({"mic_gain_db": -21.0}, Shaping(mic_gain_db=-20.0)),
        ({"mic_gain_db": float("nan")}, Shaping()),
        ({"master_percent": 201}, Shaping(master_percent=200)),
        ({"master_percent": -1}, Shaping(master_percent=0)),
    ],
)
def test_what_is_out_of_range_becomes_the_nearest_with_a_notice(
    wish: dict[str, Any], holds: Shaping
) -> None:
    desk = Desk()
    assert isinstance(desk.set(**wish), Notice)
    assert desk.control.wanted == holds
    assert desk.sent[-1].shaping == desk.control.for_worker()


@pytest.mark.parametrize("backend", [NATIVE, BackendChoice.NULL])
def test_a_backend_that_cannot_refuses_and_nothing_changes(backend: BackendChoice) -> None:
    desk = Desk()
    refusal = desk.set(backend, noise_suppression=False)
    assert isinstance(refusal, Refusal)
    assert backend in refusal.error
    assert (desk.sent, desk.control.wanted) == ([], Shaping())
    assert desk.set(backend, noise_suppression=True) is None
    notice = desk.control.join(SetShaping(mic_gain_db=1.0), backend)
    assert isinstance(notice, Notice)
    assert desk.control.wanted == Shaping()


async def _settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_the_worker_and_the_next_one_are_told() -> None:
    bench = Bench()
    await bench.join()
    await _settle()
    reply = await bench.engine.handle(SetShaping(mic_gain_db=6.0))
    assert reply.ok
    assert reply.snapshot.shaping == Shaping(mic_gain_db=6.0)
    assert bench.link.heard[-1] == media.SetShaping(media.Shaping(mic_gain_db=6.0))
    bench.link.on_lost("signal 9")
    await _settle()
    connect = next(c for c in bench.link.heard if isinstance(c, media.Connect))
    assert connect.shaping == media.Shaping(mic_gain_db=6.0)
    await bench.engine.aclose()


async def test_without_a_mixer_it_is_given_up_and_said() -> None:
    bench = Bench()
    await bench.join()
    await _settle()
    await bench.engine.handle(SetShaping(echo_cancellation=False))
    updates = bench.engine.client().updates()
    assert isinstance(await anext(updates), Snapshot)
    bench.link.on_event(media.VolumesRefused(bench.session(), "no PortAudio"))
    told = [await anext(updates) for _ in range(3)]
    assert sum("no PortAudio" in update.text for update in told if isinstance(update, Notice)) == 2
    (snapshot,) = [update for update in told if isinstance(update, Snapshot)]
    assert snapshot.shaping == Shaping()
    await bench.engine.aclose()


async def test_suppression_that_does_not_work_is_told_with_its_remedy_and_not_wanted_any_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shaping_control, "is_strong_installed", lambda: True)
    bench = Bench()
    await bench.join()
    await _settle()
    await bench.engine.handle(SetShaping(strong_suppression=True, mic_gain_db=2.0))
    updates = bench.engine.client().updates()
    assert isinstance(await anext(updates), Snapshot)
    lost = media.SuppressionLost(bench.session(), "it takes 12 ms", "close other programs")
    bench.link.on_event(lost)
    told = [await anext(updates) for _ in range(2)]
    (notice,) = [update for update in told if isinstance(update, Notice)]
    assert "it takes 12 ms" in notice.text
    assert notice.remedy == "close other programs"
    (snapshot,) = [update for update in told if isinstance(update, Snapshot)]
    assert snapshot.shaping == Shaping(mic_gain_db=2.0)
    assert bench.link.heard[-1] == media.SetShaping(media.Shaping(mic_gain_db=2.0))
    sent = len(bench.link.heard)
    bench.link.on_event(lost)
    assert len(bench.link.heard) == sent, "told once"
    await bench.engine.aclose()


def test_suppression_that_did_not_work_is_tried_again_in_the_next_call(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(shaping_control, "is_strong_installed", lambda: True)
    desk = Desk(tmp_path / "shaping.json")
    desk.set(strong_suppression=True)
    assert desk.control.lose_strong(media.SuppressionLost(1, "slow", "spare it")) is not None
    assert not desk.control.wanted.strong_suppression
    desk.control.join(SetShaping(), AUTO)
    assert desk.control.wanted.strong_suppression


def test_suppression_that_is_not_installed_is_refused_and_told_at_the_start_of_a_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shaping_control, "is_strong_installed", lambda: False)
    desk = Desk()
    refusal = desk.set(strong_suppression=True)
    assert isinstance(refusal, Refusal)
    assert "woxly[noise]" in refusal.remedy
    notice = desk.control.join(SetShaping(strong_suppression=True), AUTO)
    assert isinstance(notice, Notice)
    assert "woxly[noise]" in notice.remedy
    assert desk.control.wanted == Shaping()


async def test_what_a_call_must_begin_without_is_told_once_it_stands() -> None:
    bench = Bench(is_deaf_to=(media.Connect,))
    wish = SetShaping(mic_gain_db=6.0)
    join = control.Join(URL, "sfu:7880", RoomName("standup"), backend="native", shaping=wish)
    await bench.engine.handle(join)
    await _settle()
    updates = bench.engine.client().updates()
    before = await anext(updates)
    assert isinstance(before, Snapshot)
    assert before.phase is CallPhase.CONNECTING
    session = bench.session()
    bench.link.on_event(media.Connected(session, RoomName("standup"), Identity("me"), "Me"))
    told: list[control.Update] = []
    with suppress(TimeoutError):
        while not told or not isinstance(told[-1], Notice):
            told.append(await asyncio.wait_for(anext(updates), 1.0))
    assert isinstance(told[-1], Notice)
    assert "native" in told[-1].text
    stood = [update for update in told if isinstance(update, Snapshot)]
    assert stood[-1].phase is CallPhase.ESTABLISHED
    bench.link.on_event(media.AudioReady(session, NATIVE, True))
    with suppress(TimeoutError):
        while not isinstance(again := await asyncio.wait_for(anext(updates), 0.2), Notice):
            pass
        pytest.fail(f"told again: {again.text}")
    await bench.engine.aclose()


async def test_xruns_are_shown_until_the_sound_is_gone() -> None:
    bench = Bench()
    await bench.join()
    await _settle()
    bench.link.on_event(media.XrunsCounted(bench.session(), 3))
    assert (await bench.engine.handle(control.GetSnapshot())).snapshot.xruns == 3
    await bench.engine.handle(control.Leave())
    assert (await bench.engine.handle(control.GetSnapshot())).snapshot.xruns is None
    await bench.engine.aclose()
