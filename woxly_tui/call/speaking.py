"""Who is speaking, from levels: a threshold with hysteresis and a hangover."""

from collections.abc import Mapping
from typing import Final

from woxly_tui.call.snapshot import ParticipantLevel
from woxly_tui.types import SILENCE_DBFS, Dbfs, Identity, Seconds

ATTACK_DBFS: Final = Dbfs(-45.0)
"""At this level someone starts to speak."""

RELEASE_DBFS: Final = Dbfs(-52.0)
"""Below this level someone may have stopped."""

HANGOVER: Final = Seconds(0.5)
"""How long below RELEASE_DBFS before the word goes: pauses between words are shorter."""


class SpeakingDetector:
    """Turns changed levels into levels with a verdict. Pure; time is passed in."""

    def __init__(self) -> None:
        self._levels: dict[Identity, Dbfs] = {}
        self._speaking: dict[Identity, Seconds | None] = {}

    def hear(self, levels: Mapping[Identity, Dbfs], now: Seconds) -> tuple[ParticipantLevel, ...]:
        """Take levels that changed; returns them with who is speaking."""
        for identity, level in levels.items():
            if level <= SILENCE_DBFS and identity not in self._levels:
                continue  # a last word about somebody who has left
            self._levels[identity] = level
            if level >= ATTACK_DBFS or (identity in self._speaking and level >= RELEASE_DBFS):
                self._speaking[identity] = None
            elif self._speaking.get(identity, now) is None:
                self._speaking[identity] = Seconds(now + HANGOVER)
        changed = dict.fromkeys(key for key in (*levels, *self._expire(now)) if key in self._levels)
        return tuple(
            ParticipantLevel(identity, self._levels[identity], identity in self._speaking)
            for identity in changed
        )

    def _expire(self, now: Seconds) -> list[Identity]:
        ended = [key for key, at in self._speaking.items() if at is not None and at <= now]
        for identity in ended:
            del self._speaking[identity]
        return ended

    def next_deadline(self) -> Seconds | None:
        """When `hear` has something to say even without a new level."""
        return min((at for at in self._speaking.values() if at is not None), default=None)

    def silence(self) -> tuple[ParticipantLevel, ...]:
        """The session is gone: everyone is silent, and nobody known."""
        silent = tuple(
            ParticipantLevel(key, SILENCE_DBFS, is_speaking=False) for key in self._levels
        )
        self._levels.clear()
        self._speaking.clear()
        return silent

    def forget(self, identity: Identity) -> None:
        """A participant is gone."""
        self._levels.pop(identity, None)
        self._speaking.pop(identity, None)
