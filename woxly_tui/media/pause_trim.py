"""Leaves 10 ms out of a pause of ours, so that those who hear us need not wait for them.

A receiver's jitter buffer, NetEq, makes its delay shorter only where that stands 20 ms above what
it needs (WebRTC's `decision_logic.cc`: the upper limit). A late packet or an unlucky beginning is
then heard late for as long as the call lasts. The sender can help: what it leaves out the receivers
play that much sooner.
"""

import logging
from typing import Final

import numpy as np

from woxly_tui.media.playout_buffer import FRAME_SAMPLES, Samples

QUIET: Final = 104
"""Peak of a pause, -50 dBFS."""

QUIET_FRAMES: Final = 10
"""Frames of a pause before one is left out: none between two words."""

REST_FRAMES: Final = 300
"""Frames from one to the next: what the receivers then hold they tell after two seconds or so.
Twice as many after each, for what had to be done again so soon was in vain."""

MOST_REST_FRAMES: Final = 6000

_UP: Final = np.linspace(0, 1, FRAME_SAMPLES, dtype=np.float32)
_DOWN: Final = _UP[::-1].copy()

_log = logging.getLogger(__name__)


class PauseTrim:
    """`ask` from the event loop, the rest from the thread that captures."""

    def __init__(self) -> None:
        self._is_asked = False
        self._left_out: Samples | None = None
        self._quiet = 0
        self._rest = REST_FRAMES
        self._waits = 0

    def ask(self) -> None:
        """All who hear us hold more than they need."""
        self._is_asked = True

    def begin(self) -> None:
        """Nothing was sent for a while: the receivers begin anew."""
        self._is_asked = False
        self._left_out = None
        self._quiet = self._waits = 0
        self._rest = REST_FRAMES

    def process(self, frame: Samples) -> Samples | None:
        """What is sent of 10 ms; None where they are left out."""
        self._waits = max(0, self._waits - 1)
        if (left_out := self._left_out) is not None:
            self._left_out = None
            return (left_out * _DOWN + frame * _UP).astype(np.int16)
        is_quiet = frame.max() <= QUIET and frame.min() >= -QUIET
        self._quiet = self._quiet + 1 if is_quiet else 0
        if self._waits:
            # Told before the last one was heard of.
            self._is_asked = False
        if not self._is_asked or self._quiet < QUIET_FRAMES:
            return frame
        self._is_asked = False
        self._left_out = frame
        self._waits, self._rest = self._rest, min(MOST_REST_FRAMES, 2 * self._rest)
        _log.info(
            "10 ms are left out of a pause; the next time after %d s at least", self._waits // 100
        )
        return None
