import io
import sys

import pytest

from woxly_tui.tui.terminal import takes_hyperlinks, terminal_problem


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def use_terminal(monkeypatch: pytest.MonkeyPatch, term: str = "xterm-256color") -> None:
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, Terminal())
    monkeypatch.setenv("TERM", term)


def test_a_terminal_is_no_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    use_terminal(monkeypatch)
    assert terminal_problem() is None


@pytest.mark.parametrize("term", ["dumb", "", "unknown"])
def test_a_terminal_that_cannot_move_its_cursor(monkeypatch: pytest.MonkeyPatch, term: str) -> None:
    use_terminal(monkeypatch, term)
    problem = terminal_problem()
    assert problem is not None
    assert "TERM" in problem
    assert "--plain" in problem


@pytest.mark.parametrize("name", ["stdin", "stdout", "stderr"])
def test_a_redirected_stream(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    use_terminal(monkeypatch)
    monkeypatch.setattr(sys, name, io.StringIO())
    problem = terminal_problem()
    assert problem is not None
    assert "not a terminal" in problem


@pytest.mark.parametrize(
    ("term", "takes"),
    [
        ("xterm-256color", True),
        ("tmux-256color", True),
        ("linux", False),
        ("screen", False),
    ],
)
def test_hyperlinks_are_sent_where_they_do_no_harm(
    monkeypatch: pytest.MonkeyPatch, term: str, takes: bool
) -> None:
    monkeypatch.setenv("TERM", term)
    assert takes_hyperlinks() == takes
