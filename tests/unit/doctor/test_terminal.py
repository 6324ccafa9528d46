import os
import pty
import termios
import threading

import pytest

from woxly_tui.doctor.finding import Finding
from woxly_tui.doctor.terminal import Asked, ask, judge_terminal, judge_tmux

ALL = b"\x1b[?0u\x1b[?1006;2$y\x1b[?62;4c"


def judged(
    answers: bytes = ALL, rounds: tuple[float, ...] = (1.0,), columns: int = 80, **environ: str
) -> dict[str, Finding]:
    asked = Asked(answers, list(rounds))
    found = judge_terminal(asked, (columns, 24), {"TERM": "xterm-256color"} | environ)
    return {finding.check: finding for finding in found}


def test_a_terminal_that_knows_everything() -> None:
    found = judged(COLORTERM="truecolor")
    assert {finding.status for finding in found.values()} == {"ok"}


@pytest.mark.parametrize(
    ("check", "status", "found"),
    [
        ("keys", "note", judged(b"\x1b[?62c")),
        ("keys", "note", judged(TMUX="socket,1,0")),
        ("keys", "note", judged(MOSH_CONNECTION="1")),
        ("mouse", "note", judged(b"\x1b[?62c", TERM="linux")),
        ("mouse", "note", judged(b"\x1b[?1006;0$y\x1b[?62c")),
        ("colours", "note", judged(NO_COLOR="1")),
        ("colours", "note", judged(TERM="vt100")),
        ("terminal", "poor", judged(rounds=(300.0, 200.0, 900.0))),
        ("terminal", "note", judged(rounds=())),
        ("terminal", "poor", judged(columns=40)),
    ],
)
def test_what_a_terminal_lacks_is_named(check: str, status: str, found: dict[str, Finding]) -> None:
    assert found[check].status == status


def test_tmux_without_mouse_or_focus_is_named() -> None:
    found = judge_tmux({"mouse": "off", "focus-events": "off", "escape-time": "500"})
    assert found.status == "note"
    assert found.remedy.count("set -") == 3
    well = {"mouse": "on", "focus-events": "on", "escape-time": "10"}
    assert judge_tmux(well).status == "ok"


def test_a_real_terminal_is_asked_and_given_back_as_it_was() -> None:
    far, near = pty.openpty()
    before = termios.tcgetattr(near)

    def answer() -> None:
        heard = b""
        while not heard.endswith(b"\x1b[c"):
            heard += os.read(far, 100)
        os.write(far, ALL)
        for _ in range(5):
            os.read(far, 100)
            os.write(far, b"\x1b[1;1R")

    terminal = threading.Thread(target=answer)
    terminal.start()
    try:
        asked = ask(near)
        assert (asked.answers, len(asked.rounds_ms)) == (ALL, 5)
        assert termios.tcgetattr(near) == before
    finally:
        terminal.join()
        os.close(far)
        os.close(near)
