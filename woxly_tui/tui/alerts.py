"""What makes itself heard outside the window: a ring, and its end. The screen only calls these."""

from collections.abc import Callable
from typing import Protocol, TypeAlias


class Alerts(Protocol):
    """`notify.Notifier` is one. Called on the event loop; must not block."""

    is_quiet: bool
    """The user does not want to hear of anybody."""

    def ring(self, who: str) -> None:
        """Somebody rings, or rings still."""

    def over(self) -> None:
        """Nobody rings any more."""

    def missed(self, who: str) -> None:
        """Somebody rang in vain."""


MakeAlerts: TypeAlias = Callable[[Callable[[str], object]], Alerts]
"""Given what puts a sequence on the terminal, past the picture."""
