from woxly_tui.call.device_names import devices_called

NAMES = [("usb-1", "Headset"), ("usb-2", "Headset Pro"), ("pci", "Built-in Audio")]


def test_a_whole_name_beats_the_beginning_of_others() -> None:
    assert devices_called("headset", NAMES) == ["usb-1"]
    assert devices_called("PCI", NAMES) == ["pci"]


def test_a_beginning_may_mean_several_and_nothing_means_none() -> None:
    assert devices_called("usb", NAMES) == ["usb-1", "usb-2"]
    assert devices_called("head", NAMES) == ["usb-1", "usb-2"]
    assert devices_called("  ", NAMES) == []
    assert devices_called("web", NAMES) == []
