"""Quality and round-trip time of our own connection, calm enough to be shown."""

from typing import Final

from woxly_tui.media.messages import LinkMeasured, LinkQuality
from woxly_tui.types import Seconds

MIN_INTERVAL_S: Final = 1.0
"""Shortest time between two reports."""

_SMOOTHING: Final = 0.3

_STEPS_MS: Final = ((20, 2), (100, 5), (300, 10))
"""Below each limit, round-trip times are told in steps of so many ms; above all, in 50."""

_STICKINESS: Final = 0.8
"""A shown time stays until the truth is this share of a step away from it."""


class LinkMeter:
    """Decides what to say about our connection, and when."""

    def __init__(self, session: int) -> None:
        self._session = session
        self._quality = LinkQuality.UNKNOWN
        self._smooth_ms: float | None = None
        self._shown: LinkMeasured | None = None
        self._said_at: Seconds | None = None

    def set_quality(self, quality: LinkQuality) -> None:
        """What the server last said of us."""
        self._quality = quality

    def note_rtt(self, rtt_s: float | None) -> None:
        """A fresh round-trip time; None or 0 where none was measured."""
        if not rtt_s:
            return
        rtt_ms = rtt_s * 1000
        if self._smooth_ms is None:
            self._smooth_ms = rtt_ms
        self._smooth_ms += _SMOOTHING * (rtt_ms - self._smooth_ms)

    @property
    def rtt_ms(self) -> int | None:
        """The smoothed round-trip time; None where none was measured."""
        return round(self._smooth_ms) if self._smooth_ms is not None else None

    def report(self, now: Seconds) -> LinkMeasured | None:
        """What to say now, if anything changed and it is not too soon."""
        if self._said_at is not None and now - self._said_at < MIN_INTERVAL_S:
            return None
        shown_ms = self._shown.rtt_ms if self._shown is not None else None
        said = LinkMeasured(self._session, self._quality, calm_rtt_ms(self._smooth_ms, shown_ms))
        if said == self._shown:
            return None
        self._shown, self._said_at = said, now
        return said


def calm_rtt_ms(rtt_ms: float | None, shown_ms: int | None) -> int | None:
    """A round-trip time in steps, keeping to what is shown while that is near enough."""
    if rtt_ms is None:
        return None
    step = next((step for limit, step in _STEPS_MS if rtt_ms < limit), 50)
    if shown_ms is not None and abs(rtt_ms - shown_ms) <= step * _STICKINESS:
        return shown_ms
    return max(1, round(rtt_ms / step) * step)
