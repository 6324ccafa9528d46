"""Calls the user when somebody rings, on every surface there is; silent where they want quiet."""

from collections.abc import Sequence
from typing import Protocol

from woxly_tui.notify import words


class Surface(Protocol):
    """Something that a notification appears on. Nothing here blocks or raises."""

    def show(self, text: str, *, is_urgent: bool) -> None:
        """Show a clean line, in place of what is shown.

        Args:
            text: Of `notify.words`.
            is_urgent: Somebody waits for an answer.
        """

    def again(self) -> None:
        """It rings still."""

    def take_back(self) -> None:
        """It is over: show nothing."""


class Notifier:
    """One for each front end (its terminal), and one in the engine (the desktop).

    Args:
        surfaces: Where it shows.
    """

    def __init__(self, surfaces: Sequence[Surface]) -> None:
        self._surfaces = tuple(surfaces)
        self._ringing: str | None = None
        self._is_quiet = False

    def ring(self, who: str, *, is_silent: bool = False) -> None:
        """Somebody rings; said again of the same one, only the bell rings again.

        Args:
            who: Their name, as they chose it.
            is_silent: Do not disturb: nothing is shown or heard, and nothing of its end.
        """
        self._is_quiet = is_silent
        if is_silent:
            return
        text = words.ringing(who)
        if text == self._ringing:
            for surface in self._surfaces:
                surface.again()
            return
        self._ringing = text
        for surface in self._surfaces:
            surface.show(text, is_urgent=True)

    def ring_over(self) -> None:
        """Nobody rings any more: answered, refused, cancelled."""
        if self._ringing is None:
            return
        self._ringing = None
        for surface in self._surfaces:
            surface.take_back()

    def missed(self, who: str) -> None:
        """Nobody answered."""
        self.ring_over()
        if not self._is_quiet:
            for surface in self._surfaces:
                surface.show(words.missed(who), is_urgent=False)
