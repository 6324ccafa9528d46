import errno
import os
from pathlib import Path

import pytest

from woxly_tui.doctor.finding import Status
from woxly_tui.doctor.folders import check_folders, refusal


def test_folders_that_can_be_written_are_well_and_nothing_is_left_in_them(tmp_path: Path) -> None:
    there, new = tmp_path / "there", tmp_path / "new" / "deep"
    there.mkdir()
    (found,) = check_folders({"logs": there, "caches": new}, tmp_path)
    assert found.status is Status.OK
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["there"]


def test_a_home_that_takes_nothing_is_named(tmp_path: Path) -> None:
    (found,) = check_folders({"logs": Path("/proc/self/logs")}, tmp_path)
    assert (found.status, "logs cannot be kept" in found.evidence) == (Status.BAD, True)
    assert found.remedy


def test_without_a_runtime_folder_no_call_begins(tmp_path: Path) -> None:
    (found,) = check_folders({"logs": tmp_path}, Path("/proc/self/run"))
    assert (found.status, "WOXLY_RUNTIME_DIR" in found.remedy) == (Status.BAD, True)


def test_a_full_disk_and_a_file_in_the_way_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    assert refusal(tmp_path / "file" / "woxly") == "a file is in its place"

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", full)
    assert "no space left" in refusal(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
