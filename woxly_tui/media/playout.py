"""Mixes everybody into one sound, each at a volume of their own.

PlayoutBuffer, gain ┐
PlayoutBuffer, gain ┼─► sum, master ─► limiter ─► 5 ms of 16 bits
PlayoutBuffer, gain ┘         ▲
                       cues ──┘
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from woxly_tui.media.cue_mix import CueMix
from woxly_tui.media.limiter import Limiter
from woxly_tui.media.playout_buffer import PART_SAMPLES, RATE_HZ, PlayoutBuffer, Samples

_RAMP: Final = np.linspace(0, 1, PART_SAMPLES, dtype=np.float32)


@dataclass(slots=True)
class Voice:
    """One track as it is heard."""

    identity: str
    buffer: PlayoutBuffer
    gain: float
    """Written by the event loop."""
    played_gain: float = 0.0
    """What the last block ended with: changes are ramps. Written by the playout thread."""
    counted: int = 0
    """Under- and overruns that are counted. Written by the playout thread."""
    is_leaving: bool = False
    """Its track is gone, and what it still holds fades out."""

    @property
    def is_over(self) -> bool:
        """Whether it is gone, and faded out."""
        return self.is_leaving and self.played_gain == 0.0


class Playout:
    """The voices of one call. The event loop adds, removes and sets gains; one thread mixes.

    Args:
        now: The monotonic time; tests put their own here.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._voices: dict[str, Voice] = {}
        """By track. Replaced as a whole, so that the mixing thread needs no lock."""
        self._limiter = Limiter()
        self.cues = CueMix(RATE_HZ)
        self.xruns = 0
        """Parts of 5 ms in which somebody's sound was lost or made up: one, however many speak,
        for one moment of this machine is heard once. Written by the playout thread."""
        self.master = 1.0
        """Gain of all together. Written by the event loop."""
        self._played_master = 0.0
        self._rows: npt.NDArray[np.float32] = np.empty((0, PART_SAMPLES), dtype=np.float32)
        """Where the parts to be mixed lie beside each other. Of the mixing thread."""

    def add(self, sid: str, identity: str, gain: float) -> PlayoutBuffer:
        """Begin to play a track; returns where its sound goes."""
        self.remove(sid)
        voice = Voice(identity, PlayoutBuffer(self._now), gain)
        self._voices = {**self._voices, sid: voice}
        return voice.buffer

    def remove(self, sid: str) -> None:
        """Play a track no more."""
        voice = self._voices.get(sid)
        if voice is None:
            return
        voice.is_leaving, voice.gain = True, 0.0
        rest = {key: v for key, v in self._voices.items() if key != sid and not v.is_over}
        self._voices = {**rest, f"{sid} leaving": voice}

    def set_gain(self, identity: str, gain: float) -> None:
        """Play everything of one person this loud."""
        for voice in self._voices.values():
            if voice.identity == identity and not voice.is_leaving:
                voice.gain = gain

    @property
    def is_ready(self) -> bool:
        """Whether nothing is gained by mixing a little later."""
        return all(v.buffer.is_ready for v in self._voices.values() if not v.is_leaving)

    def mix(self) -> Samples:
        """The next 5 ms."""
        before, self._played_master = self._played_master, self.master
        total = self._sum()
        if not before == self.master == 1.0:
            total *= _ramp(before, self.master)
        if (cue := self.cues.pull(PART_SAMPLES)) is not None:
            total += np.frombuffer(cue, dtype=np.int16)
        return self._limiter.process(total).astype(np.int16)

    def _sum(self) -> npt.NDArray[np.float32]:
        """All voices, each at its gain; those whose gain stands in one step, for there may be
        many."""
        voices = self._voices.values()
        gains: list[float] = []
        if len(self._rows) < len(voices):
            self._rows = np.empty((len(voices), PART_SAMPLES), dtype=np.float32)
        total = None
        is_lost = False
        for voice in voices:
            if voice.is_over:
                continue
            part = voice.buffer.pull()
            counted = voice.buffer.underruns + voice.buffer.overruns
            if counted != voice.counted:
                voice.counted, is_lost = counted, is_lost or not voice.is_leaving
            before, after = voice.played_gain, voice.gain
            voice.played_gain = after
            if part is None or before == after == 0.0:
                continue
            if before == after:
                self._rows[len(gains)] = part
                gains.append(after)
            else:
                changing = part * _ramp(before, after)
                total = changing if total is None else total + changing
        self.xruns += is_lost
        if not gains:
            return np.zeros(PART_SAMPLES, dtype=np.float32) if total is None else total
        steady = np.array(gains, dtype=np.float32) @ self._rows[: len(gains)]
        return steady if total is None else steady + total


def _ramp(before: float, after: float) -> npt.NDArray[np.float32] | np.float32:
    if before == after:
        return np.float32(after)
    return (before + (after - before) * _RAMP).astype(np.float32)
