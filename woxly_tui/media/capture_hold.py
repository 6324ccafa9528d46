"""Keeps the recording device closed while the SDK negotiates a muted track."""

import threading
import time
from collections.abc import Callable
from typing import Final

STEP_S: Final = 0.005
"""Half of a captured block: what is opened is closed before anything of it is sent."""


class CaptureHold:
    """Negotiation opens the device of a muted track, and the sender fades its first 10 ms out
    where it should drop them. A thread closes it again and again, however busy the loop is.

    Args:
        release: Closes the device, from that thread; False once there is none.
    """

    def __init__(self, release: Callable[[], bool]) -> None:
        self._release = release
        self._lock = threading.Lock()
        self._until = 0.0
        self._is_running = False

    def begin(self, seconds: float) -> None:
        """Hold it closed for so long from now on, whatever was asked before."""
        with self._lock:
            self._until = time.monotonic() + seconds
            if self._is_running:
                return
            self._is_running = True
        threading.Thread(target=self._run, name="capture hold", daemon=True).start()

    def end(self) -> None:
        """Let go; after this returns the device stays as it is."""
        with self._lock:
            self._until = 0.0

    def _run(self) -> None:
        while self._close_once():
            time.sleep(STEP_S)

    def _close_once(self) -> bool:
        with self._lock:
            self._is_running = time.monotonic() < self._until and self._release()
            return self._is_running
