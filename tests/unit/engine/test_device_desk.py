from pathlib import Path

from woxly_tui.call.snapshot import DevicesView
from woxly_tui.control.messages import DeviceWishes, SelectDevice
from woxly_tui.engine.device_desk import NOT_THERE, DeviceDesk
from woxly_tui.engine.device_store import DeviceStore
from woxly_tui.media import messages as media
from woxly_tui.types import DeviceKind

LAPTOP, USB = media.Device("pci", "Laptop"), media.Device("usb", "USB headset")
BOTH = media.DevicesChanged(True, (), (LAPTOP, USB), speaker="usb")
SPEAKER = DeviceKind.SPEAKER


def nobody(_command: media.SelectDevice) -> None:
    pass


class Rig:
    def __init__(self, path: Path | None = None) -> None:
        self.shown: list[DevicesView] = []
        self.sent: list[media.SelectDevice] = []
        self.desk = DeviceDesk(DeviceStore(path), self.shown.append)

    def select(self, name: str) -> tuple[str, str] | None:
        return self.desk.select(SelectDevice(SPEAKER, name), self.sent.append)


def test_the_first_report_is_no_news_and_an_unplugged_device_is() -> None:
    desk = Rig().desk
    assert desk.take(BOTH, nobody) == []
    (notice,) = desk.take(media.DevicesChanged(True, (), (LAPTOP,), speaker="pci"), nobody)
    assert "USB headset was unplugged" in notice.text


def test_a_server_that_was_away_changed_nothing() -> None:
    desk = Rig().desk
    desk.take(BOTH, nobody)
    assert desk.take(media.DevicesChanged(False), nobody) == []
    assert desk.take(BOTH, nobody) == []


def test_a_choice_is_kept_by_name_for_the_next_engine_and_worker(tmp_path: Path) -> None:
    path = tmp_path / "devices.json"
    first = Rig(path)
    first.desk.take(BOTH, nobody)
    assert first.select("usb") is None
    assert first.sent == [media.SelectDevice(SPEAKER, "usb")]
    second = Rig(path)
    second.desk.tell(second.sent.append)
    assert second.sent == first.sent
    chosen = second.shown[-1].chosen_speaker
    assert chosen is not None
    assert chosen.description == "USB headset"
    assert second.select("") is None
    assert Rig(path).shown[-1].chosen_speaker is None


def test_what_is_not_there_cannot_be_chosen() -> None:
    rig = Rig()
    rig.desk.take(BOTH, nobody)
    assert rig.select("nowhere") == NOT_THERE
    assert rig.sent == []


def test_a_spoilt_file_is_no_choice(tmp_path: Path) -> None:
    path = tmp_path / "devices.json"
    for text in ("[]", "{", '{"speaker": 1}', '{"speaker": ["a"]}', '{"speaker": [1, 2]}'):
        path.write_text(text)
        assert DeviceStore(path).load() == {}


def test_the_settings_beat_what_was_chosen_before_at_every_join_but_not_in_the_call(
    tmp_path: Path,
) -> None:
    path = tmp_path / "devices.json"
    before = Rig(path)
    before.desk.take(BOTH, nobody)
    before.select("pci")
    rig = Rig(path)
    rig.desk.join(DeviceWishes(speaker="usb h"))
    rig.desk.tell(rig.sent.append)
    rig.desk.take(BOTH, rig.sent.append)
    assert rig.sent[-1] == media.SelectDevice(SPEAKER, "usb")
    assert rig.shown[-1].chosen_speaker is not None
    assert rig.shown[-1].chosen_speaker.description == "USB headset"
    rig.select("pci")
    rig.desk.take(BOTH, rig.sent.append)
    assert rig.sent[-1] == media.SelectDevice(SPEAKER, "pci")
    rig.desk.join(DeviceWishes())
    assert rig.shown[-1].chosen_speaker is not None
    assert rig.shown[-1].chosen_speaker.name == "pci"


def test_a_device_of_the_settings_is_waited_for_and_shown_as_missing() -> None:
    rig = Rig()
    rig.desk.join(DeviceWishes(speaker="USB \x1b[31mheadset"))
    chosen = rig.shown[-1].chosen_speaker
    assert chosen is not None
    assert "\x1b" not in chosen.description
    rig.desk.join(DeviceWishes(speaker="usb headset"))
    rig.desk.take(media.DevicesChanged(True, (), (LAPTOP,), speaker="pci"), rig.sent.append)
    assert rig.sent == []
    rig.desk.take(BOTH, rig.sent.append)
    assert rig.sent == [media.SelectDevice(SPEAKER, "usb")]


def test_a_headset_at_telephone_quality_is_named_once() -> None:
    headset = media.Device("bt", "Headset", is_phone_quality=True)
    rig = Rig()
    seen = media.DevicesChanged(True, (headset,), (), microphone="bt")
    (notice,) = rig.desk.take(seen, nobody)
    assert notice.text == "Headset works at telephone quality"
    assert rig.desk.take(seen, nobody) == []
