"""The lobby on a real pseudo-terminal: what it writes, and how it leaves the terminal behind."""

import pytest

from tests.tui.pseudo_terminal import RESTORED, Terminal


def scripted(*arguments: str, size: tuple[int, int] = (80, 24)) -> Terminal:
    """The scripted lobby on a terminal of its own."""
    return Terminal("-m", "tests.tui.scripted_lobby", *arguments, size=size)


def test_a_lobby_in_which_nothing_happens_writes_nothing() -> None:
    with scripted("--friends", "1000") as terminal:
        terminal.start()
        assert terminal.read(4.0) == b""


@pytest.mark.parametrize("size", [(80, 24), (160, 50), (60, 15)], ids=str)
def test_a_step_among_a_thousand_friends_costs_a_few_cells(size: tuple[int, int]) -> None:
    with scripted("--friends", "1000", size=size) as terminal:
        terminal.start()
        terminal.press(b"j")
        terminal.read(0.5)
        for _ in range(5):
            terminal.press(b"j")
            assert 0 < len(terminal.read(0.3)) <= 200


def test_a_friend_out_of_view_who_comes_and_goes_costs_next_to_nothing() -> None:
    with scripted("--friends", "1000", "--flicker", "0.5") as terminal:
        terminal.start()
        assert len(terminal.read(4.0)) / 4.0 <= 60


def test_q_quits_at_once_and_restores_the_terminal() -> None:
    with scripted() as terminal:
        terminal.start()
        terminal.press(b"q")
        tail = terminal.read(5, until=RESTORED)
        assert RESTORED in tail
        assert b"Traceback" not in tail
        assert terminal.wait() == 0


def test_a_ring_rings_the_bell_and_is_a_dialog() -> None:
    with scripted("--ring", "3") as terminal:
        terminal.start()
        seen = terminal.read(10, until=b"Reject")
        seen += terminal.read(0.5)
        assert b"\x1bPtmux;\x1b\x1b]9;woxly: ann is calling you\x07\x1b\\" in seen
        assert b"is calling" in seen
