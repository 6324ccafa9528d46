"""What makes itself heard outside the window: a ring, and its end. The screen only calls these."""

from typing import Protocol


class Alerts(Protocol):
    """Called on the event loop; must not block."""

    def ring(self, who: str, *, is_silent: bool) -> None:
        """Somebody rings.

        Args:
            who: Their name, harmless.
            is_silent: The user does not want to hear of it.
        """

    def ring_over(self) -> None:
        """Nobody rings any more."""

    def missed(self, who: str) -> None:
        """Somebody rang in vain."""
