"""Who may serve from a data folder."""

from pathlib import Path

import pytest

from woxly_tui.errors import UsageError
from woxly_tui.server.folder import held


def test_a_folder_serves_one_at_a_time(tmp_path: Path) -> None:
    with held(tmp_path), pytest.raises(UsageError, match="another woxly serve"), held(tmp_path):
        pass
    with held(tmp_path):
        pass
