"""The cues as sound, made of sines: no files.

    notes of a cue ─► each a fundamental with a soft octave ─► faded in and out ─► one after another

Each cue has notes of its own, or an order of them, so that one is told from another with closed
eyes: up is open or coming, down is closed or going. Without numpy, which would make up most of
the time and memory of the cue player.
"""

import math
from array import array
from dataclasses import dataclass
from typing import Final, TypeAlias

from woxly_tui.types import Cue

Sound: TypeAlias = "array[int]"
"""Mono, 16 bits."""

PEAK_DBFS: Final = -12.0
"""Of a cue at 100 percent: about as loud as somebody who speaks up."""

LOUDEST: Final = 200
"""Percent."""

_FADE_S: Final = 0.006
"""Without it each note would begin and end with a click."""

_OCTAVE: Final = 0.2
"""Share of the octave: a bare sine is heard badly over speech."""

_CREST: Final = 1.069
"""Highest point of a sine of 1 with that octave."""

_FULL_SCALE: Final = 32767


@dataclass(frozen=True, slots=True)
class Note:
    """One tone, or a rest where it has no frequency."""

    hz: float
    length_s: float


NOTES: Final = {
    Cue.JOIN: (Note(523.3, 0.08), Note(784.0, 0.12)),
    Cue.LEAVE: (Note(784.0, 0.08), Note(523.3, 0.12)),
    Cue.MUTE: (Note(440.0, 0.05), Note(293.7, 0.09)),
    Cue.UNMUTE: (Note(293.7, 0.05), Note(440.0, 0.09)),
    Cue.DEAFEN: (Note(659.3, 0.05), Note(440.0, 0.05), Note(220.0, 0.1)),
    Cue.UNDEAFEN: (Note(220.0, 0.05), Note(440.0, 0.05), Note(659.3, 0.1)),
    Cue.RING: (*(Note(987.8, 0.06), Note(1318.5, 0.06)) * 6, Note(0, 1.6)),
    Cue.RINGBACK: (Note(425.0, 1.0), Note(0, 3.0)),
    Cue.DISCONNECT: (
        *(Note(349.2, 0.1), Note(0, 0.04), Note(261.6, 0.1), Note(0, 0.04)),
        Note(196.0, 0.16),
    ),
    Cue.RECORDING: (Note(1396.9, 0.25),),
}


def render(cue: Cue, rate_hz: int, percent: int) -> Sound:
    """A cue as sound, once; a loop repeats it as it is.

    Args:
        cue: Which.
        rate_hz: Of the device.
        percent: How loud; more than LOUDEST is taken for it.
    """
    gain = max(0, min(percent, LOUDEST)) / 100 * 10 ** (PEAK_DBFS / 20) * _FULL_SCALE
    sound = array("h")
    for note in NOTES[cue]:
        sound.extend(_render(note, rate_hz, gain))
    return sound


def _render(note: Note, rate_hz: int, gain: float) -> list[int]:
    length = round(note.length_s * rate_hz)
    if not note.hz:
        return [0] * length
    step = 2 * math.pi * note.hz / rate_hz
    fade = max(1, min(length // 2, round(_FADE_S * rate_hz)))
    scale = gain / _CREST
    wave = []
    for i in range(length):
        edge = min(i, length - 1 - i)
        ramp = 1.0 if edge >= fade else 0.5 - 0.5 * math.cos(math.pi * edge / fade)
        turn = i * step
        wave.append(round(scale * ramp * (math.sin(turn) + _OCTAVE * math.sin(2 * turn))))
    return wave
