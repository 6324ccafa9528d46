"""One connection to the sound server, driven by the thread that made it."""

import threading
import time
from typing import Any

from woxly_tui.media import libpulse
from woxly_tui.media.devices import SoundServer, refusal


class PulseContext:
    """A main loop and its context. Every method is for one thread, but for `wake`.

    Args:
        pulse: What `libpulse.load` gave.
        name: What desktop mixers call us.
    """

    def __init__(self, pulse: Any, name: bytes) -> None:
        self._pulse = pulse
        self._lock = threading.Lock()
        self._loop: int | None = pulse.pa_mainloop_new()
        """Guarded by the lock where it goes: it is woken from other threads."""
        self.raw = pulse.pa_context_new(pulse.pa_mainloop_get_api(self._loop), name)
        """For calls of libpulse."""

    def connect(self, timeout_s: float) -> SoundServer | None:
        """Knock; returns why not, or None once it is there."""
        if self._pulse.pa_context_connect(self.raw, None, libpulse.NO_AUTOSPAWN, None) < 0:
            return refusal(self._pulse, self.raw)
        deadline = time.monotonic() + timeout_s
        while (state := self._pulse.pa_context_get_state(self.raw)) != libpulse.READY:
            if state > libpulse.READY:
                return refusal(self._pulse, self.raw)
            left_s = deadline - time.monotonic()
            if left_s <= 0 or not self._iterate(left_s):
                return SoundServer.SILENT
        return None

    def turn(self, wait_s: float) -> bool:
        """Let things happen, for so long at most; False once the server is gone."""
        return self._iterate(wait_s) and (
            self._pulse.pa_context_get_state(self.raw) == libpulse.READY
        )

    def _iterate(self, wait_s: float) -> bool:
        pulse, loop = self._pulse, self._loop
        is_well: bool = (
            pulse.pa_mainloop_prepare(loop, int(wait_s * 1e6)) >= 0
            and pulse.pa_mainloop_poll(loop) >= 0
            and pulse.pa_mainloop_dispatch(loop) >= 0
        )
        return is_well

    def wake(self) -> None:
        """End a `turn` that waits. From any thread."""
        with self._lock:
            if self._loop is not None:
                self._pulse.pa_mainloop_wakeup(self._loop)

    def close(self) -> None:
        """Hang up. Once."""
        with self._lock:
            loop, self._loop = self._loop, None
        self._pulse.pa_context_disconnect(self.raw)
        self._pulse.pa_context_unref(self.raw)
        self._pulse.pa_mainloop_free(loop)
