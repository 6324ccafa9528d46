from pathlib import Path

from woxly_tui.call.snapshot import DevicesView
from woxly_tui.control.messages import SelectDevice
from woxly_tui.engine.device_desk import NOT_THERE, DeviceDesk
from woxly_tui.engine.device_store import DeviceStore
from woxly_tui.media import messages as media
from woxly_tui.types import DeviceKind

LAPTOP, USB = media.Device("pci", "Laptop"), media.Device("usb", "USB headset")
BOTH = media.DevicesChanged(True, (), (LAPTOP, USB), speaker="usb")
SPEAKER = DeviceKind.SPEAKER


class Rig:
    def __init__(self, path: Path | None = None) -> None:
        self.shown: list[DevicesView] = []
        self.sent: list[media.SelectDevice] = []
        self.desk = DeviceDesk(DeviceStore(path), self.shown.append)

    def select(self, name: str) -> tuple[str, str] | None:
        return self.desk.select(SelectDevice(SPEAKER, name), self.sent.append)


def test_the_first_report_is_no_news_and_an_unplugged_device_is() -> None:
    desk = Rig().desk
    assert desk.take(BOTH) == []
    (notice,) = desk.take(media.DevicesChanged(True, (), (LAPTOP,), speaker="pci"))
    assert "USB headset was unplugged" in notice.text


def test_a_server_that_was_away_changed_nothing() -> None:
    desk = Rig().desk
    desk.take(BOTH)
    assert desk.take(media.DevicesChanged(False)) == []
    assert desk.take(BOTH) == []


def test_a_choice_is_kept_by_name_for_the_next_engine_and_worker(tmp_path: Path) -> None:
    path = tmp_path / "devices.json"
    first = Rig(path)
    first.desk.take(BOTH)
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
    rig.desk.take(BOTH)
    assert rig.select("nowhere") == NOT_THERE
    assert rig.sent == []


def test_a_spoilt_file_is_no_choice(tmp_path: Path) -> None:
    path = tmp_path / "devices.json"
    for text in ("[]", "{", '{"speaker": 1}', '{"speaker": ["a"]}', '{"speaker": [1, 2]}'):
        path.write_text(text)
        assert DeviceStore(path).load() == {}
