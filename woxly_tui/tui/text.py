"""Outside text and times, measured and cut in terminal cells."""

import unicodedata
from typing import Final

from rich.cells import cell_len, split_graphemes

from woxly_tui.types import Seconds

_ZERO_WIDTH_JOINER: Final = "\u200d"
LEFT_TO_RIGHT_MARK: Final = "\u200e"
_REGIONAL_INDICATOR_A: Final = 0x1F1E6
_MAX_LINE_CHARS: Final = 400


def plain(raw: str) -> str:
    """Any text as one line without control characters, escapes or direction overrides."""
    kept = (
        " " if char in "\t\r\n\v\f" else char
        for char in raw[: _MAX_LINE_CHARS * 2]
        if char in "\t\r\n\v\f\u200c\u200d" or not unicodedata.category(char).startswith("C")
    )
    line = " ".join("".join(kept).split())
    return line if len(line) <= _MAX_LINE_CHARS else line[: _MAX_LINE_CHARS - 1] + "…"


def steady(text: str) -> str:
    """Text whose width all terminals agree on.

    They differ on joined, tinted and flag emoji, so these fall apart into their plain
    parts. A left-to-right mark ends right-to-left text, so that a terminal that reorders
    does not pull the figures after it in.
    """
    kept: list[str] = []
    is_rtl = False
    for char in text:
        code = ord(char)
        if char == _ZERO_WIDTH_JOINER or 0xFE00 <= code <= 0xFE0F or code == 0x20E3:
            continue
        if 0x1F3FB <= code <= 0x1F3FF or 0xE0000 <= code <= 0xE01EF:
            continue
        if _REGIONAL_INDICATOR_A <= code < _REGIONAL_INDICATOR_A + 26:
            char = chr(ord("A") + code - _REGIONAL_INDICATOR_A)
        is_rtl = is_rtl or unicodedata.bidirectional(char) in ("R", "AL")
        kept.append(char)
    return "".join(kept) + (LEFT_TO_RIGHT_MARK if is_rtl else "")


def fit(text: str, width: int) -> str:
    """Text in exactly `width` cells: padded, or cut with an ellipsis."""
    return clip(text, width) + " " * (width - cell_len(clip(text, width)))


def clip(text: str, width: int) -> str:
    """Text in at most `width` cells, cut with an ellipsis where it is longer."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return text
    kept = ""
    used = 0
    for start, end, cells in split_graphemes(text)[0]:
        if used + cells > width - 1:
            break
        kept += text[start:end]
        used += cells
    mark = LEFT_TO_RIGHT_MARK if text.endswith(LEFT_TO_RIGHT_MARK) else ""
    return kept.rstrip() + "…" + mark


def wrap(text: str, width: int, max_lines: int) -> list[str]:
    """Text in lines of at most `width` cells, the last one cut when it does not fit."""
    lines: list[str] = []
    words = text.split()
    while words and len(lines) < max_lines - 1:
        line = words.pop(0)
        while words and cell_len(f"{line} {words[0]}") <= width:
            line = f"{line} {words.pop(0)}"
        lines.append(clip(line, width))
    if words:
        lines.append(clip(" ".join(words), width))
    return lines


def elapsed(seconds: float) -> str:
    """A span as 4:07 or 1:02:33, never negative."""
    total = max(0, int(seconds))
    minutes, rest = divmod(total, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def until_next_second(now: Seconds, start: Seconds) -> float:
    """How long until the whole seconds since `start` change."""
    return 1.0 - (now - start) % 1.0
