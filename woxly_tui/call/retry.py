"""When to try again, when to stop trying, and when to try without sound."""

from collections.abc import Callable
from typing import Final

from woxly_tui.call.events import Loss
from woxly_tui.types import Seconds

STABLE_AFTER: Final = Seconds(3.0)
"""A session that held this long owes nothing to the one before: its loss is retried at once."""

SOUND_AFTER: Final = Seconds(15.0)
"""The same for the sound, whose failure takes a few seconds to be noticed."""

FIRST_JOIN_FAILURES: Final = 3
"""Workers that may die before the first join succeeds; after that the user hears about it."""

TOKEN_REFUSALS: Final = 2
"""Refusals in a row, each with fresh credentials, that end an established call."""

AUDIO_LOSSES: Final = 3
"""Losses of the sound in a row after which the call goes on without any."""

_FIRST: Final = 0.5
_GROWTH: Final = 1.7
_LONGEST: Final = 12.0
_JITTER: Final = 0.3
"""Share of a wait that chance may take away, so that a room does not return as one herd."""


class RetrySchedule:
    """Counts what went wrong in a row. No wait after the first loss, then 0.5 s to 12 s, for ever.

    Args:
        random: Returns a number in [0, 1).
    """

    def __init__(self, random: Callable[[], float]) -> None:
        self._random = random
        self._connected_at: Seconds | None = None
        self.reset()

    def reset(self) -> None:
        """The user asked: nothing has gone wrong yet."""
        self._failures = self._refusals = self._audio_losses = 0

    def connected(self, now: Seconds) -> None:
        """A session began."""
        self._connected_at = now
        self._refusals = 0

    def lost(self, loss: Loss, now: Seconds) -> None:
        """A session or an attempt ended badly."""
        since, self._connected_at = self._connected_at, None
        held = Seconds(0.0) if since is None else Seconds(now - since)
        if held >= (SOUND_AFTER if loss is Loss.AUDIO else STABLE_AFTER):
            self._failures = 0
        if held >= SOUND_AFTER:
            self._audio_losses = 0
        if loss is Loss.AUDIO:
            self._audio_losses += 1

    def refused(self) -> None:
        """The server refused the token."""
        self._refusals += 1

    @property
    def is_refused_for_good(self) -> bool:
        """Fresh credentials do not help."""
        return self._refusals >= TOKEN_REFUSALS

    @property
    def is_beyond_first_join(self) -> bool:
        """A first join has failed too often to go on in silence."""
        return self._failures >= FIRST_JOIN_FAILURES

    @property
    def has_given_up_sound(self) -> bool:
        """The sound devices fail again and again: join without them."""
        return self._audio_losses >= AUDIO_LOSSES

    def next_wait(self) -> Seconds:
        """The wait before the next attempt; counts one failure."""
        failures, self._failures = self._failures, self._failures + 1
        if failures == 0:
            return Seconds(0.0)
        # The exponent is bounded because a call may stay unreachable for days.
        wait = min(_LONGEST, _FIRST * _GROWTH ** min(failures - 1, 16))
        return Seconds(wait * (1 - _JITTER * self._random()))
