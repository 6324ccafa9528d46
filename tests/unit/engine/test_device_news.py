from woxly_tui.engine.device_news import DeviceNews
from woxly_tui.media.messages import Device, DevicesChanged

LAPTOP, USB = Device("pci", "Laptop"), Device("usb", "USB headset")


def test_the_first_report_is_no_news_and_an_unplugged_one_is() -> None:
    news = DeviceNews()
    both = DevicesChanged(True, (), (LAPTOP, USB), speaker="usb")
    assert news.take(both) == []
    (notice,) = news.take(DevicesChanged(True, (), (LAPTOP,), speaker="pci"))
    assert "USB headset" in notice.text


def test_a_server_that_was_away_changed_nothing() -> None:
    news = DeviceNews()
    told = DevicesChanged(True, (LAPTOP,), (), microphone="pci")
    news.take(told)
    assert news.take(DevicesChanged(False)) == []
    assert news.take(told) == []
