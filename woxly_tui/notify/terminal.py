"""Notifications that a terminal shows: which one it understands, and how it gets there.

    kitty                              OSC 99    has an id, so it can be taken back
    iTerm2, WezTerm, Windows Terminal  OSC 9     text only
    urxvt, foot, VTE                   OSC 777   title and text

Inside tmux (with `allow-passthrough`) and GNU screen the sequence is wrapped for the terminal
outside. A terminal that is not known gets the bell alone: it might print what it does not know.
"""

import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from woxly_tui.notify.words import TITLE

Write: TypeAlias = Callable[[str], object]

BELL: Final = "\a"

ASK_LIMIT_S: Final = 0.5
"""How long tmux may take to say which terminal it is in."""

_ID: Final = "woxly-ring"

_CHUNK: Final = 200
"""Bytes that GNU screen passes on at once, with room to spare."""


class Dialect(StrEnum):
    """How a terminal is told of something. Values are those of `notify.terminal`."""

    OSC9 = "osc9"
    OSC777 = "osc777"
    OSC99 = "osc99"
    NONE = "off"


class Wrapping(StrEnum):
    """What stands between us and the terminal."""

    NOTHING = "nothing"
    TMUX = "tmux"
    SCREEN = "screen"


@dataclass(frozen=True, slots=True)
class Outside:
    """The terminal that the user looks at."""

    dialect: Dialect
    wrapping: Wrapping = Wrapping.NOTHING

    def show(self, text: str) -> str:
        """The sequence that shows a text; empty where it understands none.

        Args:
            text: Of `notify.words`: it holds no control character.
        """
        match self.dialect:
            case Dialect.OSC9:
                # Begins with a letter: `9;4;…` would be a progress bar on Windows Terminal.
                return self._wrapped(f"\x1b]9;{TITLE}: {text}\a")
            case Dialect.OSC777:
                return self._wrapped(f"\x1b]777;notify;{TITLE};{text.replace(';', ',')}\a")
            case Dialect.OSC99:
                return self._wrapped(f"\x1b]99;i={_ID};{TITLE}: {text}\x1b\\")
            case Dialect.NONE:
                return ""

    def take_back(self) -> str:
        """The sequence that removes what is shown; empty where that cannot be done."""
        if self.dialect is not Dialect.OSC99:
            return ""
        return self._wrapped(f"\x1b]99;i={_ID}:p=close;\x1b\\")

    def _wrapped(self, sequence: str) -> str:
        match self.wrapping:
            case Wrapping.NOTHING:
                return sequence
            case Wrapping.TMUX:
                inner = sequence.replace("\x1b", "\x1b\x1b")
                return f"\x1bPtmux;{inner}\x1b\\"
            case Wrapping.SCREEN:
                # A string of ours must not end screen's own, so OSC is ended by BEL there.
                inner = sequence.replace("\x1b\\", "\a")
                return "".join(f"\x1bP{part}\x1b\\" for part in _parts(inner))


def _parts(text: str) -> list[str]:
    """Pieces of at most _CHUNK bytes, cut between characters."""
    parts = [""]
    for char in text:
        if len((parts[-1] + char).encode()) > _CHUNK:
            parts.append("")
        parts[-1] += char
    return parts


def outside(env: Mapping[str, str], chosen: str = "auto") -> Outside:
    """The terminal that the user looks at. Inside tmux it is asked for, for ASK_LIMIT_S at most.

    Args:
        env: The environment of the front end.
        chosen: The setting `notify.terminal`: auto, or a Dialect.
    """
    if env.get("TMUX"):
        wrapping, names = Wrapping.TMUX, _asked_of_tmux(env)
    elif env.get("STY"):
        wrapping, names = Wrapping.SCREEN, dict(env)
        names.pop("TERM", None)  # is screen's own
    else:
        wrapping, names = Wrapping.NOTHING, dict(env)
    dialect = Dialect(chosen) if chosen in tuple(Dialect) else _dialect(names)
    return Outside(dialect, wrapping)


def _dialect(env: Mapping[str, str]) -> Dialect:
    term, program = env.get("TERM", ""), env.get("TERM_PROGRAM", "") or env.get("LC_TERMINAL", "")
    if term == "xterm-kitty" or "KITTY_WINDOW_ID" in env or program.startswith("kitty"):
        return Dialect.OSC99
    if program.startswith(("iTerm", "WezTerm", "ghostty")) or "WT_SESSION" in env:
        return Dialect.OSC9
    if term == "xterm-ghostty":
        return Dialect.OSC9
    if term.startswith(("rxvt-unicode", "foot")) or "VTE_VERSION" in env:
        return Dialect.OSC777
    return Dialect.NONE


def _asked_of_tmux(env: Mapping[str, str]) -> dict[str, str]:
    """What tmux knows of the terminal it is shown in, as variables of that terminal would say."""
    words = ["tmux", "display-message", "-p", "#{client_termname}\t#{client_termtype}"]
    try:
        told = subprocess.run(
            words, env=dict(env), capture_output=True, text=True, timeout=ASK_LIMIT_S, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return {}
    term, _, program = told.strip().partition("\t")
    found = {"TERM": term, "TERM_PROGRAM": program}
    if program.startswith(("VTE", "foot")):
        found |= {"VTE_VERSION": program}
    return found


class TerminalSurface:
    """Bell and notification of one terminal. Never blocks.

    Args:
        write: Puts a sequence on the terminal, past whatever draws on it.
        where: As of `outside`.
        has_bell: Whether it rings.
    """

    def __init__(self, write: Write, where: Outside, *, has_bell: bool = True) -> None:
        self._write = write
        self._where = where
        self._has_bell = has_bell

    def show(self, text: str, *, is_urgent: bool) -> None:
        bell = BELL if self._has_bell and is_urgent else ""
        self._put(bell + self._where.show(text))

    def again(self) -> None:
        self._put(BELL if self._has_bell else "")

    def take_back(self) -> None:
        self._put(self._where.take_back())

    def _put(self, text: str) -> None:
        if text:
            self._write(text)
