"""Text from elsewhere on its way to standard output."""

import unicodedata
from typing import Final

_JOINERS: Final = "\u200c\u200d"
"""Which emoji and some scripts need between letters."""


def harmless(text: str) -> str:
    """Text as one line without control characters, escapes or direction overrides."""
    return "".join(
        " " if unicodedata.category(char)[0] == "C" and char not in _JOINERS else char
        for char in text
    )
