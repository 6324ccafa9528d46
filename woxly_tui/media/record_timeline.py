"""Puts the sound of everybody onto one clock. Pure: time is passed in, and nothing is written.

    push, on the threads of the library ─► frames with their times ─► render ─► a block of each

A frame belongs where the one before it ends, for as long as they come without a break: that a
thread was late does not tear a word apart. Only where all frames of the next half second come
later than they should was there a break, and it becomes silence. Clocks that differ show in the
same way, as little; single frames that are blended with the next put that right without a click.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

import numpy as np

from woxly_tui.media.limiter import Limiter
from woxly_tui.media.playout_buffer import FRAME_SAMPLES, RATE_HZ, Samples
from woxly_tui.types import Seconds

LOOK_AHEAD_S: Final = Seconds(0.6)
"""How long a frame is kept before it is placed; most that anything may come late."""

WINDOW: Final = 50
"""Frames that tell together whether there was a break."""

BREAK_SAMPLES: Final = RATE_HZ * 6 // 100
"""A later frame than this was preceded by silence; a smaller difference is one of clocks."""

DRIFT_SAMPLES: Final = RATE_HZ * 15 // 1000
"""A difference of clocks is put right where it is more than this: one frame and a half."""

MAX_WAITING: Final = 1000
"""Frames of one track that may wait to be placed, 10 s; then the oldest is lost."""

MAX_LANES: Final = 256
"""Tracks at once; more are not recorded."""

_UP: Final = np.linspace(0, 1, FRAME_SAMPLES, dtype=np.float32)


@dataclass(slots=True)
class Lane:
    """One track on its way to the sound of one person. One thread pushes, another places."""

    identity: str
    waiting: deque[tuple[int, Samples]] = field(default_factory=lambda: deque(maxlen=MAX_WAITING))
    """With the sample of the clock at which each began, by when it came."""
    lost: int = 0
    """Frames that found no place. Written by the pusher."""
    at: int = 0
    """Where the next frame belongs, if there was no break."""
    last: Samples | None = None
    """The frame placed before, while there is no break."""

    def push(self, began: int, frame: Samples) -> None:
        """Add a frame."""
        if len(self.waiting) == MAX_WAITING:
            self.lost += 1
        self.waiting.append((began, frame))

    @property
    def place(self) -> int:
        """Where the next frame belongs, breaks counted in."""
        late = self._late()
        is_break = self.last is None or late > BREAK_SAMPLES
        return self.at + late if is_break else self.at

    def next(self) -> Samples:
        """The next frame, `at` set to where it belongs."""
        late = self._late()
        if self.last is None or late > BREAK_SAMPLES:
            self.at += late
        elif late > DRIFT_SAMPLES:
            return blend(self.waiting[0][1], self.last)
        frame = self.waiting.popleft()[1]
        if self.last is not None and late < -DRIFT_SAMPLES and self.waiting:
            frame = blend(frame, self.waiting.popleft()[1])
        self.last = frame
        return frame

    def _late(self) -> int:
        """How much later than its place the next frame is: at the least, of its whole window.
        After a break that may be less than nothing only as far as clocks differ."""
        first = self.waiting[0][0] - self.at
        if first <= DRIFT_SAMPLES:
            return max(0, first) if self.last is None else first
        window = islice(self.waiting, WINDOW)
        least = min(began - number * FRAME_SAMPLES for number, (began, _) in enumerate(window))
        return max(0, least - self.at)


class Timeline:
    """The sound of one recording. `push` from any thread, `render` from one.

    Args:
        start: The monotonic time at which it begins.
    """

    def __init__(self, start: Seconds) -> None:
        self._start = start
        self._lanes: dict[str, Lane] = {}
        self._ahead: dict[str, np.ndarray[tuple[int], np.dtype[np.int32]]] = {}
        """What is placed already beyond what is rendered, for each person."""
        self._rendered = 0
        self._limiter = Limiter()
        self._lost = 0

    @property
    def lost_s(self) -> float:
        """Sound that was lost, of all together."""
        lost = self._lost + sum(lane.lost for lane in list(self._lanes.values()))
        return lost * FRAME_SAMPLES / RATE_HZ

    def push(self, key: str, identity: str, frame: Samples, now: Seconds) -> None:
        """Take 10 ms of one track that came now; never waits."""
        lane = self._lanes.get(key)
        if lane is None:
            if len(self._lanes) >= MAX_LANES:
                return
            lane = self._lanes.setdefault(key, Lane(identity))
        lane.push(round((now - self._start) * RATE_HZ) - FRAME_SAMPLES, frame)

    def render(self, now: Seconds, *, is_over: bool = False) -> tuple[dict[str, Samples], Samples]:
        """Everybody's sound since the last time, and all of it together, equally long.

        Args:
            now: The monotonic time; LOOK_AHEAD_S before it everything is settled.
            is_over: Nothing comes any more: render all there is.
        """
        wait_s = 0.0 if is_over else LOOK_AHEAD_S
        until = max(self._rendered, round((now - self._start - wait_s) * RATE_HZ))
        until -= (until - self._rendered) % FRAME_SAMPLES
        for lane in list(self._lanes.values()):
            self._place(lane, until)
        self._forget_silent(until)
        blocks = {who: self._take(who, until) for who in self._ahead}
        mix = self._mix(blocks, until - self._rendered)
        self._rendered = until
        return blocks, mix

    def _place(self, lane: Lane, until: int) -> None:
        ahead = self._ahead.setdefault(lane.identity, np.zeros(0, dtype=np.int32))
        # What belongs to later can wait: by then more is known of what came after a break.
        while lane.waiting and lane.place < until:
            frame = lane.next()
            start = lane.at - self._rendered
            lane.at += FRAME_SAMPLES
            if start < 0:
                self._lost += 1  # later than anything may be
                continue
            if start + FRAME_SAMPLES > len(ahead):
                ahead = np.pad(ahead, (0, start + FRAME_SAMPLES - len(ahead)))
            ahead[start : start + FRAME_SAMPLES] += frame
        if not lane.waiting and lane.at < until:
            lane.last = None
        self._ahead[lane.identity] = ahead

    def _forget_silent(self, until: int) -> None:
        """A track from which nothing has come for 10 s may be one that is gone."""
        gone = until - MAX_WAITING * FRAME_SAMPLES
        for key, lane in list(self._lanes.items()):
            if not lane.waiting and lane.at < gone:
                self._lost += lane.lost
                del self._lanes[key]

    def _take(self, identity: str, until: int) -> Samples:
        count = until - self._rendered
        ahead = self._ahead[identity]
        block = np.clip(ahead[:count], -32768, 32767).astype(np.int16)
        self._ahead[identity] = ahead[count:]
        return np.pad(block, (0, count - len(block)))

    def _mix(self, blocks: Mapping[str, Samples], count: int) -> Samples:
        total = np.zeros(count, dtype=np.float32)
        for block in blocks.values():
            total += block
        frames = total.reshape(-1, FRAME_SAMPLES)
        limited = [self._limiter.process(frame) for frame in frames]
        return np.concatenate(limited).astype(np.int16) if limited else np.zeros(0, np.int16)


def blend(first: Samples, second: Samples) -> Samples:
    """Two frames as one: begins as the first, ends as the second."""
    return (first * (1 - _UP) + second * _UP).astype(np.int16)
