"""Recorded sound with the time of each sample."""

import threading
import time
from collections import deque
from typing import Final

import numpy as np

from tests.rig.analysis import RATE_HZ, Clip, Samples

KEEP_S: Final = 60
"""Sound kept; a test looks back a few seconds only."""

ANCHORS_S: Final = 100
"""Times noted a second, at most; a sink may hand over 2000 blocks a second."""

_POLL_S: Final = 0.01


class Recording:
    """A continuous recording of a device. One thread writes, any may read.

    Sample n was on the device at `n / rate + offset`. The device's clock is the machine's
    own, so the median of `arrival - n / rate` nearby is the offset, however late the reader
    was now and then. A null sink hands over blocks of 5 to 10 ms: no time is truer than that.
    """

    def __init__(self, rate_hz: int = RATE_HZ) -> None:
        self.rate_hz: Final = rate_hz
        self._ring = np.zeros(rate_hz * KEEP_S, dtype=np.int16)
        self._count = 0
        self._step = rate_hz // ANCHORS_S
        self._anchors: deque[tuple[int, float]] = deque(maxlen=KEEP_S * ANCHORS_S)
        self._lock = threading.Lock()

    def append(self, samples: "np.ndarray[tuple[int], np.dtype[np.int16]]", at_s: float) -> None:
        """Add samples, the last of which arrived at `at_s`."""
        with self._lock:
            places = np.arange(self._count, self._count + len(samples)) % len(self._ring)
            self._ring[places] = samples
            self._count += len(samples)
            if not self._anchors or self._count - self._anchors[-1][0] >= self._step:
                self._anchors.append((self._count, at_s))

    def _offset(self, start_s: float, end_s: float) -> float:
        near = [
            at - n / self.rate_hz for n, at in self._anchors if start_s - 0.1 <= at <= end_s + 0.1
        ]
        if not near:
            raise RuntimeError("nothing was recorded at that time")
        return float(np.median(near))

    def pace(self, over_s: float = 0.25) -> float:
        """Times noted a second lately: ANCHORS_S where the device keeps pace."""
        since = time.monotonic() - over_s
        with self._lock:
            return sum(at >= since for _, at in self._anchors) / over_s

    def reached_s(self) -> float:
        """When the newest sample came; minus infinity before the first."""
        with self._lock:
            return self._anchors[-1][1] if self._anchors else float("-inf")

    def wait_until(self, at_s: float, timeout_s: float = 5.0) -> None:
        """Return once sound up to `at_s` is here.

        Raises:
            TimeoutError: The device stopped delivering.
        """
        deadline = max(time.monotonic(), at_s) + timeout_s
        while self.reached_s() < at_s:
            if time.monotonic() > deadline:
                raise TimeoutError("the recorder delivers nothing: did the sound server die?")
            time.sleep(_POLL_S)

    def between(self, start_s: float, end_s: float) -> Clip:
        """The sound of a stretch of time; waits for its end, and clips to what is kept."""
        self.wait_until(end_s)
        with self._lock:
            offset = self._offset(start_s, end_s)
            first = int((start_s - offset) * self.rate_hz)
            last = min(int((end_s - offset) * self.rate_hz), self._count)
            first = max(first, 0, self._count - len(self._ring))
            places = np.arange(first, max(first, last)) % len(self._ring)
            samples = _floats(self._ring[places])
        return Clip(samples, self.rate_hz, first / self.rate_hz + offset)

    def since(self, start_s: float) -> Clip:
        """The sound from a time until now."""
        return self.between(start_s, time.monotonic())


class FrameLog:
    """Frames as a participant received them, each with the time it came.

    Unlike a device, a track may stop delivering: then there is simply nothing.
    """

    def __init__(self, rate_hz: int, frame_ms: int = 10) -> None:
        self.rate_hz: Final = rate_hz
        size = KEEP_S * 1000 // frame_ms
        self._frames: deque[tuple[float, Samples]] = deque(maxlen=size)
        self._lock = threading.Lock()

    def append(self, samples: "np.ndarray[tuple[int], np.dtype[np.int16]]", at_s: float) -> None:
        with self._lock:
            self._frames.append((at_s, _floats(samples)))

    def reached_s(self) -> float:
        """When the newest frame came; minus infinity before the first."""
        with self._lock:
            return self._frames[-1][0] if self._frames else float("-inf")

    def between(self, start_s: float, end_s: float) -> Clip:
        """The frames that came in a stretch of time, strung together."""
        with self._lock:
            chosen = [(at, s) for at, s in self._frames if start_s <= at <= end_s]
        if not chosen:
            return Clip(np.zeros(0, dtype=np.float32), self.rate_hz, start_s)
        first_at, first = chosen[0]
        sound = np.concatenate([s for _, s in chosen])
        return Clip(sound, self.rate_hz, first_at - len(first) / self.rate_hz)

    def since(self, start_s: float) -> Clip:
        """The frames that came from a time until now."""
        return self.between(start_s, time.monotonic())

    def loud_times(
        self, level_dbfs: float, start_s: float, end_s: float = float("inf")
    ) -> list[float]:
        """When frames above a level came, each by its own time of arrival."""
        floor = 10 ** (level_dbfs / 10)
        with self._lock:
            return [
                at
                for at, s in self._frames
                if start_s <= at <= end_s and float(np.mean(np.square(s, dtype=np.float64))) > floor
            ]


def _floats(samples: "np.ndarray[tuple[int], np.dtype[np.int16]]") -> Samples:
    return samples.astype(np.float32) / np.float32(32768)
