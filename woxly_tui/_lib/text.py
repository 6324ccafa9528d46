"""Text from other people, made harmless before it is stored, logged or drawn."""

import unicodedata
from typing import Final

MAX_NAME_CHARS: Final = 64
"""Longest name kept; the SFU itself allows far more."""

_JOINERS: Final = frozenset("\u200c\u200d")
"""Zero-width joiners, which emoji and some scripts need between letters."""

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
