"""Which engine a front end means."""

from pathlib import Path

import pytest

from woxly_tui.control.link import find_engine
from woxly_tui.errors import EngineLost


def test_what_is_no_private_socket_is_refused_with_a_harmless_remedy(tmp_path: Path) -> None:
    path = tmp_path / "laptop.sock"
    path.touch()
    with pytest.raises(EngineLost, match="no socket") as caught:
        find_engine(path)
    assert "chmod" not in caught.value.remedy
    assert "woxly doctor ssh" in caught.value.remedy
