"""What of the cues is to be heard now: one loop, and over it whatever is played once.

play, stop ──commands──► pull, on the thread of a speaker ──► samples, or None for silence
"""

from array import array
from collections import deque
from typing import Final

from woxly_tui.media.cue_messages import CueCommand, PlayCue
from woxly_tui.media.tones import Sound, render
from woxly_tui.types import Seconds

MAX_WAITING: Final = 4
"""Cues that wait for the one before; a crowd that comes at once is heard as a few."""

MAX_LOOP: Final = Seconds(180.0)
"""Longest a loop lasts that nobody ends."""


class CueMix:
    """Cues as a stream of samples. Commands from one thread, samples to one other.

    Args:
        rate_hz: Of the stream.
    """

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._commands: deque[tuple[bool, Sound | None]] = deque(maxlen=2 * MAX_WAITING)
        self._once: deque[Sound] = deque(maxlen=MAX_WAITING)
        self._at = 0
        self._loop: Sound | None = None
        self._loop_at = 0
        self._loop_left = 0

    def take(self, command: CueCommand) -> None:
        """Play a cue, or end the loop. Works for some milliseconds."""
        if isinstance(command, PlayCue):
            sound = render(command.cue, self._rate_hz, command.percent)
            self._commands.append((command.is_looped, sound))
        else:
            self._commands.append((True, None))

    def pull(self, length: int) -> "Sound | None":
        """The next so many samples; None where nothing is to be heard."""
        pieces = []
        if (fading := self._obey()) is not None:
            tail = _cut(*fading, length)
            pieces.append(array("h", [s * (length - i) // length for i, s in enumerate(tail)]))
        if self._loop is not None:
            pieces.append(_cut(self._loop, self._loop_at, length))
            self._loop_at = (self._loop_at + length) % len(self._loop)
            self._loop_left -= length
            if self._loop_left <= 0:
                self._loop = None
        if self._once:
            pieces.append(self._once[0][self._at : self._at + length])
            self._at += length
            if self._at >= len(self._once[0]):
                self._once.popleft()
                self._at = 0
        return _sum(pieces, length) if pieces else None

    def _obey(self) -> "tuple[Sound, int] | None":
        """Take what was asked; returns a loop that is to die away, and where it was."""
        fading = None
        while self._commands:
            is_loop, sound = self._commands.popleft()
            if not is_loop and sound is not None:
                if len(self._once) < MAX_WAITING:
                    self._once.append(sound)
                continue
            if self._loop is not None:
                fading = self._loop, self._loop_at
            self._loop, self._loop_at = sound, 0
            self._loop_left = round(MAX_LOOP * self._rate_hz)
        return fading


def _cut(sound: Sound, at: int, length: int) -> Sound:
    """A stretch of a loop, across its end where it must."""
    piece = sound[at : at + length]
    while len(piece) < length:
        piece.extend(sound[: length - len(piece)])
    return piece


def _sum(pieces: list[Sound], length: int) -> Sound:
    total = pieces[0]
    total.extend([0] * (length - len(total)))
    for piece in pieces[1:]:
        for i, sample in enumerate(piece):
            total[i] = max(-32768, min(32767, total[i] + sample))
    return total
