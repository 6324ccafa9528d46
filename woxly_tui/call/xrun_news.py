"""When to say that sound is lost on this machine. Pure; time is passed in."""

from collections import deque
from typing import Final

from woxly_tui.call.snapshot import Notice, Severity
from woxly_tui.types import Seconds

MANY: Final = 30
"""So many gaps within WITHIN, three a second, are heard as stutter. Fewer are single crackles."""

WITHIN: Final = Seconds(10.0)

AGAIN_AFTER: Final = Seconds(120.0)


class XrunNews:
    """Counts of one call, as they are told: ever growing, and anew with each backend."""

    def __init__(self) -> None:
        self._counts: deque[tuple[Seconds, int]] = deque(maxlen=64)
        self._said_at: Seconds | None = None

    def take(self, count: int | None, now: Seconds) -> Notice | None:
        """Take a count, None where there is none; returns what to tell of it."""
        if count is None or (self._counts and count < self._counts[-1][1]):
            self._counts.clear()
        if count is None:
            return None
        self._counts.append((now, count))
        while now - self._counts[0][0] > WITHIN:
            self._counts.popleft()
        is_told = self._said_at is not None and now - self._said_at < AGAIN_AFTER
        if is_told or count - self._counts[0][1] < MANY:
            return None
        self._said_at = now
        return Notice(
            Severity.WARNING,
            "Sound is lost on this machine: it stutters",
            "close what keeps it busy, or use another device; `woxly doctor` measures",
        )
