"""What an image is built with is the script that the server knows."""

import re
from pathlib import Path

import pytest

from tests.server.web.test_client import BODY, believe, package
from woxly_tui.server.web import unpack
from woxly_tui.server.web.client import SCRIPT, VERSION

IMAGE = Path(__file__).parents[3] / "infra" / "Dockerfile"


def test_the_right_package_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = package()
    believe(monkeypatch, made)
    (tmp_path / "a.tgz").write_bytes(made)
    assert unpack.main([str(tmp_path / "a.tgz"), str(tmp_path)]) == 0
    assert (tmp_path / SCRIPT).read_bytes() == BODY


def test_another_package_is_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.tgz").write_bytes(package(b"other"))
    assert unpack.main([str(tmp_path / "a.tgz"), str(tmp_path)]) == 1
    assert "checksum is wrong" in capsys.readouterr().err
    assert not (tmp_path / SCRIPT).exists()


def test_the_image_gets_that_version_and_uses_it() -> None:
    text = IMAGE.read_text("utf-8")
    assert set(re.findall(r"livekit-client[@-](\d[\d.]*\d)", text)) == {VERSION}
    assert f"WOXLY_LIVEKIT_CLIENT=/usr/local/share/woxly/{SCRIPT}" in text
