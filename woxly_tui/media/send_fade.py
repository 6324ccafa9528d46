"""Begins and ends what is sent without a click: the first frame fades in, the last one out."""

import threading
from typing import Final

import numpy as np

from woxly_tui.media.playout_buffer import FRAME_SAMPLES, Samples
from woxly_tui.types import Seconds

CLOSE_LIMIT: Final = Seconds(0.015)
"""Longest wait for the last frame to be captured; one takes 0.01."""

TAIL_FRAMES: Final = 5
"""Frames of zeros behind the last one: the encoder keeps what does not fill a packet, and would
else begin the next sound with the end of this one."""

_UP: Final = np.linspace(0, 1, FRAME_SAMPLES, dtype=np.float32)
_DOWN: Final = _UP[::-1].copy()
_ZEROS: Final[Samples] = np.zeros(FRAME_SAMPLES, dtype=np.int16)


class SendFade:
    """A switch for captured frames. Closed at first; `set` from the event loop, the rest from
    the thread that captures.
    """

    def __init__(self) -> None:
        self._is_wanted = False
        self._is_open = False
        """What the last frame ended with. Written by the capture thread."""
        self._tail = 0
        self._is_closed = threading.Event()
        self._is_closed.set()

    def set(self, *, is_open: bool) -> None:
        """Let frames through from the next one on, or none after it.

        Closing returns when the last frame was handed over, or after CLOSE_LIMIT.
        """
        if self._is_wanted == is_open:
            return
        if is_open:
            self._is_closed.clear()
        self._is_wanted = is_open
        if not is_open:
            self._is_closed.wait(CLOSE_LIMIT)

    def process(self, frame: Samples) -> Samples | None:
        """What is sent of 10 ms that were captured; None where nothing is."""
        was_open, self._is_open = self._is_open, self._is_wanted
        if self._is_open:
            return frame if was_open else (frame * _UP).astype(np.int16)
        if was_open:
            self._tail = TAIL_FRAMES
            return (frame * _DOWN).astype(np.int16)
        if self._tail:
            self._tail -= 1
            return _ZEROS
        return None

    def handed_over(self) -> None:
        """What `process` gave was sent."""
        if not self._is_open:
            self._is_closed.set()
