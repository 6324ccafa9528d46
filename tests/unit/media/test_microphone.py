import asyncio
import time
from typing import Any

import pytest
from livekit import rtc
from livekit.rtc.participant import PublishTrackError

from tests.unit.media.fakes import FakeLocal, FakeNative
from woxly_tui.errors import MediaError
from woxly_tui.media import ffi
from woxly_tui.media.ffi import CHANGE_GAP_S
from woxly_tui.media.microphone import Microphone, is_allowed


class Rig:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.native = FakeNative()
        self.local = FakeLocal(on_publish=self.native.enable)
        self.applied: list[tuple[int, bool]] = []
        self.releases = 0
        monkeypatch.setattr(ffi, "set_local_muted", self.native.set_local_muted)
        track: Any = object()
        self.microphone = Microphone(track, self.release, self.on_applied)

    def release(self) -> bool:
        self.releases += 1
        return True

    def on_applied(self, request: int, *, is_open: bool) -> None:
        self.applied.append((request, is_open))

    async def publish(self) -> None:
        local: Any = self.local
        await self.microphone.publish(local)


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Rig:
    return Rig(monkeypatch)


async def test_it_is_announced_muted_and_truly_silent(rig: Rig) -> None:
    muted_when_announced: list[bool] = []

    def on_publish() -> None:
        muted_when_announced.append(rig.native.flag_muted)
        rig.native.enable()

    rig.local.on_publish = on_publish
    await rig.publish()
    assert muted_when_announced == [True]
    assert rig.native.flag_muted
    assert not rig.native.flows
    assert not rig.microphone.is_open
    _, options = rig.local.published[0]
    assert options.source == rtc.TrackSource.SOURCE_MICROPHONE
    assert options.dtx
    assert options.red
    assert options.audio_encoding.max_bitrate == 32_000


async def test_the_device_is_held_closed_after_publishing_until_opened(rig: Rig) -> None:
    await rig.publish()
    await asyncio.sleep(0.05)
    assert rig.releases >= 3
    rig.microphone.set_open(1, is_open=True)
    await asyncio.sleep(CHANGE_GAP_S * 2)
    releases = rig.releases
    await asyncio.sleep(0.03)
    assert rig.microphone.is_open
    assert rig.releases == releases


async def test_a_change_is_confirmed_once_it_is_real(rig: Rig) -> None:
    await rig.publish()
    await asyncio.sleep(CHANGE_GAP_S)
    rig.microphone.set_open(1, is_open=True)
    assert rig.applied == [(1, True)]
    assert rig.native.flows


async def test_muting_waits_only_for_the_change_before(rig: Rig) -> None:
    await rig.publish()
    await asyncio.sleep(CHANGE_GAP_S)
    rig.microphone.set_open(1, is_open=True)
    rig.microphone.set_open(2, is_open=False)
    assert rig.applied == [(1, True)]
    await asyncio.sleep(CHANGE_GAP_S * 2)
    assert rig.applied == [(1, True), (2, False)]
    assert not rig.native.flows


async def test_of_quick_changes_the_last_one_holds(rig: Rig) -> None:
    await rig.publish()
    await asyncio.sleep(CHANGE_GAP_S)
    for request in range(1, 10):
        rig.microphone.set_open(request, is_open=bool(request % 2))
    await asyncio.sleep(CHANGE_GAP_S * 2)
    assert rig.applied[-1] == (9, True)
    assert rig.microphone.is_open


async def test_asking_for_what_is_already_so_is_confirmed_at_once(rig: Rig) -> None:
    await rig.publish()
    rig.microphone.set_open(1, is_open=False)
    assert rig.applied == [(1, False)]


async def test_a_library_that_does_not_answer_confirms_nothing(rig: Rig) -> None:
    await rig.publish()
    await asyncio.sleep(CHANGE_GAP_S)
    rig.native.answers = False
    rig.microphone.set_open(1, is_open=True)
    assert rig.applied == []
    assert not rig.microphone.is_open


async def test_republished_while_muted_it_falls_silent_again(rig: Rig) -> None:
    await rig.publish()
    rig.microphone.on_reconnecting()
    rig.native.enable()
    rig.microphone.on_republished()
    assert not rig.native.flows
    assert rig.native.flag_muted


async def test_republished_while_open_it_stays_open_without_a_gap(rig: Rig) -> None:
    await rig.publish()
    await asyncio.sleep(CHANGE_GAP_S)
    rig.microphone.set_open(1, is_open=True)
    rig.microphone.on_reconnecting()
    rig.native.calls.clear()
    rig.microphone.on_republished()
    assert rig.native.calls == []
    assert rig.native.flows


async def test_opened_while_reconnecting_the_server_is_told_again(rig: Rig) -> None:
    await rig.publish()
    rig.microphone.on_reconnecting()
    await asyncio.sleep(CHANGE_GAP_S)
    rig.microphone.set_open(1, is_open=True)
    rig.native.calls.clear()
    rig.microphone.on_republished()
    assert rig.native.calls == [True, False]
    assert rig.native.flows


