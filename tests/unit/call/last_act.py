"""What the user's last act allows to be sent, told a second time and without the machine."""

from dataclasses import dataclass, field

from woxly_tui.call.ptt import MAX_HOLD, TAIL
from woxly_tui.call.snapshot import PttMode


@dataclass
class LastAct:
    """Follows the acts of a user who has one key, one mute and one deafen."""

    mode: PttMode
    is_muted: bool
    is_deafened: bool = False
    held_since: float | None = None
    released_at: float = field(default=float("-inf"))

    def press(self, now: float, *, is_in_call: bool) -> None:
        self.expire(now)
        if is_in_call and not self.is_deafened and self.held_since is None:
            self.held_since = now

    def release(self, now: float) -> None:
        self.expire(now)
        if self.held_since is not None:
            self.held_since = None
            self.released_at = now

    def mute(self, on: bool) -> None:
        if on:
            self.end_hold()
        self.is_muted = on

    def toggle_mute(self, now: float) -> None:
        self.expire(now)
        self.mute(self._is_holding(now) or not self.is_muted)

    def deafen(self, on: bool) -> None:
        if on:
            self.end_hold()
        self.is_deafened = on

    def end_hold(self) -> None:
        """Something other than the user ended it."""
        if self.held_since is not None and self.mode is PttMode.MUTE:
            self.is_muted = True
        self.held_since = None
        self.released_at = float("-inf")

    def expire(self, now: float) -> None:
        if self.held_since is not None and now >= self.held_since + MAX_HOLD:
            self.end_hold()

    def _is_holding(self, now: float) -> bool:
        has_tail = self.mode is PttMode.TALK
        return self.held_since is not None or (has_tail and now < self.released_at + TAIL)

    def allows(self, now: float) -> bool:
        """Whether anything may be sent."""
        self.expire(now)
        if self.is_deafened:
            return False
        if self.mode is PttMode.TALK:
            return self._is_holding(now) or not self.is_muted
        return not (self._is_holding(now) or self.is_muted)
