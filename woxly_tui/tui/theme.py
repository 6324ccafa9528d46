"""The two looks of woxly, and how a theme is asked for by name."""

import difflib
from typing import Final

from textual.theme import BUILTIN_THEMES, Theme

from woxly_tui.errors import UsageError

DARK: Final = Theme(
    name="woxly-dark",
    dark=True,
    primary="#7aa2d6",
    secondary="#b79ae0",
    accent="#7aa2d6",
    foreground="#d3d8e0",
    background="#12151b",
    surface="#1a1e26",
    panel="#1f242e",
    success="#74c08a",
    warning="#e0b05f",
    error="#e27d79",
    variables={
        "meter": "#8fb8a0",
        "track": "#1a1e26",
        "quiet": "#7d8696",
        "scrollbar": "#39414f",
        "scrollbar-background": "#12151b",
        "scrollbar-hover": "#4b5566",
        "scrollbar-background-hover": "#12151b",
    },
)

LIGHT: Final = Theme(
    name="woxly-light",
    dark=False,
    primary="#2f639e",
    secondary="#74509f",
    accent="#2f639e",
    foreground="#252a33",
    background="#fbfaf7",
    surface="#f0eee8",
    panel="#e9e6de",
    success="#1f7a41",
    warning="#8f5a00",
    error="#b23a37",
    variables={
        "meter": "#4f8a66",
        "track": "#f0eee8",
        "quiet": "#6b7280",
        "scrollbar": "#c9c5ba",
        "scrollbar-background": "#fbfaf7",
        "scrollbar-hover": "#aaa598",
        "scrollbar-background-hover": "#fbfaf7",
    },
)

_SHORT_NAMES: Final = {"dark": DARK.name, "light": LIGHT.name}


def theme_name(asked: str | None) -> str:
    """The full name of a theme: ours by `dark` and `light`, Textual's by their own names.

    Raises:
        UsageError: There is no such theme; the remedy names the nearest.
    """
    name = _SHORT_NAMES.get(asked or "dark", asked or "")
    known = [*_SHORT_NAMES, DARK.name, LIGHT.name, *sorted(BUILTIN_THEMES)]
    if name in known:
        return name
    near = difflib.get_close_matches(name, known, n=1)
    raise UsageError(
        f"there is no theme {name!r}",
        f"did you mean {near[0]}?" if near else "themes are dark, light and Textual's own",
    )


def other_look(*, is_dark: bool) -> str:
    """Light for dark, and dark for light."""
    return LIGHT.name if is_dark else DARK.name
