"""What Echo hears and gives back: one Ear per guest, one Memory of what to say next.

guest's track ─► Ear ─ utterance ─► Memory ─ in turn ─► Echo's mouth
"""

import math
from collections import deque
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

import numpy as np

from woxly_tui.demo.voice import Samples
from woxly_tui.types import Identity

RATE_HZ: Final = 48_000
FRAME_MS: Final = 20
_FRAME_S: Final = FRAME_MS / 1000.0

END_SILENCE_S: Final = 0.7
"""Silence that ends an utterance."""

MAX_UTTERANCE_S: Final = 6.0
"""Longest piece given back; the rest of a longer speech is not kept."""

MAX_PENDING: Final = 4
"""Utterances that may wait to be given back; the oldest goes first when there are more."""

_PREROLL_FRAMES: Final = 12
"""Kept from before the threshold was passed, so that no first sound is cut off."""

_KEPT_TAIL_FRAMES: Final = 6
_ONSET_FRAMES: Final = 2
"""Loud frames in a row that begin an utterance: a click is shorter."""

_MARGIN_DB: Final = 10.0
_HYSTERESIS_DB: Final = 4.0
_MIN_THRESHOLD_DBFS: Final = -55.0
_MAX_THRESHOLD_DBFS: Final = -25.0
_FLOOR_FALL: Final = 0.2
_FLOOR_RISE_DB: Final = 2.0 * _FRAME_S
"""The noise floor follows falling levels at once and rising ones by 2 dB a second."""

_SILENCE_DBFS: Final = -90.0


def level_dbfs(frame: Samples) -> float:
    """RMS of a frame."""
    wide = frame.astype(np.float32)
    power = float(np.dot(wide, wide)) / max(len(frame), 1) / 32768.0**2
    return max(10.0 * math.log10(power), _SILENCE_DBFS) if power > 0.0 else _SILENCE_DBFS


class Ear:
    """Cuts one guest's sound into utterances, by a threshold above their own noise."""

    def __init__(self) -> None:
        self._floor_dbfs = -60.0
        self._preroll: deque[Samples] = deque(maxlen=_PREROLL_FRAMES)
        self._kept: list[Samples] = []
        self._loud_in_a_row = 0
        self._quiet_in_a_row = 0

    @property
    def is_hearing(self) -> bool:
        """An utterance has begun and not ended."""
        return bool(self._kept)

    @property
    def threshold_dbfs(self) -> float:
        """Level from which sound counts as speech."""
        wanted = self._floor_dbfs + _MARGIN_DB
        return min(max(wanted, _MIN_THRESHOLD_DBFS), _MAX_THRESHOLD_DBFS)

    def hear(self, frame: Samples) -> Samples | None:
        """Take 20 ms; returns an utterance when one has just ended."""
        level = level_dbfs(frame)
        threshold = self.threshold_dbfs
        self._follow_floor(level)
        if not self._kept:
            self._wait_for_onset(frame, is_loud=level > threshold)
            return None
        self._kept.append(frame)
        is_quiet = level < threshold - _HYSTERESIS_DB
        self._quiet_in_a_row = self._quiet_in_a_row + 1 if is_quiet else 0
        is_over = self._quiet_in_a_row * _FRAME_S >= END_SILENCE_S
        if is_over or len(self._kept) * _FRAME_S >= MAX_UTTERANCE_S:
            return self.flush()
        return None

    def flush(self) -> Samples | None:
        """End the utterance now: the guest left, or muted for good."""
        if not self._kept:
            return None
        excess = max(self._quiet_in_a_row - _KEPT_TAIL_FRAMES, 0)
        heard = np.concatenate(self._kept[: len(self._kept) - excess])
        self.forget()
        return heard

    def forget(self) -> None:
        """Drop what was heard so far."""
        self._kept = []
        self._preroll.clear()
        self._loud_in_a_row = self._quiet_in_a_row = 0

    def _wait_for_onset(self, frame: Samples, *, is_loud: bool) -> None:
        self._preroll.append(frame)
        self._loud_in_a_row = self._loud_in_a_row + 1 if is_loud else 0
        if self._loud_in_a_row >= _ONSET_FRAMES:
            self._kept = list(self._preroll)
            self._quiet_in_a_row = 0

    def _follow_floor(self, level: float) -> None:
        if level < self._floor_dbfs:
            self._floor_dbfs += (level - self._floor_dbfs) * _FLOOR_FALL
        else:
            self._floor_dbfs += min(level - self._floor_dbfs, _FLOOR_RISE_DB)


class Cause(Enum):
    """What an utterance was said over; Echo must never answer its own echo for ever."""

    SILENCE = auto()
    REPLY = auto()
    """It began while Echo replied to somebody else: perhaps Echo, heard through a loudspeaker."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """Something to give back."""

    who: Identity
    samples: Samples
    cause: Cause


class Memory:
    """Hears every guest and hands out what to say, one utterance at a time.

    While a guest's words are given back, that guest is not recorded; while an utterance is
    given back that itself began during a reply, nobody is. So loudspeakers without echo
    cancelling cannot keep Echo talking to itself.
    """

    def __init__(self) -> None:
        self._ears: dict[Identity, Ear] = {}
        self._causes: dict[Identity, Cause] = {}
        self._pending: deque[Utterance] = deque(maxlen=MAX_PENDING)
        self._reply: Utterance | None = None

    @property
    def is_busy(self) -> bool:
        """A guest talks, or Echo has something to say: others had better be silent."""
        return bool(self._reply or self._pending) or any(
            ear.is_hearing for ear in self._ears.values()
        )

    def hear(self, who: Identity, frame: Samples) -> None:
        """Take 20 ms of a guest."""
        ear = self._ears.setdefault(who, Ear())
        was_hearing = ear.is_hearing
        said = ear.hear(frame)
        if not was_hearing and ear.is_hearing:
            if self._is_deaf_to(who):
                ear.forget()
                return
            self._causes[who] = Cause.REPLY if self._reply else Cause.SILENCE
        if said is not None:
            self._keep(who, said)

    def leave(self, who: Identity) -> None:
        """A guest's track is gone: what they said last is still given back."""
        ear = self._ears.pop(who, None)
        if ear is not None and (said := ear.flush()) is not None:
            self._keep(who, said)
        self._causes.pop(who, None)

    def next_reply(self) -> Samples | None:
        """What to say now; to be called whenever Echo is silent."""
        self._reply = None
        if not self._pending or any(ear.is_hearing for ear in self._ears.values()):
            return None
        self._reply = self._pending.popleft()
        if ear := self._ears.get(self._reply.who):
            ear.forget()
        return self._reply.samples

    def _is_deaf_to(self, who: Identity) -> bool:
        reply = self._reply
        return reply is not None and (reply.who == who or reply.cause is Cause.REPLY)

    def _keep(self, who: Identity, said: Samples) -> None:
        self._pending.append(Utterance(who, said, self._causes.pop(who, Cause.SILENCE)))
