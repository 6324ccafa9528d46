"""What this terminal can: asked itself, in a moment, and given back as it was."""

import contextlib
import os
import re
import select
import shutil
import statistics
import subprocess
import termios
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from woxly_tui.doctor.finding import Finding, Status

QUESTIONS: Final = "\x1b[?u\x1b[?1006$p\x1b[c"
"""Kitty's keys; whether the mouse's modern form is known; and what all terminals answer."""

WHERE: Final = "\x1b[6n"
"""Where is the cursor: answered by every terminal, at once."""

_FIRST_WITHIN_S: Final = 1.5
_NEXT_WITHIN_S: Final = 1.0
_ROUNDS: Final = 5
_SMALLEST: Final = (60, 15)
_TOO_SIMPLE: Final = ("", "dumb", "unknown")
"""No screen is drawn in these."""

_SLOW_MS: Final = 150
_TMUX_LIMIT_S: Final = 2.0

_FLAGS: Final = re.compile(rb"\x1b\[\?(\d+)u")
_MODE: Final = re.compile(rb"\x1b\[\?1006;(\d)\$y")
_ATTRIBUTES: Final = re.compile(rb"\x1b\[\?[\d;]*c")
_PLACE: Final = re.compile(rb"\x1b\[\d+;\d+R")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a terminal said."""

    answers: bytes = b""
    rounds_ms: list[float] = field(default_factory=list)
    """How long it took to answer each simple question."""


def check_terminal(environ: Mapping[str, str] = os.environ) -> list[Finding]:
    """Ask the terminal we stand in; its modes are restored whatever happens. Blocks."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        remedy = "run `woxly doctor` in the terminal that woxly is to be used in"
        return [Finding("terminal", Status.NOTE, "this is run without one", remedy)]
    try:
        if environ.get("TERM", "") in _TOO_SIMPLE:
            return [_nothing_is_told(environ)]
        if os.tcgetpgrp(terminal) != os.getpgrp():
            return [Finding("terminal", Status.NOTE, "run in the background: it was not asked")]
        asked, size = ask(terminal), os.get_terminal_size(terminal)
    except OSError as error:
        return [Finding("terminal", Status.NOTE, f"it cannot be asked ({error.strerror})")]
    finally:
        os.close(terminal)
    return [*judge_terminal(asked, (size.columns, size.lines), environ), *check_tmux(environ)]


def _nothing_is_told(environ: Mapping[str, str]) -> Finding:
    """Of a terminal that would show our questions as rubbish."""
    named = environ.get("TERM", "")
    evidence = f"TERM is {named or 'not set'}: no screen can be drawn, and it was not asked"
    remedy = "`export TERM=xterm-256color` where that is what it is; or calls in lines: `--plain`"
    return Finding("terminal", Status.POOR, evidence, remedy)


def ask(terminal: int) -> Asked:
    """Put the questions, and time simple ones.

    Raises:
        OSError: The terminal is gone.
    """
    with _hushed(terminal):
        os.write(terminal, QUESTIONS.encode())
        answers = _read_until(terminal, _ATTRIBUTES, _FIRST_WITHIN_S)
        rounds: list[float] = []
        for _ in range(_ROUNDS):
            began = time.monotonic()
            os.write(terminal, WHERE.encode())
            if not _PLACE.search(_read_until(terminal, _PLACE, _NEXT_WITHIN_S)):
                break
            rounds.append(1000 * (time.monotonic() - began))
    return Asked(answers, rounds)


@contextlib.contextmanager
def _hushed(terminal: int) -> Iterator[None]:
    """Keys are neither echoed nor waited for by line; Ctrl-C still interrupts."""
    before = termios.tcgetattr(terminal)
    quiet = termios.tcgetattr(terminal)
    quiet[3] &= ~(termios.ICANON | termios.ECHO)
    termios.tcsetattr(terminal, termios.TCSANOW, quiet)
    try:
        yield
    finally:
        # An answer that comes late must not be taken for something typed.
        termios.tcsetattr(terminal, termios.TCSAFLUSH, before)


def _read_until(terminal: int, wanted: re.Pattern[bytes], within_s: float) -> bytes:
    heard, deadline = b"", time.monotonic() + within_s
    while not wanted.search(heard) and (left_s := deadline - time.monotonic()) > 0:
        if select.select([terminal], [], [], left_s)[0]:
            heard += os.read(terminal, 1024)
    return heard


def judge_terminal(
    asked: Asked, size: tuple[int, int], environ: Mapping[str, str]
) -> list[Finding]:
    """What the answers mean."""
    return [
        _judge_answers(asked, size, environ),
        _judge_keys(asked, environ),
        _judge_mouse(asked, environ),
        _judge_colours(environ),
    ]


