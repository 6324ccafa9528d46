"""What a notification says: one clean, short line."""

from typing import Final

from woxly_tui._lib.text import clean_name

TITLE: Final = "woxly"

MAX_CHARS: Final = 80
"""GNU screen passes on some 250 bytes at once; more would not be read anyway."""


def ringing(who: str) -> str:
    """Somebody rings us."""
    return _short(f"{clean_name(who, 'somebody')} is calling you")


def missed(who: str) -> str:
    """Somebody rang in vain."""
    return _short(f"missed call from {clean_name(who, 'somebody')}")


def _short(text: str) -> str:
    return text if len(text) <= MAX_CHARS else text[: MAX_CHARS - 1].rstrip() + "…"
