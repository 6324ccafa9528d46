"""The tone by which one hears which speaker is which: three rising notes."""

from typing import Final

import numpy as np

from woxly_tui.media.pulse_aside import TONE_RATE_HZ

TONE_DBFS: Final = -14.0
"""Peak: to be heard across a desk, and not to startle."""

NOTES_HZ: Final = (523.25, 659.25, 783.99)
NOTE_S: Final = 0.28
_FADE_S: Final = 0.03


def trial_tone() -> bytes:
    """16-bit mono at TONE_RATE_HZ, without a click."""
    at = np.arange(round(NOTE_S * TONE_RATE_HZ)) / TONE_RATE_HZ
    fade = np.clip(np.minimum(at, NOTE_S - at) / _FADE_S, 0.0, 1.0)
    notes = [np.sin(2 * np.pi * hz * at) * fade for hz in NOTES_HZ]
    peak = 32767 * 10 ** (TONE_DBFS / 20)
    return (np.concatenate(notes) * peak).astype("<i2").tobytes()
