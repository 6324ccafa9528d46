"""Whose sound really arrives: packets that came, and were more than made up for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from woxly_tui.types import Identity, Seconds

FRESH: Final = Seconds(3.0)
"""Sound that came within that time flows. Looks are up to 1.5 s apart, and a talker who is silent
sends two or three packets a second."""

MADE_UP: Final = 0.9
"""Where a greater share of what was played is made up, nobody would call it hearing."""

WAIT_SAMPLES: Final = 19_200
"""Of sound, at 48 kHz, that a wait in the jitter buffer is the mean of."""

NEEDLESS_S: Final = 0.0095
"""So much longer than need be is worth to be told: the frame that may be left out, nearly."""

_NEVER: Final = Seconds(float("-inf"))


@dataclass(frozen=True, slots=True)
class FlowReading:
    """The counters of one remote stream at one instant."""

    packets: int
    samples: int
    """Pulled from its jitter buffer, whatever they were made of."""
    made_up: int
    """Of those, made up for packets that did not come; silence is not counted."""
    waited_s: float = 0.0
    """Time that all samples which came together spent in the jitter buffer."""
    wanted_s: float = 0.0
    """The same, had each been there for as long as the jitter asks for."""
    waited_samples: int = 0
    """How many these were."""


@dataclass(slots=True)
class _Wait:
    """How long one stream waits in its jitter buffer."""

    since: FlowReading
    """What the next figure is counted from."""
    needless_s: float = 0.0
    """More than the jitter asks for, as it was `at` that time."""
    at: Seconds = _NEVER

    def look(self, after: FlowReading, now: Seconds) -> None:
        samples = after.waited_samples - self.since.waited_samples
        if samples < 0:  # counted anew, as after a lost connection
            self.since, self.needless_s = after, 0.0
        if samples < WAIT_SAMPLES:
            return
        waited_s = after.waited_s - self.since.waited_s
        self.needless_s = (waited_s - after.wanted_s + self.since.wanted_s) / samples
        self.since, self.at = after, now


@dataclass(slots=True)
class Flows:
    """What the monitor saw of everybody's sound. Use from one event loop."""

    plays: bool | None = None
    """Whether the backend plays anything; None before it runs."""
    owners: dict[str, Identity] = field(default_factory=dict)
    """Whose each stream is."""
    _before: dict[str, FlowReading] = field(default_factory=dict)
    _flowed_at: dict[Identity, Seconds] = field(default_factory=dict)
    _waits: dict[str, _Wait] = field(default_factory=dict)

    def look(
        self,
        readings: Mapping[str, FlowReading],
        owners: Mapping[str, Identity],
        now: Seconds,
        *,
        plays: bool,
    ) -> None:
        """Take new readings; a stream not listed any more is forgotten."""
        self.plays = plays
        self.owners = dict(owners)
        for stream, after in readings.items():
            owner, before = owners.get(stream), self._before.get(stream)
            if owner is not None and before is not None and brings_sound(before, after):
                self._flowed_at[owner] = now
        self._waits = {
            stream: self._waits.get(stream, _Wait(after)) for stream, after in readings.items()
        }
        for stream, wait in self._waits.items():
            wait.look(readings[stream], now)
        self._before = dict(readings)
        present = set(owners.values())
        self._flowed_at = {who: at for who, at in self._flowed_at.items() if who in present}

    def flows(self, identity: Identity, now: Seconds) -> bool:
        """Whether sound of somebody came lately."""
        at = self._flowed_at.get(identity)
        return at is not None and now - at < FRESH

    def waits_needlessly(self, identity: Identity, now: Seconds) -> bool:
        """Whether all that comes of somebody just now waits for longer than it need."""
        known = [
            wait.needless_s >= NEEDLESS_S
            for stream, wait in self._waits.items()
            if self.owners.get(stream) == identity and now - wait.at < FRESH
        ]
        return bool(known) and all(known)


def brings_sound(before: FlowReading, after: FlowReading) -> bool:
    """Whether anything was heard between two readings that its sender had said."""
    samples = after.samples - before.samples
    made_up = after.made_up - before.made_up
    return after.packets > before.packets and samples > 0 and made_up <= samples * MADE_UP
