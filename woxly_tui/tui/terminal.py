"""Whether this terminal can show a screen at all. Imports nothing heavy."""

import os
import sys
from typing import Final

_TOO_SIMPLE: Final = frozenset({"", "dumb", "unknown"})


_WITHOUT_LINKS: Final = frozenset({"linux", "screen"})
"""Terminals that might print what they do not know of a hyperlink."""


def takes_hyperlinks() -> bool:
    """Whether text may carry an address for the terminal itself to open (OSC 8)."""
    return os.environ.get("TERM", "").partition("-")[0] not in _WITHOUT_LINKS


def terminal_problem() -> str | None:
    """Why the call screen cannot be shown here, as a sentence with its remedy; None if it can."""
    streams = (("input", sys.stdin), ("output", sys.stdout), ("error output", sys.stderr))
    for name, stream in streams:
        try:
            is_terminal = stream is not None and stream.isatty()
        except ValueError:
            is_terminal = False
        if not is_terminal:
            return f"standard {name} is not a terminal: run woxly in one, or use --plain"
    term = os.environ.get("TERM", "")
    if term in _TOO_SIMPLE:
        shown = f"TERM is {term!r}" if term else "TERM is not set"
        return f"{shown}, which cannot show a screen: set TERM=xterm-256color, or use --plain"
    return None
