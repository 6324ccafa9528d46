"""Whether this terminal tells of key releases: the kitty keyboard protocol, asked for with care.

start ──► Textual's flags, query ──► answer? ──no──► no releases
                                       │ yes, and no multiplexer between
                                       ▼
                    flags with event types, query ──► all of them set? ──no──► back again
                                                        └─yes──► releases
"""

from collections.abc import Mapping
from enum import Enum
from typing import Final

QUERY: Final = "\x1b[?u"
"""Answered by `CSI ? flags u`, and by nothing at all where the protocol is unknown."""

TEXTUAL_FLAGS: Final = 25
"""What Textual pushes: disambiguate 1, all keys 8, associated text 16."""

RELEASE_FLAGS: Final = 27
"""The same with event types 2."""

_NEEDED: Final = 2 | 8
"""Without 8, space is a plain character that nobody sees released."""

TO_RELEASES: Final = f"\x1b[<u\x1b[>{RELEASE_FLAGS}u{QUERY}"
TO_TEXTUAL: Final = f"\x1b[<u\x1b[>{TEXTUAL_FLAGS}u"
"""Each takes off what lies on the terminal's stack of flags, so that one is left to restore."""


class _Stage(Enum):
    ASKED = "asked"
    TRIED = "tried"
    SETTLED = "settled"


class KittyProbe:
    """One try to get releases, from start to stop of the screen. Pure.

    Args:
        can_try: What comes between may be trusted; see `is_multiplexed`.
    """

    def __init__(self, *, can_try: bool) -> None:
        self._stage = _Stage.ASKED if can_try else _Stage.SETTLED
        self.has_releases = False

    @property
    def question(self) -> str:
        """What to write first."""
        return QUERY if self._stage is _Stage.ASKED else ""

    def hear(self, flags: int) -> str:
        """The terminal named its flags; returns what to write to it."""
        if self._stage is _Stage.ASKED:
            self._stage = _Stage.TRIED
            return TO_RELEASES
        if self._stage is _Stage.TRIED:
            self._stage = _Stage.SETTLED
            self.has_releases = flags & _NEEDED == _NEEDED
            return "" if self.has_releases else TO_TEXTUAL
        return ""


def is_multiplexed(environ: Mapping[str, str]) -> bool:
    """Whether tmux, screen or the like lies between: they answer for themselves, not for keys."""
    term = environ.get("TERM", "")
    names = ("TMUX", "STY", "ZELLIJ", "MOSH_CONNECTION", "MOSH_SERVER_PID")
    return term.startswith(("tmux", "screen")) or any(environ.get(name) for name in names)
