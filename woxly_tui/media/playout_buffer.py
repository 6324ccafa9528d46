"""The playout buffer of one person: between where sound arrives and where it is mixed.

    push, on the library's thread ─► frames ─► pull, on the playout thread ─► mixer

How long a frame has waited when it is pulled is what its sender, the library and our own thread
may be late without being heard. The least of that, its low tide, is kept between LOW and HIGH.
So the depth follows the jitter that there is, and a difference between clocks shows as a tide
that rises or falls, which single frames dropped or stretched put right without a click.
"""

import time
from collections import deque
from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from woxly_tui.types import Seconds

RATE_HZ: Final = 48_000

FRAME_SAMPLES: Final = RATE_HZ // 100
"""10 ms, as the library delivers them and the devices are fed."""

LOW: Final = Seconds(0.003)
"""A frame that waited less was nearly late: the next one is stretched."""

HIGH: Final = Seconds(LOW + 0.012)
"""Where all waited longer, a frame is dropped: one frame and a little more than LOW, so that
dropping and stretching do not take turns."""

FLOOD: Final = Seconds(HIGH + 0.01)
"""The same at once, as after a stall."""

MAX_FRAMES: Final = 20
"""More is never kept: the oldest is dropped."""

TIDE_PULLS: Final = 200
"""Pulls of one tide: it must stand high for so long before a frame is dropped."""

FLOOD_PULLS: Final = 20
"""How soon that is done."""

STRETCH_EVERY: Final = 20
"""Fewest pulls between two stretched frames."""

Samples: TypeAlias = npt.NDArray[np.int16]

_FRAME_S: Final = FRAME_SAMPLES / RATE_HZ

_UP: Final = np.linspace(0, 1, FRAME_SAMPLES, dtype=np.float32)
_DOWN: Final = _UP[::-1].copy()


class PlayoutBuffer:
    """Frames of one person. One thread pushes, one other pulls; neither ever waits.

    Args:
        now: The monotonic time; tests put their own here.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._frames: deque[tuple[float, Samples]] = deque(maxlen=MAX_FRAMES)
        """With the time each arrived."""
        self._last: Samples | None = None
        """The frame played before; None while nothing plays. Written by the puller."""
        self._low = float("inf")
        self._pulls = 0
        self._lately: deque[float] = deque(maxlen=FLOOD_PULLS)
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
        self._frames.append((self._now(), frame))

    def pull(self) -> Samples | None:
        """Take the next 10 ms; None where there is silence."""
        last = self._last
        if not self._frames:
            return None if last is None else self._conceal(last)
        waited = self._now() - self._frames[0][0]
        if last is None:
            return self._begin() if waited >= LOW else None
        self._since_stretch += 1
        if waited < LOW and self._since_stretch >= STRETCH_EVERY:
            # Begins as what is next, and ends as what was before it: the next frame fits again.
            self._since_stretch = 0
            self.stretched += 1
            self._begin_tide()
            return blend(self._frames[0][1], last)
        frame = self._frames.popleft()[1]
        for left in range(self._too_many(waited), 0, -1):
            later = self._frames.popleft()[1]
            self.dropped += 1
            if left == 1:
                frame = blend(frame, later)
                self._begin_tide()
        self._last = frame
        return frame

    def _begin(self) -> Samples:
        self._begin_tide()
        frame = self._frames.popleft()[1]
        self._last = frame
        return (frame * _UP).astype(np.int16)

    def _conceal(self, last: Samples) -> Samples:
        """Nothing came in time: let what was before die away."""
        self.underruns += 1
        self._last = None
        return (last[::-1] * _DOWN).astype(np.int16)

    def _begin_tide(self) -> None:
        self._low, self._pulls = float("inf"), 0
        self._lately.clear()

    def _too_many(self, waited: float) -> int:
        """How many frames to drop now."""
        self._low = min(self._low, waited)
        self._pulls += 1
        self._lately.append(waited)
        if len(self._lately) == FLOOD_PULLS and (least := min(self._lately)) > FLOOD:
            # All at once: a long delay is worse than one gap in what was said in a stall.
            return min(len(self._frames), int((least - LOW) / _FRAME_S))
        if self._pulls < TIDE_PULLS:
            return 0
        if self._low > HIGH:
            return min(len(self._frames), 1)
        self._begin_tide()
        return 0


def blend(first: Samples, second: Samples) -> Samples:
    """Two frames as one: begins as the first, ends as the second."""
    return (first * _DOWN + second * _UP).astype(np.int16)
