from typing import Any

import pytest

from woxly_tui.errors import UsageError
from woxly_tui.plain.devices import chosen_line, device_lines, find_device


def device(name: str, description: str, *, phone: bool = False) -> dict[str, Any]:
    return {"name": name, "description": description, "is_phone_quality": phone}


HEADSET = device("usb-mic", "USB headset", phone=True)
DEVICES: dict[str, Any] = {
    "microphones": [device("pci-mic", "Laptop"), HEADSET],
    "speakers": [device("a", "Monitor"), device("b", "Monitor")],
    "microphone": "usb-mic",
    "speaker": "a",
    "chosen_microphone": HEADSET,
    "chosen_speaker": device("gone", "Old \x1b[31mhat"),
}


def test_lines_name_what_is_in_use_chosen_and_gone() -> None:
    assert device_lines(DEVICES) == [
        "microphones",
        "   Laptop",
        " * USB headset (in use, chosen, telephone quality)",
        "speakers",
        " * Monitor [a] (in use)",
        "   Monitor [b]",
        device_lines(DEVICES)[-1],
    ]
    assert "not plugged in" in device_lines(DEVICES)[-1]
    assert "\x1b" not in device_lines(DEVICES)[-1]
    assert chosen_line("microphone", DEVICES) == "microphone: USB headset"
    assert chosen_line("speaker", DEVICES | {"chosen_speaker": None}).endswith("sound settings")


@pytest.mark.parametrize("typed", ["usb", "USB headset", "usb-mic", " usb H"])
def test_a_device_is_found_by_its_name_or_a_beginning(typed: str) -> None:
    assert find_device(typed, "microphone", DEVICES) == "usb-mic"


@pytest.mark.parametrize(
    ("typed", "kind"), [("", "microphone"), ("x", "microphone"), ("m", "speaker")]
)
def test_none_or_several_are_refused_with_the_list(typed: str, kind: str) -> None:
    with pytest.raises(UsageError) as refused:
        find_device(typed, kind, DEVICES)
    assert "there are: " in refused.value.remedy


def test_names_alike_are_told_apart_by_the_servers_name() -> None:
    assert find_device("b", "speaker", DEVICES) == "b"
