"""How often meters may move on this terminal, so that no key ever waits behind them.

    output ──► link ──► terminal           what a slow link does is told by
      ├ writes that have to wait             1. them: every queue is full by then
      └ a question ──► … ──► its answer      2. answers that come later than they could

The queues of a slow link hold many seconds of it before a write has to wait. So the terminal
is asked where its cursor is, behind some of the output; its answer says that all before it has
arrived. While one is late nothing more is painted; how late it came, with how many bytes
before it, says what the link carries. A terminal that answers nothing is judged by writes.

Pure: instants and durations are passed in. Use from the event loop.
"""

import math
from collections import deque
from collections.abc import Callable
from typing import Final

from woxly_tui.types import Seconds

QUESTION: Final = "\x1b[6n"
"""Where is the cursor? Every terminal since the VT100 answers, tmux and screen too."""

MAX_RATE_HZ: Final = 10.0
"""Reads as live, and is cheap."""

MIN_RATE_HZ: Final = 0.2

ASK_EVERY_S: Final = 0.25
ASK_AFTER_BYTES: Final = 60
"""A question costs four bytes; the clock of a silent call is not worth one."""

LATE_S: Final = 0.25
"""An answer that takes so much longer than the quickest one has output to wait for."""

PROMPT_S: Final = 0.08
"""An answer at most so much later had nothing to wait for."""

SHARE: Final = 0.5
"""Of what the link carries, for meters; the rest is for what keys change."""

FAST_BYTES_PER_S: Final = 20_000.0
"""A link that carries so much sets no limit."""

BLOCKED_SHARE: Final = 0.2
"""Of the time between two looks. Writing that has to wait for longer means a full queue."""

CALM_S: Final = 2.0
"""Without such waiting for so long, the rate it allows goes up."""

LOST_AFTER_S: Final = 15.0
"""An answer that does not come any more, as from a terminal that was detached."""

_GROWTH: Final = 1.5
_SMOOTHING: Final = 0.3
_REMEMBERED: Final = 32
"""Answers among which the quickest counts: a link's own delay may grow for good."""


class MeterPace:
    """Decides how often meters are painted. `blocked` is set by whoever writes."""

    def __init__(self) -> None:
        self.blocked: Callable[[], float] = lambda: 0.0
        """Seconds for which writing has had to wait, all in all; grows while it waits."""
        self._asked_at: Seconds | None = None
        self._last_asked_at = Seconds(-math.inf)
        self._unasked_bytes = 0
        self._awaited_bytes = 0
        self._paint_bytes = 0.0
        self._delays: deque[float] = deque(maxlen=_REMEMBERED)
        self._was_slow = False
        """The last answer was not prompt; one alone may be chance."""
        self._carries = math.inf
        """Bytes a second, as far as answers tell."""
        self._limit_hz = MAX_RATE_HZ
        """As far as waiting writes tell."""
        self._limited_at = Seconds(-math.inf)
        self._looked_at: Seconds | None = None
        self._blocked_before = 0.0

    @property
    def rate_hz(self) -> float:
        """Paints a second."""
        carried_hz = SHARE * self._carries / max(1.0, self._paint_bytes)
        return max(MIN_RATE_HZ, min(MAX_RATE_HZ, self._limit_hz, carried_hz))

    def interval(self) -> float:
        """Seconds from one paint to the next."""
        return 1.0 / self.rate_hz

    def asks(self, count: int, now: Seconds) -> bool:
        """This many bytes are about to be written: whether to put QUESTION behind them."""
        self._unasked_bytes += count
        self._paint_bytes += _SMOOTHING * (count - self._paint_bytes)
        if self._asked_at is not None and now - self._asked_at > LOST_AFTER_S:
            self._asked_at = None
            self._delays.clear()
        is_due = now - self._last_asked_at >= ASK_EVERY_S
        if self._asked_at is not None or not is_due or self._unasked_bytes < ASK_AFTER_BYTES:
            return False
        self._awaited_bytes, self._unasked_bytes = self._unasked_bytes, 0
        self._asked_at = self._last_asked_at = now
        return True

    def answered(self, now: Seconds) -> None:
        """The terminal answered: all written before the question is on its screen."""
        if self._asked_at is None:
            return
        delay = now - self._asked_at
        self._asked_at = None
        self._delays.append(delay)
        extra = delay - min(self._delays)
        was_slow, self._was_slow = self._was_slow, extra > PROMPT_S
        if extra > LATE_S or (was_slow and self._was_slow):
            self._carries = min(self._carries * _GROWTH, self._awaited_bytes / extra)
        elif not self._was_slow:
            self._carries *= _GROWTH
        if self._carries > FAST_BYTES_PER_S:
            self._carries = math.inf

    def look(self, now: Seconds) -> bool:
        """Whether meters may be painted at this instant. Ask before each paint."""
        self._look_at_writes(now)
        if self._asked_at is None or not self._delays:
            return True
        waited = now - self._asked_at
        return not min(self._delays) + LATE_S < waited <= LOST_AFTER_S

    def _look_at_writes(self, now: Seconds) -> None:
        blocked = self.blocked()
        span = now - self._looked_at if self._looked_at is not None else 0.0
        share = (blocked - self._blocked_before) / span if span > 0 else 0.0
        self._looked_at, self._blocked_before = now, blocked
        if share > BLOCKED_SHARE:
            self._limited_at = now
            self._limit_hz = max(MIN_RATE_HZ, self._limit_hz / 2)
        elif now - self._limited_at >= CALM_S:
            self._limited_at = now
            self._limit_hz = min(MAX_RATE_HZ, self._limit_hz * _GROWTH)
