"""The file that outlives an engine which dies in a call."""

from pathlib import Path

import pytest

from woxly_tui.control.call_file import CallKeeper, CallRecord, lost_room
from woxly_tui.control.messages import Join
from woxly_tui.types import RoomName

CALL = CallRecord(Join(url="ws://sfu", server="sfu", room=RoomName("lobby")), True, False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "engine.call"


def test_it_is_private_and_holds_the_last_state(file: Path) -> None:
    keeper = CallKeeper(file)
    keeper.keep(CALL)
    keeper.keep(CallRecord(CALL.join, is_muted=False, is_deafened=True))
    assert file.stat().st_mode & 0o777 == 0o600
    assert lost_room(file) == "lobby"
    assert CallKeeper(file).lost == CallRecord(CALL.join, is_muted=False, is_deafened=True)
    assert [path.name for path in file.parent.iterdir()] == ["engine.call"]


def test_an_orderly_end_removes_it_and_a_lost_call_stays(file: Path) -> None:
    CallKeeper(file).keep(CALL)
    second = CallKeeper(file)
    second.forget()
    assert file.exists()
    second.keep(CALL)
    assert second.lost is None
    second.forget()
    assert not file.exists()


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"join":{"room":', '{"join":[]}', "\xff", "[" * 100_000]
)
def test_one_that_cannot_be_read_is_no_call(file: Path, text: str) -> None:
    file.write_text(text, "latin-1")
    assert lost_room(file) == ""
    assert CallKeeper(file).lost is None


def test_a_disk_that_is_full_stops_no_call(tmp_path: Path) -> None:
    keeper = CallKeeper(tmp_path / "nowhere" / "engine.call")
    keeper.keep(CALL)
    keeper.forget()


def test_what_cannot_be_written_leaves_no_older_state_behind(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = CallKeeper(file)
    keeper.keep(CallRecord(CALL.join, is_muted=False, is_deafened=False))
    with monkeypatch.context() as full:
        full.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
        keeper.keep(CALL)
    assert CallKeeper(file).lost is None
    keeper.keep(CALL)
    assert CallKeeper(file).lost == CALL
