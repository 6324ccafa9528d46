import json
from pathlib import Path

import pytest

from woxly_tui._lib.json_file import MAX_BYTES
from woxly_tui.engine.volume_store import VolumeStore
from woxly_tui.types import Identity

ANN = Identity("ann")


def test_what_is_saved_is_read_again(tmp_path: Path) -> None:
    store = VolumeStore(tmp_path / "data" / "volumes.json")
    assert store.load() == {}
    store.save({ANN: 50})
    assert store.load() == {ANN: 50}
    assert [file.name for file in (tmp_path / "data").iterdir()] == ["volumes.json"]
    assert (tmp_path / "data" / "volumes.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"ann": "loud", "bob": true}', "[" * 100_000, " " * (MAX_BYTES + 1)]
)
def test_a_file_that_is_none_of_ours_is_no_volumes(tmp_path: Path, text: str) -> None:
    path = tmp_path / "volumes.json"
    path.write_text(text)
    assert VolumeStore(path).load() == {}


def test_a_disk_that_takes_nothing_is_no_harm(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    VolumeStore(tmp_path / "file" / "volumes.json").save({ANN: 50})
    VolumeStore(None).save({ANN: 50})


def test_a_name_of_any_kind_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "volumes.json"
    VolumeStore(path).save({Identity('é"\n'): 0})
    assert json.loads(path.read_text()) == {'é"\n': 0}
