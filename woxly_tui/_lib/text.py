"""Text from other people, made harmless before it is stored, logged or drawn."""

import re
import unicodedata
from typing import Final

MAX_NAME_CHARS: Final = 64
"""Longest name kept; the SFU itself allows far more."""

MAX_TEXT_BYTES: Final = 16384
"""Longest text kept, in UTF-8: some 200 lines of a build."""

MAX_TEXT_LINES: Final = 1000

_TAB_CELLS: Final = 4

_MAX_BLANK_LINES: Final = 2
"""Empty lines kept in a row."""

_ESCAPES: Final = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)"
)
"""Whole sequences for a terminal: colours, titles, links."""

_LINE_ENDS: Final = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")

_JOINERS: Final = frozenset("\u200c\u200d")
"""Zero-width joiners, which emoji and some scripts need between letters."""

_WORD: Final = re.compile(r"[A-Za-z][a-z]*,?(?=\s|$)")
"""A word of a sentence; whatever has more than letters is a path, a host, a flag or a brand."""

_MAX_MARKS: Final = 3
"""Combining marks kept on one letter; more only serve to paint over the neighbours."""


def clean_name(raw: str, fallback: str = "?") -> str:
    """One line of visible text, at most MAX_NAME_CHARS long.

    Control characters, terminal escapes, line breaks, bidirectional overrides, private-use
    and unassigned code points are removed; runs of white space become one space.

    Args:
        raw: Anything another person may have chosen.
        fallback: What to return when nothing visible is left.
    """
    kept: list[str] = []
    marks = 0
    for char in raw[: MAX_NAME_CHARS * 8]:
        category = unicodedata.category(char)
        if category.startswith("Z") or char in "\t\r\n\v\f":
            char, category = " ", "Zs"
        elif category.startswith("C") and not (char in _JOINERS and kept):
            continue
        marks = marks + 1 if category.startswith("M") else 0
        if marks <= _MAX_MARKS:
            kept.append(char)
    name = " ".join("".join(kept).split()).strip("".join(_JOINERS) + " ")
    if len(name) > MAX_NAME_CHARS:
        name = name[: MAX_NAME_CHARS - 1].rstrip() + "…"
    return name if any(not unicodedata.category(c).startswith("M") for c in name) else fallback


def clean_lines(raw: str) -> str:
    """Lines of visible text, ended by line feeds alone, none empty at either end.

    Terminal escapes, control characters, bidirectional overrides, private-use and unassigned
    code points are removed; tabs become spaces.

    Args:
        raw: Anything another person, or a program, may have written.
    """
    lines: list[str] = []
    blank = 0
    for line in _LINE_ENDS.sub("\n", _ESCAPES.sub("", raw)).split("\n"):
        visible = _visible(line).rstrip()
        blank = 0 if visible else blank + 1
        if blank <= _MAX_BLANK_LINES and (visible or lines):
            lines.append(visible)
    return "\n".join(lines).rstrip()


def clean_text(raw: str, *, is_cut: bool = False) -> str:
    """As `clean_lines`, in at most MAX_TEXT_BYTES and MAX_TEXT_LINES; cut with an ellipsis.

    Args:
        raw: Anything another person, or a program, may have written.
        is_cut: There was more of it.
    """
    lines = clean_lines(raw[: MAX_TEXT_BYTES * 2]).split("\n")
    is_cut = is_cut or len(raw) > MAX_TEXT_BYTES * 2 or len(lines) > MAX_TEXT_LINES
    encoded = "\n".join(lines[:MAX_TEXT_LINES]).encode()
    if not is_cut and len(encoded) <= MAX_TEXT_BYTES:
        return encoded.decode()
    ellipsis = "…".encode()
    return encoded[: MAX_TEXT_BYTES - len(ellipsis)].decode(errors="ignore").rstrip() + "…"


def with_capital(message: str) -> str:
    """A message as the beginning of a sentence; a path, a host or a key stays as it is written.

    Messages that begin with something a person chose say a word of ours before it.

    Args:
        message: What happened, in lower case as errors are.
    """
    return message[:1].upper() + message[1:] if _WORD.match(message) else message


def without_capital(sentence: str) -> str:
    """A sentence as part of another one; a brand at its beginning stays as it is written."""
    return sentence[:1].lower() + sentence[1:] if _WORD.match(sentence) else sentence


def is_too_long(text: str) -> bool:
    """Whether `clean_text` would cut a clean text."""
    return len(text.encode()) > MAX_TEXT_BYTES or text.count("\n") >= MAX_TEXT_LINES


def _visible(line: str) -> str:
    kept: list[str] = []
    marks = 0
    for char in line:
        category = unicodedata.category(char)
        if char == "\t":
            kept.extend(" " * _TAB_CELLS)
            continue
        if category.startswith("Z"):
            char = " "
        elif category.startswith("C") and not (char in _JOINERS and kept):
            continue
        marks = marks + 1 if category.startswith("M") else 0
        if marks <= _MAX_MARKS:
            kept.append(char)
    is_mark_only = all(unicodedata.category(c)[0] in "MZC" for c in kept)
    return "" if is_mark_only else "".join(kept)
