"""Every state of the lobby at three sizes, against committed pictures."""

from collections.abc import Callable

import pytest

from tests.tui.lobby_still import build, scenes

SIZES = [(60, 15), (80, 24), (160, 50)]
ONE_SIZE = {"light", "status", "remove", "outgoing_group", "marked", "thousand", "help"}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", [name for name in scenes() if name not in ONE_SIZE])
def test_picture(name: str, size: tuple[int, int], snap_compare: Callable[..., bool]) -> None:
    app, prepare = build(scenes()[name])
    assert snap_compare(app, terminal_size=size, run_before=prepare)


@pytest.mark.parametrize("name", sorted(ONE_SIZE))
def test_picture_at_80x24(name: str, snap_compare: Callable[..., bool]) -> None:
    app, prepare = build(scenes()[name])
    assert snap_compare(app, terminal_size=(80, 24), run_before=prepare)
