from pathlib import Path

import pytest

from woxly_tui.doctor.ssh import check_sshd


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("", "note"),
        ("#StreamLocalBindUnlink yes\n", "note"),
        ("StreamLocalBindUnlink yes\n", "ok"),
        ("AllowStreamLocalForwarding no\n", "bad"),
        ("DisableForwarding yes\n", "bad"),
    ],
)
def test_sshd_s_settings_are_judged(tmp_path: Path, text: str, status: str) -> None:
    path = tmp_path / "sshd_config"
    path.write_text(text, "utf-8")
    assert check_sshd(path).status == status


def test_settings_that_cannot_be_read_are_no_fault(tmp_path: Path) -> None:
    assert check_sshd(tmp_path / "none").status == "note"
