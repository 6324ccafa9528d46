"""Demands that changes are not heard as clicks, on a machine that may lose a block now and then."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import pytest

from tests.rig.clicks import Click, find_clicks, split
from tests.rig.recording import Recording
from tests.rig.woxly import Woxly

SETTLE_S: Final = 0.4
"""What a change may take, and the way of its sound to the ear."""

REST_S: Final = 0.4
"""Then nothing changes, and whoever clicks is the machine."""

TRIES: Final = 5

FAULTS: Final = 2
"""A try with clicks at changes is a fault where nothing tells of a disturbance. One may be a
disturbance that nobody counted; so many are ours."""


def demand_smooth(
    ears: Mapping[str, Recording],
    people: Sequence[Woxly],
    changes: Sequence[Callable[[], object]],
    settle_s: float = SETTLE_S,
) -> None:
    """Make these changes, again and again, until nobody hears a click at any of them.

    Args:
        ears: Where to listen, by name.
        people: Those whose lost blocks excuse a click.
        changes: Each returns when the change is under way.
        settle_s: How long after that it may be heard.
    """
    faults = []
    for _ in range(TRIES):
        lost = _lost(people)
        began_s = time.monotonic()
        stretches = []
        for change in changes:
            start_s = time.monotonic()
            change()
            time.sleep(settle_s)
            stretches.append((start_s, time.monotonic()))
            time.sleep(REST_S)
        near, far = _heard(ears, began_s, stretches)
        if not near:
            return
        if not far and _lost(people) == lost:
            faults.append(near)
        assert len(faults) < FAULTS, f"clicks, and nothing that explains them: {faults}"
    pytest.skip("the machine is too busy: it clicks all the time, or loses blocks")


def _heard(
    ears: Mapping[str, Recording], began_s: float, stretches: list[tuple[float, float]]
) -> tuple[dict[str, list[str]], list[Click]]:
    """What clicked at changes, by who heard it, and what clicked at other times."""
    near: dict[str, list[str]] = {}
    far: list[Click] = []
    for name, recording in ears.items():
        at_changes, others = split(find_clicks(recording.since(began_s)), stretches)
        far += others
        if at_changes:
            near[name] = [
                f"{click.level_dbfs:.0f} dBFS, {_since(click, stretches)}" for click in at_changes
            ]
    return near, far


def _since(click: Click, stretches: list[tuple[float, float]]) -> str:
    number = next(i for i, (start, end) in enumerate(stretches) if start <= click.at_s <= end)
    return f"{click.at_s - stretches[number][0]:.3f} s after change {number}"


def _lost(people: Sequence[Woxly]) -> list[object]:
    """Blocks that the machine lost, which click whatever we do."""
    time.sleep(2.5)  # longer than between two counts
    return [one.ask("get_snapshot")["snapshot"]["xruns"] for one in people]
