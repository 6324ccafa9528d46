"""The push-to-talk key as this screen sees it: which key holds it, and what its presses mean.

    key with releases, or mouse   down ──► press     up ──► release     twice, short ──► locked
    key without releases          tap ──► press      tap ──► release

The engine has the one true key. This decides only when to tell it that it went down or up.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from woxly_tui._lib.clock import Clock
from woxly_tui.call.snapshot import CallPhase, PttMode, Snapshot
from woxly_tui.control.messages import Command, SetMute, SetPtt
from woxly_tui.types import Seconds

PTT_KEYS: Final = ("f4", "space")
"""F4 always; space while nothing on the screen takes text."""

MOUSE: Final = "mouse"

SHORT_TAP: Final = Seconds(0.3)
"""A press let go of sooner is a tap."""

DOUBLE_TAP: Final = Seconds(0.4)
"""A tap that begins this soon after another one locks."""

TAP_GAP: Final = Seconds(0.75)
"""Without releases a key that repeats looks like taps, the second one 0.25 to 0.66 s after the
first: only after a longer pause does a tap open. It closes at any time."""


class Rung(StrEnum):
    """The best that this terminal can do."""

    HOLD = "hold (kitty)"
    TAP = "tap"


@dataclass(frozen=True, slots=True)
class PttLooks:
    """What the screen shows of it beyond the snapshot."""

    rung: Rung = Rung.TAP
    is_ours: bool = False
    """Held, locked or latched here, not by another front end."""
    is_locked: bool = False
    """Open until the next tap."""


class PttControl:
    """Presses in, commands out. Use from one event loop.

    Args:
        send: Sends a command to the engine.
        clock: Where the time comes from.
        taps_only: The user wants taps even where releases are told.
    """

    def __init__(
        self, send: Callable[[Command], None], clock: Clock, *, taps_only: bool = False
    ) -> None:
        self._send = send
        self._clock = clock
        self._taps_only = taps_only
        self._has_releases = False
        self._has_seen_types = False
        """The terminal has told a release or a repeat apart from a press, as it promised."""
        self._snapshot = Snapshot()
        self._holder = ""
        """The key, or the mouse, that is down and has our attention."""
        self._is_ours = False
        self._is_locked = False
        self._is_seen = False
        """The engine has confirmed our press: from then on it may also end it."""
        self._owes_release = False
        """The last thing we told the engine was a press."""
        self._is_closing = False
        """The press that is down has closed something: its release does nothing."""
        self._pressed_at = Seconds(float("-inf"))
        self._key_at = Seconds(float("-inf"))
        self._tap_before: tuple[str, float] = ("", 0.0)
        """Which key was tapped last, and when; not the tap that locked."""

    @property
    def looks(self) -> PttLooks:
        """What is to be shown now."""
        return PttLooks(self._rung, self._is_ours, self._is_locked)

    @property
    def _rung(self) -> Rung:
        return Rung.HOLD if self._has_releases and not self._taps_only else Rung.TAP

    def set_releases(self, *, has_releases: bool) -> None:
        """The terminal tells of key releases from now on, or not any more."""
        if has_releases != self._has_releases:
            self.interrupt()
            self._has_releases = has_releases
            self._has_seen_types = False

    def see(self, snapshot: Snapshot) -> None:
        """The engine's state: it may have ended what we began."""
        self._snapshot = snapshot
        if self._is_held:
            self._is_seen = self._is_ours
        elif self._is_seen or self._is_blocked:
            self._is_ours = self._is_locked = self._is_seen = False
            self._owes_release = bool(self._holder)

    @property
    def _is_held(self) -> bool:
        """The engine's key is down, whoever holds it; its tail does not count."""
        return self._snapshot.microphone.ptt.closes_at is not None

    @property
    def _is_blocked(self) -> bool:
        """The engine will refuse a press, and say why."""
        is_in_call = self._snapshot.phase is CallPhase.ESTABLISHED
        return not is_in_call or self._snapshot.microphone.wanted_deafened

    # What the user does

    def press(self, key: str) -> None:
        """A key of PTT_KEYS, or the mouse, went down, or repeats."""
        now = self._clock.monotonic()
        since_last, self._key_at = now - self._key_at, now
        if key != MOUSE and self._rung is Rung.TAP:
            self._tap(is_repeat=since_last < TAP_GAP)
            return
        if self._holder:
            is_mute_terminal = key == self._holder != MOUSE and not self._has_seen_types
            if is_mute_terminal and self._is_ours:
                self._holder = ""
                self._end()
            return
        self._holder, self._pressed_at = key, now
        self._is_closing = self._is_open
        if self._is_closing:
            self._end()
        else:
            self._begin()

    def note_repeat(self) -> None:
        """The terminal tells repeats from presses."""
        self._has_seen_types = True

    def release(self, key: str) -> None:
        """A key or the mouse went up."""
        if key != MOUSE:
            self._has_seen_types = True
        if key != self._holder:
            return
        now = self._clock.monotonic()
        self._holder = ""
        if self._is_closing or not (self._is_ours or self._owes_release):
            return
        is_tap = key != MOUSE and now - self._pressed_at < SHORT_TAP
        tapped, tapped_at = self._tap_before
        if is_tap and key == tapped and self._pressed_at - tapped_at < DOUBLE_TAP:
            self._is_locked = True
            self._tap_before = ("", 0.0)
            return
        self._tap_before = (key, now) if is_tap else ("", 0.0)
        self._end()

    def toggle(self) -> None:
        """Asked for by name: open, or close."""
        if self._is_open:
            self._end()
        else:
            self._begin()
            self._is_locked = self._is_ours

    def interrupt(self) -> None:
        """No release may come any more: end what is held here, in the way that sends nothing."""
        self._holder = ""
        if self._is_ours or self._owes_release:
            self._end(is_release=False)

    # What comes of it

    @property
    def _is_open(self) -> bool:
        return self._is_ours or self._is_held

    def _tap(self, *, is_repeat: bool) -> None:
        if self._is_open:
            self._end()
        elif not is_repeat:
            self._begin()
            self._is_locked = self._is_ours

    def _begin(self) -> None:
        self._is_ours = not self._is_blocked
        self._is_seen = False
        self._owes_release = True
        self._send(SetPtt(is_down=True, at_ns=self._now_ns(), is_bound=True))

    def _end(self, *, is_release: bool = True) -> None:
        is_held = self._is_open
        self._is_ours = self._is_locked = self._is_seen = self._owes_release = False
        if is_held and not is_release and self._snapshot.microphone.ptt.mode is PttMode.MUTE:
            self._send(SetMute(on=True))
        else:
            self._send(SetPtt(is_down=False, at_ns=self._now_ns(), is_bound=True))

    def _now_ns(self) -> int:
        return round(self._clock.monotonic() * 1e9)