async def test_the_echo_of_our_own_change_is_no_news(rig: Rig) -> None:
    await rig.publish()
    await asyncio.sleep(CHANGE_GAP_S)
    rig.microphone.set_open(1, is_open=True)
    rig.microphone.on_flag_changed(is_muted=False)
    rig.microphone.on_flag_changed(is_muted=False)
    rig.microphone.on_flag_changed(is_muted=True)
    assert rig.applied == [(1, True)]
    assert rig.microphone.is_open


async def test_a_mute_by_the_server_is_obeyed_and_told(rig: Rig) -> None:
    await rig.publish()
    rig.microphone.on_flag_changed(is_muted=False)
    rig.microphone.on_flag_changed(is_muted=True)
    await asyncio.sleep(CHANGE_GAP_S)
    rig.microphone.set_open(1, is_open=True)
    rig.microphone.on_flag_changed(is_muted=False)
    rig.microphone.on_flag_changed(is_muted=True)
    assert rig.applied == [(1, True), (0, False)]
    assert not rig.native.flows


async def test_the_server_cannot_open_it(rig: Rig) -> None:
    await rig.publish()
    rig.microphone.on_flag_changed(is_muted=False)
    rig.microphone.on_flag_changed(is_muted=True)
    rig.native.set_local_muted(None, muted=False)
    rig.microphone.on_flag_changed(is_muted=False)
    assert not rig.native.flows
    assert rig.applied == []


async def test_suspended_it_is_silent_and_then_as_before(rig: Rig) -> None:
    await rig.publish()
    await asyncio.sleep(CHANGE_GAP_S)
    rig.microphone.set_open(1, is_open=True)
    rig.microphone.suspend()
    flows = [rig.native.flows]
    rig.native.enable()
    rig.microphone.on_republished()
    rig.microphone.confirm()
    flows.append(rig.native.flows)
    await asyncio.sleep(CHANGE_GAP_S)
    rig.microphone.resume()
    assert [*flows, rig.native.flows] == [False, False, True]
    assert rig.applied == [(1, True)]


async def test_a_mute_that_ends_a_suspension_holds(rig: Rig) -> None:
    await rig.publish()
    await asyncio.sleep(CHANGE_GAP_S)
    rig.microphone.set_open(1, is_open=True)
    rig.microphone.suspend()
    rig.native.calls.clear()
    rig.microphone.set_open(2, is_open=False)
    rig.microphone.resume()
    assert rig.applied == [(1, True), (2, False)]
    assert False not in rig.native.calls


async def test_after_closing_nothing_opens_it(rig: Rig) -> None:
    await rig.publish()
    await asyncio.sleep(CHANGE_GAP_S)
    rig.microphone.set_open(1, is_open=True)
    rig.microphone.set_open(2, is_open=False)
    rig.microphone.set_open(3, is_open=True)
    local: Any = rig.local
    await rig.microphone.unpublish(local)
    await asyncio.sleep(CHANGE_GAP_S * 2)
    assert rig.local.unpublished == ["TR_ME"]
    assert not rig.native.flows


async def test_a_server_that_takes_no_track_is_named(rig: Rig) -> None:
    async def refuse(_track: Any, _options: Any) -> None:
        raise PublishTrackError("no permission")

    rig.local.publish_track = refuse  # type: ignore[assignment, method-assign]
    with pytest.raises(MediaError, match="no permission"):
        await rig.publish()


@pytest.mark.parametrize(
    ("can_publish", "sources", "allowed"),
    [
        (True, [], True),
        (False, [], False),
        (True, [rtc.TrackSource.SOURCE_MICROPHONE], True),
        (True, [rtc.TrackSource.SOURCE_CAMERA], False),
    ],
)
def test_the_token_decides_whether_we_may_speak(
    can_publish: bool, sources: list[int], allowed: bool
) -> None:
    local: Any = FakeLocal()
    local.permissions.can_publish = can_publish
    local.permissions.can_publish_sources = sources
    assert is_allowed(local) is allowed


async def test_a_second_mute_by_the_server_is_told_too(rig: Rig) -> None:
    await rig.publish()
    rig.microphone.on_flag_changed(is_muted=False)
    rig.microphone.on_flag_changed(is_muted=True)
    for request in (1, 2):
        await asyncio.sleep(CHANGE_GAP_S * 2)
        rig.microphone.set_open(request, is_open=True)
        rig.microphone.on_flag_changed(is_muted=False)
        rig.native.set_local_muted(None, muted=True)
        rig.microphone.on_flag_changed(is_muted=True)
    assert rig.applied == [(1, True), (0, False), (2, True), (0, False)]


async def test_our_own_answer_to_the_server_is_not_taken_for_a_moderator(rig: Rig) -> None:
    await rig.publish()
    rig.microphone.on_flag_changed(is_muted=False)
    rig.microphone.on_flag_changed(is_muted=True)
    rig.native.set_local_muted(None, muted=False)
    rig.microphone.on_flag_changed(is_muted=False)
    rig.microphone.on_flag_changed(is_muted=True)
    assert rig.applied == []
    assert not rig.native.flows


async def test_the_device_is_held_closed_even_while_the_loop_is_busy(rig: Rig) -> None:
    def on_publish() -> None:
        before = rig.releases
        time.sleep(0.1)
        assert rig.releases - before >= 5
        rig.native.enable()

    rig.local.on_publish = on_publish
    await rig.publish()
    assert not rig.native.flows
