"""How the long steps of getting a server are told to whoever shows them."""

from typing import Protocol


class Reporter(Protocol):
    """Hears what is going on. Called from the event loop; must not block."""

    def step(self, text: str) -> None:
        """A step began, named as a person would say it; the one before it is over."""

    def progress(self, done_bytes: int, total_bytes: int | None) -> None:
        """How far a download is; `total_bytes` is None where the server did not say."""

    def elapsed(self, seconds: float) -> None:
        """How long a step without a known end has been running."""

    def note(self, text: str) -> None:
        """Something to know that is not a step: a way that failed, a long wait ahead."""
