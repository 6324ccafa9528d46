import pytest

from woxly_tui.call.device_news import Devices, device_notice, muted_notice
from woxly_tui.call.snapshot import Microphone
from woxly_tui.types import DeviceKind

BOTH = {"usb": "USB headset", "pci": "Laptop"}
ONE = {"pci": "Laptop"}


@pytest.mark.parametrize(
    ("before", "now", "text"),
    [
        (Devices(BOTH, "usb"), Devices(ONE, "pci"), "unplugged: the speaker is now Laptop"),
        (Devices(ONE, "pci"), Devices(BOTH, "usb"), "now USB headset, which was plugged in"),
        (Devices(BOTH, "pci"), Devices(BOTH, "usb"), "The speaker is now USB headset"),
        (Devices(ONE, "pci"), Devices({}, ""), "there is no other speaker"),
    ],
)
def test_another_device_in_use_is_told_with_the_reason(
    before: Devices, now: Devices, text: str
) -> None:
    notice = device_notice(DeviceKind.SPEAKER, before, now)
    assert notice is not None
    assert text in notice.text


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (Devices(BOTH, "pci"), Devices(ONE, "pci")),
        (Devices(ONE, "pci"), Devices(BOTH, "pci")),
        (Devices({}, ""), Devices(ONE, "pci")),
    ],
)
def test_a_device_that_nobody_uses_is_no_news(before: Devices, now: Devices) -> None:
    assert device_notice(DeviceKind.SPEAKER, before, now) is None


def test_a_device_without_a_stream_just_now_is_not_unplugged() -> None:
    there = {"usb": "USB headset"}
    assert device_notice(DeviceKind.MICROPHONE, Devices(there, "usb"), Devices(there)) is None


def test_who_is_deafened_is_told_so_rather_than_muted() -> None:
    assert "deafened" in muted_notice(Microphone(wanted_deafened=True)).text
    assert "muted" in muted_notice(Microphone()).text
