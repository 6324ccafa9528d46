"""Level meters: how they move, and what they look like. No widget, no clock of its own.

level ──► Meter.hear ──► shown rises at once, falls at FALL_DB_PER_S
                    └──► peak stays PEAK_HOLD_S, then falls
"""

from dataclasses import dataclass
from typing import Final

from woxly_tui.types import SILENCE_DBFS, Dbfs, Identity, Seconds

FLOOR_DBFS: Final = -60.0
"""Left end of the scale; quieter is drawn as nothing."""

LOUD_DBFS: Final = -6.0
"""From here to full scale the bar warns of clipping."""

FRAME_S: Final = 0.1
"""Meters are painted at most this often: 10 Hz reads as live, and is cheap over SSH."""

NUMBER_S: Final = 0.5
"""Numbers change at most this often; faster cannot be read."""

FALL_DB_PER_S: Final = 60.0
PEAK_HOLD_S: Final = 1.5
PEAK_FALL_DB_PER_S: Final = 30.0

_EIGHTHS: Final = " ▏▎▍▌▋▊▉"
_PEAK: Final = "╎"


@dataclass(slots=True)
class Meter:
    """One meter. Instants are on the clock of whoever calls."""

    level_dbfs: float = SILENCE_DBFS
    """The newest level heard of."""
    shown_dbfs: float = SILENCE_DBFS
    peak_dbfs: float = SILENCE_DBFS
    number_dbfs: float = SILENCE_DBFS
    _peak_until: float = 0.0
    _moved_at: float = 0.0

    def hear(self, level: Dbfs, now: Seconds) -> None:
        """Take the newest level."""
        self.advance(now)
        self.level_dbfs = level if level > FLOOR_DBFS else SILENCE_DBFS
        if self.level_dbfs > self.shown_dbfs:
            self.shown_dbfs = self.level_dbfs
        if self.level_dbfs >= self.peak_dbfs and self.level_dbfs > FLOOR_DBFS:
            self.peak_dbfs = self.level_dbfs
            self._peak_until = Seconds(now + PEAK_HOLD_S)

    def advance(self, now: Seconds) -> None:
        """Let bar and peak fall to where they are now."""
        span = max(0.0, now - self._moved_at)
        self.shown_dbfs = max(self.level_dbfs, self.shown_dbfs - FALL_DB_PER_S * span)
        falling = max(0.0, now - max(self._peak_until, self._moved_at))
        self.peak_dbfs = max(self.shown_dbfs, self.peak_dbfs - PEAK_FALL_DB_PER_S * falling)
        if self.shown_dbfs <= FLOOR_DBFS:
            self.shown_dbfs = SILENCE_DBFS
        if self.peak_dbfs <= FLOOR_DBFS:
            self.peak_dbfs = SILENCE_DBFS
        self._moved_at = now

    def moves_in(self, now: Seconds) -> float | None:
        """Seconds until the bar or peak moves by itself; None when at rest."""
        if self.shown_dbfs > self.level_dbfs:
            return FRAME_S
        if self.peak_dbfs > self.shown_dbfs:
            return max(FRAME_S, self._peak_until - now)
        return None


class MeterBank:
    """The meters of everyone in the call."""

    def __init__(self) -> None:
        self._meters: dict[Identity, Meter] = {}
        self._numbers_at = Seconds(0.0)

    def hear(self, identity: Identity, level: Dbfs, now: Seconds) -> None:
        self._meters.setdefault(identity, Meter(_moved_at=now)).hear(level, now)

    def keep_only(self, identities: frozenset[Identity]) -> None:
        """Forget, and so draw empty, everyone else."""
        for identity in self._meters.keys() - identities:
            del self._meters[identity]

    def advance(self, now: Seconds) -> None:
        """Move all meters, and now and then the numbers."""
        is_number_due = now >= self._numbers_at
        if is_number_due:
            self._numbers_at = Seconds(now + NUMBER_S)
        for meter in self._meters.values():
            meter.advance(now)
            if is_number_due or meter.shown_dbfs == SILENCE_DBFS:
                meter.number_dbfs = meter.shown_dbfs

    def moves_in(self, now: Seconds) -> float | None:
        """Seconds until something must be painted although nothing new is heard."""
        waits = [wait for m in self._meters.values() if (wait := m.moves_in(now)) is not None]
        if any(m.number_dbfs != m.shown_dbfs for m in self._meters.values()):
            waits.append(max(FRAME_S, self._numbers_at - now))
        return min(waits, default=None)

    def looks(self, identity: Identity, width: int) -> tuple[int, int, float]:
        """What decides how a meter of this width is drawn; equal means the same picture."""
        meter = self._meters.get(identity)
        if meter is None:
            return (0, 0, SILENCE_DBFS)
        return (
            _eighths(meter.shown_dbfs, width),
            _eighths(meter.peak_dbfs, width),
            round(meter.number_dbfs),
        )

    def __getitem__(self, identity: Identity) -> Meter:
        return self._meters.get(identity) or Meter()


def bar(shown_dbfs: float, peak_dbfs: float, width: int) -> str:
    """A meter as `width` cells of block characters, in steps of an eighth of a cell."""
    eighths = _eighths(shown_dbfs, width)
    full, part = divmod(eighths, 8)
    cells = ["█"] * full
    if part:
        cells.append(_EIGHTHS[part])
    cells += [" "] * (width - len(cells))
    peak = (_eighths(peak_dbfs, width) - 1) // 8
    if peak >= 0 and cells[peak] == " ":
        cells[peak] = _PEAK
    return "".join(cells)


def loud_from(width: int) -> int:
    """Index of the first cell that stands for LOUD_DBFS and more."""
    return round((LOUD_DBFS - FLOOR_DBFS) / -FLOOR_DBFS * width)


def _eighths(level_dbfs: float, width: int) -> int:
    share = (level_dbfs - FLOOR_DBFS) / -FLOOR_DBFS
    return min(width * 8, max(0, round(share * width * 8)))


def number(level_dbfs: float) -> str:
    """A level as a whole number of dBFS in four cells, empty in silence."""
    return f"{level_dbfs:4.0f}" if level_dbfs > FLOOR_DBFS else "    "


def ruler(width: int) -> str:
    """The scale over a meter: -60, -40, -20 and 0 where they stand."""
    cells = [" "] * width
    for mark in (-60, -40, -20, 0):
        label = str(mark)
        at = round((mark - FLOOR_DBFS) / -FLOOR_DBFS * width)
        at = min(max(0, at - (len(label) // 2 if mark != FLOOR_DBFS else 0)), width - len(label))
        if at >= 0 and all(cell == " " for cell in cells[max(0, at - 1) : at + len(label)]):
            cells[at : at + len(label)] = label
    return "".join(cells)
