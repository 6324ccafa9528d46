"""Levels and who speaks, on their way from the worker to whoever watches."""

from collections.abc import Mapping
from typing import Final

from woxly_tui._lib.clock import Clock
from woxly_tui.call.snapshot import GateLevel, Levels
from woxly_tui.call.speaking import SpeakingDetector
from woxly_tui.engine.audience import Audience
from woxly_tui.media.messages import CaptureMeasured, LevelsMeasured, SetLevelsRate
from woxly_tui.types import Dbfs, Identity, Seconds

LEVELS_RATE_HZ: Final = 10.0
"""How often levels are measured while somebody watches them."""


class LevelsDesk:
    """Tells an audience how loud everybody is, and that they are silent again."""

    def __init__(self, audience: Audience, clock: Clock) -> None:
        self._audience = audience
        self._clock = clock
        self._speaking = SpeakingDetector()

    @property
    def rate(self) -> SetLevelsRate:
        """How often the worker is to measure now."""
        return SetLevelsRate(LEVELS_RATE_HZ if self._audience.wants_levels else 0.0)

    def next_deadline(self) -> Seconds | None:
        """When `hear` is due if nothing is measured meanwhile."""
        return self._speaking.next_deadline()

    def take(self, event: LevelsMeasured | CaptureMeasured) -> None:
        """Take what the worker measured."""
        if isinstance(event, LevelsMeasured):
            self.hear(event.levels_dbfs)
        else:
            gate = GateLevel(event.level_dbfs, event.threshold_dbfs, event.is_open)
            self._audience.put(Levels(gate=gate))

    def hear(self, levels_dbfs: Mapping[Identity, Dbfs]) -> None:
        """Take what was measured, or the time that passed."""
        levels = self._speaking.hear(levels_dbfs, self._clock.monotonic())
        if levels:
            self._audience.put(Levels(levels))

    def forget(self, identity: Identity) -> None:
        """Somebody is gone."""
        self._speaking.forget(identity)

    def silence(self) -> None:
        """Nothing is heard any more: the worker is gone."""
        if levels := self._speaking.silence():
            self._audience.put(Levels(levels))
