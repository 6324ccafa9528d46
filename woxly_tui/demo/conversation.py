"""Who of the talkers says something when: turns, overlaps, mutes, and silence for guests.

No sound and no clock here: the caller passes the time and does what it is told.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from woxly_tui.types import Identity, Seconds

TURN_S: Final = (1.5, 4.0)
GAP_S: Final = (0.4, 1.1)
OVERLAP_S: Final = (0.3, 0.8)
OVERLAP_CHANCE: Final = 0.2

BREAK_S: Final = (3.0, 4.5)
BREAK_EVERY_TURNS: Final = (6, 10)
"""After so many turns both fall silent for a while."""

POLITE_S: Final = (1.5, 2.5)
"""How long both wait after a guest or Echo has finished."""

MUTE_EVERY_S: Final = (18.0, 30.0)
MUTE_S: Final = (4.0, 8.0)


@dataclass(frozen=True, slots=True)
class Say:
    """Begin an utterance."""

    who: Identity
    seconds: float


@dataclass(frozen=True, slots=True)
class Hush:
    """Stop talking at once."""

    who: Identity


@dataclass(frozen=True, slots=True)
class Mute:
    """Mute the track, or open it again."""

    who: Identity
    on: bool


Act: TypeAlias = Say | Hush | Mute


class Conversation:
    """Two or more people who let each other finish, mostly."""

    def __init__(self, people: Sequence[Identity], rng: random.Random) -> None:
        self._people = tuple(people)
        self._rng = rng
        self._last = self._people[-1]
        self._talking: dict[Identity, float] = {}
        self._muted: dict[Identity, float] = {}
        self._next_turn = 1.0
        self._next_mute = self._pick(MUTE_EVERY_S)
        self._turns_to_break = rng.randint(*BREAK_EVERY_TURNS)
        self._is_yielding = False

    def step(self, now: Seconds, *, is_floor_taken: bool) -> list[Act]:
        """What to do now. Call often, with a time that starts near 0.

        Args:
            now: Seconds since the conversation began.
            is_floor_taken: Somebody else is talking, or Echo replies.
        """
        self._talking = {who: end for who, end in self._talking.items() if end > now}
        acts: list[Act] = [Mute(who, on=False) for who, end in self._muted.items() if end <= now]
        self._muted = {who: end for who, end in self._muted.items() if end > now}
        if is_floor_taken:
            acts += [Hush(who) for who in self._talking]
            self._talking.clear()
            self._next_turn = math.inf
            self._is_yielding = True
        elif self._is_yielding:
            self._is_yielding = False
            self._next_turn = now + self._pick(POLITE_S)
        acts += self._maybe_mute(now)
        if now >= self._next_turn:
            acts += self._take_turn(now)
        return acts

    def _maybe_mute(self, now: float) -> list[Act]:
        """Mute the one who spoke last, once they are silent."""
        if now < self._next_mute or self._muted or self._last in self._talking:
            return []
        self._muted[self._last] = now + self._pick(MUTE_S)
        self._next_mute = now + self._pick(MUTE_EVERY_S)
        return [Mute(self._last, on=True)]

    def _take_turn(self, now: float) -> list[Act]:
        able = [who for who in self._people if who not in self._muted and who not in self._talking]
        others = [who for who in able if who != self._last]
        if not able:
            self._next_turn = now + self._pick(GAP_S)
            return []
        who = self._rng.choice(others or able)
        seconds = self._pick(TURN_S)
        self._talking[who] = now + seconds
        self._last = who
        self._next_turn = now + seconds + self._pause()
        return [Say(who, seconds)]

    def _pause(self) -> float:
        """Time from the end of this turn to the next; negative where they overlap."""
        self._turns_to_break -= 1
        if self._turns_to_break <= 0:
            self._turns_to_break = self._rng.randint(*BREAK_EVERY_TURNS)
            return self._pick(BREAK_S)
        if self._rng.random() < OVERLAP_CHANCE:
            return -self._pick(OVERLAP_S)
        return self._pick(GAP_S)

    def _pick(self, span: tuple[float, float]) -> float:
        return self._rng.uniform(*span)
