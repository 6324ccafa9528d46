"""Clicks in a sound that should be smooth, found by what they sound like: a burst of high tones.

A tone has its energy at one place. Where it is cut, doubled or joined badly, a step of the wave is
heard as energy at all frequencies for an instant. So a click is a short window with far more above
HIGH_HZ than a smooth tone leaves there. A fade of a few milliseconds leaves nothing there.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from tests.rig.analysis import Clip, loudest_dbfs

HIGH_HZ: Final = 6_000.0
"""Speech coders and resamplers leave tones below 1 kHz without anything up here."""

WINDOW_S: Final = 0.004

LOUD_DBFS: Final = -20.0

BOUND_DBFS: Final = -50.0
"""More than this above HIGH_HZ in one window, beside a tone of LOUD_DBFS, is a click. A tone cut at
its peak has -41 there, one that fades within 5 ms or more -64 or less."""


@dataclass(frozen=True, slots=True)
class Click:
    """Where a click is, and how loud it is above HIGH_HZ."""

    at_s: float
    level_dbfs: float


def find_clicks(clip: Clip, bound_dbfs: float | None = None) -> list[Click]:
    """Every click, the loudest window of each; one that lasts is one.

    The bound is that for a tone of LOUD_DBFS, and higher for one that is louder, unless given.
    """
    if bound_dbfs is None:
        bound_dbfs = BOUND_DBFS + max(0.0, loudest_dbfs(clip) - LOUD_DBFS)
    levels = high_levels(clip)
    hop = _hop(clip)
    found: list[Click] = []
    for index in np.flatnonzero(levels > bound_dbfs):
        click = Click(clip.start_s + int(index) * hop / clip.rate_hz, float(levels[index]))
        if found and click.at_s - found[-1].at_s < 3 * WINDOW_S:
            found[-1] = max(found[-1], click, key=lambda one: one.level_dbfs)
        else:
            found.append(click)
    return found


def split(
    clicks: list[Click], changes_s: list[tuple[float, float]]
) -> tuple[list[Click], list[Click]]:
    """Those within one of these stretches, and the others, which no change can have caused."""
    near = [c for c in clicks if any(start <= c.at_s <= end for start, end in changes_s)]
    return near, [c for c in clicks if c not in near]


def high_levels(clip: Clip) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """The level above HIGH_HZ of each window, in dBFS; windows overlap by half."""
    size, hop = 2 * _hop(clip), _hop(clip)
    count = max(0, (len(clip.samples) - size) // hop + 1)
    if not count:
        return np.zeros(0)
    windows = np.lib.stride_tricks.sliding_window_view(clip.samples, size)[::hop][:count]
    # This window's side lobes fall so fast that a tone far below leaves nothing up there.
    shape = np.blackman(size)
    spectra = np.fft.rfft(windows * shape, axis=1)
    high = np.fft.rfftfreq(size, 1 / clip.rate_hz) >= HIGH_HZ
    power = 2 * (np.abs(spectra[:, high]) ** 2).sum(axis=1) / (size * (shape**2).sum())
    levels: np.ndarray[tuple[int], np.dtype[np.float64]] = 10 * np.log10(np.maximum(power, 1e-12))
    return levels


def _hop(clip: Clip) -> int:
    return int(clip.rate_hz * WINDOW_S / 2)
