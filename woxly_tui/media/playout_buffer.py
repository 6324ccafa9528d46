"""The playout buffer of one person: between where sound arrives and where it is mixed.

    push, on the library's thread ─► parts ─► pull, on the playout thread ─► mixer

Frames of 10 ms come in, and are kept as parts of 5 ms, so that less is lost to how the ticks of
sender and device happen to lie. How long a part has waited when it is pulled is what its sender,
the library and our own thread may be late without being heard. The least of that, its low tide,
is kept between LOW and HIGH. So the depth follows the jitter that there is, and a difference
between clocks shows as a tide that rises or falls, which single parts dropped or stretched put
right without a click.
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
"""10 ms, as the library delivers and takes them."""

PART_SAMPLES: Final = FRAME_SAMPLES // 2
"""5 ms, as they are mixed and as the speaker is fed."""

LOW: Final = Seconds(0.0015)
"""A part that waited less was nearly late: the next one is stretched."""

HIGH: Final = Seconds(LOW + 0.006)
"""Where all waited longer, a part is dropped: one part and a little more than LOW, so that
dropping and stretching do not take turns."""

FLOOD: Final = Seconds(HIGH + 0.006)
"""The same within FLOOD_PULLS: clocks differ by much."""

STALL: Final = Seconds(0.06)
"""Beyond this as many as are too many, at once: we stood still, and delay must not stay."""

MAX_PARTS: Final = 40
"""More is never kept: the oldest is dropped."""

TIDE_PULLS: Final = 400
"""Pulls of one tide: it must stand high for so long before a part is dropped."""

FLOOD_PULLS: Final = 40
"""How soon that is done; with one part each time it makes up for clocks 2.5 % apart."""

STRETCH_EVERY: Final = 40
"""Fewest pulls between two stretched parts: as much the other way."""

Samples: TypeAlias = npt.NDArray[np.int16]

_PART_S: Final = PART_SAMPLES / RATE_HZ

_UP: Final = np.linspace(0, 1, PART_SAMPLES, dtype=np.float32)
_DOWN: Final = _UP[::-1].copy()


class PlayoutBuffer:
    """Sound of one person. One thread pushes, one other pulls; neither ever waits.

    Args:
        now: The monotonic time; tests put their own here.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._parts: deque[tuple[float, Samples]] = deque(maxlen=MAX_PARTS)
        """With the time each arrived; a second half as if it came half a frame later."""
        self._last: Samples | None = None
        """The part played before; None while nothing plays. Written by the puller."""
        self._low = float("inf")
        self._pulls = 0
        self._flooded = 0
        """Pulls in a row of what waited longer than FLOOD, and the least that it waited."""
        self._least = float("inf")
        self._since_stretch = STRETCH_EVERY
        self.underruns = 0
        """Pulls that found nothing while sound was playing. Written by the puller."""
        self.overruns = 0
        """Parts dropped because MAX_PARTS were waiting. Written by the pusher."""
        self._joined_at = 0
        """Overruns that the puller has made up for. Written by the puller."""
        self.dropped = 0
        self.stretched = 0

    @property
    def depth(self) -> int:
        """Parts that wait."""
        return len(self._parts)

    @property
    def is_ready(self) -> bool:
        """Whether a pull now would neither stretch nor conceal; also where nothing plays."""
        if self._last is None:
            return True
        return bool(self._parts) and self._now() - self._parts[0][0] >= LOW

    def push(self, frame: Samples) -> None:
        """Add a frame of whole parts at the end."""
        count = len(frame) // PART_SAMPLES
        self.overruns += max(0, len(self._parts) + count - MAX_PARTS)
        now = self._now()
        for number in range(count):
            part = frame[number * PART_SAMPLES : (number + 1) * PART_SAMPLES]
            self._parts.append((now + number * _PART_S, part))

    def pull(self) -> Samples | None:
        """Take the next 5 ms; None where there is silence."""
        last = self._last
        if not self._parts:
            return None if last is None else self._conceal(last)
        waited = self._now() - self._parts[0][0]
        if last is None:
            return self._begin() if waited >= LOW else None
        self._since_stretch += 1
        if LOW <= waited <= FLOOD and self._pulls + 1 < TIDE_PULLS and not self._is_torn:
            return self._go_on(waited)
        is_torn = self._is_torn
        if waited < LOW and self._since_stretch >= STRETCH_EVERY and not is_torn:
            # Begins as what is next, and ends as what was before it: the next part fits again.
            self._since_stretch = 0
            self.stretched += 1
            self._begin_tide()
            return blend(self._parts[0][1], last)
        part = self._parts.popleft()[1]
        if is_torn:
            # The oldest were dropped: what was before is gone on with backwards, for a moment.
            self._joined_at = self.overruns
            part = blend(last[::-1], part)
        for left in range(self._too_many(waited), 0, -1):
            later = self._parts.popleft()[1]
            self.dropped += 1
            if left == 1:
                part = blend(part, later)
                self._begin_tide()
        self._last = part
        return part

    @property
    def _is_torn(self) -> bool:
        """Whether the oldest parts were dropped since the last pull."""
        return self._joined_at != self.overruns

    def _go_on(self, waited: float) -> Samples:
        """The next part as it is; what nearly all pulls are."""
        if waited < self._low:
            self._low = waited
        self._pulls += 1
        self._flooded, self._least = 0, float("inf")
        self._last = part = self._parts.popleft()[1]
        return part

    def _begin(self) -> Samples:
        self._begin_tide()
        self._joined_at = self.overruns
        part = self._parts.popleft()[1]
        self._last = part
        return (part * _UP).astype(np.int16)

    def _conceal(self, last: Samples) -> Samples:
        """Nothing came in time: let what was before die away."""
        self.underruns += 1
        self._last = None
        return (last[::-1] * _DOWN).astype(np.int16)

    def _begin_tide(self) -> None:
        self._low, self._pulls = float("inf"), 0
        self._flooded, self._least = 0, float("inf")

    def _too_many(self, waited: float) -> int:
        """How many parts to drop now."""
        if waited < self._low:
            self._low = waited
        self._pulls += 1
        if waited <= FLOOD:
            self._flooded, self._least = 0, float("inf")
        elif (least := self._take_flooded(waited)) is not None:
            # A long delay is worse than one gap in what was said in a stall.
            wanted = int((least - LOW) / _PART_S) if least > STALL else 1
            return min(len(self._parts), wanted)
        if self._pulls < TIDE_PULLS:
            return 0
        if self._low > HIGH:
            return min(len(self._parts), 1)
        self._begin_tide()
        return 0

    def _take_flooded(self, waited: float) -> float | None:
        """Returns the least that FLOOD_PULLS waited, once there are so many in a row."""
        self._flooded += 1
        self._least = min(self._least, waited)
        return self._least if self._flooded >= FLOOD_PULLS else None


def blend(first: Samples, second: Samples) -> Samples:
    """Two parts as one: begins as the first, ends as the second."""
    return (first * _DOWN + second * _UP).astype(np.int16)