def _judge_answers(asked: Asked, size: tuple[int, int], environ: Mapping[str, str]) -> Finding:
    check = "terminal"
    shape = f"{environ.get('TERM', 'no TERM')}, {size[0]}x{size[1]}"
    if size == (0, 0):
        evidence = f"{shape}: it does not tell its size"
        return Finding(check, Status.POOR, evidence, "`stty rows 24 columns 80`, or `resize`")
    if size[0] < _SMALLEST[0] or size[1] < _SMALLEST[1]:
        remedy = f"make it {_SMALLEST[0]}x{_SMALLEST[1]} or larger"
        return Finding(check, Status.POOR, f"{shape} is small", remedy)
    if not asked.rounds_ms:
        evidence = f"{shape}, answers nothing: the link's speed cannot be measured"
        return Finding(check, Status.NOTE, evidence)
    late_ms = statistics.median(asked.rounds_ms)
    figures = {"answer_ms": round(late_ms, 2)}
    evidence = f"{shape}, answers in {late_ms:.1f} ms"
    if late_ms > _SLOW_MS:
        remedy = "keys and meters are that late: `woxly attach` from a nearer machine, or mosh"
        return Finding(check, Status.POOR, evidence, remedy, figures)
    return Finding(check, Status.OK, evidence, "", figures)


def multiplexer(environ: Mapping[str, str]) -> str:
    """What comes between woxly and the terminal; empty for nothing."""
    for name, variable in (("tmux", "TMUX"), ("screen", "STY"), ("Zellij", "ZELLIJ")):
        if environ.get(variable):
            return name
    if any(environ.get(name) for name in ("MOSH_CONNECTION", "MOSH_SERVER_PID")):
        return "mosh"
    term = environ.get("TERM", "")
    return next((name for name in ("tmux", "screen") if term.startswith(name)), "")


def _judge_keys(asked: Asked, environ: Mapping[str, str]) -> Finding:
    check, between = "keys", multiplexer(environ)
    remedy = (
        "push-to-talk by taps, by the mouse held on the bar, or by a hotkey for `woxly ptt down` "
        "and `woxly ptt up`"
    )
    if between:
        evidence = f"{between} does not tell when a key is released"
        return Finding(check, Status.NOTE, evidence, remedy)
    if _FLAGS.search(asked.answers):
        evidence = "the kitty keyboard protocol: push-to-talk can be held"
        return Finding(check, Status.OK, evidence)
    evidence = "no kitty keyboard protocol: nobody tells when a key is released"
    return Finding(check, Status.NOTE, evidence, remedy)


def _judge_mouse(asked: Asked, environ: Mapping[str, str]) -> Finding:
    check, between = "mouse", multiplexer(environ)
    mode = _MODE.search(asked.answers)
    if mode is not None and mode.group(1) != b"0":
        return Finding(check, Status.OK, "the terminal tells it")
    if environ.get("TERM") in ("linux", None):
        remedy = "everything can be done by keys"
        return Finding(check, Status.NOTE, "this terminal has none", remedy)
    if between == "mosh":
        return Finding(check, Status.NOTE, "mosh may not pass it on", "everything works by keys")
    said = "does not say; most have it" if mode is None else "says it has none"
    status = Status.NOTE if mode is not None else Status.OK
    return Finding(check, status, f"the terminal {said}")


def _judge_colours(environ: Mapping[str, str]) -> Finding:
    check, term = "colours", environ.get("TERM", "")
    if environ.get("NO_COLOR"):
        return Finding(check, Status.NOTE, "none: NO_COLOR is set", "every state has a word too")
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return Finding(check, Status.OK, "16 million")
    if "256color" in term or term.endswith("-direct") or "kitty" in term:
        return Finding(check, Status.OK, "256")
    return Finding(check, Status.NOTE, "few", "if it has more: export COLORTERM=truecolor")


def check_tmux(environ: Mapping[str, str]) -> list[Finding]:
    """Settings of tmux that a call suffers from; nothing outside of it."""
    if not environ.get("TMUX") or shutil.which("tmux") is None:
        return []
    try:
        said = {
            option: _tmux(option, environ) for option in ("mouse", "focus-events", "escape-time")
        }
    except (OSError, subprocess.SubprocessError):
        return [Finding("tmux", Status.NOTE, "tmux does not tell its settings")]
    return [judge_tmux(said)]


def _tmux(option: str, environ: Mapping[str, str]) -> str:
    done = subprocess.run(
        ["tmux", "show-options", "-Agqv", option]
        if option == "mouse"
        else ["tmux", "show-options", "-sqv", option],
        env=dict(environ),
        capture_output=True,
        text=True,
        timeout=_TMUX_LIMIT_S,
        check=True,
    )
    return done.stdout.strip()


def judge_tmux(said: Mapping[str, str]) -> Finding:
    """What its settings mean."""
    wrong, remedies = [], []
    if said.get("mouse") == "off":
        wrong.append("its own mouse is off, so scrolling and choosing panes is not to be had")
        remedies.append("set -g mouse on")
    if said.get("focus-events") == "off":
        wrong.append("focus-events is off: a held push-to-talk does not end with the focus")
        remedies.append("set -s focus-events on")
    escape = said.get("escape-time", "")
    if escape.isdigit() and int(escape) > 50:
        wrong.append(f"Esc is {escape} ms late")
        remedies.append("set -s escape-time 10")
    if not wrong:
        return Finding("tmux", Status.OK, "mouse, focus and Esc get through")
    lines = "; ".join(remedies)
    return Finding("tmux", Status.NOTE, "; ".join(wrong), f"in tmux.conf: {lines}")
