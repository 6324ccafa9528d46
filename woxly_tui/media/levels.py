"""Levels from WebRTC statistics: no sound passes through Python.

    total_audio_energy, total_samples_duration ──difference──► mean power ──► dBFS, 1 dB steps

libwebrtc feeds the energy with the *peak* of each stretch of about 0.1 s, so a sine reads its
peak here; 3 dB are taken off to give its RMS. Hence a full-scale sine is -3 dBFS, and speech
reads higher than its true RMS, by as much as its crest is sharper than a sine's.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from woxly_tui.types import SILENCE_DBFS, Dbfs, Identity, Seconds

MAX_RATE_HZ: Final = 15.0
"""More is not seen: libwebrtc renews a level about nine times a second."""

LOOP_SHARE: Final = 0.04
"""Share of the event loop's time that measuring may take; beyond it the rate sinks."""

WATCH_INTERVAL_S: Final = 1.5
"""Time between measurements when nobody looks at levels: for round-trip time and watchdog."""

_SINE_CREST_DB: Final = 10 * math.log10(2)

_COST_SMOOTHING: Final = 0.2


@dataclass(frozen=True, slots=True)
class EnergyReading:
    """The counters of one audio stream at one instant."""

    energy: float
    duration_s: float


def level_between(before: EnergyReading, after: EnergyReading) -> Dbfs | None:
    """Mean level between two readings, in whole dB; None where no samples were counted."""
    duration_s = after.duration_s - before.duration_s
    energy = after.energy - before.energy
    if duration_s <= 0 or energy < 0:
        return None
    if energy == 0:
        return SILENCE_DBFS
    level = 10 * math.log10(energy / duration_s) - _SINE_CREST_DB
    return Dbfs(float(round(min(0.0, max(SILENCE_DBFS, level)))))


@dataclass(slots=True)
class LevelMeter:
    """Turns successive readings into levels, and says only what changed."""

    _readings: dict[str, EnergyReading] = field(default_factory=dict)
    _shown: dict[Identity, Dbfs] = field(default_factory=dict)

    def update(
        self,
        readings: Mapping[str, EnergyReading],
        owners: Mapping[str, Identity],
        silent: Iterable[Identity],
    ) -> dict[Identity, Dbfs]:
        """Take new readings.

        Args:
            readings: Counters by stream; a stream not listed any more is forgotten.
            owners: Whose each stream is; streams of nobody are ignored.
            silent: Those known to be muted, whatever their counters say.

        Returns:
            The levels that changed by at least 1 dB. Who is gone or muted reads silence, once.
        """
        levels: dict[Identity, Dbfs] = {}
        for stream, after in readings.items():
            owner, before = owners.get(stream), self._readings.get(stream)
            if owner is None or before is None:
                continue
            level = level_between(before, after)
            if level is not None:
                levels[owner] = max(level, levels.get(owner, SILENCE_DBFS))
        self._readings = dict(readings)
        present = set(owners.values())
        for identity in set(silent) | (self._shown.keys() - present):
            levels[identity] = SILENCE_DBFS
        changed = {
            identity: level
            for identity, level in levels.items()
            if self._shown.get(identity, SILENCE_DBFS) != level
        }
        self._shown.update(changed)
        for identity in self._shown.keys() - present:
            del self._shown[identity]
        return changed

    def restart(self) -> dict[Identity, Dbfs]:
        """Forget all counters, as after a reconnect; returns the silence to show meanwhile."""
        silence = {i: SILENCE_DBFS for i, level in self._shown.items() if level != SILENCE_DBFS}
        self._readings = {}
        self._shown = {}
        return silence


class Pace:
    """How long to wait between measurements: as asked, but never at more than LOOP_SHARE."""

    def __init__(self) -> None:
        self._rate_hz = 0.0
        self._cost_s = 0.0

    @property
    def wants_levels(self) -> bool:
        """Whether anybody looks at levels."""
        return self._rate_hz > 0

    def set_rate(self, rate_hz: float) -> None:
        """Wish for this many measurements a second; 0 for the slow watch only."""
        self._rate_hz = min(max(rate_hz, 0.0), MAX_RATE_HZ)

    def note_cost(self, busy_s: float) -> None:
        """One measurement kept the event loop busy for this long."""
        self._cost_s += _COST_SMOOTHING * (busy_s - self._cost_s)

    def at_most(self, seconds: float) -> Seconds:
        """The same as `interval`, but no longer than so, if the loop has the time for it."""
        return Seconds(min(self.interval(), max(seconds, self._cost_s / LOOP_SHARE)))

    def interval(self) -> Seconds:
        """Time between two measurements."""
        if not self.wants_levels:
            return Seconds(WATCH_INTERVAL_S)
        return Seconds(min(WATCH_INTERVAL_S, max(1 / self._rate_hz, self._cost_s / LOOP_SHARE)))
