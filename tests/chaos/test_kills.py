"""Half a minute of what `python -m tests.chaos.kills` does for ten."""

import pytest

from tests.chaos.kills import run

pytestmark = pytest.mark.live


def test_whatever_is_killed_sound_and_state_stay_true() -> None:
    told: list[str] = []
    done = run(minutes=0.5, seed=7, report=told.append)
    assert done.total() == len(told) >= 3
