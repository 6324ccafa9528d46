from dataclasses import replace

import pytest

from tests.unit.media.worlds import (
    EVERYTHING,
    LAPTOP,
    LAPTOP_MIC,
    MIC,
    MONITOR,
    SPEAKER,
    USB,
    USB_MIC,
    playing_on,
    world,
)
from woxly_tui.media.device_world import MAX_DEVICES, DeviceKeeper, Found, Move
from woxly_tui.types import DeviceKind


def test_a_new_stream_goes_to_the_chosen_device_and_is_then_left_alone() -> None:
    keeper = DeviceKeeper()
    keeper.choose(SPEAKER, "usb")
    stream = playing_on(LAPTOP)
    now = world(*EVERYTHING, streams=(stream,))
    assert keeper.look(now) == [Move(stream, "usb")]
    assert keeper.look(now) == []  # moved by hand since


def test_a_choice_moves_what_plays_at_once() -> None:
    keeper = DeviceKeeper()
    stream = playing_on(LAPTOP_MIC)
    now = world(*EVERYTHING, streams=(stream,))
    assert keeper.look(now) == []
    keeper.choose(MIC, "usb-mic")
    assert keeper.look(now) == [Move(stream, "usb-mic")]
    keeper.choose(MIC, "")
    moved = world(*EVERYTHING, streams=(playing_on(USB_MIC),))
    assert keeper.look(moved) == [Move(playing_on(USB_MIC), "laptop-mic")]


def test_a_chosen_device_that_is_plugged_in_again_gets_its_stream_back() -> None:
    keeper = DeviceKeeper()
    keeper.choose(SPEAKER, "usb")
    keeper.look(world(*EVERYTHING, streams=(playing_on(USB),)))
    without = world(LAPTOP, LAPTOP_MIC, streams=(playing_on(LAPTOP),))
    assert keeper.look(without) == []
    assert keeper.news(without).view.speaker == "laptop"
    back = world(*EVERYTHING, streams=(playing_on(LAPTOP),))
    assert keeper.look(back) == [Move(playing_on(LAPTOP), "usb")]


def test_a_change_of_the_default_is_followed_where_none_is_chosen() -> None:
    keeper = DeviceKeeper()
    stream = playing_on(LAPTOP)
    keeper.look(world(*EVERYTHING, streams=(stream,)))
    assert keeper.look(world(*EVERYTHING, streams=(stream,), speaker="usb")) == [
        Move(stream, "usb")
    ]


def test_a_stream_on_another_than_the_default_was_put_there_on_purpose() -> None:
    keeper = DeviceKeeper()
    stream = playing_on(USB)
    assert keeper.look(world(*EVERYTHING, streams=(stream,))) == []
    other = replace(LAPTOP, index=3, name="hdmi")
    now = world(*EVERYTHING, other, streams=(stream,), speaker="hdmi")
    assert keeper.look(now) == []


def test_the_environment_beats_the_default_and_a_choice_beats_both() -> None:
    keeper = DeviceKeeper(pinned=[SPEAKER])
    stream = playing_on(LAPTOP)
    keeper.look(world(*EVERYTHING, streams=(stream,)))
    assert keeper.look(world(*EVERYTHING, streams=(stream,), speaker="usb")) == []
    keeper.choose(SPEAKER, "usb")
    assert keeper.look(world(*EVERYTHING, streams=(stream,))) == [Move(stream, "usb")]


def test_no_microphone_is_ever_moved_to_what_a_speaker_plays() -> None:
    keeper = DeviceKeeper()
    stream = playing_on(LAPTOP_MIC)
    keeper.look(world(*EVERYTHING, streams=(stream,)))
    assert keeper.look(world(*EVERYTHING, streams=(stream,), microphone=MONITOR.name)) == []


@pytest.mark.parametrize(
    ("pinned", "chosen", "told"),
    [([], "", True), ([MIC], "", False), ([], MONITOR.name, False)],
)
def test_a_microphone_that_became_a_monitor_is_told(
    pinned: list[DeviceKind], chosen: str, told: bool
) -> None:
    keeper = DeviceKeeper(pinned)
    keeper.choose(MIC, chosen)
    now = world(LAPTOP, MONITOR, streams=(playing_on(MONITOR),))
    assert keeper.news(now).is_listening_to_a_speaker is told


def test_monitors_are_no_choice_and_names_are_cleaned() -> None:
    evil = replace(USB_MIC, description="\x1b[31mred\u202e")
    view = DeviceKeeper().news(world(evil, MONITOR, LAPTOP)).view
    assert [device.name for device in view.microphones] == ["usb-mic"]
    assert "\x1b" not in view.microphones[0].description
    many = [Found(SPEAKER, i, f"s{i}", "") for i in range(200)]
    assert len(DeviceKeeper().news(world(*many)).view.speakers) == MAX_DEVICES


@pytest.mark.parametrize(
    ("device", "phone"),
    [
        (USB_MIC, False),
        (replace(USB_MIC, rate_hz=8000), True),
        (replace(USB_MIC, rate_hz=16000), True),
        (replace(USB, rate_hz=16000), False),
        (replace(USB, is_hands_free=True), True),
    ],
)
def test_a_telephone_is_known_by_its_rate_or_profile(device: Found, phone: bool) -> None:
    assert device.is_phone_quality is phone


def test_before_anything_plays_the_one_that_will_is_told() -> None:
    keeper = DeviceKeeper()
    view = keeper.news(world(*EVERYTHING)).view
    assert (view.microphone, view.speaker) == ("laptop-mic", "laptop")
    keeper.choose(SPEAKER, "usb")
    assert keeper.news(world(*EVERYTHING)).view.speaker == "usb"
    assert keeper.news(world(LAPTOP)).view.speaker == "laptop"
    assert DeviceKeeper([SPEAKER]).news(world(*EVERYTHING)).view.speaker == ""


def test_what_we_play_is_silent_where_the_system_lets_none_of_it_through() -> None:
    muted, down = replace(LAPTOP, is_muted=True), replace(LAPTOP, percent=0)
    stream, hushed = playing_on(LAPTOP), replace(playing_on(LAPTOP), is_silent=True)
    assert not world(*EVERYTHING, streams=(stream,)).is_silent
    assert world(muted, streams=(stream,)).is_silent
    assert world(down, streams=(stream,)).is_silent
    assert world(LAPTOP, streams=(hushed,)).is_silent
    assert not world(LAPTOP, streams=(hushed, playing_on(LAPTOP, 8))).is_silent
    assert not world(muted, USB, streams=(playing_on(USB),)).is_silent
    assert not world(muted).is_silent, "nothing is played"
    microphone = playing_on(replace(LAPTOP_MIC, index=LAPTOP.index))
    assert not world(muted, streams=(microphone,)).is_silent
