"""What every call with a screen has in common."""

from collections.abc import Callable

import pytest

from woxly_tui.cli.call_session import check_screen
from woxly_tui.errors import UsageError


@pytest.fixture
def on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes the standard streams a terminal with the given TERM."""

    def pretend(term: str) -> None:
        monkeypatch.setenv("TERM", term)
        for name in ("stdin", "stdout", "stderr"):
            monkeypatch.setattr(f"sys.{name}.isatty", lambda: True)

    return pretend


def test_what_cannot_be_shown_is_refused(on_a_terminal: Callable[[str], None]) -> None:
    on_a_terminal("xterm-256color")
    check_screen(None)
    check_screen("light")
    with pytest.raises(UsageError, match="theme"):
        check_screen("no such theme")
    on_a_terminal("dumb")
    with pytest.raises(UsageError, match="TERM is 'dumb'"):
        check_screen(None)
