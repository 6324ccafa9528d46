"""The push-to-talk key: one key, whoever presses it and from wherever. Pure; time is passed in.

    UP ──press──► HELD ──release──► TAIL ──TAIL──► UP        (TAIL in mode `talk` only)
    ▲               │ ▲               │
    │               │ └────press──────┘
    └───drop────────┘   the hold ends without a release: no link, no call, deafened, too long

A key that repeats, as a window manager's hotkeys do, presses again and again: that neither
opens anew what has just been closed nor makes a hold longer. What is bound to a connection
comes from a front end, which tells repeats from presses itself.
"""

from enum import Enum
from typing import Final

from woxly_tui.call.events import Moment, PttSet
from woxly_tui.call.snapshot import Ptt, PttMode
from woxly_tui.types import Seconds

TAIL: Final = Seconds(0.2)
"""How long the microphone stays open after the release: the finger is faster than the word."""

MAX_HOLD: Final = Seconds(60.0)
"""Longest hold: a release that got lost must not leave a microphone open for ever."""

WARN_BEFORE: Final = Seconds(10.0)
"""How long before the end of the longest hold the user is told."""

REPEAT_GAP: Final = Seconds(1.0)
"""Presses closer than this may be one key that repeats; the first repeat comes within 0.7 s."""


class PttDue(Enum):
    """What time has done to a hold."""

    CLOSES_SOON = "closes soon"
    TOO_LONG = "too long"


class PttKey:
    """The key of one call.

    Args:
        mode: What holding it does.
    """

    def __init__(self, mode: PttMode) -> None:
        self.mode: Final = mode
        self._hold: int | None = None
        """`at_ns` of the press that holds the key now: the name of the hold."""
        self._closes: Moment | None = None
        self._tail_until: Seconds | None = None
        self._has_warned = False
        self._is_spent = False
        """The last hold ended without a release, so its key may still be pressed, and repeat."""
        self._pressed_at: Seconds | None = None
        self._newest_ns = 0

    @property
    def is_active(self) -> bool:
        """Held, or released so lately that the tail is not over."""
        return self._hold is not None

    def opens(self, *, is_muted: bool) -> bool:
        """Whether the microphone is to be open over this wanted state of mute."""
        if self.mode is PttMode.TALK:
            return self.is_active or not is_muted
        return not (self.is_active or is_muted)

    def take(self, event: PttSet, now: Moment) -> None:
        """The key went down or up.

        Presses from one connection come in order; loose ones, each from a process of its own,
        may overtake each other, and are put in order by `at_ns`.
        """
        if not event.is_bound:
            if event.at_ns < self._newest_ns:
                return
            self._newest_ns = event.at_ns
        if event.is_down:
            self._press(event, now)
        else:
            self._release(now)

    def _press(self, event: PttSet, now: Moment) -> None:
        before, self._pressed_at = self._pressed_at, now.monotonic
        is_repeat = before is not None and now.monotonic < before + REPEAT_GAP
        if self._is_spent and is_repeat and not event.is_bound:
            return
        is_held = self.is_active and self._tail_until is None
        self._hold = event.at_ns
        self._is_spent = False
        self._tail_until = None
        if not is_held:
            self._has_warned = False
            self._closes = Moment(Seconds(now.monotonic + MAX_HOLD), Seconds(now.wall + MAX_HOLD))

    def _release(self, now: Moment) -> None:
        self._is_spent = False
        if not self.is_active or self._tail_until is not None:
            return
        self._closes = None
        if self.mode is PttMode.TALK:
            self._tail_until = Seconds(now.monotonic + TAIL)
        else:
            self._hold = None

    def is_held_by(self, at_ns: int) -> bool:
        """Whether the press of that moment is the one that holds the key."""
        return self._hold == at_ns

    def drop(self) -> bool:
        """End the hold without a release; returns whether there was one."""
        was_active = self.is_active
        self._is_spent = was_active and self._tail_until is None
        self._hold = self._closes = self._tail_until = None
        return was_active

    def pass_time(self, now: Seconds) -> PttDue | None:
        """End the tail, or say what is due; TOO_LONG is to be followed by `drop`."""
        if self._tail_until is not None and now >= self._tail_until:
            self._hold = self._tail_until = None
        if self._closes is None:
            return None
        if now >= self._closes.monotonic:
            return PttDue.TOO_LONG
        if not self._has_warned and now >= self._closes.monotonic - WARN_BEFORE:
            self._has_warned = True
            return PttDue.CLOSES_SOON
        return None

    def deadlines(self) -> list[Seconds]:
        """When `pass_time` has something to do."""
        due = [] if self._tail_until is None else [self._tail_until]
        if self._closes is not None:
            at = self._closes.monotonic
            due.append(at if self._has_warned else Seconds(at - WARN_BEFORE))
        return due

    def view(self) -> Ptt:
        """What the screen may claim."""
        closes_at = None if self._closes is None else self._closes.wall
        return Ptt(self.mode, self.is_active, closes_at)
