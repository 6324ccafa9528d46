"""What was played, for the echo canceller: one frame for each that is captured.

The canceller learns how much later an echo comes than what was played. Threads that run a few
milliseconds early or late would change that with every frame (70 dB of echo reduction become
20), so frames played wait here, and each captured one takes the next. They wait as little as can
be: no echo may come before what caused it.
"""

import threading
from collections import deque
from typing import Final

from woxly_tui.media.playout_buffer import Samples

MAX_FRAMES: Final = 6
"""More never wait: the oldest is dropped."""

TIDE_FRAMES: Final = 100
"""Captured frames over which some always waited in vain before those are taken too, as after
captured sound was lost."""


WAIT_S: Final = 0.008
"""How long a captured frame waits for what was played with it, where that is late."""

SETTLE_FRAMES: Final = 50
"""Captured frames before the first is given anything: devices that start have a backlog, and
what is captured late would have its echo before its cause for ever."""


class EchoReference:
    """Frames on their way from the speaker's thread to the microphone's.

    Args:
        wait_s: Longest wait of the microphone's thread.
        settle_frames: Captured frames before the first is given anything.
    """

    def __init__(self, wait_s: float = WAIT_S, settle_frames: int = SETTLE_FRAMES) -> None:
        self._wait_s = wait_s
        self._settle = settle_frames
        self._has_more = threading.Event()
        self._frames: deque[Samples] = deque(maxlen=MAX_FRAMES)
        self._is_begun = False
        self._owed = 0
        """Captured frames that came before what was played with them."""
        self._low = MAX_FRAMES
        self._taken = 0

    def put(self, frame: Samples) -> None:
        """A frame is about to be played."""
        self._frames.append(frame)
        self._has_more.set()

    def take(self) -> list[Samples]:
        """What was played with the captured frame about to be cleaned: mostly one frame."""
        if self._settle:
            self._settle -= 1
            self._frames.clear()
            return []
        if not self._frames and self._is_begun:
            self._has_more.clear()
            if not self._frames:
                self._has_more.wait(self._wait_s)
        waiting = len(self._frames)
        if not waiting:
            self._owed = min(MAX_FRAMES, self._owed + self._is_begun)
            return []
        self._is_begun = True
        count = 1 + min(self._owed, waiting - 1)
        self._owed -= count - 1
        self._low = min(self._low, waiting - count)
        self._taken += 1
        if self._taken >= TIDE_FRAMES:
            count += self._low
            self._low, self._taken = MAX_FRAMES, 0
        return [self._frames.popleft() for _ in range(count)]
