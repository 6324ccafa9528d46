import os
import pty
import subprocess
import sys
import termios
import threading

import pytest

from tests.rig import ROOT
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


@pytest.mark.parametrize("term", [None, "dumb"])
def test_a_terminal_too_simple_for_a_screen_is_named_and_not_asked(term: str | None) -> None:
    far, near = pty.openpty()
    environ = {} if term is None else {"TERM": term}
    code = (
        "import os, fcntl, termios\n"
        "fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
        "from woxly_tui.doctor.terminal import check_terminal\n"
        f"(found,) = check_terminal({environ!r})\n"
        "print(found.status, '|', found.evidence, '|', found.remedy)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", code],
        stdin=near,
        capture_output=True,
        text=True,
        start_new_session=True,
        cwd=ROOT,
        timeout=20,
        check=False,
    )
    os.close(near)
    assert said.stdout.startswith(f"poor | TERM is {term or 'not set'}"), said
    assert "--plain" in said.stdout
    os.set_blocking(far, False)
    with pytest.raises(OSError, match=r"."):
        os.read(far, 100)
    os.close(far)


def test_a_terminal_that_does_not_tell_its_size_is_named() -> None:
    found = judge_terminal(Asked(ALL, [1.0]), (0, 0), {"TERM": "xterm"})[0]
    assert (found.status, "does not tell its size" in found.evidence) == ("poor", True)


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
