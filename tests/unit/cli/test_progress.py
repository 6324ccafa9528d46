import io

import pytest

from woxly_tui.cli import progress
from woxly_tui.cli.progress import ConsoleProgress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    return now


def test_a_terminal_gets_one_line_that_changes(clock: list[float]) -> None:
    out = Terminal()
    shown = ConsoleProgress(out)
    shown.step("fetching")
    for done in range(1, 6):
        clock[0] += 1.0
        shown.progress(done * 1_000_000, 5_000_000)
    shown.close()
    text = out.getvalue()
    assert text.count("\n") == 1
    assert text.endswith("fetching  5.0 of 5.0 MB\n")


def test_a_log_gets_few_plain_lines(clock: list[float]) -> None:
    out = io.StringIO()
    shown = ConsoleProgress(out)
    shown.step("building")
    for _ in range(80):
        clock[0] += 0.5
        shown.elapsed(clock[0] - 100.0)
    shown.close()
    assert out.getvalue() == "building\nbuilding  15 s\nbuilding  30 s\n"
    assert "\x1b" not in out.getvalue()


def test_a_note_stays_on_a_line_of_its_own() -> None:
    out = Terminal()
    shown = ConsoleProgress(out)
    shown.step("fetching")
    shown.note("offline")
    assert out.getvalue().endswith("fetching\noffline\n")


def test_a_narrow_terminal_is_never_overflowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    out = Terminal()
    ConsoleProgress(out).step("a" * 100)
    assert out.getvalue() == "\r\x1b[K" + "a" * 19


def test_redraws_are_limited(clock: list[float]) -> None:
    out = Terminal()
    shown = ConsoleProgress(out)
    shown.step("fetching")
    for done in range(1000):
        clock[0] += 0.001
        shown.progress(done, None)
    assert out.getvalue().count("\r") <= 12
    assert progress.PLAIN_EVERY_S > 1
