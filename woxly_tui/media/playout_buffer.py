"""The playout buffer of one person: between where sound arrives and where it is mixed.

    push, on the library's thread ─► frames ─► pull, on the playout thread ─► mixer

The depth that is left after a pull says all: its low tide is kept at RESERVE frames. So the
mean depth follows the jitter of both sides, and a difference between their clocks shows as a
tide that rises or falls, which single frames dropped or stretched put right without a click.
"""

from collections import deque
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

RATE_HZ: Final = 48_000

FRAME_SAMPLES: Final = RATE_HZ // 100
"""10 ms, as the library delivers them and the devices are fed."""

RESERVE: Final = 1
"""Frames left at low tide: what a late frame, or a late thread, may cost."""

MAX_FRAMES: Final = 20
"""More is never kept: the oldest is dropped."""

TIDE_PULLS: Final = 200
"""Pulls of one tide: it must stand high for so long before a frame is dropped."""

HIGH_TIDE_PULLS: Final = 10
"""The same where FLOOD frames or more are to spare, as after a stall."""

FLOOD: Final = 3

STRETCH_EVERY: Final = 20
"""Pulls between two stretched frames."""

Samples: TypeAlias = npt.NDArray[np.int16]

_UP: Final = np.linspace(0, 1, FRAME_SAMPLES, dtype=np.float32)
_DOWN: Final = _UP[::-1].copy()


class PlayoutBuffer:
    """Frames of one person. One thread pushes, one other pulls; neither ever waits."""

    def __init__(self) -> None:
        self._frames: deque[Samples] = deque(maxlen=MAX_FRAMES)
        self._last: Samples | None = None
        """The frame played before; None while nothing plays. Written by the puller."""
        self._low = MAX_FRAMES
        self._pulls = 0
        self._since_stretch = STRETCH_EVERY
        self.underruns = 0
        """Pulls that found nothing while sound was playing. Written by the puller."""
        self.overruns = 0
        """Frames dropped because MAX_FRAMES were waiting. Written by the pusher."""
        self.dropped = 0
        self.stretched = 0

    @property
    def depth(self) -> int:
        """Frames that wait."""
        return len(self._frames)

    def push(self, frame: Samples) -> None:
        """Add 10 ms at the end."""
        if len(self._frames) == MAX_FRAMES:
            self.overruns += 1
        self._frames.append(frame)

    def pull(self) -> Samples | None:
        """Take the next 10 ms; None where there is silence."""
        waiting = len(self._frames)
        last = self._last
        if last is None:
            return self._begin() if waiting > RESERVE else None
        if not waiting:
            return self._conceal(last)
        self._since_stretch += 1
        if waiting <= RESERVE and self._since_stretch >= STRETCH_EVERY:
            # Begins as what is next, and ends as what was before it: the next frame fits again.
            self._since_stretch = 0
            self.stretched += 1
            self._begin_tide()
            return blend(self._frames[0], last)
        frame = self._frames.popleft()
        if self._is_too_deep(waiting - 1):
            frame = blend(frame, self._frames.popleft())
            self.dropped += 1
            self._begin_tide()
        self._last = frame
        return frame

    def _begin(self) -> Samples:
        self._begin_tide()
        frame = self._frames.popleft()
        self._last = frame
        return (frame * _UP).astype(np.int16)

    def _conceal(self, last: Samples) -> Samples:
        """Nothing came in time: let what was before die away, and wait for the reserve."""
        self.underruns += 1
        self._last = None
        return (last[::-1] * _DOWN).astype(np.int16)

    def _begin_tide(self) -> None:
        self._low, self._pulls = MAX_FRAMES, 0

    def _is_too_deep(self, left: int) -> bool:
        self._low = min(self._low, left)
        self._pulls += 1
        to_spare = self._low - RESERVE
        if to_spare >= FLOOD:
            return self._pulls >= HIGH_TIDE_PULLS
        if self._pulls < TIDE_PULLS:
            return False
        if to_spare > 0:
            return True
        self._begin_tide()
        return False


def blend(first: Samples, second: Samples) -> Samples:
    """Two frames as one: begins as the first, ends as the second."""
    return (first * _DOWN + second * _UP).astype(np.int16)
